/* SPDX-License-Identifier: BSD-2-Clause */
/* FPU state (SDM volume 1, chapter 13): the only instructions of the kernel that touch it. */
#include <arch/cpu.h>
#include <process.h>

#define FCW_INIT   0x37fu
#define MXCSR_INIT 0x1f80u
#define MXCSR_AT   24u /* in the area */

static void xcr0_write(u64 value)
{
    __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

/* x87, SSE, AVX and AVX-512, as far as the processor has them and their state fits into a page. */
static void xsave_choose(void)
{
    static const u64 masks[] = {0xe7, 0x7, 0x3};
    u32 r[4];

    cpuid(0xd, 0, r);
    u64 supported = (u64)r[3] << 32 | r[0];
    for (u32 i = 0; i < ARRAY_SIZE(masks) && (cpu.xsave_mask == 0 || cpu.xsave_size > PAGE_SIZE); i++) {
        if ((supported & masks[i]) != masks[i])
            continue;
        cpu.xsave_mask = masks[i];
        xcr0_write(masks[i]);
        cpuid(0xd, 0, r); /* EBX: the size for what XCR0 has now */
        cpu.xsave_size = r[1];
    }
}

void fpu_init(void)
{
    if (cpu.xsave && cpu.xsave_mask == 0)
        xsave_choose();
    if (cpu.xsave)
        xcr0_write(cpu.xsave_mask);
    cr0_write(cr0_read() | CR0_TS);
}

static void fpu_save(void *area)
{
    if (likely(cpu.xsave))
        __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory");
    else
        __asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static void fpu_load(const void *area)
{
    if (likely(cpu.xsave))
        __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory");
    else
        __asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

static void fpu_open(struct core *c)
{
    if (c->fpu_on)
        return;
    __asm__ volatile("clts");
    c->fpu_on = true;
}

void fpu_switch(struct core *c, struct thread *prev, struct thread *next)
{
    if (prev->fpu != NULL) {
        fpu_save(prev->fpu);
        c->stat.fpu_saves++;
    }
    if (next->fpu != NULL) {
        fpu_open(c);
        fpu_load(next->fpu);
    } else if (c->fpu_on) {
        c->fpu_on = false;
        cr0_write(cr0_read() | CR0_TS);
    }
}

bool fpu_first_use(struct thread *t)
{
    struct core *c = this_core();

    if (t->fpu == NULL) {
        u8 *area = kframe_alloc(t->process->pool);
        if (area == NULL)
            return false;
        *(u16 *)(void *)area = FCW_INIT;
        *(u32 *)(void *)(area + MXCSR_AT) = MXCSR_INIT;
        t->fpu = area;
        t->switch_flags |= SWITCH_FPU;
    }
    fpu_open(c);
    fpu_load(t->fpu);
    return true;
}
