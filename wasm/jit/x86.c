/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86.h"

void x86_grow(struct x86 *x)
{
    static uint8_t nowhere[64];
    size_t bytes = (size_t)x->length * 2 + 4096;
    uint8_t *code = x->failed || x->length > INT32_MAX / 4 ? NULL : scratch_room(x->store, SCRATCH_CODE, bytes);

    if (code == NULL) {
        x->failed = true;
        x->code = nowhere;
        x->length = 0;
        x->room = sizeof(nowhere);
        return;
    }
    x->code = code;
    x->room = bytes;
}

/* Prefixes, REX where it is needed, and the opcode.  `bytes`: a register is accessed as a byte. */
static inline uint8_t *opcode(uint8_t *at, unsigned op, bool w, unsigned reg, unsigned index, unsigned rm, bool bytes)
{
    unsigned rex = 0x40u | (w ? 8u : 0) | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | (rm >> 3 & 1);

    if (op > 0xffff)
        *at++ = (uint8_t)(op >> 16);
    if (rex != 0x40 || (bytes && (reg >= 4 || rm >= 4)))
        *at++ = (uint8_t)rex;
    if (op > 0xff)
        *at++ = 0x0f;
    *at++ = (uint8_t)op;
    return at;
}

static inline uint8_t *displacement(uint8_t *at, unsigned reg, unsigned base, bool sib, unsigned index, int32_t disp)
{
    unsigned mod = disp == 0 && (base & 7) != RBP ? 0 : disp == (int8_t)disp ? 1 : 2;

    sib |= (base & 7) == RSP;
    *at++ = (uint8_t)(mod << 6 | (reg & 7) << 3 | (sib ? 4u : base & 7));
    if (sib)
        *at++ = (uint8_t)((index & 7) << 3 | (base & 7));
    if (mod == 1)
        *at++ = (uint8_t)disp;
    if (mod == 2) {
        __builtin_memcpy(at, &disp, 4);
        at += 4;
    }
    return at;
}

/* Where the next instruction is to stand, and that it ends there. */
static inline uint8_t *begin(struct x86 *x)
{
    x86_room(x);
    return x->code + x->length;
}

static inline void end(struct x86 *x, const uint8_t *at)
{
    x->length = (uint32_t)(at - x->code);
}

static inline bool is_byte_op(unsigned op)
{
    return op == X_MOV8_TO || op == X_MOVZX8 || op == X_MOVSX8 || (op & 0xfff0) == X_SETCC;
}

void x86_rr(struct x86 *x, unsigned op, bool w, unsigned reg, unsigned rm)
{
    /* With another prefix the question does not arise. */
    bool bytes = !w && ((reg | rm) & 8) == 0 && is_byte_op(op);
    uint8_t *at = opcode(begin(x), op, w, reg, 0, rm, bytes);

    *at++ = (uint8_t)(0xc0 | (reg & 7) << 3 | (rm & 7));
    end(x, at);
}

void x86_rm(struct x86 *x, unsigned op, bool w, unsigned reg, unsigned base, int32_t disp)
{
    uint8_t *at = opcode(begin(x), op, w, reg, 0, base, op == X_MOV8_TO);

    end(x, displacement(at, reg, base, false, RSP, disp));
}

void x86_rmx(struct x86 *x, unsigned op, bool w, unsigned reg, unsigned base, unsigned index, int32_t disp)
{
    uint8_t *at = opcode(begin(x), op, w, reg, index, base, op == X_MOV8_TO);

    end(x, displacement(at, reg, base, true, index, disp));
}

static inline uint8_t *immediate(uint8_t *at, int32_t value, bool small)
{
    if (small) {
        *at++ = (uint8_t)value;
        return at;
    }
    __builtin_memcpy(at, &value, 4);
    return at + 4;
}

void x86_group_i(struct x86 *x, unsigned group, bool w, unsigned rm, int32_t value)
{
    bool small = value == (int8_t)value;
    uint8_t *at = opcode(begin(x), small ? 0x83 : 0x81, w, 0, 0, rm, false);

    *at++ = (uint8_t)(0xc0 | group << 3 | (rm & 7));
    end(x, immediate(at, value, small));
}

void x86_group_mi(struct x86 *x, unsigned group, bool w, unsigned base, int32_t disp, int32_t value)
{
    bool small = value == (int8_t)value;
    uint8_t *at = opcode(begin(x), small ? 0x83 : 0x81, w, 0, 0, base, false);

    end(x, immediate(displacement(at, group, base, false, RSP, disp), value, small));
}

void x86_shift_i(struct x86 *x, unsigned group, bool w, unsigned rm, unsigned by)
{
    uint8_t *at = opcode(begin(x), 0xc1, w, 0, 0, rm, false);

    *at++ = (uint8_t)(0xc0 | group << 3 | (rm & 7));
    *at++ = (uint8_t)by;
    end(x, at);
}

void x86_shift_cl(struct x86 *x, unsigned group, bool w, unsigned rm)
{
    uint8_t *at = opcode(begin(x), 0xd3, w, 0, 0, rm, false);

    *at++ = (uint8_t)(0xc0 | group << 3 | (rm & 7));
    end(x, at);
}

void x86_load_i(struct x86 *x, unsigned reg, uint64_t value)
{
    x86_room(x);
    if (value == (uint32_t)value) {
        if (reg >= 8)
            x86_byte(x, 0x41);
        x86_byte(x, 0xb8 | (reg & 7));
        x86_32(x, (uint32_t)value);
    } else if (value == (uint64_t)(int64_t)(int32_t)value) {
        end(x, opcode(begin(x), 0xc7, true, 0, 0, reg, false));
        x86_byte(x, 0xc0 | (reg & 7));
        x86_32(x, (uint32_t)value);
    } else {
        x86_byte(x, 0x48 | (reg >> 3));
        x86_byte(x, 0xb8 | (reg & 7));
        x86_64(x, value);
    }
}

void x86_mov_mi(struct x86 *x, bool w, unsigned base, int32_t disp, int32_t value)
{
    uint8_t *at = opcode(begin(x), 0xc7, w, 0, 0, base, false);

    end(x, immediate(displacement(at, 0, base, false, RSP, disp), value, false));
}

uint32_t x86_jcc(struct x86 *x, unsigned cc)
{
    x86_room(x);
    x86_byte(x, 0x0f);
    x86_byte(x, 0x80 | cc);
    x86_32(x, 0);
    return x->length - 4;
}

uint32_t x86_jmp(struct x86 *x)
{
    x86_room(x);
    x86_byte(x, 0xe9);
    x86_32(x, 0);
    return x->length - 4;
}

void x86_jmp_mem(struct x86 *x, unsigned base, int32_t disp)
{
    uint8_t *at = opcode(begin(x), 0xff, false, 0, 0, base, false);

    end(x, displacement(at, 4, base, false, RSP, disp));
}

uint32_t x86_lea_rip(struct x86 *x, unsigned reg)
{
    end(x, opcode(begin(x), X_LEA, true, reg, 0, 0, false));
    x86_byte(x, (reg & 7) << 3 | 5);
    x86_32(x, 0);
    return x->length - 4;
}

void x86_patch(struct x86 *x, uint32_t at, uint32_t to)
{
    uint32_t disp = to - (at + 4);

    if (!x->failed)
        __builtin_memcpy(x->code + at, &disp, 4);
}
