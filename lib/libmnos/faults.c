/* SPDX-License-Identifier: BSD-2-Clause */
#include <fmt.h>
#include <libmnos/faults.h>
#include <mnos/ipc.h>

const char *mnos_fault_name(uint64_t cause)
{
    switch (cause) {
    case MNOS_FAULT_DIVIDE:
        return "divide error";
    case MNOS_FAULT_DEBUG:
        return "debug exception";
    case MNOS_FAULT_BREAKPOINT:
        return "breakpoint";
    case MNOS_FAULT_OVERFLOW:
        return "overflow";
    case MNOS_FAULT_BOUND:
        return "bound range exceeded";
    case MNOS_FAULT_OPCODE:
        return "invalid opcode";
    case MNOS_FAULT_STACK:
        return "stack-segment fault";
    case MNOS_FAULT_PROTECTION:
        return "general protection fault";
    case MNOS_FAULT_PAGE:
        return "page fault";
    case MNOS_FAULT_FPU:
        return "x87 floating-point exception";
    case MNOS_FAULT_ALIGNMENT:
        return "alignment check";
    case MNOS_FAULT_SIMD:
        return "SIMD floating-point exception";
    case MNOS_FAULT_NO_MEMORY:
        return "out of memory";
    case MNOS_FAULT_PAST_END:
        return "access past the end of a Memory";
    case MNOS_FAULT_UPCALL:
        return "upcall area not writable";
    default:
        return "unknown exception";
    }
}

void mnos_status_text(uint64_t status, char *text, size_t size)
{
    if (status & MNOS_EXIT_FAULT)
        fmt_snprint(text, size, "crashed: %s", mnos_fault_name(status & 0xff));
    else if (status & MNOS_EXIT_KILLED)
        fmt_snprint(text, size, "was killed (status %lu)", (unsigned long)(status & ~MNOS_EXIT_KILLED));
    else
        fmt_snprint(text, size, "exited with status %ld", (long)status);
}
