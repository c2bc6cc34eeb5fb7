/* SPDX-License-Identifier: BSD-2-Clause */
/* A bug in the kernel: the other cores stop, what is known is printed, the machine ends. */
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <debug/log.h>
#include <debug/panic.h>
#include <process.h>

#define FRAMES_MAX 24

static u32 panicking; /* atomic */

static void registers_print(const struct regs *r)
{
    static const char *const names[] = {"r15", "r14", "r13", "r12", "rbp", "rbx", "r9 ", "r8 ",
                                        "r10", "rdx", "rsi", "rdi", "rax", "r11", "rcx"};
    const u64 *value = (const u64 *)(const void *)r;

    klog("  vector %lu error %#lx cs %#lx ss %#lx", r->vector, r->error, r->cs, r->ss);
    klog("  rip %016lx rsp %016lx rflags %016lx", r->rip, r->rsp, r->rflags);
    for (unsigned i = 0; i < 15; i += 3)
        klog("  %s %016lx %s %016lx %s %016lx", names[i], value[i], names[i + 1], value[i + 1], names[i + 2],
             value[i + 2]);
}

static void address_print(u64 address)
{
    u64 offset = 0;
    const char *name = symbol_find(address, &offset);

    if (name != NULL)
        klog("  %016lx %s+%#lx", address, name, offset);
    else
        klog("  %016lx", address);
}

/* Is this 16 bytes of mapped kernel memory? */
static bool frame_readable(u64 at)
{
    u64 size;

    return at >= 0xffff800000000000ull && (at & 7) == 0 && kmap_walk(at, &size) != 0 && kmap_walk(at + 8, &size) != 0;
}

static void backtrace_print(u64 rip, u64 frame)
{
    klog("  backtrace:");
    if (rip != 0)
        address_print(rip);
    for (int i = 0; i < FRAMES_MAX && frame_readable(frame); i++) {
        const u64 *at = (const u64 *)frame;
        if (at[1] == 0)
            return;
        address_print(at[1]);
        if (at[0] <= frame)
            return;
        frame = at[0];
    }
}

static void state_print(void)
{
    struct core *c = this_core();
    struct thread *t = c->current;

    klog("  core %u cr0 %#lx cr2 %#lx cr3 %#lx cr4 %#lx", c->index, cr0_read(), cr2_read(), cr3_read(), cr4_read());
    if (t != NULL)
        klog("  thread %lu of %s", t->tid, t->process != NULL ? t->process->name : "the kernel");
}

static _Noreturn void end(const struct regs *regs, u64 rip, u64 frame, const char *format, va_list args)
{
    /* Nothing else runs here from now on. */
    __asm__ volatile("cli");
    if (__atomic_fetch_add(&panicking, 1, __ATOMIC_SEQ_CST) != 0)
        arch_halt_exit(HALT_PANIC); /* in a panic, or on two cores at once: what is there must do */
    smp_stop_others();
    log_seize();
    klog_args("panic: ", format, args);
    registers_print(regs);
    state_print();
    backtrace_print(rip, frame);
    arch_halt_exit(HALT_PANIC);
}

void panic(const char *format, ...)
{
    va_list args;

    struct regs regs = {.rip = (u64)__builtin_return_address(0)};

    /* What the caller kept in them, as far as it is still there. */
    __asm__ volatile("mov %%r15, 0(%0); mov %%r14, 8(%0); mov %%r13, 16(%0); mov %%r12, 24(%0); mov %%rbp, 32(%0);"
                     "mov %%rbx, 40(%0); mov %%r9, 48(%0); mov %%r8, 56(%0); mov %%r10, 64(%0); mov %%rdx, 72(%0);"
                     "mov %%rsi, 80(%0); mov %%rdi, 88(%0); mov %%rax, 96(%0); mov %%r11, 104(%0); mov %%rcx, 112(%0);"
                     "mov %%rsp, 160(%0); mov %%cs, 144(%0); mov %%ss, 168(%0)"
                     :
                     : "r"(&regs)
                     : "memory");
    regs.rflags = flags_read();
    va_start(args, format);
    end(&regs, 0, (u64)__builtin_frame_address(0), format, args);
}

void panic_regs(const struct regs *regs, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    end(regs, regs->rip, regs->rbp, format, args);
}
