/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks, branches, calls and returns of compiled code.
 */
#include "jit.h"

/* --- Labels --- */

static struct jit_control *control_at(struct jit *j, uint32_t depth)
{
    return &j->controls[j->depth - 1 - depth];
}

static uint32_t label_arity(const struct jit_control *control)
{
    return control->op == OP_LOOP ? control->type.params : control->type.results;
}

static uint8_t result_type(const struct jit_control *control, uint32_t i)
{
    return control->type.types != NULL ? control->type.types[control->type.params + i] : control->single;
}

void jit_control_push(struct jit *j, enum op op)
{
    struct jit_control *controls = scratch_room(j->store, SCRATCH_CONTROL, (j->depth + 1) * sizeof(*controls));

    if (controls == NULL || j->x.failed) {
        j->x.failed = true;
        return;
    }
    j->controls = controls;
    struct jit_control *control = &controls[j->depth++];
    *control = (struct jit_control){.op = op};
    if (j->insn.block >= 0)
        control->type = j->module->types[j->insn.block]->type;
    else if (j->insn.block != -64) {
        control->single = (uint8_t)(j->insn.block + 0x80);
        control->type.results = 1;
    }
    control->height = j->height - control->type.params;
    control->top_slot = control->type.params == 0 ? j->top_slot : j->stack[control->height].home;
}

static void chain_add(struct jit *j, uint32_t at, uint32_t *chain)
{
    if (j->x.failed)
        return;
    memcpy(j->x.code + at, chain, 4);
    *chain = at;
}

static void chain_bind(struct jit *j, uint32_t chain)
{
    while (chain != 0 && !j->x.failed) {
        uint32_t next;

        memcpy(&next, j->x.code + chain, 4);
        x86_patch(&j->x, chain, j->x.length);
        chain = next;
    }
}

/* The displacement at `at` leads to the label. */
static void target_add(struct jit *j, struct jit_control *control, uint32_t at)
{
    if (control->op == OP_LOOP)
        x86_patch(&j->x, at, control->target);
    else
        chain_add(j, at, &control->chain);
}

static bool label_in_place(const struct jit *j, const struct jit_control *control)
{
    uint32_t count = label_arity(control);

    return count == 0 || (!j->x.failed && j->stack[j->height - count].home == control->top_slot);
}

/* Values are stored from the lowest up: each goes to its own home or below, where none of the others is read later. */
static void label_move(struct jit *j, struct jit_control *control)
{
    uint32_t count = label_arity(control);

    for (uint32_t i = 0; i < count && !j->x.failed; i++) {
        const struct value *value = &j->stack[j->height - count + i];

        value_store(j, value, control->top_slot + i);
    }
}

static void stack_reset(struct jit *j, const struct jit_control *control)
{
    while (j->height > control->height && !j->x.failed) {
        struct value value = value_pop(j);
        value_free(j, &value);
    }
    j->top_slot = control->top_slot;
}

/* --- Conditions --- */

/* Jumps when it holds; equality of floats takes two jumps. */
struct condition {
    unsigned cc;
    bool parity;
};

static struct condition condition_not(struct condition condition)
{
    condition.cc ^= 1;
    return condition;
}

struct jumps {
    uint32_t at[2];
    uint32_t count;
};

/* Equal: not unordered and E.  Not equal: unordered or NE. */
static struct jumps condition_jump(struct jit *j, struct condition condition)
{
    struct jumps jumps = {.count = 1};

    if (condition.parity && condition.cc == CC_E) {
        uint32_t over = x86_jcc(&j->x, CC_P);

        jumps.at[0] = x86_jcc(&j->x, CC_E);
        x86_patch(&j->x, over, j->x.length);
        return jumps;
    }
    jumps.at[0] = x86_jcc(&j->x, condition.cc);
    if (condition.parity) {
        jumps.at[1] = x86_jcc(&j->x, CC_P);
        jumps.count = 2;
    }
    return jumps;
}

