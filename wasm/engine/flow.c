/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation of blocks, branches, calls and returns.
 */
#include "translate.h"

/* --- Labels --- */

static struct control *control_at(struct translator *t, uint32_t depth)
{
    return &t->controls[t->depth - 1 - depth];
}

static uint32_t type_param(const struct control *control, uint32_t i)
{
    return control->type.types[i];
}

static uint8_t type_result(const struct control *control, uint32_t i)
{
    return control->type.types != NULL ? control->type.types[control->type.params + i] : control->single;
}

static uint32_t label_arity(const struct control *control)
{
    return control->op == OP_LOOP ? control->type.params : control->type.results;
}

static uint32_t result_slots(const struct control *control)
{
    uint32_t slots = 0;

    if (control->op == OP_LOOP)
        for (uint32_t i = 0; i < control->type.params; i++)
            slots += type_slots((uint8_t)type_param(control, i));
    else
        for (uint32_t i = 0; i < control->type.results; i++)
            slots += type_slots(type_result(control, i));
    return slots;
}

/* The target of a jump to the label, in the word. */
static void target_add(struct translator *t, struct control *control, uint32_t word)
{
    if (control->op == OP_LOOP)
        fixup_add(t, word, (uint32_t)control->target);
    else
        chain_add(t, word, &control->chain);
}

static void jump_to(struct translator *t, struct control *control)
{
    step_add(t, control->op == OP_LOOP ? step_jump_back : step_jump, 2);
    target_add(t, control, t->length - 1);
}

/* The label's values stand on top of the stack.  Do they stand where the label wants them, once they are at home? */
static bool label_in_place(const struct translator *t, const struct control *control)
{
    uint32_t count = label_arity(control);

    return count == 0 || (!t->failed && t->stack[t->height - count].home == control->top_slot);
}

static void label_move(struct translator *t, struct control *control)
{
    uint32_t count = label_arity(control);

    if (label_in_place(t, control)) {
        top_settle(t, count);
        return;
    }
    if (count == 1 && class_of(t->stack[t->height - 1].type) != CLASS_V) {
        top_copy(t, control->top_slot);
        return;
    }
    top_settle(t, count);
    if (t->failed)
        return;
    union code *step = step_add(t, step_copy_many, 2);
    step[1].h[0] = t->stack[t->height - count].home;
    step[1].h[1] = (uint16_t)control->top_slot;
    step[1].h[2] = (uint16_t)result_slots(control);
}

/* --- Blocks --- */

void control_push(struct translator *t, enum op op)
{
    struct control *controls = scratch_room(t->store, SCRATCH_CONTROL, (t->depth + 1) * sizeof(*controls));

    if (controls == NULL || t->failed) {
        t->failed = true;
        return;
    }
    t->controls = controls;
    struct control *control = &controls[t->depth++];
    *control = (struct control){.op = op, .chain = NONE, .else_chain = NONE};
    if (t->insn.block >= 0)
        control->type = t->module->types[t->insn.block]->type;
    else if (t->insn.block != -64) {
        control->single = (uint8_t)(t->insn.block + 0x80);
        control->type.results = 1;
    }
    control->height = t->height - control->type.params;
    control->top_slot = control->type.params == 0 ? t->top_slot : t->stack[control->height].home;
}

static void stack_reset(struct translator *t, const struct control *control)
{
    while (t->height > control->height && !t->failed)
        entry_drop(t);
    t->top_slot = control->top_slot;
}

struct condition {
    enum compare compare;
    bool is_float;
    struct operand left, right;
};

static const uint8_t int_inverse[10] = {1, 0, 8, 9, 6, 7, 4, 5, 2, 3};
static const uint8_t int_swapped[10] = {0, 1, 4, 5, 2, 3, 8, 9, 6, 7};

