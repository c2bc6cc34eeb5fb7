/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands of compiled code: where they are, and how they get elsewhere.
 */
#include "jit.h"

static void *room(struct jit *j, int which, size_t bytes, void *now)
{
    void *items = j->x.failed ? NULL : scratch_room(j->store, which, bytes);

    if (items == NULL)
        j->x.failed = true;
    return items == NULL ? now : items;
}

bool stack_grow(struct jit *j)
{
    j->stack_room += 256;
    j->stack = room(j, SCRATCH_STACK, (size_t)j->stack_room * sizeof(*j->stack), j->stack);
    return !j->x.failed;
}

void push_value_const(struct jit *j, uint8_t type, uint64_t bits)
{
    struct value *value = value_push(j, type);

    value->kind = VALUE_CONST;
    value->bits = is_wide(type) ? bits : (uint32_t)bits;
}

void push_value_local(struct jit *j, uint32_t local)
{
    struct value *value = value_push(j, j->local_types[local]);

    value->kind = VALUE_LOCAL;
    value->local = local;
    /* So that local_release need not look far down. */
    if (j->height > 64 && !j->x.failed)
        value_home(j, j->height - 1);
}

void push_value_home(struct jit *j, uint8_t type)
{
    value_push(j, type)->kind = VALUE_HOME;
}

void push_value_reg(struct jit *j, uint8_t type, unsigned reg)
{
    struct value *value = value_push(j, type);

    value->kind = VALUE_REG;
    value->reg = (uint8_t)reg;
    if (!j->x.failed)
        j->owner[is_float(type)][reg] = (int32_t)j->height - 1;
}

void reg_free(struct jit *j, bool xmm, unsigned reg)
{
    if (xmm)
        j->free_xmm |= 1u << reg;
    else
        j->free_gpr |= 1u << reg;
}

void value_free(struct jit *j, const struct value *value)
{
    if (value->kind == VALUE_REG)
        reg_free(j, is_float(value->type), value->reg);
}

static void xmm_move(struct jit *j, unsigned to, unsigned from)
{
    if (to != from)
        x86_rr(&j->x, X_MOVAPS, false, to, from);
}

static uint32_t value_slot(const struct jit *j, const struct value *value)
{
    return value->kind == VALUE_LOCAL ? j->local_slots[value->local] : value->home;
}

void value_home(struct jit *j, uint32_t index)
{
    struct value *value = &j->stack[index];

    if (j->x.failed || value->kind == VALUE_HOME)
        return;
    value_store(j, value, value->home);
    value_free(j, value);
    if (value->kind == VALUE_REG)
        j->owner[is_float(value->type)][value->reg] = NO_LOCAL;
    value->kind = VALUE_HOME;
}

static int lowest_owner(const struct jit *j, bool xmm)
{
    int32_t lowest = INT32_MAX;
    int found = -1;

    for (int reg = 0; reg < 16; reg++)
        if (j->owner[xmm][reg] != NO_LOCAL && j->owner[xmm][reg] < lowest) {
            lowest = j->owner[xmm][reg];
            found = reg;
        }
    return found;
}

unsigned reg_take(struct jit *j, bool xmm)
{
    uint32_t *set = xmm ? &j->free_xmm : &j->free_gpr;

    if (*set == 0) {
        int victim = lowest_owner(j, xmm);

        if (victim < 0) {
            j->x.failed = true;
            return 0;
        }
        value_home(j, (uint32_t)j->owner[xmm][victim]);
    }
    unsigned reg = (unsigned)__builtin_ctz(*set);
    *set &= ~(1u << reg);
    return reg;
}

void reg_claim(struct jit *j, unsigned gpr)
{
    if (j->owner[0][gpr] != NO_LOCAL)
        value_home(j, (uint32_t)j->owner[0][gpr]);
    j->free_gpr &= ~(1u << gpr);
}

static void const_to_xmm(struct jit *j, const struct value *value, unsigned reg)
{
    if (value->bits == 0) {
        x86_rr(&j->x, X_XORPS, false, reg, reg);
        return;
    }
    x86_load_i(&j->x, R11, value->bits);
    x86_rr(&j->x, X_MOVD, is_wide(value->type), reg, R11);
}

