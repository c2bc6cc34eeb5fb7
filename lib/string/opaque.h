/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/* Keeps the compiler from recognising a loop as the very function that it implements, and calling it. */
static inline void loop_opaque(void)
{
    __asm__ volatile("");
}
