/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast are the time-stamp counter and the LAPIC timer?  CPUID leaf 0x15 says it on some machines; elsewhere both are
 * measured against the HPET or the PIT for half a millisecond.
 */
#include <arch/clock.h>
#include <arch/lapic.h>
#include <core/assert.h>
#include <debug/log.h>

#include "arch.h"

#define NS_PER_SECOND 1000000000ull
#define MEASURE_US    500u

struct mnos_time_page clock_page;

static u64 timer_hz;
static u64 timer_mult; /* timer ticks = ns * timer_mult >> 32 */

static u64 mul_shift(u64 a, u64 b)
{
    return (u64)(((unsigned __int128)a * b) >> CLOCK_SHIFT);
}

/* a * b / c, where that fits. */
static u64 mul_div(u64 a, u64 b, u64 c)
{
    u64 low = a, high;

    __asm__("mulq %[b]; divq %[c]" : "+a"(low), "=&d"(high) : [b] "r"(b), [c] "r"(c) : "cc");
    return low;
}

void clock_arm(u64 deadline)
{
    struct core *c = this_core();
    u64 now = clock_now(), ns = deadline > now ? deadline - now : 0;

    c->timer_deadline = deadline;
    c->stat.timer_arms++;
    /* Cut to what the counter holds; from 4 s on the product might not fit. */
    u64 ticks = ns < 4 * NS_PER_SECOND ? mul_shift(ns, timer_mult) + 1 : UINT32_MAX;
    lapic_write(LAPIC_TIMER_INIT, (u32)min_u64(ticks, UINT32_MAX));
}

/* ---- calibration ------------------------------------------------------------------------------------------------ */

struct sample {
    u64 tsc, ref;
    u32 timer;
};

/* All three at one moment, as nearly as possible: of a few tries the one that took least time. */
static struct sample sample_take(const struct reference *ref)
{
    struct sample best = {0};
    u64 best_time = UINT64_MAX;

    for (int i = 0; i < 4; i++) {
        u64 before = tsc_read();
        u64 r = ref->read();
        u32 timer = lapic_read(LAPIC_TIMER_COUNT);
        u64 after = tsc_read();
        if (after - before < best_time) {
            best_time = after - before;
            best = (struct sample){.tsc = before + best_time / 2, .ref = r, .timer = timer};
        }
    }
    return best;
}

static bool measure(const struct reference *ref, u64 *tsc_hz)
{
    u64 want = ref->hz * MEASURE_US / 1000000, passed = 0;

    lapic_write(LAPIC_TIMER_INIT, 0xffffffffu);
    struct sample a = sample_take(ref), b;
    /* A reference that stands still must not stop the boot. */
    for (u32 tries = 0; passed < want; tries++) {
        if (tries > 1000000)
            return false;
        passed = (ref->read() - a.ref) & ref->mask;
    }
    b = sample_take(ref);
    lapic_write(LAPIC_TIMER_INIT, 0);
    passed = (b.ref - a.ref) & ref->mask;
    *tsc_hz = mul_div(b.tsc - a.tsc, ref->hz, passed);
    timer_hz = mul_div(a.timer - b.timer, ref->hz, passed);
    return *tsc_hz != 0 && timer_hz != 0;
}

/* Leaf 0x15: TSC = crystal * EBX / EAX; the LAPIC timer counts the crystal. */
static bool cpuid_frequency(u64 *tsc_hz)
{
    u32 r[4];

    if (!cpuid_leaf(0x15, r) || r[0] == 0 || r[1] == 0 || r[2] == 0)
        return false;
    timer_hz = r[2];
    *tsc_hz = (u64)r[2] * r[1] / r[0];
    return true;
}

void clock_init(i64 unix_time)
{
    struct reference ref = {.name = "CPUID leaf 0x15"};
    u64 tsc_hz;

    if (!cpuid_frequency(&tsc_hz) && !(hpet_open(&ref) && measure(&ref, &tsc_hz)) &&
        !(pit_open(&ref) && measure(&ref, &tsc_hz)))
        panic("no clock of known speed counts: no CPUID leaf 0x15, no HPET, no PIT");
    /* What came before is the loader's: the clock starts when the first line was written. */
    clock_page.version = 1;
    clock_page.shift = CLOCK_SHIFT;
    clock_page.tsc_hz = tsc_hz;
    clock_page.unix_base = unix_time;
    clock_page.mult = (NS_PER_SECOND << CLOCK_SHIFT) / tsc_hz;
    timer_mult = (timer_hz << CLOCK_SHIFT) / NS_PER_SECOND;
    klog("clock: TSC %lu kHz, LAPIC timer %lu kHz, by %s", tsc_hz / 1000, timer_hz / 1000, ref.name);
}
