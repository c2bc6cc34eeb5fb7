/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions of a module: their opcodes, properties and immediates.
 */
#ifndef WASM_OP_H
#define WASM_OP_H

#include "reader.h"

/* What stands behind an opcode. */
enum imm {
    IMM_NONE,
    IMM_BLOCK,       /* `block`: the index of its type, or less than 0: a value type or 0x40 minus 0x80 */
    IMM_INDEX,       /* index in `a` */
    IMM_INDEX_2,     /* indices in `a` and `b` */
    IMM_BR_TABLE,    /* `a` targets and the default at `bytes` */
    IMM_MEMORY,      /* alignment in `a`, memory in `b`, offset in `u64` */
    IMM_MEM_INDEX,   /* memory in `b` */
    IMM_MEM_INDEX_2, /* memories in `a` (to) and `b` (from) */
    IMM_INDEX_MEM,   /* data segment in `a`, memory in `b` */
    IMM_I32,         /* in u64, sign-extended */
    IMM_I64,
    IMM_F32,
    IMM_F64,
    IMM_V128,        /* `bytes` */
    IMM_SHUFFLE,     /* `bytes` */
    IMM_LANE,        /* `lane` */
    IMM_MEMORY_LANE, /* as IMM_MEMORY, and `lane` */
    IMM_REF_TYPE,    /* in `a` */
    IMM_TYPES,       /* `a` value types at `bytes` */
};

enum op {
#define OP(code, name, imm, sig, number, text) OP_##name = code,
#include "ops.def"
#undef OP
    OP_COUNT = 0x300,
};

struct op_info {
    const char *text; /* NULL: no such opcode */
    const char *sig;
    uint8_t imm, number;
};

extern const struct op_info op_table[OP_COUNT];

struct insn {
    enum op op;
    uint32_t offset; /* in the module */
    int32_t block;
    uint32_t a, b;
    uint8_t lane;
    uint64_t u64;
    const uint8_t *bytes;
};

/* Reads one instruction; false when the bytes are none. */
bool insn_read(struct reader *reader, struct insn *insn);

/* Is it a type of value?  Of reference? */
bool type_is_value(uint8_t type);
bool type_is_ref(uint8_t type);

#endif