static void branch_on(struct jit *j, struct condition condition)
{
    struct jit_control *control = control_at(j, j->insn.a);

    /* Stores leave the flags alone. */
    if (label_in_place(j, control)) {
        values_home(j, j->height - label_arity(control), true);
        struct jumps jumps = condition_jump(j, condition);
        for (uint32_t i = 0; i < jumps.count; i++)
            target_add(j, control, jumps.at[i]);
        return;
    }
    struct jumps around = condition_jump(j, condition_not(condition));
    label_move(j, control);
    target_add(j, control, x86_jmp(&j->x));
    for (uint32_t i = 0; i < around.count; i++)
        x86_patch(&j->x, around.at[i], j->x.length);
}

static void if_on(struct jit *j, struct condition condition)
{
    values_home(j, 0, false);
    jit_control_push(j, OP_IF);
    if (j->x.failed)
        return;
    values_home(j, control_at(j, 0)->height, true);
    struct jumps jumps = condition_jump(j, condition_not(condition));
    for (uint32_t i = 0; i < jumps.count; i++)
        chain_add(j, jumps.at[i], &control_at(j, 0)->else_chain);
}

static struct condition condition_pop(struct jit *j)
{
    struct value value = value_pop(j);
    unsigned reg = value_load(j, &value);

    x86_rr(&j->x, X_TEST, false, reg, reg);
    value_free(j, &value);
    return (struct condition){.cc = CC_NE};
}

bool jit_compare_ahead(struct jit *j)
{
    enum op op = j->insn.op;
    struct reader ahead = j->reader;
    struct insn next;
    bool inverse = false;

    if (reader_left(&ahead) == 0 || (*ahead.at != OP_I32_EQZ && *ahead.at != OP_BR_IF && *ahead.at != OP_IF))
        return false;
    while (insn_read(&ahead, &next) && next.op == OP_I32_EQZ)
        inverse = !inverse;
    if (ahead.failed || (next.op != OP_BR_IF && next.op != OP_IF))
        return false;
    bool equality = op == OP_F32_EQ || op == OP_F64_EQ || op == OP_F32_NE || op == OP_F64_NE;
    struct condition condition = {.cc = compare_flags(j, op), .parity = equality};
    if (inverse)
        condition = condition_not(condition);
    j->reader = ahead;
    j->insn = next;
    if (next.op == OP_IF)
        if_on(j, condition);
    else
        branch_on(j, condition);
    return true;
}

/* --- Blocks --- */

static void block_open(struct jit *j)
{
    values_home(j, 0, false);
    jit_control_push(j, j->insn.op);
    if (j->x.failed)
        return;
    struct jit_control *control = control_at(j, 0);
    values_home(j, control->height, true);
    if (j->insn.op != OP_LOOP)
        return;
    /* Every jump backwards costs a unit of fuel, the way in does not. */
    uint32_t in = x86_jmp(&j->x);
    control->target = j->x.length;
    x86_group_mi(&j->x, G_SUB, true, R15, 0, 1);
    struct later *later = later_add(j, LATER_REFUEL, x86_jcc(&j->x, CC_S));
    later->resume = control->target;
    later->run = step_refuel;
    x86_patch(&j->x, in, j->x.length);
}

static void else_begin(struct jit *j)
{
    struct jit_control *control = control_at(j, 0);

    stack_reset(j, control);
    chain_bind(j, control->else_chain);
    control->else_chain = 0;
    control->op = OP_ELSE;
    for (uint32_t i = 0; i < control->type.params; i++)
        push_value_home(j, control->type.types[i]);
}

static void return_emit(struct jit *j);

static void block_end(struct jit *j, bool reached)
{
    struct jit_control *control = control_at(j, 0);
    bool jumped_to = control->chain != 0 || control->else_chain != 0;

    if (reached && jumped_to)
        values_home(j, j->height - control->type.results, true);
    if (!reached || jumped_to) {
        stack_reset(j, control);
        chain_bind(j, control->chain);
        chain_bind(j, control->else_chain);
        for (uint32_t i = 0; i < control->type.results; i++)
            push_value_home(j, result_type(control, i));
    }
    j->depth--;
    if (j->depth == 0)
        return_emit(j);
}

