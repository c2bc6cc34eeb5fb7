/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting the other cores, and interrupts between them.  The loader has parked each of them; a write to its
 * goto_address lets it go, on a stack and page tables that smp_entry changes at once.
 */
#include <arch/clock.h>
#include <arch/irq.h>
#include <arch/kmap.h>
#include <arch/lapic.h>
#include <arch/smp.h>
#include <boot/boot_info.h>
#include <debug/log.h>
#include <mm/frame.h>
#include <sched.h>
#include <str.h>

#include "arch.h"

#define STACK_PAGES     4u
#define IST_STACK_PAGES 1u
#define START_LIMIT_NS  1000000000ull

struct core *cores[CORES_MAX];
u32 core_count;

/* What smp_entry reads, by offset. */
struct core_start {
    u64 root, stack;
    struct core *core;
};
static struct core_start starts[CORES_MAX];
static u32 arrived;  /* atomic: cores that are ready */
static u32 released; /* atomic */
static u32 stopping; /* atomic: panic */
void (*smp_waiting_work)(struct core *c);

/* The first core's record and tables are there before there is memory to give out. */
static struct core first_core;
static u64 first_gdt[8], first_idt[512] __attribute__((aligned(16)));

void smp_first_init(void)
{
    first_core.gdt = first_gdt;
    first_core.idt = first_idt;
    cores[0] = &first_core;
    core_count = 1;
    desc_init(&first_core);
}

/* ---- records ---------------------------------------------------------------------------------------------------- */

static u64 own_stack(struct core *c)
{
    u64 top = kmap_stack(IST_STACK_PAGES) - 16;

    /* Where vector_own_stack finds the core. */
    *(struct core **)top = c;
    return top;
}

static void stacks_make(struct core *c)
{
    c->kstack = kmap_stack(STACK_PAGES);
    c->tss.ist[IST_NMI - 1] = own_stack(c);
    c->tss.ist[IST_DF - 1] = own_stack(c);
    c->tss.ist[IST_MC - 1] = own_stack(c);
}

static struct core *record_make(void)
{
    u64 size = align_up(sizeof(struct core), 64);
    u64 pages = div_round_up(size + sizeof(first_gdt) + sizeof(first_idt), PAGE_SIZE);
    paddr_t at = frame_alloc_contiguous(pages, PADDR(UINT64_MAX), PAGE_SIZE);

    if (at.value == FRAME_NONE.value)
        boot_refuse("boot: not enough memory for the records of %u cores", core_count + 1);
    u8 *bytes = phys_to_virt(at);
    memset(bytes, 0, pages * PAGE_SIZE);
    struct core *c = (struct core *)(void *)bytes;
    c->gdt = (u64 *)(void *)(bytes + size);
    c->idt = (u64 *)(void *)(bytes + size + sizeof(first_gdt));
    return c;
}

static struct limine_mp_info *mp_entry(const struct limine_mp_response *mp, u64 i)
{
    return ((struct limine_mp_info *const *)mp->cpus)[i];
}

void smp_prepare(const struct boot_info *info)
{
    const struct limine_mp_response *mp = info->mp;
    u32 r[4];

    cpuid(1, 0, r);
    cores[0]->apic_id = mp != NULL ? mp->bsp_lapic_id : r[1] >> 24;
    stacks_make(cores[0]);
    desc_init(cores[0]);
    for (u64 i = 0; mp != NULL && i < mp->cpu_count; i++) {
        struct limine_mp_info *e = mp_entry(mp, i);
        if (e->lapic_id == mp->bsp_lapic_id)
            continue;
        if (core_count == CORES_MAX || e->lapic_id > 254) {
            klog("smp: the core with APIC %u is not used: %s", e->lapic_id,
                 core_count == CORES_MAX ? "too many" : "it needs x2APIC");
            continue;
        }
        struct core *c = record_make();
        stacks_make(c);
        c->index = core_count;
        c->apic_id = e->lapic_id;
        starts[core_count] = (struct core_start){.root = kernel_root.value, .stack = c->kstack, .core = c};
        e->extra_argument = (u64)&starts[core_count];
        cores[core_count++] = c;
    }
}

/* ---- start ------------------------------------------------------------------------------------------------------ */

