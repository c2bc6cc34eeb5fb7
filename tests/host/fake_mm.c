/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_mm.h"

#include <arch/paging.h>
#include <arch/usercopy.h>
#include <cap.h>
#include <ipc.h>
#include <mnos/limine.h>

#define TLB_ENTRIES 4096u
#define HELD_MAX    16u

struct tlb_entry {
    struct aspace *as;
    u64 page, entry;
};

static struct core core_records[FAKE_CORES];
struct core *host_core;
struct core *cores[CORES_MAX];
u32 core_count;
paddr_t kernel_root;
struct spinlock cap_lock = SPINLOCK(RANK_CAP);
u64 fake_shootdowns;

static jmp_buf panic_jump;
static bool panic_expected;
static void *ram;
static struct limine_memmap_entry entries[8];
static u32 entry_count;
static struct object *dead;
static u64 objects_alive, next_id;
static struct tlb_entry tlb[FAKE_CORES][TLB_ENTRIES]; /* each core has its own */
static const void *held[HELD_MAX];
static unsigned held_rank[HELD_MAX], held_count;

_Noreturn void panic(const char *format, ...)
{
    if (panic_expected) {
        panic_expected = false;
        held_count = 0;
        longjmp(panic_jump, 1);
    }
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

bool fake_panics(void (*what)(void *), void *argument)
{
    panic_expected = true;
    if (setjmp(panic_jump) != 0)
        return true;
    what(argument);
    panic_expected = false;
    return false;
}

void lock_check_acquire(const void *lock, unsigned rank)
{
    if (held_count > 0 && held_rank[held_count - 1] >= rank)
        panic("lock of rank %u taken under %u", rank, held_rank[held_count - 1]);
    if (held_count == HELD_MAX)
        panic("too many locks");
    held[held_count] = lock;
    held_rank[held_count++] = rank;
}

void lock_check_release(const void *lock, unsigned rank)
{
    for (unsigned i = held_count; i-- > 0;) {
        if (held[i] != lock || held_rank[i] != rank)
            continue;
        held_count--;
        for (; i < held_count; i++) {
            held[i] = held[i + 1];
            held_rank[i] = held_rank[i + 1];
        }
        return;
    }
    panic("lock of rank %u is not held", rank);
}

void spin_wait(void)
{
    panic("waits for ever");
}

bool preempt_point(void);   /* mm/step.h */
bool preempt_point(void)
{
    assert_int_equal(held_count, 0);
    return false;
}

void badge_unused(struct badge *b)
{
    (void)b;
}

void badge_drop(struct badge *b)
{
    (void)b;
}

void object_init(struct object *o, enum mnos_type type)
{
    *o = (struct object){ .refs = 1, .type = (u8)type, .id = ++next_id };
    objects_alive++;
}

void object_fini(struct object *o)
{
    (void)o;
    objects_alive--;
}

void object_put(struct object *o)
{
    assert_true(o->refs > 0);
    if (--o->refs > 0)
        return;
    o->dead_next = dead;
    dead = o;
}

void fake_reap(void)
{
    while (dead != NULL) {
        struct object *o = dead;
        dead = o->dead_next;
        if (o->type == MNOS_TYPE_POOL)
            assert_true(pool_reap(o));
        else
            while (!memory_reap(o))
                continue;
    }
}

u64 fake_objects(void)
{
    return objects_alive;
}

static void add_entry(u64 base, u64 length, u64 type)
{
    entries[entry_count++] = (struct limine_memmap_entry){ base, length, type };
}

bool fake_usable(u64 frame)
{
    for (u64 i = 0; i < entry_count; i++)
        if (entries[i].type == LIMINE_MEMMAP_USABLE && frame * PAGE_SIZE >= entries[i].base &&
            (frame + 1) * PAGE_SIZE <= entries[i].base + entries[i].length)
            return true;
    return false;
}

void fake_core(u32 index)
{
    host_core = &core_records[index];
}

void fake_machine(u64 mib)
{
    u64 bytes = mib << 20;

    free(ram);
    ram = aligned_alloc(LARGE_PAGE_SIZE, bytes);
    assert_non_null(ram);
    memset(ram, 0xdb, bytes);
    hhdm_offset = (u64)ram;
    memset(core_records, 0, sizeof core_records);
    core_count = FAKE_CORES;
    for (u32 i = 0; i < FAKE_CORES; i++) {
        cores[i] = &core_records[i];
        core_records[i].index = i;
    }
    fake_core(0);
    fake_tlb_flush();
    dead = NULL;
    objects_alive = held_count = 0;
    cap_lock = (struct spinlock)SPINLOCK(RANK_CAP);

    entry_count = 0;
    add_entry(0, 0x9f000, LIMINE_MEMMAP_USABLE);
    add_entry(0xf0000, 0x10000, LIMINE_MEMMAP_RESERVED);
    add_entry(0x100000, bytes / 2 - 0x100000, LIMINE_MEMMAP_USABLE);
    add_entry(bytes / 2, 0x37000, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES);
    add_entry(bytes / 2 + 0x37000, 0x9000, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
    add_entry(bytes / 2 + 0x40000, bytes / 2 - 0x50000, LIMINE_MEMMAP_USABLE);
    add_entry(bytes - 0x10000, 0x10000, LIMINE_MEMMAP_ACPI_NVS);
    add_entry(0xfd00000000, 0x300000000, LIMINE_MEMMAP_RESERVED);
    frame_init(entries, entry_count);
    kernel_root = frame_alloc();
    memset(phys_to_virt(kernel_root), 0, PAGE_SIZE);
    pool_init();
}

/* ---- the processor ----------------------------------------------------------------------------------------------- */

void fake_tlb_flush(void)
{
    memset(tlb, 0, sizeof tlb);
}

void tlb_shootdown(struct aspace *as, u64 start, u64 end)
{
    fake_shootdowns++;
    struct tlb_entry *t = &tlb[0][0];
    for (u32 i = 0; i < FAKE_CORES * TLB_ENTRIES; i++, t++)
        if (t->as == as && t->page >= start && t->page < end)
            t->as = NULL;
}

static bool entry_allows(u64 entry, enum fault_access access)
{
    if ((entry & PTE_USER) == 0)
        return false;
    return access == ACCESS_READ || (access == ACCESS_WRITE ? (entry & PTE_WRITE) != 0 : (entry & PTE_NX) == 0);
}

u8 *fake_access(struct aspace *as, u64 address, enum fault_access access, enum fault_result *why, struct fault_info *info)
{
    u64 page = address & PAGE_MASK;
    struct tlb_entry *t = &tlb[host_core->index][(page >> PAGE_SHIFT ^ (u64)as >> 6) % TLB_ENTRIES];

    for (u32 tries = 0; tries < 8; tries++) {
        /* A write through a translation that is not dirty yet goes through the tables, to make them so. */
        if (t->as == as && t->page == page && entry_allows(t->entry, access) &&
            (access != ACCESS_WRITE || (t->entry & PTE_DIRTY) != 0))
            return (u8 *)phys_to_virt(PADDR(t->entry & PTE_ADDRESS)) + (address & ~PAGE_MASK);
        u64 size;
        u64 *entry = paging_find(as->root, address, &size);
        if (entry != NULL && entry_allows(*entry, access)) {
            *entry |= PTE_ACCESSED | (access == ACCESS_WRITE ? PTE_DIRTY : 0);
            u64 frame = (*entry & PTE_ADDRESS) + (page & (size - 1));
            *t = (struct tlb_entry){ as, page, (*entry & ~PTE_ADDRESS) | frame };
            continue;
        }
        /* What the processor does on a fault: the old translation of this page is gone from this core. */
        if (t->as == as && t->page == page)
            t->as = NULL;
        *why = aspace_fault(as, address, access, info);
        assert_int_equal(held_count, 0);
        if (*why != FAULT_RESOLVED)
            return NULL;
    }
    fail_msg("the fault at %#llx is resolved and resolved", (unsigned long long)address);
    return NULL;
}

status_t fake_map(struct aspace *as, struct memory *m, u64 start, u64 length, u64 offset, u32 flags, struct cap_node *via)
{
    spin_lock(&cap_lock);
    status_t s = aspace_map(as, m, start, length, offset, flags, 7, via);
    spin_unlock(&cap_lock);
    assert_int_equal(held_count, 0);
    return s;
}

status_t fake_unmap(struct aspace *as, u64 start, u64 length)
{
    status_t s = aspace_unmap(as, start, length);
    assert_int_equal(held_count, 0);
    return s;
}

void fake_aspace_end(struct aspace *as)
{
    tlb_shootdown(as, 0, UINT64_MAX);
    while (!aspace_reap(as))
        continue;
    assert_int_equal(held_count, 0);
}

/* ---- the instructions of arch/usercopy.h ------------------------------------------------------------------------- */

/* User addresses of tests lie below 1 TiB, where the host has nothing. */
#define FAKE_USER_END (1ull << 40)

/* A byte as the instruction reaches it, or NULL; no fault is resolved.  Locks may be held. */
static u8 *reach(u64 address, bool write)
{
    u64 size;

    if (address >= FAKE_USER_END)
        return (u8 *)address;
    u64 *entry = paging_find(host_core->aspace->root, address, &size);
    if (entry == NULL || !entry_allows(*entry, write ? ACCESS_WRITE : ACCESS_READ))
        return NULL;
    *entry |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
    u64 mask = size - 1;
    return (u8 *)phys_to_virt(PADDR(*entry & PTE_ADDRESS & ~mask)) + (address & mask);
}

u64 user_copy(void *to, const void *from, u64 length, u64 *fault)
{
    for (u64 i = 0; i < length; i++) {
        u8 *source = reach((u64)from + i, false), *target = reach((u64)to + i, true);
        if (source == NULL || target == NULL) {
            *fault = source == NULL ? (u64)from + i : (u64)to + i;
            return length - i;
        }
        *target = *source;
    }
    return 0;
}

bool user_read_u32(u64 from, u32 *value, u64 *fault)
{
    return user_copy(value, (const void *)from, sizeof *value, fault) == 0;
}

bool user_write_u32(u64 to, u32 value, u64 *fault)
{
    return user_copy((void *)to, &value, sizeof value, fault) == 0;
}
