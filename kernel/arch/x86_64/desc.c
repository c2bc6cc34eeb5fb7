/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables of a core, and where SYSCALL goes (SDM volume 3A, chapters 3, 6.14 and 5.8.8). */
#include <arch/cpu.h>
#include <core/assert.h>
#include <str.h>

#include "arch.h"

#define GDT_ENTRIES 8u

/* Access bytes and flags of flat segments. */
#define DESC_KERNEL_CODE 0x00af9b000000ffffull
#define DESC_KERNEL_DATA 0x00cf93000000ffffull
#define DESC_USER_DATA   0x00cff3000000ffffull
#define DESC_USER_CODE   0x00affb000000ffffull

#define GATE_INTERRUPT 0x8e00ull /* present, DPL 0, interrupts off */
#define GATE_USER      0xee00ull /* the same with DPL 3: INT3, INTO */

struct table_register {
    u16 limit;
    u64 base;
} __attribute__((packed));

/* What stands empty was zero from the start. */
static void gdt_fill(struct core *c)
{
    u64 base = (u64)&c->tss;
    u64 limit = sizeof(c->tss) + sizeof(c->iopb) - 1;

    c->gdt[SEL_KERNEL_CODE / 8] = DESC_KERNEL_CODE;
    c->gdt[SEL_KERNEL_DATA / 8] = DESC_KERNEL_DATA;
    c->gdt[SEL_USER_DATA / 8] = DESC_USER_DATA;
    c->gdt[SEL_USER_CODE / 8] = DESC_USER_CODE;
    c->gdt[SEL_TSS / 8] =
        (limit & 0xffff) | (base & 0xffffff) << 16 | 0x89ull << 40 | (limit >> 16) << 48 | (base >> 24 & 0xff) << 56;
    c->gdt[SEL_TSS / 8 + 1] = base >> 32;
}

static u64 ist_of(const struct core *c, unsigned vector)
{
    unsigned ist = vector == 2 ? IST_NMI : vector == 8 ? IST_DF : vector == 18 ? IST_MC : 0;
    return ist != 0 && c->tss.ist[ist - 1] != 0 ? ist : 0;
}

static void idt_fill(struct core *c)
{
    for (unsigned v = 0; v < 256; v++) {
        u64 handler = (u64)vector_stubs + v * 16;
        u64 kind = v == 3 || v == 4 ? GATE_USER : GATE_INTERRUPT;
        c->idt[2 * v] = (handler & 0xffff) | (u64)SEL_KERNEL_CODE << 16 | ist_of(c, v) << 32 | kind << 32 |
                        (handler >> 16 & 0xffff) << 48;
        c->idt[2 * v + 1] = handler >> 32;
    }
}

void desc_init(struct core *c)
{
    struct table_register gdtr = {GDT_ENTRIES * 8 - 1, (u64)c->gdt};
    struct table_register idtr = {256 * 16 - 1, (u64)c->idt};

    gdt_fill(c);
    idt_fill(c);
    c->self = c;
    c->tss.iomap = IOMAP_NONE;
    memset(c->iopb, 0xff, sizeof(c->iopb));
    /* Each selector is loaded anew: CS by a far return; FS and GS lose their bases, which are set below. */
    __asm__ volatile("lgdt %0" : : "m"(gdtr));
    __asm__ volatile("lidt %0" : : "m"(idtr));
    __asm__ volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" : : "i"(SEL_KERNEL_CODE) : "rax", "memory");
    __asm__ volatile("mov %0, %%ss; mov %1, %%ds; mov %1, %%es; mov %1, %%fs; mov %1, %%gs"
                     :
                     : "r"(SEL_KERNEL_DATA), "r"(0)
                     : "memory");
    /* The task register: where the stacks of entries are. */
    __asm__ volatile("ltr %w0" : : "r"(SEL_TSS) : "memory");
    msr_write(MSR_GS_BASE, (u64)c);
    msr_write(MSR_KERNEL_GS_BASE, 0);
    msr_write(MSR_FS_BASE, 0);
    msr_write(MSR_STAR, (u64)SEL_SYSRET_BASE << 48 | (u64)SEL_KERNEL_CODE << 32);
    msr_write(MSR_LSTAR, (u64)syscall_entry);
    msr_write(MSR_SFMASK, FLAGS_TF | FLAGS_IF | FLAGS_DF | FLAGS_IOPL | FLAGS_NT | FLAGS_AC);
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE | EFER_NXE);
    desc_check(c);
}

/* SYSRET loads CS from STAR[63:48] + 16 and SS from + 8, both with RPL 3; SYSCALL CS from STAR[47:32] and SS from + 8. */
void desc_check(struct core *c)
{
    u64 star = msr_read(MSR_STAR);
    u16 tr, cs;

    __asm__ volatile("str %0" : "=r"(tr));
    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    KASSERT((star >> 48) + 16 == (SEL_USER_CODE & ~3u) && (star >> 48) + 8 == (SEL_USER_DATA & ~3u));
    KASSERT((star >> 32 & 0xffff) == SEL_KERNEL_CODE && (star >> 32 & 0xffff) + 8 == SEL_KERNEL_DATA);
    KASSERT(tr == SEL_TSS && cs == SEL_KERNEL_CODE);
    KASSERT(msr_read(MSR_GS_BASE) == (u64)c && this_core() == c);
    KASSERT((msr_read(MSR_EFER) & (EFER_SCE | EFER_NXE | EFER_LMA)) == (EFER_SCE | EFER_NXE | EFER_LMA));
}