static unsigned compare_base(enum compare compare)
{
    return compare < COMPARE_I64_EQ   ? COMPARE_I32_EQ
           : compare < COMPARE_F32_EQ ? COMPARE_I64_EQ
           : compare < COMPARE_F64_EQ ? COMPARE_F32_EQ
                                      : COMPARE_F64_EQ;
}

static enum compare compare_inverse(enum compare compare)
{
    static const uint8_t of_floats[] = {1, 0, 4, 5, 2, 3}; /* EQ NE LT LE NOT_LT NOT_LE */
    unsigned base = compare_base(compare);

    return base + (base < COMPARE_F32_EQ ? int_inverse : of_floats)[compare - base];
}

static bool const_fits(const struct operand *operand)
{
    return operand->place == PLACE_CONST &&
           (operand->type == WASM_I32 || operand->bits == (uint64_t)(int64_t)(int32_t)operand->bits);
}

/* Makes the operands such as a comparing step can take. */
static void condition_prepare(struct translator *t, struct condition *condition)
{
    struct operand *left = &condition->left, *right = &condition->right;
    bool is_float = condition->compare >= COMPARE_F32_EQ;

    /* The right one may be a zero that stands for nothing and has no home. */
    if (left->place == PLACE_CONST && right->place == PLACE_CONST)
        operand_to_slot(t, left);
    if (!is_float && left->place == PLACE_CONST) {
        struct operand other = *left;
        unsigned base = compare_base(condition->compare);

        *left = *right;
        *right = other;
        condition->compare = base + int_swapped[condition->compare - base];
    }
    if (left->place == PLACE_CONST)
        operand_to_slot(t, left);
    if (right->place == PLACE_CONST && (is_float || !const_fits(right)))
        operand_to_slot(t, right);
    /* Only one of them may be in the accumulator, and of integers only the left one. */
    if (!is_float && right->place != PLACE_CONST && !operand_in_acc(t, left) && operand_in_acc(t, right)) {
        struct operand other = *left;
        unsigned base = compare_base(condition->compare);

        *left = *right;
        *right = other;
        condition->compare = base + int_swapped[condition->compare - base];
    }
}

/* The step that jumps when the condition holds; its target is its last word. */
static void condition_step(struct translator *t, const struct condition *condition, bool back)
{
    const struct operand *left = &condition->left, *right = &condition->right;
    bool left_acc = operand_in_acc(t, left), right_acc = right->place == PLACE_ACC;
    unsigned form;

    if (right->place == PLACE_CONST)
        form = left_acc ? 3 : 2;
    else if (right_acc)
        form = 2; /* floats: SR */
    else
        form = left_acc ? 1 : 0;
    union code *step = step_add(t, compare_steps[condition->compare][form][back], 3);
    if (left->place == PLACE_SLOT)
        step[1].h[0] = left->slot;
    if (right->place == PLACE_CONST)
        step[1].w[1] = (int32_t)right->bits;
    else if (right->place == PLACE_SLOT)
        step[1].h[2] = right->slot;
}

static struct condition condition_pop(struct translator *t)
{
    struct condition condition = {.compare = COMPARE_I32_NE, .left = operand_pop(t)};

    condition.right = (struct operand){.place = PLACE_CONST, .type = WASM_I32};
    return condition;
}

static void branch_on(struct translator *t, struct condition condition)
{
    struct control *control = control_at(t, t->insn.a);

    condition_prepare(t, &condition);
    if (label_arity(control) != 0 && label_in_place(t, control))
        top_settle(t, label_arity(control));
    if (label_in_place(t, control)) {
        condition_step(t, &condition, control->op == OP_LOOP);
        target_add(t, control, t->length - 1);
        return;
    }
    int32_t around = NONE;
    bool one = label_arity(control) == 1 && class_of(t->stack[t->height - 1].type) != CLASS_V;

    if (!one)
        top_settle(t, label_arity(control));
    condition.compare = compare_inverse(condition.compare);
    condition_step(t, &condition, false);
    chain_add(t, t->length - 1, &around);
    struct accumulator before[CLASSES];
    memcpy(before, t->acc, sizeof(before));
    label_move(t, control);
    jump_to(t, control);
    memcpy(t->acc, before, sizeof(before));
    chain_bind(t, around);
}

