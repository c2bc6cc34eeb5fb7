/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation of one function: the instructions that neither jump nor call, and the frame around them all.
 */
#include "translate.h"

/* --- What the opcodes in steps.def become --- */

enum shape { SHAPE_NONE, SHAPE_UNARY, SHAPE_BINARY, SHAPE_LOAD, SHAPE_STORE };

struct shape_of {
    uint8_t shape, index, result;
};

#define RESULT_i WASM_I32
#define RESULT_l WASM_I64
#define RESULT_f WASM_F32
#define RESULT_d WASM_F64

static const struct shape_of shapes[0x200] = {
#define UNARY(name, from, to, ...)  [OP_##name] = {SHAPE_UNARY, UNARY_##name, RESULT_##to},
#define RARE_1                      UNARY
#define BINARY(name, from, to, ...) [OP_##name] = {SHAPE_BINARY, BINARY_##name, RESULT_##to},
#define SWAPS                       BINARY
#define RARE_2                      BINARY
#define COMPARE(name, ...)
#define LOAD(name, to, ...)    [OP_##name] = {SHAPE_LOAD, LOAD_##name, RESULT_##to},
#define STORE(name, from, ...) [OP_##name] = {SHAPE_STORE, STORE_##name, RESULT_##from},
#include "steps.def"
#undef UNARY
#undef RARE_1
#undef BINARY
#undef SWAPS
#undef RARE_2
#undef COMPARE
#undef LOAD
#undef STORE
};

static void unary(struct translator *t, struct shape_of shape)
{
    struct operand a = operand_pop(t);

    if (a.place == PLACE_CONST)
        operand_to_slot(t, &a);
    bool in_acc = operand_in_acc(t, &a) && unary_steps[shape.index][FORM_R][0] != NULL;
    if (!in_acc)
        operand_to_slot(t, &a);
    push_result(t, shape.result, &unary_steps[shape.index][in_acc], 2)[1].h[0] = a.slot;
}

/* The instruction that gives the same with its operands exchanged; the same one where that is not known to exist. */
static enum op swapped(enum op op)
{
    static const struct {
        uint16_t op, other;
    } pairs[] = {
        {OP_I32_LT_S, OP_I32_GT_S}, {OP_I32_LT_U, OP_I32_GT_U}, {OP_I32_LE_S, OP_I32_GE_S}, {OP_I32_LE_U, OP_I32_GE_U},
        {OP_I64_LT_S, OP_I64_GT_S}, {OP_I64_LT_U, OP_I64_GT_U}, {OP_I64_LE_S, OP_I64_GE_S}, {OP_I64_LE_U, OP_I64_GE_U},
        {OP_F32_LT, OP_F32_GT},     {OP_F32_LE, OP_F32_GE},     {OP_F64_LT, OP_F64_GT},     {OP_F64_LE, OP_F64_GE},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i].op == op)
            return (enum op)pairs[i].other;
        if (pairs[i].other == op)
            return (enum op)pairs[i].op;
    }
    return op;
}

static bool commutes(enum op op)
{
    switch (op) {
    case OP_I32_EQ:
    case OP_I32_NE:
    case OP_I64_EQ:
    case OP_I64_NE:
    case OP_F32_EQ:
    case OP_F32_NE:
    case OP_F64_EQ:
    case OP_F64_NE:
    case OP_I32_ADD:
    case OP_I32_MUL:
    case OP_I32_AND:
    case OP_I32_OR:
    case OP_I32_XOR:
    case OP_I64_ADD:
    case OP_I64_MUL:
    case OP_I64_AND:
    case OP_I64_OR:
    case OP_I64_XOR:
    case OP_F32_ADD:
    case OP_F32_MUL:
    case OP_F64_ADD:
    case OP_F64_MUL:
        return true;
    default:
        return swapped(op) != op;
    }
}

static bool const_fits(const struct operand *operand)
{
    return operand->place == PLACE_CONST &&
           (operand->type != WASM_I64 || operand->bits == (uint64_t)(int64_t)(int32_t)operand->bits);
}

