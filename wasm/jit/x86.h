/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes x86-64 instructions into a growing buffer of the store.  Operations are named as in the manual; `w` chooses 64
 * bits over 32.  A failure to grow is kept, and what was written is then of no use.
 *
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (chapter 2: instruction format).
 */
#ifndef WASM_X86_H
#define WASM_X86_H

#include "../engine/types.h"

enum reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

enum condition_code {
    CC_O,
    CC_NO,
    CC_B,
    CC_AE,
    CC_E,
    CC_NE,
    CC_BE,
    CC_A,
    CC_S,
    CC_NS,
    CC_P,
    CC_NP,
    CC_L,
    CC_GE,
    CC_LE,
    CC_G
};

/* Operations on registers and memory by their opcode; 0x0f stands in the second byte, a mandatory prefix in the third. */
enum x86_op {
    X_ADD = 0x03,
    X_OR = 0x0b,
    X_AND = 0x23,
    X_SUB = 0x2b,
    X_XOR = 0x33,
    X_CMP = 0x3b,
    X_TEST = 0x85,
    X_MOV = 0x8b,
    X_MOV_TO = 0x89,
    X_MOV8_TO = 0x88,
    X_LEA = 0x8d,
    X_MOVSXD = 0x63,
    X_IMUL = 0x0faf,
    X_MOVZX8 = 0x0fb6,
    X_MOVZX16 = 0x0fb7,
    X_MOVSX8 = 0x0fbe,
    X_MOVSX16 = 0x0fbf,
    X_CMOV = 0x0f40,
    X_SETCC = 0x0f90,
    X_BSF = 0x0fbc,
    X_BSR = 0x0fbd,
    X_XORPS = 0x0f57,
    X_MOVAPS = 0x0f28,
    X_UCOMIS = 0x0f2e,
    X_MOVD = 0x660f6e,
    X_MOVD_TO = 0x660f7e,
    X_MOVSS = 0xf30f10,
    X_MOVSS_TO = 0xf30f11,
    X_SQRTSS = 0xf30f51,
    X_ADDSS = 0xf30f58,
    X_MULSS = 0xf30f59,
    X_CVTSS2SD = 0xf30f5a,
    X_SUBSS = 0xf30f5c,
    X_DIVSS = 0xf30f5e,
    X_CVTSI2SS = 0xf30f2a,
    X_CVTTSS2SI = 0xf30f2c,
};

/* Groups: the operation is in the register field. */
enum { G_ADD = 0, G_OR = 1, G_AND = 4, G_SUB = 5, G_XOR = 6, G_CMP = 7 };
enum { G_ROL = 0, G_ROR = 1, G_SHL = 4, G_SHR = 5, G_SAR = 7 };

struct x86 {
    struct wasm_store *store;
    uint8_t *code;
    uint32_t length;
    size_t room;
    bool failed;
};

/* Room for one instruction. */
void x86_grow(struct x86 *x);

static inline void x86_room(struct x86 *x)
{
    if (x->length + 32 > x->room)
        x86_grow(x);
}

static inline void x86_byte(struct x86 *x, unsigned byte)
{
    x->code[x->length++] = (uint8_t)byte;
}

static inline void x86_32(struct x86 *x, uint32_t value)
{
    __builtin_memcpy(x->code + x->length, &value, 4);
    x->length += 4;
}

static inline void x86_64(struct x86 *x, uint64_t value)
{
    __builtin_memcpy(x->code + x->length, &value, 8);
    x->length += 8;
}

/* reg, rm */
void x86_rr(struct x86 *x, unsigned op, bool w, unsigned reg, unsigned rm);
/* reg, [base + disp] */
void x86_rm(struct x86 *x, unsigned op, bool w, unsigned reg, unsigned base, int32_t disp);
/* reg, [base + index + disp] */
void x86_rmx(struct x86 *x, unsigned op, bool w, unsigned reg, unsigned base, unsigned index, int32_t disp);
/* A 16-bit store takes its prefix itself. */
void x86_group_i(struct x86 *x, unsigned group, bool w, unsigned rm, int32_t value);
void x86_group_mi(struct x86 *x, unsigned group, bool w, unsigned base, int32_t disp, int32_t value);
void x86_shift_i(struct x86 *x, unsigned group, bool w, unsigned rm, unsigned by);
void x86_shift_cl(struct x86 *x, unsigned group, bool w, unsigned rm);
/* The shortest way to the value; flags stay. */
void x86_load_i(struct x86 *x, unsigned reg, uint64_t value);
void x86_mov_mi(struct x86 *x, bool w, unsigned base, int32_t disp, int32_t value);
/* Jumps whose displacement comes later: the position of its four bytes. */
uint32_t x86_jcc(struct x86 *x, unsigned cc);
uint32_t x86_jmp(struct x86 *x);
void x86_jmp_mem(struct x86 *x, unsigned base, int32_t disp);
/* lea reg, [rip + later] */
uint32_t x86_lea_rip(struct x86 *x, unsigned reg);
/* The displacement at `at` leads to position `to`. */
void x86_patch(struct x86 *x, uint32_t at, uint32_t to);

#endif
