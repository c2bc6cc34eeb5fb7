/* SPDX-License-Identifier: BSD-2-Clause */
/* What the processor can do, and turning it on (SDM volume 2A, CPUID; volume 3A, chapters 2 and 4). */
#include <arch/cpu.h>
#include <arch/paging.h>
#include <boot/boot_info.h>
#include <debug/log.h>
#include <str.h>
#include <thread.h>

#include "arch.h"

struct cpu_features cpu;

/* Where CPUID says what the processor has (word 0: EAX ... 3: EDX), and what the kernel cannot do without. */
static const struct {
    u32 leaf;
    u8 word, bit;
    bool *noted;
    const char *needed;
} features[] = {
    {1, 3, 4, NULL, "a time-stamp counter"},
    {1, 3, 5, NULL, "model-specific registers"},
    {1, 3, 9, NULL, "a local APIC"},
    {1, 3, 13, &cpu.pge, NULL},
    {1, 3, 16, NULL, "the page attribute table (PAT)"},
    {1, 3, 24, NULL, "FXSAVE"},
    {1, 3, 26, NULL, "SSE2"},
    {1, 2, 17, &cpu.pcid, NULL},
    {1, 2, 21, &cpu.x2apic, NULL},
    {1, 2, 24, &cpu.tsc_deadline, NULL},
    {1, 2, 26, &cpu.xsave, NULL},
    {7, 1, 0, &cpu.fsgsbase, NULL},
    {7, 1, 7, &cpu.smep, NULL},
    {7, 1, 20, &cpu.smap, NULL},
    {7, 2, 2, &cpu.umip, NULL},
    {0x80000001u, 3, 11, NULL, "SYSCALL"},
    {0x80000001u, 3, 20, NULL, "no-execute pages (NX)"},
    {0x80000007u, 3, 8, &cpu.invariant_tsc, NULL},
};

bool cpuid_leaf(u32 leaf, u32 out[4])
{
    cpuid(leaf & 0x80000000u, 0, out);
    if (out[0] < leaf)
        return false;
    cpuid(leaf, 0, out);
    return true;
}

void cpu_detect(void)
{
    u32 r[4], address_bits = 36;

    for (u32 i = 0; i < ARRAY_SIZE(features); i++) {
        bool has = cpuid_leaf(features[i].leaf, r) && (r[features[i].word] >> features[i].bit & 1) != 0;
        if (features[i].noted != NULL)
            *features[i].noted = has;
        if (features[i].needed != NULL && !has)
            boot_refuse("boot: this processor lacks %s, which the kernel needs", features[i].needed);
    }
    for (u32 i = 0; i < 3; i++)
        if (cpuid_leaf(0x80000002u + i, r))
            memcpy(cpu.brand + 16 * i, r, 16);
    if (cpuid_leaf(0x80000008u, r))
        address_bits = r[0] & 0xff;
    cpu.address_mask = address_bits >= 52 ? PTE_ADDRESS | 0xfff : (1ull << address_bits) - 1;
    cpu.xsave_size = 512;
}

void cpu_enable(void)
{
    u64 cr4 = CR4_DE | CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT;

    cr4 |= (cpu.pge ? CR4_PGE : 0) | (cpu.umip ? CR4_UMIP : 0) | (cpu.fsgsbase ? CR4_FSGSBASE : 0);
    cr4 |= (cpu.xsave ? CR4_OSXSAVE : 0) | (cpu.smep ? CR4_SMEP : 0) | (cpu.smap ? CR4_SMAP : 0);
    cr0_write(CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_AM | CR0_PG);
    cr4_write(cr4);
    msr_write(MSR_PAT, PAT_VALUE);
    fpu_init();
}

static void patch(u64 *const *sites, u64 *const *end, const u8 bytes[3])
{
    for (u64 *const *site = sites; site < end; site++)
        memcpy(*site, bytes, 3);
}

void cpu_patch(void)
{
    extern u64 *const patch_stac_start[], *const patch_stac_end[], *const patch_clac_start[], *const patch_clac_end[];
    static const u8 stac[3] = {0x0f, 0x01, 0xcb}, clac[3] = {0x0f, 0x01, 0xca};
    u32 r[4];

    if (!cpu.smap)
        return;
    u64 cr0 = cr0_read();
    cr0_write(cr0 & ~CR0_WP);
    patch(patch_stac_start, patch_stac_end, stac);
    patch(patch_clac_start, patch_clac_end, clac);
    cr0_write(cr0);
    cpuid(0, 0, r); /* serialises */
}

void cpu_report(void)
{
    klog("cpu: %s", cpu.brand[0] != '\0' ? cpu.brand : "unnamed");
    klog("cpu: NX WP%s%s%s%s%s, %s %u bytes (XCR0 %#lx)", cpu.smep ? " SMEP" : "", cpu.smap ? " SMAP" : "",
         cpu.umip ? " UMIP" : "", cpu.fsgsbase ? " FSGSBASE" : "", cpu.pge ? " PGE" : "",
         cpu.xsave ? "XSAVE" : "FXSAVE", cpu.xsave_size, cpu.xsave_mask);
    klog("cpu: not used:%s%s%s page-table isolation (see CAVEATS.md)", cpu.x2apic ? " x2APIC," : "",
         cpu.tsc_deadline ? " TSC-deadline timer," : "", cpu.pcid ? " PCID," : "");
    if (!cpu.invariant_tsc)
        klog("cpu: the time-stamp counter is not said to be invariant; the clock relies on it");
}

void cpu_set_fs_base(struct thread *t, u64 base)
{
    t->fs_base = base;
    if (t != current_thread())
        return;
    if (cpu.fsgsbase)
        /* What FS: addresses in user mode from now on. */
        __asm__ volatile("wrfsbase %0" : : "r"(base));
    else
        msr_write(MSR_FS_BASE, base);
}