static unsigned form_of(const struct translator *t, const struct operand *a, const struct operand *b)
{
    bool a_acc = operand_in_acc(t, a), b_acc = operand_in_acc(t, b);

    if (a->place == PLACE_CONST)
        return b_acc ? FORM_KR : FORM_KS;
    if (b->place == PLACE_CONST)
        return a_acc ? FORM_RK : FORM_SK;
    if (b->place == PLACE_ACC || (b_acc && !a_acc))
        return FORM_SR;
    return a_acc ? FORM_RS : FORM_SS;
}

static void exchange(struct operand *a, struct operand *b)
{
    struct operand other = *a;

    *a = *b;
    *b = other;
}

/* Chooses a form; what no form can take goes to its slot first. */
static void binary(struct translator *t, enum op op)
{
    struct operand b = operand_pop(t), a = operand_pop(t);

    if (!const_fits(&a) && a.place == PLACE_CONST)
        operand_to_slot(t, &a);
    if ((!const_fits(&b) || a.place == PLACE_CONST) && b.place == PLACE_CONST)
        operand_to_slot(t, &b);
    unsigned form = form_of(t, &a, &b);
    if ((form == FORM_SR || form == FORM_KS || form == FORM_KR) && commutes(op)) {
        exchange(&a, &b);
        op = swapped(op);
        form = form_of(t, &a, &b);
    }
    const step_pair *forms = binary_steps[shapes[op].index];
    if (forms[form][0] == NULL) {
        /* Few forms: everything in slots, but for a constant on the right. */
        operand_to_slot(t, &a);
        if (b.place == PLACE_ACC)
            operand_to_slot(t, &b);
        form = b.place == PLACE_CONST ? FORM_SK : FORM_SS;
    }
    const struct operand *constant = form == FORM_KS || form == FORM_KR ? &a : &b;
    bool wide = constant->place == PLACE_CONST && constant->type == WASM_F64;
    union code *step = push_result(t, shapes[op].result, &forms[form], wide ? 3 : 2);
    if (form == FORM_KS)
        step[1].h[0] = b.slot;
    else if (form != FORM_KR)
        step[1].h[0] = a.slot;
    if (wide)
        step[2].u64 = constant->bits;
    else if (constant->place == PLACE_CONST)
        step[1].w[1] = (int32_t)constant->bits;
    else
        step[1].h[2] = b.slot;
}

/* --- Memory --- */

static void memory_begin(struct translator *t)
{
    if (t->insn.b != 0)
        step_add(t, step_use_memory, 2)[1].p = t->instance->memories[t->insn.b]->base;
}

static void memory_end(struct translator *t)
{
    if (t->insn.b != 0) {
        step_add(t, step_use_memory, 2)[1].p = t->instance->memories[0]->base;
        t->last = NONE;
    }
}

static void load(struct translator *t, struct shape_of shape)
{
    struct operand address = operand_pop(t);

    if (address.place == PLACE_CONST)
        operand_to_slot(t, &address);
    bool in_acc = operand_in_acc(t, &address);
    memory_begin(t);
    union code *step = push_result(t, shape.result, &load_steps[shape.index][in_acc], 2);
    step[1].h[0] = address.slot;
    step[1].u[1] = (uint32_t)t->insn.u64;
    memory_end(t);
}

static void store(struct translator *t, struct shape_of shape)
{
    struct operand value = operand_pop(t), address = operand_pop(t);
    unsigned form, index = shape.index;
    bool is_const = value.place == PLACE_CONST;

    if (address.place == PLACE_CONST)
        operand_to_slot(t, &address);
    /* Bits are bits: constants have a form in the integer steps alone. */
    if (is_const && index == STORE_F32_STORE)
        index = STORE_I32_STORE;
    else if (is_const && index == STORE_F64_STORE)
        index = STORE_I64_STORE;
    bool is_float = shape.result == WASM_F32 || shape.result == WASM_F64, address_acc = operand_in_acc(t, &address),
         value_acc = operand_in_acc(t, &value);
    if (is_const)
        form = address_acc ? STORE_RK : STORE_SK;
    else if (value.place == PLACE_ACC && address_acc && is_float)
        form = STORE_RR;
    else if (value.place == PLACE_ACC || (value_acc && !address_acc))
        form = STORE_SR;
    else
        form = address_acc ? STORE_RS : STORE_SS;
    if (form == STORE_SR)
        operand_to_slot(t, &address);
    memory_begin(t);
    union code *step = step_add(t, store_steps[index][form], is_const ? 3 : 2);
    step[1].h[0] = address.slot;
    step[1].h[1] = value.slot;
    step[1].u[1] = (uint32_t)t->insn.u64;
    if (is_const)
        step[2].u64 = value.bits;
    memory_end(t);
}

