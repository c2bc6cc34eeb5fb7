/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages: register layout, the extension record, and what a receiver is told.  docs/ipc.md explains.
 *
 *            entry (send, call, reply, recv)                    return
 *   RAX      system-call number                                 status (0 or a negated error)
 *   RDI      endpoint (reply: to wait on, or none)              badge of the capability that was called
 *   RSI      label                                              label
 *   RDX      struct mnos_ipc_ext *, or 0                        info (below)
 *   R10      Reply object (reply: to answer; recv: for the      notification bits (kind NOTIFICATION)
 *            next call), or none
 *   R8 R9 RBX RBP R12 R13 R14 R15   words 0 to 7                words 0 to 7
 *   RCX R11  destroyed by the processor
 *
 * The eight word registers, RDI, RSI, RDX and R10 are dead across these four calls.
 */
#pragma once

#include <mnos/object.h>

#define MNOS_IPC_WORDS 8
#define MNOS_IPC_CAPS  4

/* info: kind in bits 63..56, capabilities received in 55..48, flags in 47..40, bytes received in 39..0. */
#define MNOS_INFO_KIND(info)  ((unsigned)((info) >> 56))
#define MNOS_INFO_CAPS(info)  ((unsigned)(((info) >> 48) & 0xff))
#define MNOS_INFO_FLAGS(info) ((unsigned)(((info) >> 40) & 0xff))
#define MNOS_INFO_BYTES(info) ((info) & 0xffffffffffull)

/* Bytes or capabilities were left behind, because the receiver had room for less. */
#define MNOS_INFO_TRUNCATED 0x01u
/* The sender's buffer needs a page that its pager has to supply first: only part of it was copied. */
#define MNOS_INFO_PARTIAL   0x02u

enum mnos_kind {
    MNOS_KIND_CALL = 0,          /* the Reply named by recv now answers this caller (also: a reply, to the caller) */
    MNOS_KIND_SEND = 1,          /* one-way message; the Reply is still free */
    MNOS_KIND_NOTIFICATION = 2,  /* bits of the bound notification are in R10 */
    MNOS_KIND_CLOSED = 3,        /* the last capability with this badge is gone */
    MNOS_KIND_CANCEL = 4,        /* the caller of word 0 (the Reply's handle) wants its call to end: answer it */
    MNOS_KIND_FAULT = 5,         /* a thread faulted; words: enum mnos_fault_word; the Reply resumes it */
    MNOS_KIND_PAGE = 6           /* a page of service-paged Memory is missing; words: offset, access; Reply resumes */
};

/* The extension: capabilities, buffers and deadline.  All in the caller's memory; the kernel reads it once. */
struct mnos_ipc_ext {
    uint32_t flags;                       /* MNOS_EXT_* */
    uint8_t send_caps;                    /* capabilities sent, 0 to 4 */
    uint8_t recv_caps;                    /* capabilities accepted, 0 to 4 */
    uint8_t move_mask;                    /* bit i: send_cap[i] is moved, not copied */
    uint8_t reserved;                     /* 0 */
    uint64_t deadline;                    /* absolute, ns of the system clock; MNOS_FOREVER: none */
    uint64_t send_buf, send_len;          /* bytes that go with the message (or the answer) */
    uint64_t recv_buf, recv_len;          /* room for the bytes that come with the answer (or the next message) */
    mnos_handle_t send_cap[MNOS_IPC_CAPS];
    mnos_handle_t recv_cap[MNOS_IPC_CAPS]; /* written by the kernel: handles of what was received */
};

#define MNOS_EXT_NONBLOCK 0x1u            /* do not wait: WOULD_BLOCK */
#define MNOS_FOREVER      UINT64_MAX
#define MNOS_BUFFER_MAX   (1ull << 30)    /* bytes in one buffer */

/* Words of a MNOS_KIND_FAULT message. */
enum mnos_fault_word {
    MNOS_FAULT_CAUSE = 0,   /* enum mnos_fault */
    MNOS_FAULT_ADDRESS = 1, /* the address that could not be accessed, or the instruction's */
    MNOS_FAULT_CODE = 2,    /* the processor's error code, or 0 */
    MNOS_FAULT_RIP = 3,
    MNOS_FAULT_RSP = 4,
    MNOS_FAULT_RFLAGS = 5,
    MNOS_FAULT_THREAD = 6,  /* thread id */
    MNOS_FAULT_PID = 7
};

/* Causes: processor exceptions keep their vector number. */
enum mnos_fault {
    MNOS_FAULT_DIVIDE = 0,
    MNOS_FAULT_DEBUG = 1,
    MNOS_FAULT_BREAKPOINT = 3,
    MNOS_FAULT_OVERFLOW = 4,
    MNOS_FAULT_BOUND = 5,
    MNOS_FAULT_OPCODE = 6,
    MNOS_FAULT_STACK = 12,
    MNOS_FAULT_PROTECTION = 13,
    MNOS_FAULT_PAGE = 14,       /* nothing is mapped there with that access */
    MNOS_FAULT_FPU = 16,
    MNOS_FAULT_ALIGNMENT = 17,
    MNOS_FAULT_SIMD = 19,
    MNOS_FAULT_NO_MEMORY = 64,  /* a lazily charged page could not be paid */
    MNOS_FAULT_PAST_END = 65,   /* mapped, but beyond the end of the Memory, or its pager refused the page */
    MNOS_FAULT_UPCALL = 66      /* the upcall area is not writable */
};

/* Labels of the answer to a FAULT or PAGE message. */
#define MNOS_FAULT_RESUME  0ull  /* run the instruction again */
#define MNOS_FAULT_DESTROY 1ull  /* end the process */

/* ipc_copy directions. */
#define MNOS_COPY_FROM_CALLER 0ull /* caller's send buffer -> my memory */
#define MNOS_COPY_TO_CALLER   1ull /* my memory -> caller's receive buffer */