static void skip(struct jit *j)
{
    uint32_t nested = 0;

    while (!j->x.failed && insn_read(&j->reader, &j->insn)) {
        enum op op = j->insn.op;

        if (op == OP_BLOCK || op == OP_LOOP || op == OP_IF) {
            nested++;
        } else if (op == OP_ELSE && nested == 0) {
            else_begin(j);
            return;
        } else if (op == OP_END && nested-- == 0) {
            block_end(j, false);
            return;
        }
    }
}

/* --- Returns and calls --- */

static void locals_restore(struct jit *j)
{
    for (uint32_t i = 0; i < j->gpr_count; i++)
        x86_rm(&j->x, X_MOV, true, j->local_regs[j->gpr_locals[i]], RSI, slot_disp(j->local_slots[j->gpr_locals[i]]));
}

/* Results to the first slots, a single one to its accumulator too; then to the step that the caller saved. */
static void return_emit(struct jit *j)
{
    const struct sig *sig = j->func->sig;

    if (sig->type.results == 1) {
        struct value value = value_pop(j);
        bool w = is_wide(value.type);

        if (is_float(value.type)) {
            unsigned reg = w ? 1 : 0;
            value_to(j, &value, reg);
            locals_restore(j);
            x86_rm(&j->x, sized(X_MOVSS_TO, w), false, reg, RSI, 0);
        } else {
            value_to(j, &value, R8);
            locals_restore(j);
            x86_rm(&j->x, X_MOV_TO, true, R8, RSI, 0);
        }
        value_free(j, &value);
    } else {
        uint32_t from = j->height - sig->type.results;

        values_home(j, from, true);
        locals_restore(j);
        label_move(j, &(struct jit_control){.type = {.results = sig->type.results}});
    }
    int32_t saved = slot_disp(j->saved_slot);
    x86_rm(&j->x, X_MOV, true, RDI, RSI, saved);
    x86_rm(&j->x, X_MOV, true, RDX, RSI, saved + 16);
    x86_rm(&j->x, X_MOV, true, RSI, RSI, saved + 8);
    x86_rr(&j->x, X_MOV, true, RCX, R15);
    x86_jmp_mem(&j->x, RDI, 0);
}

static uint32_t area_of(const struct sig *sig)
{
    return sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
}

static void room_for(struct jit *j, uint32_t slots)
{
    if (slots > j->most_slots)
        j->most_slots = slots;
}

static void tail_call(struct jit *j, const struct sig *sig, bool indirect)
{
    uint32_t count = sig->type.params + (indirect ? 1 : 0);
    union code words[4] = {{.u64 = 0}};

    values_home(j, j->height - count, true);
    for (uint32_t i = 0; i < count; i++)
        (void)value_pop(j);
    words[0].h[0] = (uint16_t)j->top_slot;
    words[0].h[1] = (uint16_t)sig->param_slots;
    words[0].h[2] = (uint16_t)j->saved_slot;
    words[0].h[3] = (uint16_t)area_of(sig);
    words[1].p = indirect ? (void *)j->instance->tables[j->insn.b] : (void *)j->instance->funcs[j->insn.a];
    words[2].p = (void *)(uintptr_t)sig;
    words[3].h[0] = (uint16_t)(j->top_slot + sig->type.params);
    locals_restore(j);
    room_for(j, area_of(sig) + SAVED_SLOTS);
    step_run(j, indirect ? step_tail_call_indirect : step_tail_call, words, indirect ? 4 : 2);
    skip(j);
}