void value_to(struct jit *j, const struct value *value, unsigned reg)
{
    unsigned from = value_reg(j, value);
    bool w = is_wide(value->type);

    if (is_float(value->type)) {
        if (value->kind == VALUE_CONST)
            const_to_xmm(j, value, reg);
        else if (from != NO_REG)
            xmm_move(j, reg, from);
        else
            x86_rm(&j->x, sized(X_MOVSS, w), false, reg, RSI, slot_disp(value_slot(j, value)));
    } else if (value->kind == VALUE_CONST) {
        x86_load_i(&j->x, reg, value->bits);
    } else if (from == NO_REG) {
        x86_rm(&j->x, X_MOV, w, reg, RSI, slot_disp(value_slot(j, value)));
    } else if (from != reg) {
        x86_rr(&j->x, X_MOV, w, reg, from);
    }
}

unsigned value_load(struct jit *j, struct value *value)
{
    unsigned reg = value_reg(j, value);

    return reg != NO_REG ? reg : value_own(j, value);
}

unsigned value_own(struct jit *j, struct value *value)
{
    if (value->kind != VALUE_REG) {
        unsigned reg = reg_take(j, is_float(value->type));

        value_to(j, value, reg);
        value->kind = VALUE_REG;
        value->reg = (uint8_t)reg;
    }
    return value->reg;
}

void value_op(struct jit *j, unsigned op, bool w, unsigned reg, const struct value *value)
{
    unsigned from = value_reg(j, value);

    if (from != NO_REG) {
        x86_rr(&j->x, op, w, reg, from);
    } else if (value->kind != VALUE_CONST) {
        x86_rm(&j->x, op, w, reg, RSI, slot_disp(value_slot(j, value)));
    } else if (op < 0x40 && value->bits == (uint64_t)(int64_t)(int32_t)value->bits) {
        x86_group_i(&j->x, op >> 3, w, reg, (int32_t)value->bits);
    } else if (op < 0x40 && !w) {
        x86_group_i(&j->x, op >> 3, w, reg, (int32_t)value->bits);
    } else if (is_float(value->type)) {
        /* reg is the other operand's, and a constant has no register: it stands behind the code. */
        uint32_t at;
        x86_room(&j->x);
        if (op > 0xffff)
            x86_byte(&j->x, op >> 16);
        if (reg >= 8)
            x86_byte(&j->x, 0x44);
        x86_byte(&j->x, 0x0f);
        x86_byte(&j->x, op & 0xff);
        x86_byte(&j->x, (reg & 7) << 3 | 5);
        at = j->x.length;
        x86_32(&j->x, 0);
        struct later *later = later_add(j, LATER_CONST, at);
        later->word[0].u64 = value->bits;
    } else {
        x86_load_i(&j->x, R11, value->bits);
        x86_rr(&j->x, op, w, reg, R11);
    }
}

void value_store(struct jit *j, const struct value *value, uint32_t slot)
{
    int32_t disp = slot_disp(slot);
    unsigned from = value_reg(j, value);
    bool w = is_wide(value->type);

    if (value->kind == VALUE_CONST && (!w || value->bits == (uint64_t)(int64_t)(int32_t)value->bits)) {
        x86_mov_mi(&j->x, w, RSI, disp, (int32_t)value->bits);
    } else if (value->kind == VALUE_CONST) {
        x86_load_i(&j->x, R11, value->bits);
        x86_rm(&j->x, X_MOV_TO, true, R11, RSI, disp);
    } else if (from == NO_REG) {
        if (value_slot(j, value) == slot)
            return;
        x86_rm(&j->x, X_MOV, w, R11, RSI, slot_disp(value_slot(j, value)));
        x86_rm(&j->x, X_MOV_TO, w, R11, RSI, disp);
    } else if (is_float(value->type)) {
        x86_rm(&j->x, sized(X_MOVSS_TO, w), false, from, RSI, disp);
    } else {
        x86_rm(&j->x, X_MOV_TO, w, from, RSI, disp);
    }
}

