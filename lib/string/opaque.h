/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STRING_OPAQUE_H
#define STRING_OPAQUE_H

/* Keeps the compiler from recognising a loop as the very function that it implements, and calling it. */
static inline void loop_opaque(void)
{
    __asm__ volatile("");
}

#endif
