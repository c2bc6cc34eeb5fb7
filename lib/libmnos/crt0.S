/* SPDX-License-Identifier: BSD-2-Clause */
/* The first instruction of every program: _start(ring, pid, capset) in RDI, RSI, RDX (mnos/startup.h). */
    .section .start, "ax"      # not .text.start: that is the section of a function of this name
    .globl _start
_start:
    xor %ebp, %ebp              /* the outermost frame */
    and $-16, %rsp              /* whatever the spawner left: the ABI's alignment */
    call mnos_start
    ud2

/* Where threads begin, with their struct mnos_thread in RDI. */
    .text
    .globl mnos_thread_enter
mnos_thread_enter:
    xor %ebp, %ebp
    and $-16, %rsp
    call mnos_thread_main
    ud2

    .section .note.GNU-stack, "", @progbits
