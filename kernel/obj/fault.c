/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions of user code: resolved, told to whoever holds the fault endpoint, or the end of the process. */
#include <debug/log.h>
#include <obj.h>

/* Page-fault error code: Intel SDM volume 3, section 4.7. */
#define PF_WRITE 0x2u
#define PF_FETCH 0x10u

void fault_raise(struct thread *t, u64 cause, u64 address, u64 code)
{
    struct process *p = t->process;

    t->fault.cause = cause;
    t->fault.address = address;
    t->fault.code = code;
    if (p->fault_badge != NULL && ipc_send_fault(t, p->fault_badge, MNOS_KIND_FAULT))
        return;
    klog("process %lu (%s) ended: fault %lu at %#lx, code %#lx, rip %#lx, rsp %#lx", p->pid, p->name, cause, address,
         code, t->regs.rip, t->regs.rsp);
    process_kill(p, MNOS_EXIT_FAULT | cause);
    this_core()->resched |= RESCHED_WORK | RESCHED_NO_RESULT;
}

void fault_page(struct thread *t, u64 error, u64 address)
{
    enum fault_access access = (error & PF_FETCH) != 0 ? ACCESS_EXEC : (error & PF_WRITE) != 0 ? ACCESS_WRITE : ACCESS_READ;
    u64 cause = MNOS_FAULT_PAGE;
    struct fault_info info;

    this_core()->stat.page_faults++;
    enum fault_result result = aspace_fault(&t->process->aspace, address, access, &info);
    if (result == FAULT_RESOLVED)
        return;
    if (result == FAULT_PAGER) {
        /* A page of service-paged Memory: its pager is asked, the thread waits like a caller. */
        t->fault.cause = cause = MNOS_FAULT_PAST_END;
        t->fault.address = address = info.offset;
        t->fault.code = error = access;
        if (ipc_send_fault(t, info.memory->pager, MNOS_KIND_PAGE))
            return;
    } else if (result != FAULT_INVALID) {
        cause = result == FAULT_PAST_END ? MNOS_FAULT_PAST_END : MNOS_FAULT_NO_MEMORY;
    }
    fault_raise(t, cause, address, error);
}
