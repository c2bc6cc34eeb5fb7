/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages.  docs/ipc.md has the register layout and the life of a call.
 *
 * Three ways to the same four system calls:
 *  - mnos_ipc_*: all eight words from and to a struct mnos_msg, with or without the extension record;
 *  - mnos_fast_*: inline, up to four words that stay in registers, no extension (unused words are sent as 0);
 *  - <libmnos/ipc_raw.h>: for assembly that has the registers in place already.
 */
#ifndef LIBMNOS_IPC_H
#define LIBMNOS_IPC_H

#include <libmnos/errors.h>
#include <mnos/ipc.h>
#include <mnos/syscall.h>
#include <stdbool.h>
#include <stddef.h>

struct mnos_msg {
    uint64_t label;
    uint64_t badge; /* out: of the capability that the sender used */
    uint64_t info;  /* out: MNOS_INFO_* */
    uint64_t bits;  /* out: of a notification */
    uint64_t word[MNOS_IPC_WORDS];
};

/* Each returns 0 or a negated error.  On error `msg` is as it was; else it holds what was received.  ext may be NULL. */
int64_t mnos_ipc_send(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t mnos_ipc_call(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t mnos_ipc_recv(mnos_handle_t from, struct mnos_msg *msg, struct mnos_ipc_ext *ext, mnos_handle_t reply);
/* Answers `reply` with the message; then, unless `from` is MNOS_NONE, receives into it. */
int64_t mnos_ipc_reply(mnos_handle_t from, struct mnos_msg *msg, struct mnos_ipc_ext *ext, mnos_handle_t reply);

/*
 * ipc_copy that goes on where an interruption cut it short (enum: MNOS_COPY_*).  The bytes copied, fewer only where a page has to be
 * supplied by its pager first; or a negated error, when it is unknown how much was copied.
 */
int64_t mnos_ipc_copy_all(mnos_handle_t reply, uint64_t direction, uint64_t offset, void *mine, uint64_t bytes);

/* An extension record that asks for nothing: no buffers, no capabilities, no deadline. */
#define MNOS_EXT_INIT                                                                                                  \
    {                                                                                                                  \
        .deadline = MNOS_FOREVER                                                                                       \
    }

/* What a lean call or receive gives back beside its status. */
struct mnos_fast {
    int64_t status;
    uint64_t badge, label, info;
    uint64_t word[4];
};

/*
 * One system call with four words.  RBP cannot be named as an operand in code that keeps frame pointers, so that it is
 * saved on the stack, below the red zone.
 */
__attribute__((always_inline)) static inline struct mnos_fast mnos_fast_do(uint64_t number, uint64_t rdi, uint64_t rsi,
                                                                           uint64_t rdx, uint64_t reply, uint64_t w0,
                                                                           uint64_t w1, uint64_t w2, uint64_t w3)
{
    struct mnos_fast out;
    register uint64_t r10 __asm__("r10") = reply;
    register uint64_t r8 __asm__("r8") = w0;
    register uint64_t r9 __asm__("r9") = w1;

    __asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
                     "push %%rbp\n\t"
                     "mov %%rcx, %%rbp\n\t"
                     "xor %%r12d, %%r12d\n\t"
                     "xor %%r13d, %%r13d\n\t"
                     "xor %%r14d, %%r14d\n\t"
                     "xor %%r15d, %%r15d\n\t"
                     "syscall\n\t"
                     "mov %%rbp, %%rcx\n\t"
                     "pop %%rbp\n\t"
                     "lea 128(%%rsp), %%rsp"
                     : "=a"(out.status), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8), "+r"(r9), "+b"(w2),
                       "+c"(w3)
                     : "0"(number)
                     : "r11", "r12", "r13", "r14", "r15", "memory", "cc");
    out.badge = rdi;
    out.label = rsi;
    out.info = rdx;
    out.word[0] = r8;
    out.word[1] = r9;
    out.word[2] = w2;
    out.word[3] = w3;
    return out;
}

static inline struct mnos_fast mnos_fast_call(mnos_handle_t endpoint, uint64_t label, uint64_t w0, uint64_t w1,
                                              uint64_t w2, uint64_t w3)
{
    return mnos_fast_do(MNOS_SYS_ipc_call, endpoint, label, 0, 0, w0, w1, w2, w3);
}

static inline struct mnos_fast mnos_fast_send(mnos_handle_t endpoint, uint64_t label, uint64_t w0, uint64_t w1,
                                              uint64_t w2, uint64_t w3)
{
    return mnos_fast_do(MNOS_SYS_ipc_send, endpoint, label, 0, 0, w0, w1, w2, w3);
}

static inline struct mnos_fast mnos_fast_recv(mnos_handle_t from, mnos_handle_t reply)
{
    return mnos_fast_do(MNOS_SYS_ipc_recv, from, 0, 0, reply, 0, 0, 0, 0);
}

/* Answer, and receive from `from` unless it is MNOS_NONE. */
static inline struct mnos_fast mnos_fast_reply(mnos_handle_t from, mnos_handle_t reply, uint64_t label, uint64_t w0,
                                               uint64_t w1, uint64_t w2, uint64_t w3)
{
    return mnos_fast_do(MNOS_SYS_ipc_reply, from, label, 0, reply, w0, w1, w2, w3);
}

/* A call with bytes and capabilities, for callers who do not want to fill an extension record. */
struct mnos_call_data {
    const void *send;
    size_t send_len;
    void *recv;
    size_t recv_len;
    mnos_handle_t send_cap;                /* MNOS_NONE: none; a copy is sent */
    unsigned recv_caps;                    /* most capabilities taken */
    uint64_t deadline;                     /* 0 stands for MNOS_FOREVER */
    mnos_handle_t recv_cap[MNOS_IPC_CAPS]; /* out */
};
int64_t mnos_call_with(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_call_data *data);

/*
 * A server's loop: receives into *msg (room for bytes and capabilities as the caller set in *ext, which may be NULL) and
 * lets `handle` see every message that is not a call or is one.  What `handle` returns decides:
 */
enum mnos_serve {
    MNOS_SERVE_ANSWER, /* *msg and *ext are the answer to the call */
    MNOS_SERVE_NEXT,   /* no answer: not a call, or the Reply is kept; see server->reply */
    MNOS_SERVE_STOP    /* leave the loop, unanswered */
};

struct mnos_server {
    mnos_handle_t endpoint;
    mnos_handle_t reply; /* for the next call; a handler that keeps it puts another one here, or MNOS_NONE */
    struct mnos_msg msg;
    struct mnos_ipc_ext ext; /* what is received next; `handle` may change it, prepare (if any) restores it */
    void (*prepare)(struct mnos_server *server);
    enum mnos_serve (*handle)(struct mnos_server *server);
};

/* Returns 0 after MNOS_SERVE_STOP, or the error of a receive that can never succeed. */
int64_t mnos_serve(struct mnos_server *server);

#endif