/* Steps on operands at home side by side, with up to two pointers behind. */
static union code *side_by_side(struct translator *t, interp_step *run, uint32_t operands, void *first, void *second)
{
    top_settle(t, operands);
    for (uint32_t i = 0; i < operands; i++)
        entry_drop(t);
    union code *step = step_add(t, run, second == NULL ? 3 : 4);
    step[1].h[0] = (uint16_t)t->top_slot;
    step[2].p = first;
    if (second != NULL)
        step[3].p = second;
    return step;
}

/* The step writes its result to D and, if it is an integer, to the accumulator. */
static void integer_to_home(struct translator *t, union code *step, uint8_t type)
{
    struct entry *entry = push_home(t, type);

    step[1].h[1] = entry->home;
    t->acc[CLASS_I].slot = entry->home;
}

static void memory_or_table(struct translator *t)
{
    struct wasm_instance *i = t->instance;
    const struct insn *insn = &t->insn;
    uint32_t a = insn->a, b = insn->b;
    union code *step;

    acc_clobber(t, CLASS_I);
    switch (insn->op) {
    case OP_MEMORY_SIZE:
        step = side_by_side(t, step_memory_size, 0, i->memories[b], NULL);
        integer_to_home(t, step, WASM_I32);
        break;
    case OP_MEMORY_GROW:
        step = side_by_side(t, step_memory_grow, 1, i->memories[b], NULL);
        integer_to_home(t, step, WASM_I32);
        break;
    case OP_MEMORY_FILL:
        side_by_side(t, step_memory_fill, 3, i->memories[b], NULL);
        break;
    case OP_MEMORY_COPY:
        side_by_side(t, step_memory_copy, 3, i->memories[a], i->memories[b]);
        break;
    case OP_MEMORY_INIT:
        side_by_side(t, step_memory_init, 3, i->memories[b], &i->datas[a]);
        break;
    case OP_DATA_DROP:
        side_by_side(t, step_data_drop, 0, &i->datas[a], NULL);
        break;
    case OP_TABLE_GET:
        step = side_by_side(t, step_table_get, 1, i->tables[a], NULL);
        integer_to_home(t, step, t->module->tables[a].type);
        break;
    case OP_TABLE_SET:
        side_by_side(t, step_table_set, 2, i->tables[a], NULL);
        break;
    case OP_TABLE_SIZE:
        step = side_by_side(t, step_table_size, 0, i->tables[a], NULL);
        integer_to_home(t, step, WASM_I32);
        break;
    case OP_TABLE_GROW:
        step = side_by_side(t, step_table_grow, 2, i->tables[a], NULL);
        integer_to_home(t, step, WASM_I32);
        break;
    case OP_TABLE_FILL:
        side_by_side(t, step_table_fill, 3, i->tables[a], NULL);
        break;
    case OP_TABLE_COPY:
        side_by_side(t, step_table_copy, 3, i->tables[a], i->tables[b]);
        break;
    case OP_TABLE_INIT:
        side_by_side(t, step_table_init, 3, i->tables[b], &i->elems[a]);
        break;
    default: /* OP_ELEM_DROP */
        side_by_side(t, step_elem_drop, 0, &i->elems[a], NULL);
        break;
    }
}

/* --- Variables, select, and what costs nothing --- */

