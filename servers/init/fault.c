/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/faults.h>
#include <mnos/calls.h>
#include <mnos/thread.h>

#include "init.h"

static void registers_report(const struct child *child, uint64_t tid)
{
    struct mnos_regs r;
    int64_t thread = mnos_cap_create(MNOS_CREATE_THREAD, child->process.process, tid, 0, 0);

    if (thread < 0)
        return;
    if (mnos_thread_control((mnos_handle_t)thread, MNOS_THREADCTL_GET_REGS, (uint64_t)&r, 0) >= 0) {
        log_line("  rax %016lx rbx %016lx rcx %016lx rdx %016lx", r.rax, r.rbx, r.rcx, r.rdx);
        log_line("  rsi %016lx rdi %016lx rbp %016lx rsp %016lx", r.rsi, r.rdi, r.rbp, r.rsp);
        log_line("  r8  %016lx r9  %016lx r10 %016lx r11 %016lx", r.r8, r.r9, r.r10, r.r11);
        log_line("  r12 %016lx r13 %016lx r14 %016lx r15 %016lx", r.r12, r.r13, r.r14, r.r15);
    }
    mnos_cap_delete((mnos_handle_t)thread);
}

void fault_report(struct mnos_msg *msg)
{
    const struct child *child = child_by_badge(msg->badge);

    log_line("init: %s (pid %lu) crashed: %s at address 0x%lx", child ? child->service->spec->name : "?",
             msg->word[MNOS_FAULT_PID], mnos_fault_name(msg->word[MNOS_FAULT_CAUSE]), msg->word[MNOS_FAULT_ADDRESS]);
    log_line("  rip %016lx rsp %016lx rflags %08lx code %lx thread %lu", msg->word[MNOS_FAULT_RIP],
             msg->word[MNOS_FAULT_RSP], msg->word[MNOS_FAULT_RFLAGS], msg->word[MNOS_FAULT_CODE],
             msg->word[MNOS_FAULT_THREAD]);
    if (child)
        registers_report(child, msg->word[MNOS_FAULT_THREAD]);
    struct mnos_msg answer = {.label = MNOS_FAULT_DESTROY};
    (void)mnos_ipc_reply(MNOS_NONE, &answer, NULL, init.reply);
}
