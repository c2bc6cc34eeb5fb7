/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forgetting translations on other cores.  Each core has one request, which lives until all it concerns have answered;
 * each has a mask of the cores whose requests it has still to answer.  No lock: a core that waits for answers,
 * or for a lock, answers others meanwhile.
 */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/paging.h>
#include <arch/smp.h>
#include <mm/aspace.h>

#include "arch.h"

#define PAGES_MAX 32u /* more: everything but global pages */

static struct {
    u64 start, end;
    u32 left; /* atomic: answers that are missing */
} request[CORES_MAX];
static u64 pending[CORES_MAX]; /* atomic: bit n: request[n] */

static void flush(u64 start, u64 end)
{
    if (end - start > PAGES_MAX * PAGE_SIZE) {
        tlb_flush_all();
        return;
    }
    for (u64 at = start; at < end; at += PAGE_SIZE)
        tlb_flush_page(at);
}

void smp_on_shootdown(void)
{
    const struct core *c = this_core();
    u64 from = __atomic_exchange_n(&pending[c->index], 0, __ATOMIC_ACQ_REL);

    while (from != 0) {
        unsigned n = (unsigned)__builtin_ctzll(from);
        from &= from - 1;
        flush(request[n].start, request[n].end);
        __atomic_fetch_sub(&request[n].left, 1, __ATOMIC_RELEASE);
    }
}

void spin_wait(void)
{
    cpu_relax();
    if (unlikely(__atomic_load_n(&pending[this_core()->index], __ATOMIC_RELAXED) != 0))
        smp_on_shootdown();
}

static __attribute__((noinline)) void shootdown_others(struct aspace *as, u64 start, u64 end)
{
    struct core *here = this_core();
    u64 targets = 0;
    u32 count = 0;

    /* The page tables were changed before we look who uses them; who loads them later finds them changed. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (u32 i = 0; i < core_count; i++)
        if (cores[i] != here && cores[i]->aspace == as) {
            targets |= 1ull << i;
            count++;
        }
    if (count == 0)
        return;
    here->stat.shootdowns++;
    request[here->index].start = start;
    request[here->index].end = end;
    __atomic_store_n(&request[here->index].left, count, __ATOMIC_RELEASE);
    for (u64 rest = targets; rest != 0; rest &= rest - 1) {
        struct core *c = cores[__builtin_ctzll(rest)];
        __atomic_fetch_or(&pending[c->index], 1ull << here->index, __ATOMIC_RELEASE);
        lapic_send(c->apic_id, LAPIC_SEND_FIXED | VECTOR_SHOOTDOWN);
    }
    while (__atomic_load_n(&request[here->index].left, __ATOMIC_ACQUIRE) != 0)
        spin_wait();
}

void tlb_shootdown(struct aspace *as, u64 start, u64 end)
{
    if (this_core()->aspace == as)
        flush(start, end);
    if (core_count > 1)
        shootdown_others(as, start, end);
}