static void describe(const struct core *c)
{
    klog("core %u: APIC %u (LAPIC %u), GDT %p, IDT %p, TSS %p", c->index, c->apic_id, c->lapic_seen,
         (const void *)c->gdt, (const void *)c->idt, (const void *)&c->tss);
}

void smp_enter_other(struct core *c)
{
    cpu_enable();
    desc_init(c);
    lapic_init();
    __atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&released, __ATOMIC_ACQUIRE) == 0) {
        cpu_idle();
        if (smp_waiting_work != NULL)
            smp_waiting_work(c);
    }
    sched_start(c);
}

void smp_start(const struct boot_info *info)
{
    const struct limine_mp_response *mp = info->mp;

    for (u64 i = 0; mp != NULL && i < mp->cpu_count; i++) {
        struct limine_mp_info *e = mp_entry(mp, i);
        if (e->extra_argument >= (u64)&starts[1] && e->extra_argument <= (u64)&starts[CORES_MAX - 1])
            __atomic_store_n(&e->goto_address, (u64)smp_entry, __ATOMIC_SEQ_CST);
    }
    u64 limit = clock_now() + START_LIMIT_NS;
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != core_count - 1) {
        if (clock_now() > limit)
            boot_refuse("boot: %u of %u cores came up within a second", __atomic_load_n(&arrived, __ATOMIC_ACQUIRE) + 1,
                        core_count);
        cpu_relax();
    }
    boot_info.mp = NULL;
    for (u32 i = 0; i < core_count; i++)
        describe(cores[i]);
}

void smp_release(void)
{
    __atomic_store_n(&released, 1, __ATOMIC_RELEASE);
    for (u32 i = 1; i < core_count; i++)
        ipi_resched(cores[i]);
}

/* ---- interrupts between cores ------------------------------------------------------------------------------------- */

void ipi_resched(struct core *c)
{
    if (c == this_core())
        sched_ipi();
    else
        lapic_send(c->apic_id, LAPIC_SEND_FIXED | VECTOR_RESCHED);
}

/* Requests are numbered; a core answers with the number it has seen.  Interrupts come only where a core is outside
 * the kernel, so that taking one is the answer. */
static u64 sync_requests; /* atomic */

/* Only upwards: an idle core is answered for by others. */
static void sync_answer(struct core *c, u64 number)
{
    u64 seen = __atomic_load_n(&c->sync_seen, __ATOMIC_RELAXED);

    while (seen < number &&
           !__atomic_compare_exchange_n(&c->sync_seen, &seen, number, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

void smp_on_sync(void)
{
    sync_answer(this_core(), __atomic_load_n(&sync_requests, __ATOMIC_ACQUIRE));
}

u64 smp_quiesce_start(void)
{
    struct core *here = this_core();
    u64 ticket = __atomic_add_fetch(&sync_requests, 1, __ATOMIC_SEQ_CST);

    /* Who asks may go on to ask from another core: this one has nothing in hand but the question. */
    sync_answer(here, ticket);
    for (u32 i = 0; i < core_count; i++) {
        struct core *c = cores[i];
        if (c == here)
            continue;
        if (c->idle)
            sync_answer(c, ticket);
        else
            lapic_send(c->apic_id, LAPIC_SEND_FIXED | VECTOR_SYNC);
    }
    return ticket;
}

bool smp_quiesce_done(u64 ticket)
{
    struct core *here = this_core();

    for (u32 i = 0; i < core_count; i++) {
        struct core *c = cores[i];
        if (c != here && __atomic_load_n(&c->sync_seen, __ATOMIC_ACQUIRE) < ticket)
            return false;
    }
    return true;
}

void smp_stop_others(void)
{
    struct core *here = this_core();

    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    if (lapic_base == NULL)
        return;
    /* Those that wait for smp_release() too; before all do, none can get further. */
    if (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != core_count - 1)
        return;
    for (u32 i = 0; i < core_count; i++)
        if (cores[i] != here)
            lapic_send(cores[i]->apic_id, LAPIC_SEND_NMI);
}

bool smp_on_nmi(void)
{
    return __atomic_load_n(&stopping, __ATOMIC_ACQUIRE) != 0;
}
