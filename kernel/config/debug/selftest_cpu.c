/* SPDX-License-Identifier: BSD-2-Clause */
/* Single instructions, and GS base under non-maskable interrupts. */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/lapic.h>
#include <arch/paging.h>
#include <debug/log.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <str.h>

#include "../../arch/x86_64/arch.h"
#include "selftest.h"

#define STORM 2000u

static void registers(void)
{
    u64 old = msr_read(MSR_KERNEL_GS_BASE);
    msr_write(MSR_KERNEL_GS_BASE, 0x123456789000ull);
    bool msr = msr_read(MSR_KERNEL_GS_BASE) == 0x123456789000ull;
    msr_write(MSR_KERNEL_GS_BASE, old);
    __asm__ volatile("mov %0, %%cr2" : : "r"(0x1234567890ull));
    bool cr = cr2_read() == 0x1234567890ull && (cr3_read() & PTE_ADDRESS) == kernel_root.value;
    u64 a = tsc_read(), b = tsc_read();
    u32 r[4];
    cpuid(0, 0, r);
    selftest_ok(msr && cr && b > a && r[0] >= 1, "model-specific registers, CR2, CR3, RDTSC, CPUID [M161]");
}

/* A page moves under an address: what INVLPG was told about is forgotten. */
static void invlpg(void)
{
    u64 *page = kmap_mmio(PADDR(0), PAGE_SIZE, KMAP_WRITE_BACK), size;
    paddr_t frame[2] = {frame_alloc(), frame_alloc()};
    bool good = page != NULL && frame[0].value != FRAME_NONE.value && frame[1].value != FRAME_NONE.value;

    if (good) {
        u64 *entry = paging_find(kernel_root, (u64)page, &size), flags = kmap_walk((u64)page, &size) & ~PTE_ADDRESS;
        for (u64 i = 0; i < 2; i++)
            *(u64 *)phys_to_virt(frame[i]) = 100 + i;
        *entry = frame[0].value | flags;
        tlb_flush_page((u64)page);
        good = *(volatile u64 *)page == 100;
        *entry = frame[1].value | flags;
        tlb_flush_page((u64)page);
        good = good && *(volatile u64 *)page == 101;
        *entry = 0;
        tlb_flush_page((u64)page);
        frame_free(frame[0]);
        frame_free(frame[1]);
    }
    selftest_ok(good, "INVLPG makes the processor forget a page [M161]");
}

static void sleep(void)
{
    u64 start = clock_now(), fired = this_core()->stat.timer_irqs;

    clock_arm(start + 200000);
    while (this_core()->stat.timer_irqs == fired && clock_now() - start < 1000000000)
        cpu_idle();
    selftest_ok(this_core()->stat.timer_irqs == fired + 1 && clock_now() - start >= 200000,
                "HLT sleeps until the timer fires [M161]");
}

#define RTC_INDEX 0x70
#define RTC_DATA  0x71
#define SECOND    1000000000ull

/* The clock's time when the real-time clock's second changes. */
static u64 rtc_edge(void)
{
    port_out8(RTC_INDEX, 0);
    u8 now = port_in8(RTC_DATA);
    u64 start = clock_now();

    while (port_in8(RTC_DATA) == now && clock_now() - start < 3 * SECOND)
        cpu_relax();
    return clock_now();
}

/* An emulator whose host stands still shows an edge late: no clock that is wrong comes right by another look. */
static void second(void)
{
    u64 two = 0;

    for (u32 tries = 0; tries < 3 && (two <= 198 * (SECOND / 100) || two >= 202 * (SECOND / 100)); tries++) {
        rtc_edge();
        u64 start = rtc_edge();
        rtc_edge();
        two = rtc_edge() - start;
        log_line("# two seconds of the real-time clock are %lu ns of ours", two);
    }
    selftest_ok(two > 198 * (SECOND / 100) && two < 202 * (SECOND / 100),
                "a second of the clock is a second of the real-time clock, within 1 % [M183]");
}

static void tables(void)
{
    desc_check(this_core());
    selftest_ok(true, "STAR, selectors, GS base and EFER are what SYSRET needs [M176]");
    const u64 cleared = FLAGS_IF | FLAGS_DF | FLAGS_TF; /* at the least: an entry must not be interrupted, nor traced */
    selftest_ok(msr_read(MSR_STAR) >> 32 == ((u64)SEL_SYSRET_BASE << 16 | SEL_KERNEL_CODE) &&
                    msr_read(MSR_LSTAR) == (u64)syscall_entry && (msr_read(MSR_SFMASK) & cleared) == cleared,
                "STAR, LSTAR and SFMASK lead to the kernel's entry, with interrupts off [M212]");
}

/* NMIs between the SWAPGS pairs that entries and exits have, and while the base is the user's. */
static void storm(void)
{
    struct core *c = this_core();
    u64 before = c->stat.nmis, user = 0x7fff12345000ull;
    volatile u32 *icr = &lapic_base[LAPIC_ICR_LOW / 4];
    bool good = true;

    msr_write(MSR_KERNEL_GS_BASE, user);
    for (unsigned i = 0; i < STORM; i++) {
        lapic_write(LAPIC_ICR_HIGH, c->apic_id << 24);
        u64 inside;
        __asm__ volatile("swapgs; movl %2, (%1); nop; pause; rdgsbase %0; swapgs; nop"
                         : "=&r"(inside)
                         : "r"(icr), "r"(LAPIC_SEND_NMI)
                         : "memory");
        lapic_send(c->apic_id, LAPIC_SEND_NMI);
        good = good && inside == user && msr_read(MSR_GS_BASE) == (u64)c;
    }
    good = good && msr_read(MSR_KERNEL_GS_BASE) == user;
    msr_write(MSR_KERNEL_GS_BASE, 0);
    u64 limit = clock_now() + 1000000;
    while (c->stat.nmis == before && clock_now() < limit)
        cpu_relax();
    log_line("# %lu NMIs delivered of %u", c->stat.nmis - before, 2 * STORM);
    selftest_ok(good && c->stat.nmis - before >= STORM, "GS base survives a storm of NMIs on both sides of SWAPGS [M180]");
}

void selftest_cpu(void)
{
    registers();
    invlpg();
    sleep();
    second();
    tables();
    if (cpu.fsgsbase)
        storm();
}
