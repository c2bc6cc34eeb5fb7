/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor: single instructions, features, and the few places where interrupts are let in.
 * Any context.  Source: Intel SDM volumes 2 and 3A.
 */
#pragma once

#include <arch/core.h>

/* Selectors, in the order that SYSCALL and SYSRET want. */
#define SEL_KERNEL_CODE 0x08u
#define SEL_KERNEL_DATA 0x10u
#define SEL_SYSRET_BASE 0x18u /* never loaded: SYSRET adds 8 and 16 */
#define SEL_USER_DATA   0x23u
#define SEL_USER_CODE   0x2bu
#define SEL_TSS         0x30u

/* RFLAGS */
#define FLAGS_ALWAYS 0x2ull
#define FLAGS_TF     0x100ull
#define FLAGS_IF     0x200ull
#define FLAGS_DF     0x400ull
#define FLAGS_IOPL   0x3000ull
#define FLAGS_NT     0x4000ull
#define FLAGS_AC     0x40000ull

#define MSR_APIC_BASE      0x1bu
#define MSR_PAT            0x277u
#define MSR_EFER           0xc0000080u
#define MSR_STAR           0xc0000081u
#define MSR_LSTAR          0xc0000082u
#define MSR_SFMASK         0xc0000084u
#define MSR_FS_BASE        0xc0000100u
#define MSR_GS_BASE        0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u

#define EFER_SCE 0x1ull
#define EFER_LME 0x100ull
#define EFER_LMA 0x400ull
#define EFER_NXE 0x800ull

#define CR0_PE 0x1ull
#define CR0_MP 0x2ull
#define CR0_TS 0x8ull
#define CR0_NE 0x20ull
#define CR0_WP 0x10000ull
#define CR0_AM 0x40000ull
#define CR0_PG 0x80000000ull

#define CR4_DE         0x8ull
#define CR4_PAE        0x20ull
#define CR4_MCE        0x40ull
#define CR4_PGE        0x80ull
#define CR4_OSFXSR     0x200ull
#define CR4_OSXMMEXCPT 0x400ull
#define CR4_UMIP       0x800ull
#define CR4_FSGSBASE   0x10000ull
#define CR4_OSXSAVE    0x40000ull
#define CR4_SMEP       0x100000ull
#define CR4_SMAP       0x200000ull

/* What this machine's processors have and the kernel uses; constant after boot phase 1. */
struct cpu_features {
    bool fsgsbase, smep, smap, umip, pge, xsave;
    bool invariant_tsc, x2apic, tsc_deadline, pcid; /* the last three are only reported */
    u32 xsave_size;                                 /* bytes of an FPU area; at most a page */
    u64 xsave_mask;                                 /* XCR0 */
    u64 address_mask;                               /* bits of a physical address */
    char brand[49];
};
extern struct cpu_features cpu;

/* port_in8(port) and port_out8(port, value), and so on. */
#define PORT_ACCESS(bits, suffix)                                                                                      \
    static inline u##bits port_in##bits(u16 port)                                                                      \
    {                                                                                                                  \
        u##bits value;                                                                                                 \
        __asm__ volatile("in" suffix " %1, %0" : "=a"(value) : "Nd"(port));                                            \
        return value;                                                                                                  \
    }                                                                                                                  \
    static inline void port_out##bits(u16 port, u##bits value)                                                         \
    {                                                                                                                  \
        __asm__ volatile("out" suffix " %0, %1" : : "a"(value), "Nd"(port));                                           \
    }
PORT_ACCESS(8, "b")
PORT_ACCESS(16, "w")
PORT_ACCESS(32, "l")

static inline u64 msr_read(u32 msr)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (u64)high << 32 | low;
}
static inline void msr_write(u32 msr, u64 value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

/* cr0_read(), cr0_write(value), and so on. */
#define CONTROL_REGISTER(name)                                                                                         \
    static inline u64 name##_read(void)                                                                                \
    {                                                                                                                  \
        u64 value;                                                                                                     \
        __asm__ volatile("mov %%" #name ", %0" : "=r"(value));                                                         \
        return value;                                                                                                  \
    }                                                                                                                  \
    static inline void name##_write(u64 value)                                                                         \
    {                                                                                                                  \
        __asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");                                                \
    }
CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)

static inline void tlb_flush_page(u64 address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}
/* All but global pages. */
static inline void tlb_flush_all(void)
{
    cr3_write(cr3_read());
}

static inline u64 tsc_read(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (u64)high << 32 | low;
}

static inline void cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
    __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(subleaf));
}

/* False: this processor has no such leaf. */
bool cpuid_leaf(u32 leaf, u32 out[4]);

static inline u64 flags_read(void)
{
    u64 flags;
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    return flags;
}
static inline void cpu_relax(void)
{
    __builtin_ia32_pause();
}

/* Between these two, supervisor code may touch user pages; mm/ucopy.c alone uses them.  Where there is no SMAP they
 * stay the no-operations that they are in the image. */
#define SMAP_SITE(section) "1: .byte 0x0f, 0x1f, 0x00\n\t.pushsection " section ", \"a\"\n\t.quad 1b\n\t.popsection"
static inline void user_access_begin(void)
{
    __asm__ volatile(SMAP_SITE(".patch.stac") : : : "memory");
}
static inline void user_access_end(void)
{
    __asm__ volatile(SMAP_SITE(".patch.clac") : : : "memory");
}

/* Lets pending interrupts in for a moment.  No locks held, interrupts off. */
static inline void cpu_irq_window(void)
{
    irqoff_leave();
    __asm__ volatile("sti; nop; cli" : : : "memory");
    irqoff_enter();
}
/* Sleeps until an interrupt, which is handled before this returns.  No interrupt can come between the caller's last look
 * (with interrupts off) and the sleep. */
static inline void cpu_idle(void)
{
    irqoff_leave();
    __asm__ volatile("sti; hlt; cli" : : : "memory");
    irqoff_enter();
}
/* Stops this core for good. */
static inline _Noreturn void cpu_halt(void)
{
    for (;;)
        __asm__ volatile("cli; hlt" : : : "memory");
}

/* Leaves the kernel from any depth of this core's stack: sched_leave, then the registers of the current thread. */
_Noreturn void cpu_leave_kernel(void);
/* Leaves the kernel as the current thread, whose registers are all in its record; nothing is looked at any more. */
static inline _Noreturn void cpu_resume(void)
{
    /* entry.S loads the stack pointer itself. */
    __asm__ volatile("jmp restore_current" : : : "memory");
    __builtin_unreachable();
}

/* FS base of the current thread, which is in the processor (and of any other, which is in its record). */
void cpu_set_fs_base(struct thread *t, u64 base);

/*
 * FPU state, for threads that have used it: saved and loaded at each switch.  A thread without has none, and CR0.TS
 * makes its first FPU instruction trap (#NM).
 */
void fpu_init(void); /* each core */
/* At least one has an area, or TS is clear. */
void fpu_switch(struct core *c, struct thread *prev, struct thread *next);
/* #NM of the current thread; false: its pool cannot pay for the area. */
MUST_CHECK bool fpu_first_use(struct thread *t);

/* arch/: boot. */
void cpu_detect(void); /* fills `cpu`; refuses a processor that lacks what is needed */
void cpu_enable(void); /* this core: control registers, EFER, PAT, FPU */
void cpu_patch(void);  /* once, before the kernel's own page tables: SMAP sites */
void cpu_report(void); /* log lines */