void values_home(struct jit *j, uint32_t from, bool consts)
{
    if (!consts && from < j->settled)
        from = j->settled;
    for (uint32_t i = from; i < j->height && !j->x.failed; i++)
        if (consts || j->stack[i].kind != VALUE_CONST)
            value_home(j, i);
    if (from <= j->settled)
        j->settled = j->height;
}

void registers_home(struct jit *j)
{
    for (int xmm = 0; xmm < 2; xmm++)
        for (int reg = 0; reg < 16; reg++)
            if (j->owner[xmm][reg] != NO_LOCAL)
                value_home(j, (uint32_t)j->owner[xmm][reg]);
}

void local_release(struct jit *j, uint32_t local)
{
    uint32_t top = j->height < 64 ? j->height : 64;

    for (uint32_t i = 0; i < top && !j->x.failed; i++) {
        struct value *value = &j->stack[i];

        if (value->kind != VALUE_LOCAL || value->local != local)
            continue;
        if (j->local_regs[local] == NO_REG || (is_float(value->type) ? j->free_xmm : j->free_gpr) == 0) {
            value_home(j, i);
            continue;
        }
        /* A register is free, so that taking one moves nobody. */
        unsigned reg = reg_take(j, is_float(value->type));
        value_to(j, value, reg);
        value->kind = VALUE_REG;
        value->reg = (uint8_t)reg;
        j->owner[is_float(value->type)][reg] = (int32_t)i;
    }
}

void local_assign(struct jit *j, uint32_t local)
{
    struct value value = value_pop(j);

    if (value.kind == VALUE_LOCAL && value.local == local)
        return;
    local_release(j, local);
    if (j->local_regs[local] != NO_REG)
        value_to(j, &value, j->local_regs[local]);
    else
        value_store(j, &value, j->local_slots[local]);
    value_free(j, &value);
}

unsigned base_of(struct jit *j, const void *object, unsigned otherwise, int32_t *disp)
{
    int64_t distance = (int64_t)((uintptr_t)object - (uintptr_t)&j->store->exec);

    if (distance == (int32_t)distance && distance < INT32_MAX - 4096) {
        *disp = (int32_t)distance;
        return R15;
    }
    x86_load_i(&j->x, otherwise, (uintptr_t)object);
    *disp = 0;
    return otherwise;
}

void locals_move(struct jit *j, bool to_slots)
{
    for (uint32_t i = 0; i < j->passing_count; i++) {
        uint32_t local = j->passing_locals[i];

        x86_rm(&j->x, to_slots ? X_MOV_TO : X_MOV, is_wide(j->local_types[local]), j->local_regs[local], RSI,
               slot_disp(j->local_slots[local]));
    }
    for (uint32_t i = 0; i < j->xmm_count; i++) {
        uint32_t local = j->xmm_locals[i];
        unsigned op = sized(to_slots ? X_MOVSS_TO : X_MOVSS, is_wide(j->local_types[local]));

        x86_rm(&j->x, op, false, j->local_regs[local], RSI, slot_disp(j->local_slots[local]));
    }
}

unsigned result_hint(struct jit *j, bool xmm, const struct value *other)
{
    const uint8_t *at = j->reader.at;

    /* The function ends with an end, so that there is a byte; a local above 127 gets no hint. */
    j->hint = NO_LOCAL;
    if ((at[0] != OP_LOCAL_SET && at[0] != OP_LOCAL_TEE) || at[1] >= 0x80)
        return NO_REG;
    uint32_t local = at[1];
    if (j->local_regs[local] == NO_REG || is_float(j->local_types[local]) != xmm)
        return NO_REG;
    /* The other operand is read after the register was written. */
    if (other != NULL && other->kind == VALUE_LOCAL && other->local == local)
        return NO_REG;
    local_release(j, local);
    j->hint = (int32_t)local;
    return j->local_regs[local];
}

void result_push(struct jit *j, uint8_t type, unsigned reg)
{
    if (j->hint == NO_LOCAL) {
        push_value_reg(j, type, reg);
        return;
    }
    insn_read(&j->reader, &j->insn);
    if (j->insn.op == OP_LOCAL_TEE)
        push_value_local(j, (uint32_t)j->hint);
    j->hint = NO_LOCAL;
}
