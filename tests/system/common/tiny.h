/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tiny processes: a page of code and no library, made in a few system calls.  A tiny program needs no stack; what it gets
 * are three arguments, and a fourth word in the stack pointer.
 */
#ifndef TEST_TINY_H
#define TEST_TINY_H

#include <mnos/object.h>
#include <stdbool.h>

/* Programs, as offsets in the page of code. */
enum tiny_program {
    TINY_EXIT,    /* ends its thread */
    TINY_SPIN,    /* for ever */
    TINY_CRASH,   /* reads address 0 */
    TINY_COUNT,   /* adds 1 to the word at argument 0 for ever, as a locked operation */
    TINY_TOUCH,   /* adds 1 to the first word of each page in [argument 0, argument 1), then again; yields between */
    TINY_CALL,    /* calls the endpoint in the stack pointer, for ever, with label 0; after an error it yields */
    TINY_MINT,    /* mints from argument 0 (a SEND copy), twice, and revokes argument 0, for ever */
    TINY_MAP,     /* maps Memory argument 0 at argument 1, one page, touches it and unmaps it, for ever */
    TINY_THREADS, /* creates threads with the record at argument 0 and drops their handles, for ever */
    TINY_NOTIFY,  /* sets bit 0 of notification argument 0, for ever */
    TINY_CALL_BYTES, /* like CALL, with the extension record at the address in the stack pointer and the endpoint before it */
    TINY_COUNT_EXIT, /* adds 1 to the word at argument 0, and ends its thread */
    TINY_PROGRAMS
};

#define TINY_CODE 0x400000ull
#define TINY_DATA 0x10000000ull

uint64_t tiny_entry(enum tiny_program program);

struct tiny {
    enum tiny_program program;
    mnos_handle_t pool;  /* 0: mnos_pool() */
    mnos_handle_t fault; /* 0: none */
    mnos_handle_t data;  /* Memory mapped at TINY_DATA, READ and WRITE; 0: none */
    uint64_t data_size;
    mnos_handle_t cap[4]; /* copies of these (all rights but REVOKE) are its slots 0, 1, ... */
    unsigned caps;
    uint64_t arg[3], stack;
    uint64_t affinity;
    uint32_t priority;
    bool keep_revoke; /* copies keep REVOKE */
    bool suspended;
};

/* The process; *thread (may be NULL: dropped) its first thread.  A negated error when something could not be had. */
int64_t tiny_start(const struct tiny *tiny, mnos_handle_t *thread);
/* One more thread. */
int64_t tiny_thread(mnos_handle_t process, const struct tiny *tiny);
/* Makes the page of code that all share; part of what the ledger counts, so before it is read. */
void tiny_prepare(void);

#endif
