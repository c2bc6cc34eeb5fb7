/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first process: sbin/init out of the boot package, with the boot capabilities in slots 0 to 10.  The kernel makes no
 * other process.
 */
#include <arch/clock.h>
#include <arch/power.h>
#include <boot/boot_info.h>
#include <arch/irq.h>
#include <cap_lookup.h>
#include <core/assert.h>
#include <debug/log.h>
#include <elf_load.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <obj.h>
#include <str.h>
#include <ustar_file.h>

#define INIT_NAME  "sbin/init"
#define INIT_SLOTS 4096u
#define MMIO_END   (1ull << 46)
#define MAP_ALL    (MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_EXEC)

static void must(status_t s, const char *what)
{
    if (s < 0)
        boot_refuse("cannot start init: %s (error %lld)", what, (long long)-s);
}

/* Kernel view of a page of init, resident after this. */
static u8 *init_page(struct process *p, u64 address)
{
    struct fault_info info;

    if (aspace_fault(&p->aspace, address, ACCESS_WRITE, &info) != FAULT_RESOLVED)
        boot_refuse("cannot start init: no memory for its page at %#lx", address);
    u64 flags;
    return phys_to_virt(aspace_translate(&p->aspace, address & PAGE_MASK, &flags));
}

/* An anonymous area with these bytes at `address`, in the end with `flags`. */
static void init_area(struct process *p, u64 address, u64 size, const void *bytes, u64 count, u32 flags)
{
    u64 start = align_down(address, PAGE_SIZE), end = align_up(address + size, PAGE_SIZE);
    struct memory *m;

    must(memory_create(root_pool, MEMORY_ANON, (end - start) / PAGE_SIZE, false, &m), "memory");
    must(aspace_map(&p->aspace, m, start, end - start, 0, MNOS_MAP_READ | MNOS_MAP_WRITE, MAP_ALL, NULL), "mapping");
    for (u64 done = 0; done < count;) {
        u64 at = address + done, part = min_u64(count - done, PAGE_SIZE - at % PAGE_SIZE);
        memcpy(init_page(p, at) + at % PAGE_SIZE, (const u8 *)bytes + done, part);
        done += part;
    }
    if (flags != (MNOS_MAP_READ | MNOS_MAP_WRITE))
        must(aspace_protect(&p->aspace, start, end - start, flags), "protection");
    object_put(&m->object);         /* the mapping keeps it */
}

/* Returns the entry point. */
static u64 init_load(struct process *p, const u8 *file, u64 size)
{
    const struct elf_limits limits = { MNOS_USER_MIN, MNOS_RING_ADDR };
    struct elf_segment s;
    u64 entry = elf_load_entry(file, size);
    u32 next = 0;
    bool entry_found = false;
    enum elf_load step;

    while ((step = elf_load_next(file, size, limits, &next, &s)) == ELF_LOAD_SEGMENT) {
        u32 flags = (u32)((s.read ? MNOS_MAP_READ : 0) | (s.write ? MNOS_MAP_WRITE : 0) | (s.execute ? MNOS_MAP_EXEC : 0));
        init_area(p, s.address, s.memory_size, file + s.file_offset, s.file_size, flags);
        entry_found |= s.execute && entry - s.address < s.file_size;
    }
    if (step == ELF_LOAD_BAD && next > 0)
        boot_refuse("%s cannot be loaded: its program header %u is wrong", INIT_NAME, next - 1);
    if (!entry_found)
        boot_refuse("%s is not a static executable for x86-64 with an entry point in its code", INIT_NAME);
    return entry;
}

static struct object *phys_memory(u64 start, u64 length, u8 cache)
{
    struct memory *m;
    u64 first = align_down(start, PAGE_SIZE), end = align_up(start + length, PAGE_SIZE);

    must(memory_create_phys(PADDR(first), (end - first) / PAGE_SIZE, cache, &m), "physical memory");
    return &m->object;
}

/* The largest range that the firmware left for ACPI tables. */
static struct object *acpi_memory(const struct boot_info *info)
{
    const struct limine_memmap_entry *best = NULL;

    for (u64 i = 0; i < info->map_count; i++) {
        const struct limine_memmap_entry *e = &info->map[i];
        if (e->type == LIMINE_MEMMAP_ACPI_RECLAIMABLE && (best == NULL || e->length > best->length))
            best = e;
    }
    return best != NULL ? phys_memory(best->base, best->length, 0) : NULL;
}

struct memory *mmio_memory(void)
{
    static struct object *all;

    if (all == NULL)
        all = phys_memory(0, MMIO_END, 1);
    return container_of(all, struct memory, object);
}

static struct object *time_memory(void)
{
    void *page = kframe_alloc(root_pool);

    if (page == NULL)
        boot_refuse("cannot start init: no memory for the time page");
    memcpy(page, &clock_page, sizeof clock_page);
    return phys_memory(virt_to_phys(page).value, PAGE_SIZE, 0);
}

