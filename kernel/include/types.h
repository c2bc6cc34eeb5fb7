/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Basic types.  Physical and virtual addresses are distinct structs, so that mixing them does not compile;
 * mm/phys.h is the only place that converts.
 */
#pragma once

#include <core/align.h>
#include <core/container.h>
#include <mnos/errors.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

typedef struct { u64 value; } paddr_t;   /* physical address */
typedef struct { u64 value; } uaddr_t;   /* address that user space gave: an allegation, only mm/ucopy.h uses it */

#define PADDR(x) ((paddr_t){ (u64)(x) })
#define UADDR(x) ((uaddr_t){ (u64)(x) })

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096ull
#define PAGE_MASK  (~(PAGE_SIZE - 1))

/* The result of a kernel operation: 0 or more on success, a negated enum mnos_error otherwise. */
typedef i64 status_t;
#define ERR(name) (-(i64)MNOS_E_##name)
#define MUST_CHECK __attribute__((warn_unused_result))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* What stands before the first change, one check a line.  Both leave the function with the error, so that they belong only where
 * nothing has to be undone and the function itself holds no lock. */
#define TRY(operation)                                                                                                 \
    do {                                                                                                               \
        status_t tried = (operation);                                                                                  \
        if (unlikely(tried < 0))                                                                                       \
            return tried;                                                                                              \
    } while (0)
#define REFUSE_IF(condition, error)                                                                                    \
    do {                                                                                                               \
        if (unlikely(condition))                                                                                       \
            return ERR(error);                                                                                         \
    } while (0)

#define ALWAYS_INLINE inline __attribute__((always_inline))   /* hot: not left to the compiler */
/* Reads before it happen before reads after it: the processor keeps their order, the compiler is told to. */
#define READ_ORDER() __asm__ volatile("" : : : "memory")
#define CORES_MAX 64