/* The function of the table's element in r11, to rax. */
static void element_find(struct jit *j, const struct sig *sig)
{
    struct x86 *x = &j->x;

    int32_t disp;
    unsigned base = base_of(j, j->instance->tables[j->insn.b], RAX, &disp);
    x86_rm(x, X_CMP, false, R11, base, disp + (int32_t)offsetof(struct wasm_table, size));
    trap_if(j, CC_AE, step_trap_UNDEFINED_ELEMENT);
    x86_rm(x, X_MOV, true, RAX, base, disp + (int32_t)offsetof(struct wasm_table, elements));
    /* mov rax, [rax + 8 * r11] */
    x86_room(x);
    x86_byte(x, 0x4a);
    x86_byte(x, 0x8b);
    x86_byte(x, 0x04);
    x86_byte(x, 0xd8);
    x86_rr(x, X_TEST, true, RAX, RAX);
    trap_if(j, CC_E, step_trap_UNINITIALIZED_ELEMENT);
    x86_load_i(x, R11, (uintptr_t)sig);
    x86_rm(x, X_CMP, true, R11, RAX, (int32_t)offsetof(struct wasm_func, sig));
    trap_if(j, CC_NE, step_trap_INDIRECT_TYPE);
}

/* A single result comes in the accumulator of its type; that of an i32 may have anything in its upper half. */
static void result_take(struct jit *j, uint8_t type)
{
    unsigned reg = type == WASM_F32 ? 0 : type == WASM_F64 ? 1 : R8;

    if (is_float(type)) {
        j->free_xmm &= ~(1u << reg);
        push_value_reg(j, type, reg);
        return;
    }
    unsigned dest = result_hint(j, false, NULL);
    if (dest == NO_REG) {
        dest = reg;
        j->free_gpr &= ~(1u << reg);
    }
    if (dest != reg || type == WASM_I32)
        x86_rr(&j->x, X_MOV, is_wide(type), dest, reg);
    result_push(j, type, dest);
}

/* What step_call and the steps for indirect calls do, without a step. */
static void call(struct jit *j)
{
    enum op op = j->insn.op;
    bool indirect = op == OP_CALL_INDIRECT || op == OP_RETURN_CALL_INDIRECT;
    const struct sig *sig = indirect ? j->module->types[j->insn.a] : j->module->funcs[j->insn.a].sig;
    const struct wasm_func *func = indirect ? NULL : j->instance->funcs[j->insn.a];
    struct value index = {0};
    struct x86 *x = &j->x;
    unsigned base_reg = RAX;
    int32_t disp = 0;

    if (op == OP_RETURN_CALL || op == OP_RETURN_CALL_INDIRECT) {
        tail_call(j, sig, indirect);
        return;
    }
    if (indirect)
        index = value_pop(j);
    values_home(j, j->height - sig->type.params, true);
    for (uint32_t i = 0; i < sig->type.params; i++)
        (void)value_pop(j);
    registers_home(j);
    uint32_t base = j->top_slot;
    int32_t saved = slot_disp(base + area_of(sig));
    room_for(j, base + area_of(sig) + SAVED_SLOTS);
    if (indirect) {
        value_to(j, &index, R11);
        value_free(j, &index);
        element_find(j, sig);
    } else {
        base_reg = base_of(j, func, RAX, &disp);
    }
    locals_move(j, true);
    struct later *later = later_add(j, LATER_RETURN, x86_lea_rip(x, RDI));
    x86_rm(x, X_MOV_TO, true, RDI, RSI, saved);
    x86_rm(x, X_MOV_TO, true, RSI, RSI, saved + 8);
    x86_rm(x, X_MOV_TO, true, RDX, RSI, saved + 16);
    x86_rm(x, X_MOV, true, RDI, base_reg, disp + (int32_t)offsetof(struct wasm_func, code));
    if (func == NULL || func->instance != j->instance)
        x86_rm(x, X_MOV, true, RDX, base_reg, disp + (int32_t)offsetof(struct wasm_func, mem));
    x86_group_i(x, G_ADD, true, RSI, slot_disp(base));
    x86_rr(x, X_MOV, true, RCX, R15);
    x86_jmp_mem(x, RDI, 0);
    later->resume = x->length;
    locals_move(j, false);
    if (sig->type.results == 1)
        result_take(j, sig->type.types[sig->type.params]);
    else
        for (uint32_t i = 0; i < sig->type.results; i++)
            push_value_home(j, sig->type.types[sig->type.params + i]);
}

/* --- Branches --- */

