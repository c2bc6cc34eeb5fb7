/* SPDX-License-Identifier: BSD-2-Clause */
/* Upcalls: a thread is made to run its handler, with its registers kept in an area of its own memory. */
#include <mm/ucopy.h>
#include <obj.h>

/* What user code may set in RFLAGS: arithmetic flags, TF, DF, NT, AC, ID; IF and the fixed bit are always set. */
#define RFLAGS_USER  0x244dd5ull
#define RFLAGS_FIXED 0x202ull

/* Both records begin with the same registers in the same order: R15 to RCX. */
#define SAME_BYTES offsetof(struct regs, vector)
_Static_assert(offsetof(struct mnos_regs, rip) == SAME_BYTES && offsetof(struct mnos_regs, rdi) == offsetof(struct regs, rdi) &&
                   offsetof(struct mnos_regs, rcx) == offsetof(struct regs, rcx),
               "one order");

/* Inline: R15 to RCX, an instruction a register. */
static ALWAYS_INLINE void same_copy(void *to, const void *from)
{
    u64 words = SAME_BYTES / 8;

    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

void regs_from_user(struct thread *t, const struct mnos_regs *in)
{
    struct regs *r = &t->regs;

    same_copy(r, in);
    r->rip = in->rip;
    r->rsp = in->rsp;
    r->rflags = (in->rflags & RFLAGS_USER) | RFLAGS_FIXED;
    r->vector = 0;                  /* all registers count: back by IRET */
}

void regs_to_user(const struct thread *t, struct mnos_regs *out)
{
    const struct regs *r = &t->regs;
    bool syscall = r->vector == REGS_VIA_SYSCALL;

    same_copy(out, r);
    out->r11 = syscall ? r->rflags : r->r11;
    out->rcx = syscall ? r->rip : r->rcx;
    out->rip = r->rip;
    out->rflags = r->rflags;
    out->rsp = r->rsp;
    out->fs_base = t->fs_base;
    out->gs_base = t->gs_base;
}

void upcall_deliver(struct thread *t)
{
    struct mnos_upcall_area area;
    u64 where = t->upcall_area;

    if ((t->signals & THREAD_UPCALL) != 0)
        __atomic_fetch_and(&t->signals, (u8)~THREAD_UPCALL, __ATOMIC_SEQ_CST);
    if (where == 0)
        return;
    if (ucopy_in(&area.hold, UADDR(where), sizeof area.hold) < 0)
        goto fault;
    if (area.hold != 0) {
        __atomic_fetch_or(&t->signals, THREAD_UPCALL, __ATOMIC_SEQ_CST);
        return;
    }
    u64 bits = __atomic_exchange_n(&t->upcall_bits, 0, __ATOMIC_ACQ_REL);
    area.hold = 1;
    area.bits = bits;
    regs_to_user(t, &area.regs);
    if (ucopy_out(UADDR(where), &area, sizeof area) < 0) {
        __atomic_fetch_or(&t->upcall_bits, bits, __ATOMIC_ACQ_REL);
        goto fault;
    }
    t->regs.rip = t->upcall_handler;
    t->regs.rdi = where;
    return;
fault:
    t->upcall_area = 0;
    fault_raise(t, MNOS_FAULT_UPCALL, where, 0);
}

status_t upcall_return(struct thread *t)
{
    struct mnos_upcall_area area;
    const u64 open = 0;

    REFUSE_IF(t->upcall_area == 0, NOT_FOUND);
    TRY(ucopy_in(&area, UADDR(t->upcall_area), sizeof area));
    REFUSE_IF(area.regs.rip >= MNOS_USER_END, RANGE);
    if (unlikely(!ucopy_try((void *)t->upcall_area, &open, UADDR(t->upcall_area), sizeof open)))
        TRY(ucopy_out(UADDR(t->upcall_area), &open, sizeof open));
    regs_from_user(t, &area.regs);
    if (unlikely(__atomic_load_n(&t->upcall_bits, __ATOMIC_ACQUIRE) != 0))
        __atomic_fetch_or(&t->signals, THREAD_UPCALL, __ATOMIC_SEQ_CST);
    else if (likely(this_core()->resched == 0))
        cpu_resume();
    this_core()->resched |= RESCHED_WORK | RESCHED_NO_RESULT;
    return 0;
}

status_t upcall_self(struct thread *t, u64 bits)
{
    __atomic_fetch_or(&t->upcall_bits, bits, __ATOMIC_ACQ_REL);
    t->regs.rax = 0;
    upcall_deliver(t);
    if (likely(this_core()->resched == 0))
        cpu_resume();
    this_core()->resched |= RESCHED_NO_RESULT;
    return 0;
}