static void if_on(struct translator *t, struct condition condition)
{
    condition_prepare(t, &condition);
    stack_settle(t);
    control_push(t, OP_IF);
    if (t->failed)
        return;
    top_settle(t, control_at(t, 0)->type.params);
    condition.compare = compare_inverse(condition.compare);
    condition_step(t, &condition, false);
    chain_add(t, t->length - 1, &control_at(t, 0)->else_chain);
}

void flow_block(struct translator *t)
{
    if (t->insn.op == OP_IF) {
        if_on(t, condition_pop(t));
        return;
    }
    stack_settle(t);
    control_push(t, t->insn.op);
    if (t->failed)
        return;
    top_settle(t, control_at(t, 0)->type.params);
    if (t->insn.op == OP_LOOP) {
        acc_forget_all(t);
        t->last = NONE;
        control_at(t, 0)->target = (int32_t)t->length;
    }
}

bool flow_compare(struct translator *t)
{
    static const uint8_t of_floats[] = {0, 1, 2, 2, 3, 3}; /* EQ NE LT GT LE GE */
    enum op op = t->insn.op;
    struct reader ahead = t->reader;
    struct insn next;
    bool inverse = false;

    while (insn_read(&ahead, &next) && next.op == OP_I32_EQZ)
        inverse = !inverse;
    if (ahead.failed || (next.op != OP_BR_IF && next.op != OP_IF))
        return false;
    struct condition condition = {.right = {.place = PLACE_CONST}};
    if (op == OP_I32_EQZ || op == OP_I64_EQZ || op == OP_REF_IS_NULL) {
        condition.compare = op == OP_I32_EQZ ? COMPARE_I32_EQ : COMPARE_I64_EQ;
        condition.right.type = op == OP_I32_EQZ ? WASM_I32 : WASM_I64;
    } else {
        condition.right = operand_pop(t);
        if (op >= OP_F32_EQ)
            condition.compare = op >= OP_F64_EQ ? COMPARE_F64_EQ + of_floats[op - OP_F64_EQ]
                                                : COMPARE_F32_EQ + of_floats[op - OP_F32_EQ];
        else
            condition.compare = op >= OP_I64_EQ ? COMPARE_I64_EQ + (op - OP_I64_EQ) : COMPARE_I32_EQ + (op - OP_I32_EQ);
    }
    condition.left = operand_pop(t);
    if (op == OP_F32_GT || op == OP_F32_GE || op == OP_F64_GT || op == OP_F64_GE) {
        struct operand other = condition.left;

        condition.left = condition.right;
        condition.right = other;
    }
    if (inverse)
        condition.compare = compare_inverse(condition.compare);
    t->reader = ahead;
    t->insn = next;
    if (next.op == OP_IF)
        if_on(t, condition);
    else
        branch_on(t, condition);
    return true;
}

/* The second half of an if begins with what the first one found. */
static void else_begin(struct translator *t)
{
    struct control *control = control_at(t, 0);

    stack_reset(t, control);
    acc_forget_all(t);
    chain_bind(t, control->else_chain);
    control->else_chain = NONE;
    control->op = OP_ELSE;
    for (uint32_t i = 0; i < control->type.params; i++)
        push_home(t, (uint8_t)type_param(control, i));
}

void flow_else(struct translator *t)
{
    struct control *control = control_at(t, 0);

    top_settle(t, control->type.results);
    jump_to(t, control);
    else_begin(t);
}

