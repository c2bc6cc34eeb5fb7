/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a step is written; for the files that define steps.
 */
#ifndef WASM_STEP_H
#define WASM_STEP_H

#include "interp.h"

/* gcc makes a jump of every call in tail position whose frame is empty, given -foptimize-sibling-calls; clang is told. */
#if defined(__clang__)
#define TAIL __attribute__((musttail)) return
#else
#define TAIL return
#endif

#define UNUSED __attribute__((unused))
#define STATE                                                                                                          \
    UNUSED const union code *ip, UNUSED union slot *fp, UNUSED uint8_t *mem, UNUSED struct exec *x,                    \
        UNUSED uint64_t acc, UNUSED float fs, UNUSED double fd
#define STEP(name) void name(STATE)

#define GO TAIL ip->run(ip, fp, mem, x, acc, fs, fd)
#define NEXT(size)                                                                                                     \
    do {                                                                                                               \
        ip += (size);                                                                                                  \
        __asm__("" : "+r"(ip)); /* the sum is made in its register */                                                  \
        GO;                                                                                                            \
    } while (0)
#define TRAP(reason) TAIL step_trap_##reason(ip, fp, mem, x, acc, fs, fd)
#define REFUEL       TAIL step_refuel(ip, fp, mem, x, acc, fs, fd)

#define A   (ip[1].h[0])
#define D   (ip[1].h[1])
#define B   (ip[1].h[2])
#define C   (ip[1].h[3])
#define IMM (ip[1].w[1])
#define OFF (ip[1].u[1])

#define TYPE_i uint32_t
#define TYPE_l uint64_t
#define TYPE_f float
#define TYPE_d double

#define SLOT_i(n) (fp[n].i32)
#define SLOT_l(n) (fp[n].i64)
#define SLOT_f(n) (fp[n].f32)
#define SLOT_d(n) (fp[n].f64)

#define ACC_i ((uint32_t)acc)
#define ACC_l acc
#define ACC_f fs
#define ACC_d fd

#define CONST_i ((uint32_t)IMM)
#define CONST_l ((uint64_t)(int64_t)IMM)
#define CONST_f (ip[1].f[1])
#define CONST_d (ip[2].f64)
#define WORDS_i 2
#define WORDS_l 2
#define WORDS_f 2
#define WORDS_d 3

#define SET_i acc = r
#define SET_l acc = r
#define SET_f fs = r
#define SET_d fd = r

/* A whole word where that is cheaper: the upper half of a 32-bit slot is nobody's. */
#define PUT_i fp[D].i64 = acc
#define PUT_l fp[D].i64 = acc
#define PUT_f fp[D].f32 = fs
#define PUT_d fp[D].f64 = fd

#define MEM_HEADER(base)       ((const struct mem_header *)(const void *)(base)-1)
#define OUTSIDE(address, size) ((int64_t)(address) > MEM_HEADER(mem)->limit_##size)

/* A value of the type at any address, for reading and writing.  No step takes the address of a local: its last call could
 * not be a jump then. */
#define AT(at, type) (((struct { type value; } __attribute__((packed, may_alias)) *)(at))->value)

#endif
