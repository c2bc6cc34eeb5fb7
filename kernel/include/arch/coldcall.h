/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls from the hottest paths to what is rarely needed: every register but RAX survives, so that the path that does not
 * call keeps all its values in registers.
 */
#pragma once

#include <types.h>

#ifdef HOST_TEST
#define cold_call(function, a, b, c) ((u64)(function)(a))
#else
/* u64 function(a, b, c), with at most three arguments that are pointers. */
#define cold_call(function, a, b, c) cold_call_3((void *)(function), (a), (b), (c))

static ALWAYS_INLINE u64 cold_call_3(void *function, const void *a, const void *b, const void *c)
{
    u64 result;

    /* entry.S saves what a call may destroy. */
    __asm__ volatile("call cold_call_thunk"
                     : "=a"(result)
                     : "0"(function), "D"(a), "S"(b), "d"(c)
                     : "memory", "cc");
    return result;
}
#endif