static void init_caps(struct process *p, struct mnos_capset *set, const struct boot_info *info)
{
    const u8 pass = MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE, rw = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE;
    const struct limine_framebuffer *fb = &info->framebuffer;
    struct object *log = endpoint_create(root_pool);
    must(log != NULL ? 0 : ERR(NO_MEMORY), "the kernel log");
    container_of(log, struct endpoint, object)->kernel_log = true;
    const struct {
        enum mnos_boot_cap slot;
        const char *name;
        struct object *object;      /* NULL: this machine has none */
        u8 rights;
        u32 range;                  /* lines or ports; a Memory's window is all of it */
    } caps[] = {
        { MNOS_BOOT_POOL, "pool", &root_pool->object, rw | pass, 0 },
        { MNOS_BOOT_LOG, "log", log, MNOS_RIGHT_SEND | pass, 0 },
        { MNOS_BOOT_SELF, "self", &p->object, MNOS_RIGHTS_ALL, 0 },
        { MNOS_BOOT_IRQ, "irq", &interrupt_object, MNOS_RIGHT_RECV | pass, IRQ_LINES },
        { MNOS_BOOT_IOPORT, "ioport", &ioport_object, rw | pass, 65536 },
        { MNOS_BOOT_PACKAGE, "package", phys_memory(info->package.value, info->package_size, 0), MNOS_RIGHT_READ | pass, 0 },
        { MNOS_BOOT_FRAMEBUFFER, "framebuffer",
          fb->width != 0 ? phys_memory(fb->address, fb->pitch * fb->height, 2) : NULL, rw | pass, 0 },
        { MNOS_BOOT_ACPI, "acpi", acpi_memory(info), MNOS_RIGHT_READ | pass, 0 },
        { MNOS_BOOT_SYSTEM, "system", &system_object, MNOS_RIGHT_READ | pass, 0 },
        { MNOS_BOOT_MMIO, "mmio", &mmio_memory()->object, rw | pass, 0 },
        { MNOS_BOOT_TIME, "time", time_memory(), MNOS_RIGHT_READ | pass, 0 },
    };

    for (u32 i = 0; i < ARRAY_SIZE(caps); i++) {
        struct object *o = caps[i].object;
        if (o == NULL)
            continue;
        /* The Memories and the log were made for init; the others the kernel goes on using. */
        if (o->type != MNOS_TYPE_MEMORY && o != log)
            object_get(o);
        u64 length = o->type == MNOS_TYPE_MEMORY ? container_of(o, struct memory, object)->pages * PAGE_SIZE : caps[i].range;
        struct cap_make make = { .object = o, .type = o->type, .rights = caps[i].rights, .length = length };
        must(cap_insert(&p->table, &make, caps[i].slot), caps[i].name);
        if (CONFIG_DEBUG)
            klog("caps: pid %lu is given '%s' in slot %u", p->pid, caps[i].name, caps[i].slot);
        struct mnos_capset_entry *e = &set->entry[set->count++];
        memcpy(e->name, caps[i].name, strnlen(caps[i].name, MNOS_CAPSET_NAME - 1));
        e->handle = caps[i].slot;
        e->type = o->type;
        e->rights = caps[i].rights;
    }
}

/* Maps what a slot names, as a program would. */
static void init_map_cap(struct process *p, enum mnos_boot_cap slot, u64 address)
{
    struct cap_view v;

    must(cap_lookup(&p->table, slot, MNOS_TYPE_MEMORY, MNOS_RIGHT_READ, &v), "mapping");
    struct memory *m = container_of(v.object, struct memory, object);
    spin_lock(&cap_lock);
    must(aspace_map(&p->aspace, m, address, v.length, 0, MNOS_MAP_READ, MNOS_MAP_READ, v.node), "mapping");
    spin_unlock(&cap_lock);
}

void init_start(struct boot_info *info)
{
    struct process *p;
    struct mnos_capset *set = kframe_alloc(root_pool);
    u64 size;
    const void *file = ustar_file(phys_to_virt(info->package), info->package_size, INIT_NAME, &size);

    word_init();
    reaper_init();
    if (file == NULL)
        boot_refuse("boot package: it has no %s, or is broken before it", INIT_NAME);
    if (set == NULL)
        boot_refuse("cannot start init: no memory");
    must(process_create(root_pool, INIT_SLOTS, NULL, "init\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0, &p),
         "process");
    init_process = p;
    u64 entry = init_load(p, file, size);
    init_caps(p, set, info);
    set->magic = MNOS_CAPSET_MAGIC;
    set->version = MNOS_CAPSET_VERSION;
    set->time_page = MNOS_TIME_ADDR;
    set->stack_top = MNOS_STACK_TOP;
    init_area(p, MNOS_RING_ADDR, PAGE_SIZE, NULL, 0, MNOS_MAP_READ | MNOS_MAP_WRITE);
    init_area(p, MNOS_CAPSET_ADDR, PAGE_SIZE, set, sizeof *set, MNOS_MAP_READ);
    init_area(p, MNOS_STACK_TOP - MNOS_STACK_SIZE, MNOS_STACK_SIZE, NULL, 0, MNOS_MAP_READ | MNOS_MAP_WRITE);
    init_map_cap(p, MNOS_BOOT_TIME, MNOS_TIME_ADDR);
    init_map_cap(p, MNOS_BOOT_PACKAGE, MNOS_INIT_PACKAGE);
    kframe_free(root_pool, set);

    struct thread *t;
    struct mnos_thread_args args = { .entry = entry, .stack = MNOS_STACK_TOP - 8, .priority = MNOS_PRIO_DEFAULT,
                                     .arg = { MNOS_RING_ADDR, p->pid, MNOS_CAPSET_ADDR } };
    must(thread_new(p, &args, &t), "thread");
    klog("init: %s, %lu bytes, entry %#lx, pid %lu, cr3 %#lx", INIT_NAME, size, entry, p->pid,
         p->aspace.root.value);
    thread_start(t);
    object_put(&p->object);
}

/* Init is gone, and with it the root of all authority: the machine ends as init asked. */
void machine_end(u64 status)
{
    if (status == MNOS_EXIT_REBOOT) {
        klog("machine: rebooting");
        arch_reboot();
    }
    if (cmdline.test)
        arch_halt_exit(status == 0 || status == MNOS_EXIT_POWEROFF ? HALT_SUCCESS : HALT_FAILED);
    if (status != 0 && status != MNOS_EXIT_POWEROFF)
        panic("init ended with status %#lx", status);
    klog("machine: it does not switch itself off; it may be switched off now");
    cpu_halt();
}