static void global(struct translator *t)
{
    struct wasm_global *global = t->instance->globals[t->insn.a];
    enum class which = class_of(global->type);
    union code *step;

    if (t->insn.op == OP_GLOBAL_GET && which == CLASS_V) {
        step = step_add(t, step_global_get_v, 3);
        step[1].h[1] = push_home(t, global->type)->home;
    } else if (t->insn.op == OP_GLOBAL_GET) {
        step = push_result(t, global->type, &global_get_steps[which], 3);
    } else {
        struct operand value = operand_pop(t);

        if (value.place == PLACE_CONST)
            operand_to_slot(t, &value);
        step =
            step_add(t, which == CLASS_V ? step_global_set_v : global_set_steps[which][operand_in_acc(t, &value)], 3);
        step[1].h[0] = value.slot;
    }
    step[2].p = global;
}

static void select(struct translator *t)
{
    struct operand condition = operand_pop(t);

    if (condition.place == PLACE_CONST)
        operand_to_slot(t, &condition);
    struct operand b = operand_pop_slot(t), a = operand_pop_slot(t);
    bool in_acc = operand_in_acc(t, &condition);
    enum class which = class_of(a.type);
    union code *step;
    if (which == CLASS_I) {
        step = push_result(t, a.type, &select_steps[in_acc], 2);
    } else {
        if (which == CLASS_V && in_acc)
            operand_to_slot(t, &condition);
        if (which != CLASS_V)
            acc_clobber(t, CLASS_I);
        step = step_add(t, which == CLASS_V ? step_select_v : select_steps[in_acc][1], 2);
        uint16_t home = push_home(t, a.type)->home;
        step[1].h[1] = home;
        if (!t->failed)
            t->last_home = home;
    }
    step[1].h[0] = a.slot;
    step[1].h[2] = b.slot;
    step[1].h[3] = condition.slot;
}

/* The same bits under another type.  A slot serves any type of its size or smaller. */
static void retype(struct translator *t, uint8_t type)
{
    struct entry *entry = t->height == 0 ? NULL : &t->stack[t->height - 1];

    if (t->failed || entry == NULL)
        return;
    if (entry->place == PLACE_ACC && class_of(entry->type) != class_of(type))
        acc_spill(t, class_of(entry->type));
    if (entry->place == PLACE_CONST && type == WASM_I32)
        entry->bits = (uint32_t)entry->bits;
    entry->type = type;
}

/* --- Vectors: operands and results in slots --- */

static void vector(struct translator *t)
{
    const struct op_info *info = &op_table[t->insn.op];
    const char *middle = strchr(info->sig, '>');
    uint16_t slots[3] = {0, 0, 0};
    uint32_t count = (uint32_t)(middle - info->sig);

    if (t->insn.op == OP_V128_CONST) {
        push_const(t, WASM_V128, (uintptr_t)t->insn.bytes);
        return;
    }
    for (uint32_t i = count; i-- > 0;) {
        struct operand operand = operand_pop_slot(t);
        slots[i] = operand.slot;
    }
    bool memory = info->imm == IMM_MEMORY || info->imm == IMM_MEMORY_LANE;
    if (memory)
        memory_begin(t);
    union code *step = step_add(t, vector_steps[t->insn.op - 0x200], info->imm == IMM_SHUFFLE ? 4 : memory ? 3 : 2);
    step[1].h[0] = slots[0];
    if (memory) {
        step[1].u[1] = (uint32_t)t->insn.u64;
        step[2].h[0] = slots[1];
        step[2].h[1] = t->insn.lane;
    } else {
        step[1].h[2] = slots[1];
        step[1].h[3] = info->imm == IMM_LANE ? t->insn.lane : slots[2];
    }
    if (info->imm == IMM_SHUFFLE)
        memcpy(&step[2], t->insn.bytes, 16);
    if (middle[1] != 0) {
        uint8_t type = middle[1] == 'v'   ? WASM_V128
                       : middle[1] == 'i' ? WASM_I32
                       : middle[1] == 'l' ? WASM_I64
                       : middle[1] == 'f' ? WASM_F32
                                          : WASM_F64;
        uint16_t home = push_home(t, type)->home;

        step[1].h[1] = home;
        if (!t->failed)
            t->last_home = home;
    }
    if (memory)
        memory_end(t);
}