static void return_step(struct translator *t)
{
    const struct sig *sig = t->func->sig;
    union code *step;

    if (sig->type.results == 1 && sig->type.types[sig->type.params] != WASM_V128) {
        struct operand operand = operand_pop(t);
        enum class which = class_of(operand.type);

        if (operand.place == PLACE_CONST)
            operand_to_slot(t, &operand);
        step = step_add(t, return_steps[which][operand_in_acc(t, &operand)], 2);
        step[1].h[0] = operand.slot;
    } else {
        if (sig->type.results != 0) {
            top_settle(t, sig->type.results);
            if (t->failed)
                return;
            step = step_add(t, step_copy_many, 2);
            step[1].h[0] = t->stack[t->height - sig->type.results].home;
            step[1].h[2] = (uint16_t)sig->result_slots;
        }
        step = step_add(t, step_return, 2);
    }
    step[1].h[2] = (uint16_t)t->saved_slot;
}

/* The code up to here may end the block, and jumps may. */
void flow_end(struct translator *t)
{
    struct control *control = control_at(t, 0);
    bool jumped_to = control->chain != NONE || control->else_chain != NONE;

    if (jumped_to) {
        top_settle(t, control->type.results);
        stack_reset(t, control);
        acc_forget_all(t);
        chain_bind(t, control->chain);
        chain_bind(t, control->else_chain);
        for (uint32_t i = 0; i < control->type.results; i++)
            push_home(t, type_result(control, i));
    }
    t->depth--;
    if (t->depth == 0)
        return_step(t);
}

/* The same when the end cannot be reached but by jumps. */
static void flow_end_unreached(struct translator *t)
{
    struct control *control = control_at(t, 0);

    stack_reset(t, control);
    acc_forget_all(t);
    for (uint32_t i = 0; i < control->type.results; i++)
        push_home(t, type_result(control, i));
    flow_end(t);
}

void flow_skip(struct translator *t)
{
    uint32_t nested = 0;

    while (!t->failed && insn_read(&t->reader, &t->insn)) {
        enum op op = t->insn.op;

        if (op == OP_BLOCK || op == OP_LOOP || op == OP_IF) {
            nested++;
        } else if (op == OP_ELSE && nested == 0) {
            else_begin(t);
            return;
        } else if (op == OP_END && nested-- == 0) {
            flow_end_unreached(t);
            return;
        }
    }
}

/* --- Branches --- */

void flow_branch(struct translator *t)
{
    struct control *control = control_at(t, t->insn.a);

    if (t->insn.a == t->depth - 1) {
        return_step(t);
    } else {
        label_move(t, control);
        jump_to(t, control);
    }
    flow_skip(t);
}

void flow_branch_if(struct translator *t)
{
    branch_on(t, condition_pop(t));
}

void flow_return(struct translator *t)
{
    return_step(t);
    flow_skip(t);
}

/* Targets where something must be done on the way, a move or the accounting of a jump backwards, are reached through a
 * stub behind the table, one for each label. */
void flow_branch_table(struct translator *t)
{
    struct reader targets = t->reader;
    uint32_t count = t->insn.a, stamp = ++t->table_stamp;
    struct operand index = operand_pop(t);

    if (index.place == PLACE_CONST)
        operand_to_slot(t, &index);
    targets.at = t->insn.bytes;
    top_settle(t, label_arity(control_at(t, read_u32(&targets))));
    bool in_acc = operand_in_acc(t, &index);
    uint32_t at = t->length;
    union code *step = step_add(t, in_acc ? step_jump_table_acc : step_jump_table, count + 3);
    step[1].h[0] = index.slot;
    step[1].u[1] = count;
    targets.at = t->insn.bytes;
    for (uint32_t i = 0; i <= count && !t->failed; i++) {
        struct control *control = control_at(t, read_u32(&targets));

        if (control->op != OP_LOOP && label_in_place(t, control)) {
            target_add(t, control, at + 2 + i);
            continue;
        }
        if (control->table_stamp != stamp) {
            control->table_stamp = stamp;
            control->table_stub = NONE;
        }
        chain_add(t, at + 2 + i, &control->table_stub);
    }
    targets.at = t->insn.bytes;
    for (uint32_t i = 0; i <= count && !t->failed; i++) {
        struct control *control = control_at(t, read_u32(&targets));

        if (control->table_stamp != stamp || control->table_stub == NONE)
            continue;
        chain_bind(t, control->table_stub);
        control->table_stub = NONE;
        acc_forget_all(t);
        label_move(t, control);
        jump_to(t, control);
    }
    flow_skip(t);
}