static void branch(struct jit *j)
{
    struct jit_control *control = control_at(j, j->insn.a);

    if (j->insn.a == j->depth - 1) {
        return_emit(j);
    } else {
        label_move(j, control);
        target_add(j, control, x86_jmp(&j->x));
    }
    skip(j);
}

/* Targets that need a move are reached through a stub behind the table. */
static void branch_table(struct jit *j)
{
    struct reader targets = j->reader;
    uint32_t count = j->insn.a, stamp = ++j->stamp;
    struct value index = value_pop(j);
    const uint8_t *bytes = j->insn.bytes;

    targets.at = bytes;
    values_home(j, j->height - label_arity(control_at(j, read_u32(&targets))), true);
    registers_home(j);
    /* r11 becomes the number of the entry, at most count. */
    x86_load_i(&j->x, RCX, count);
    value_to(j, &index, R11);
    value_free(j, &index);
    x86_rr(&j->x, X_CMP, false, R11, RCX);
    x86_rr(&j->x, X_CMOV | CC_A, false, R11, RCX);
    /* An entry is a displacement as a jump has it, counted from behind itself:
     * lea rcx, [rip + table]; lea rcx, [rcx + 4 * r11 + 4]; movsxd r11, [rcx - 4]; add rcx, r11; jmp rcx */
    static const uint8_t lea[] = {0x4a, 0x8d, 0x4c, 0x99, 0x04};
    uint32_t at = x86_lea_rip(&j->x, RCX);
    x86_room(&j->x);
    for (size_t i = 0; i < sizeof(lea); i++)
        x86_byte(&j->x, lea[i]);
    x86_rm(&j->x, X_MOVSXD, true, R11, RCX, -4);
    x86_rr(&j->x, X_ADD, true, RCX, R11);
    x86_rr(&j->x, 0xff, false, 4, RCX);
    uint32_t table = j->x.length;
    x86_patch(&j->x, at, table);
    for (uint32_t i = 0; i <= count && !j->x.failed; i++) {
        x86_room(&j->x);
        x86_32(&j->x, 0);
    }
    targets.at = bytes;
    for (uint32_t i = 0; i <= count && !j->x.failed; i++) {
        struct jit_control *control = control_at(j, read_u32(&targets));

        if (label_in_place(j, control)) {
            target_add(j, control, table + 4 * i);
            continue;
        }
        if (control->stamp != stamp) {
            control->stamp = stamp;
            control->stub_chain = 0;
        }
        chain_add(j, table + 4 * i, &control->stub_chain);
    }
    targets.at = bytes;
    for (uint32_t i = 0; i <= count && !j->x.failed; i++) {
        struct jit_control *control = control_at(j, read_u32(&targets));

        if (control->stamp != stamp || control->stub_chain == 0)
            continue;
        chain_bind(j, control->stub_chain);
        control->stub_chain = 0;
        label_move(j, control);
        target_add(j, control, x86_jmp(&j->x));
    }
    skip(j);
}

bool jit_flow(struct jit *j)
{
    switch (j->insn.op) {
    case OP_BLOCK:
    case OP_LOOP:
        block_open(j);
        break;
    case OP_IF:
        if_on(j, condition_pop(j));
        break;
    case OP_ELSE:
        values_home(j, j->height - control_at(j, 0)->type.results, true);
        chain_add(j, x86_jmp(&j->x), &control_at(j, 0)->chain);
        else_begin(j);
        break;
    case OP_END:
        block_end(j, true);
        break;
    case OP_BR:
        branch(j);
        break;
    case OP_BR_IF:
        branch_on(j, condition_pop(j));
        break;
    case OP_BR_TABLE:
        branch_table(j);
        break;
    case OP_RETURN:
        return_emit(j);
        skip(j);
        break;
    case OP_UNREACHABLE:
        later_add(j, LATER_TRAP, x86_jmp(&j->x))->run = step_trap_UNREACHABLE;
        skip(j);
        break;
    case OP_CALL:
    case OP_CALL_INDIRECT:
    case OP_RETURN_CALL:
    case OP_RETURN_CALL_INDIRECT:
        call(j);
        break;
    default:
        return false;
    }
    return true;
}
