/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions that touch user memory.  A fault stops them and is not resolved: the caller (mm/ucopy.c, nobody else) looks
 * what it was, with whatever locks it may then take.  Addresses were checked to lie in user space.
 */
#pragma once

#include <arch/cpu.h>

/* In inline assembly: both are labels. */
#define EXTABLE(instruction, resume)                                                                                   \
    ".pushsection .ex_table, \"a\"\n\t.balign 8\n\t.quad " instruction ", " resume "\n\t.popsection\n\t"

/*
 * Copies between a kernel and a user address: how many bytes are left, 0: none; else *fault is the address.
 * Single accesses of naturally aligned words: false: *fault.
 */
#ifdef HOST_TEST
u64 user_copy(void *to, const void *from, u64 length, u64 *fault);
bool user_read_u32(u64 from, u32 *value, u64 *fault);
bool user_write_u32(u64 to, u32 value, u64 *fault);
#else
static ALWAYS_INLINE u64 user_copy(void *to, const void *from, u64 length, u64 *fault)
{
    u64 words = length / 8, left = length % 8;

    user_access_begin();
    __asm__ volatile("10: rep movsq\n11:\n\t" EXTABLE("10b", "11b") : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    if (unlikely(words != 0))
        left += words * 8;
    else if (left != 0)
        __asm__ volatile("10: rep movsb\n11:\n\t" EXTABLE("10b", "11b") : "+D"(to), "+S"(from), "+c"(left) : : "memory");
    user_access_end();
    if (unlikely(left != 0))
        *fault = cr2_read();
    return left;
}

#define USER_ACCESS(instruction, ...)                                                                                  \
    bool failed = true;                                                                                                \
    user_access_begin();                                                                                               \
    __asm__ volatile("10: " instruction "\n\t"                                                                         \
                     "movb $0, %[failed]\n"                                                                            \
                     "11:\n\t" EXTABLE("10b", "11b")                                                                   \
                     : [failed] "+r"(failed)__VA_ARGS__                                                                \
                     : "memory");                                                                                      \
    user_access_end();                                                                                                 \
    if (unlikely(failed))                                                                                              \
        *fault = cr2_read();                                                                                           \
    return !failed

static ALWAYS_INLINE bool user_read_u32(u64 from, u32 *value, u64 *fault)
{
    USER_ACCESS("movl (%[from]), %[value]", , [value] "=r"(*value) : [from] "r"(from));
}

static ALWAYS_INLINE bool user_write_u32(u64 to, u32 value, u64 *fault)
{
    USER_ACCESS("movl %[value], (%[to])", : [to] "r"(to), [value] "r"(value));
}
#endif