/* --- Calls --- */

static uint32_t area_of(const struct sig *sig)
{
    return sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
}

static void room_for(struct translator *t, uint32_t slots)
{
    if (slots > t->most_slots)
        t->most_slots = slots;
}

/* Arguments go to where the callee's frame will begin, and nothing else stays in an accumulator. */
static uint32_t arguments_take(struct translator *t, const struct sig *sig)
{
    top_settle(t, sig->type.params);
    for (int i = 0; i < CLASSES; i++)
        acc_spill(t, (enum class)i);
    for (uint32_t i = 0; i < sig->type.params; i++)
        entry_drop(t);
    room_for(t, t->top_slot + area_of(sig) + SAVED_SLOTS);
    return t->top_slot;
}

static void tail_call(struct translator *t, const struct sig *sig, bool indirect)
{
    struct operand index = {0};

    if (indirect)
        index = operand_pop_slot(t);
    uint32_t base = arguments_take(t, sig);
    union code *step = indirect ? step_add(t, step_tail_call_indirect, 5) : step_add(t, step_tail_call, 3);
    step[1].h[0] = (uint16_t)base;
    step[1].h[1] = (uint16_t)sig->param_slots;
    step[1].h[2] = (uint16_t)t->saved_slot;
    step[1].h[3] = (uint16_t)area_of(sig);
    room_for(t, area_of(sig) + SAVED_SLOTS);
    if (indirect) {
        step[2].p = t->instance->tables[t->insn.b];
        step[3].p = (void *)(uintptr_t)sig;
        step[4].h[0] = index.slot;
    } else {
        step[2].p = t->instance->funcs[t->insn.a];
    }
    flow_skip(t);
}

void flow_call(struct translator *t)
{
    bool indirect = t->insn.op == OP_CALL_INDIRECT || t->insn.op == OP_RETURN_CALL_INDIRECT;
    const struct sig *sig = indirect ? t->module->types[t->insn.a] : t->module->funcs[t->insn.a].sig;
    struct operand index = {0};
    bool in_acc = false;
    union code *step;

    if (t->insn.op == OP_RETURN_CALL || t->insn.op == OP_RETURN_CALL_INDIRECT) {
        tail_call(t, sig, indirect);
        return;
    }
    if (indirect) {
        index = operand_pop(t);
        if (index.place == PLACE_CONST)
            operand_to_slot(t, &index);
    }
    uint32_t base = arguments_take(t, sig);
    if (indirect) {
        in_acc = operand_in_acc(t, &index);
        step = step_add(t, call_indirect_steps[in_acc], 4);
        step[1].h[1] = index.slot;
        step[2].p = t->instance->tables[t->insn.b];
        step[3].p = (void *)(uintptr_t)sig;
    } else {
        step = step_add(t, step_call, 3);
        step[2].p = t->instance->funcs[t->insn.a];
    }
    step[1].h[0] = (uint16_t)base;
    step[1].h[2] = (uint16_t)(base + area_of(sig));
    acc_forget_all(t);
    for (uint32_t i = 0; i < sig->type.results; i++)
        push_home(t, sig->type.types[sig->type.params + i]);
    if (sig->type.results == 1 && class_of(sig->type.types[sig->type.params]) != CLASS_V)
        t->acc[class_of(sig->type.types[sig->type.params])].slot = (int32_t)base;
}