/* --- Dispatch --- */

static void numeric(struct translator *t)
{
    enum op op = t->insn.op;

    if (op >= 0x200) {
        vector(t);
        return;
    }
    switch ((enum shape)shapes[op].shape) {
    case SHAPE_UNARY:
        if (op != OP_I32_EQZ && op != OP_I64_EQZ)
            unary(t, shapes[op]);
        else if (!flow_compare(t))
            unary(t, shapes[op]);
        break;
    case SHAPE_BINARY:
        if (op > OP_F64_GE || !flow_compare(t))
            binary(t, op);
        break;
    case SHAPE_LOAD:
        load(t, shapes[op]);
        break;
    case SHAPE_STORE:
        store(t, shapes[op]);
        break;
    default:
        memory_or_table(t);
        break;
    }
}

static void instruction(struct translator *t)
{
    const struct insn *insn = &t->insn;

    switch (insn->op) {
    case OP_NOP:
        break;
    case OP_UNREACHABLE:
        step_add(t, step_trap_UNREACHABLE, 1);
        flow_skip(t);
        break;
    case OP_BLOCK:
    case OP_LOOP:
    case OP_IF:
        flow_block(t);
        break;
    case OP_ELSE:
        flow_else(t);
        break;
    case OP_END:
        flow_end(t);
        break;
    case OP_BR:
        flow_branch(t);
        break;
    case OP_BR_IF:
        flow_branch_if(t);
        break;
    case OP_BR_TABLE:
        flow_branch_table(t);
        break;
    case OP_RETURN:
        flow_return(t);
        break;
    case OP_CALL:
    case OP_CALL_INDIRECT:
    case OP_RETURN_CALL:
    case OP_RETURN_CALL_INDIRECT:
        flow_call(t);
        break;
    case OP_DROP:
        entry_drop(t);
        break;
    case OP_SELECT:
    case OP_SELECT_TYPED:
        select(t);
        break;
    case OP_LOCAL_GET:
        push_local(t, insn->a);
        break;
    case OP_LOCAL_SET:
        local_set(t, insn->a);
        break;
    case OP_LOCAL_TEE:
        local_set(t, insn->a);
        push_local(t, insn->a);
        break;
    case OP_GLOBAL_GET:
    case OP_GLOBAL_SET:
        global(t);
        break;
    case OP_I32_CONST:
        push_const(t, WASM_I32, insn->u64);
        break;
    case OP_I64_CONST:
        push_const(t, WASM_I64, insn->u64);
        break;
    case OP_F32_CONST:
        push_const(t, WASM_F32, insn->u64);
        break;
    case OP_F64_CONST:
        push_const(t, WASM_F64, insn->u64);
        break;
    case OP_REF_NULL:
        push_const(t, (uint8_t)insn->a, 0);
        break;
    case OP_REF_FUNC:
        push_const(t, WASM_FUNCREF, (uintptr_t)t->instance->funcs[insn->a]);
        break;
    case OP_REF_IS_NULL:
        if (!flow_compare(t))
            unary(t, shapes[OP_I64_EQZ]);
        break;
    case OP_I32_WRAP_I64:
    case OP_I32_REINTERPRET_F32:
        retype(t, WASM_I32);
        break;
    case OP_I64_REINTERPRET_F64:
        retype(t, WASM_I64);
        break;
    case OP_F32_REINTERPRET_I32:
        retype(t, WASM_F32);
        break;
    case OP_F64_REINTERPRET_I64:
        retype(t, WASM_F64);
        break;
    default:
        numeric(t);
        break;
    }
}

/* --- The frame --- */

