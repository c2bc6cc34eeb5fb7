/* SPDX-License-Identifier: BSD-2-Clause */
#include "op.h"

const struct op_info op_table[OP_COUNT] = {
#define OP(code, name, imm, sig, number, text) [code] = {text, sig, IMM_##imm, number},
#include "ops.def"
#undef OP
};

bool type_is_ref(uint8_t type)
{
    return type == WASM_FUNCREF || type == WASM_EXTERNREF;
}

bool type_is_value(uint8_t type)
{
    return (type >= WASM_V128 && type <= WASM_I32) || type_is_ref(type);
}

/* Flags: the alignment, and bit 6 when a memory index follows (proposal multi-memory). */
static void read_memarg(struct reader *reader, struct insn *insn)
{
    uint32_t flags = read_u32(reader);

    insn->b = 0;
    if (flags >= 128)
        reader_malformed(reader, "malformed memop flags");
    if (flags & 64)
        insn->b = read_u32(reader);
    insn->a = flags & 63;
    insn->u64 = read_u32(reader);
}

static void read_block_type(struct reader *reader, struct insn *insn)
{
    uint32_t offset = reader_offset(reader);
    int64_t type = read_signed(reader, 33);

    insn->block = (int32_t)type;
    if (!reader->failed && type < 0 && type != -64 && (type < -64 || !type_is_value((uint8_t)(type + 0x80))))
        reader_fail(reader, WASM_MALFORMED, offset, "invalid block type");
    if (type > INT32_MAX)
        reader_fail(reader, WASM_INVALID, offset, "unknown type");
}

static void read_targets(struct reader *reader, struct insn *insn)
{
    insn->a = read_count(reader);
    insn->bytes = reader->at;
    for (uint32_t i = 0; i <= insn->a && !reader->failed; i++)
        read_u32(reader);
}

static void read_types(struct reader *reader, struct insn *insn)
{
    insn->a = read_count(reader);
    insn->bytes = reader->at;
    for (uint32_t i = 0; i < insn->a && !reader->failed; i++)
        if (!type_is_value(read_byte(reader)))
            reader_malformed(reader, "malformed value type");
}

static enum op read_opcode(struct reader *reader)
{
    uint32_t code = read_byte(reader), base = code == 0xfc ? 0x100 : code == 0xfd ? 0x200 : 0;

    if (base == 0)
        return code;
    code = read_u32(reader);
    return code < 0x100 ? base + code : OP_COUNT;
}

/* Every byte as an opcode: what stands behind it when that is nothing, or one number that often is a single byte. */
static const uint8_t quick[OP_COUNT] = {
#define QUICK_NONE                             1
#define QUICK_INDEX                            2
#define QUICK_I32                              3
#define QUICK_I64                              3
#define QUICK_BLOCK                            0
#define QUICK_INDEX_2                          0
#define QUICK_BR_TABLE                         0
#define QUICK_MEMORY                           4
#define QUICK_MEM_INDEX                        0
#define QUICK_MEM_INDEX_2                      0
#define QUICK_INDEX_MEM                        0
#define QUICK_F32                              0
#define QUICK_F64                              0
#define QUICK_V128                             0
#define QUICK_SHUFFLE                          0
#define QUICK_LANE                             0
#define QUICK_MEMORY_LANE                      0
#define QUICK_REF_TYPE                         0
#define QUICK_TYPES                            0
#define OP(code, name, imm, sig, number, text) [code] = QUICK_##imm,
#include "ops.def"
#undef OP
};

/* False: nothing was read, and insn_read_long does it. */
static inline bool insn_read_quick(struct reader *reader, struct insn *insn)
{
    const uint8_t *at = reader->at;

    if (reader->end - at < 3)
        return false;
    unsigned kind = quick[at[0]];
    insn->offset = reader_offset(reader);
    insn->op = at[0];
    if (kind == 1) {
        reader->at = at + 1;
        return true;
    }
    if (kind == 2 && reader->end - at >= 6) {
        uint32_t value = at[1] & 0x7f;
        unsigned bytes = 1;

        for (; at[bytes] >= 0x80 && bytes < 5; bytes++)
            value |= (uint32_t)(at[bytes + 1] & 0x7f) << (7 * bytes);
        if (bytes == 5 && at[5] > 0x0f)
            return false;
        insn->a = value;
        reader->at = at + 1 + bytes;
        return true;
    }
    if (kind == 0 || at[1] >= 0x80 || (kind == 4 && (at[1] >= 64 || at[2] >= 0x80)))
        return false;
    reader->at = at + (kind == 4 ? 3 : 2);
    if (kind == 2) {
        insn->a = at[1];
    } else if (kind == 3) {
        insn->u64 = (uint64_t)((int64_t)at[1] - ((at[1] & 0x40) << 1));
    } else if (kind == 4) {
        insn->a = at[1];
        insn->b = 0;
        insn->u64 = at[2];
    }
    return true;
}

bool insn_read(struct reader *reader, struct insn *insn)
{
    if (insn_read_quick(reader, insn))
        return true;
    insn->offset = reader_offset(reader);
    insn->op = read_opcode(reader);
    if (reader->failed)
        return false;
    if (insn->op >= OP_COUNT || op_table[insn->op].text == NULL)
        return reader_fail(reader, WASM_MALFORMED, insn->offset, "illegal opcode");
    switch ((enum imm)op_table[insn->op].imm) {
    case IMM_NONE:
        break;
    case IMM_BLOCK:
        read_block_type(reader, insn);
        break;
    case IMM_INDEX:
        insn->a = read_u32(reader);
        break;
    case IMM_INDEX_2:
    case IMM_MEM_INDEX_2:
    case IMM_INDEX_MEM:
        insn->a = read_u32(reader);
        insn->b = read_u32(reader);
        break;
    case IMM_BR_TABLE:
        read_targets(reader, insn);
        break;
    case IMM_MEMORY:
        read_memarg(reader, insn);
        break;
    case IMM_MEM_INDEX:
        insn->b = read_u32(reader);
        break;
    case IMM_I32:
        insn->u64 = (uint64_t)read_signed(reader, 32);
        break;
    case IMM_I64:
        insn->u64 = (uint64_t)read_signed(reader, 64);
        break;
    case IMM_F32:
        insn->u64 = read_fixed32(reader);
        break;
    case IMM_F64:
        insn->u64 = read_fixed64(reader);
        break;
    case IMM_V128:
    case IMM_SHUFFLE:
        insn->bytes = read_bytes(reader, 16);
        break;
    case IMM_LANE:
        insn->lane = read_byte(reader);
        break;
    case IMM_MEMORY_LANE:
        read_memarg(reader, insn);
        insn->lane = read_byte(reader);
        break;
    case IMM_REF_TYPE:
        insn->a = read_byte(reader);
        if (!type_is_ref((uint8_t)insn->a))
            reader_malformed(reader, "malformed reference type");
        break;
    case IMM_TYPES:
        read_types(reader, insn);
        break;
    }
    return !reader->failed;
}