/* Numbers the locals' slots; returns how many slots behind the saved registers they take. */
static uint32_t locals_place(struct translator *t)
{
    const struct sig *sig = t->func->sig;
    struct reader *reader = &t->reader;
    uint32_t groups = read_u32(reader), count = sig->type.params, slot = 0;
    struct reader again = *reader;

    for (uint32_t i = 0; i < groups; i++) {
        count += read_u32(&again);
        read_byte(&again);
    }
    size_t each = sizeof(*t->local_entries) + sizeof(*t->local_slots) + sizeof(*t->local_types);
    t->local_entries = scratch_room(t->store, SCRATCH_LOCALS, (count + 1) * each);
    if (t->local_entries == NULL) {
        t->failed = true;
        return 0;
    }
    t->local_slots = (uint16_t *)(void *)(t->local_entries + count);
    t->local_types = (uint8_t *)(t->local_slots + count);
    uint32_t at = 0;
    for (; at < sig->type.params; at++) {
        t->local_types[at] = sig->type.types[at];
        t->local_slots[at] = (uint16_t)slot;
        slot += type_slots(t->local_types[at]);
    }
    t->saved_slot = sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
    slot = t->saved_slot + SAVED_SLOTS;
    for (uint32_t i = 0; i < groups; i++) {
        uint32_t more = read_u32(reader);
        uint8_t type = read_byte(reader);

        for (uint32_t k = 0; k < more; k++, at++) {
            t->local_types[at] = type;
            t->local_slots[at] = (uint16_t)slot;
            slot += type_slots(type);
        }
    }
    for (uint32_t i = 0; i < count; i++)
        t->local_entries[i] = NONE;
    t->top_slot = t->most_slots = slot;
    return slot - t->saved_slot - SAVED_SLOTS;
}

/* The code goes to the arena at its exact size, with targets as addresses. */
static bool code_keep(struct translator *t)
{
    struct code_block *block = store_alloc(t->store, sizeof(*block));
    union code *code = store_array(t->store, t->length, sizeof(*code));
    uint32_t *map = store_array(t->store, t->map_count, 2 * sizeof(*map));

    if (t->failed || block == NULL || code == NULL || map == NULL)
        return false;
    memcpy(code, t->code, t->length * sizeof(*code));
    for (uint32_t i = 0; i < t->map_count; i++) {
        map[2 * i] = t->map[2 * i] * (uint32_t)sizeof(union code);
        map[2 * i + 1] = t->map[2 * i + 1];
    }
    for (uint32_t i = 0; i < t->fixup_count; i++)
        code[t->fixups[i]].p = code + code[t->fixups[i]].u64;
    *block = (struct code_block){t->store->code, t->func, code, code + t->length, map, t->map_count};
    t->store->code = block;
    t->func->code = code;
    return true;
}

bool func_translate(struct wasm_func *func)
{
    struct wasm_module *module = func->instance->module;
    const struct func_def *def = &module->funcs[func->index];
    struct translator t = {.store = func->store,
                           .func = func,
                           .instance = func->instance,
                           .module = module,
                           .reader = reader_at(module, def->body, def->end, NULL),
                           .last = NONE,
                           .last_home = NONE};

    if (module->backend == WASM_COMPILER && func_compile != NULL && func_compile(func))
        return true;
    for (int i = 0; i < CLASSES; i++)
        t.acc[i] = (struct accumulator){.entry = NONE, .slot = NONE, .at = NONE};
    uint32_t clear = locals_place(&t);
    t.insn.offset = def->body;
    t.insn.block = -64;
    union code *enter = step_add(&t, step_enter, 2);
    enter[1].h[0] = (uint16_t)(t.saved_slot + SAVED_SLOTS);
    enter[1].h[1] = (uint16_t)((clear + 1) / 2);
    t.last = NONE;
    control_push(&t, OP_BLOCK);
    if (t.failed)
        return false;
    t.controls[0].type.results = func->sig->type.results;
    t.controls[0].type.types = func->sig->type.types + func->sig->type.params;
    t.controls[0].type.params = 0;
    while (t.depth != 0 && !t.failed && insn_read(&t.reader, &t.insn))
        instruction(&t);
    if (t.failed)
        return false;
    t.code[1].u[1] = (t.most_slots + 1) * (uint32_t)sizeof(union slot);
    return code_keep(&t);
}
