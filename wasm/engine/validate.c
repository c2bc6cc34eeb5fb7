/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Validation of function bodies: a stack of types and a stack of control frames.
 *
 * Source: WebAssembly Core Specification 2.0, section 3.3 and appendix 7.3 (validation algorithm).
 */
#include "decode.h"

enum {
    MAX_LOCALS = 50000,
    MAX_SLOTS = 60000, /* of a frame: translated code numbers them with 16 bits */
    UNKNOWN = 0,       /* the type of an operand in code that cannot be reached */
};

struct types {
    uint32_t count;
    const uint8_t *items;
};

struct control {
    enum op op;
    bool unreachable;
    uint32_t height; /* of the type stack, parameters not counted */
    struct types params, results;
};

struct validator {
    struct wasm_module *module;
    struct reader reader;
    struct insn insn;
    const uint8_t *locals;
    uint32_t local_count;
    uint8_t *stack;
    uint32_t height, stack_room;
    uint32_t slots, most_slots; /* that the stack takes now, and at its highest */
    struct control *controls;
    uint32_t depth, control_room;
};

static bool fail(struct validator *v, const char *text)
{
    return reader_fail(&v->reader, WASM_INVALID, v->insn.offset, text);
}

static bool no_memory(struct validator *v)
{
    return reader_fail(&v->reader, WASM_NO_MEMORY, v->insn.offset, "no memory");
}

/* --- The two stacks --- */

static void push(struct validator *v, uint8_t type)
{
    if (v->height == v->stack_room) {
        v->stack = scratch_room(v->module->store, SCRATCH_STACK, (size_t)v->stack_room * 2 + 256);
        if (v->stack == NULL) {
            no_memory(v);
            v->height = 0;
            v->stack_room = 0;
            return;
        }
        v->stack_room = v->stack_room * 2 + 256;
    }
    v->stack[v->height++] = type;
    v->slots += type_slots(type);
    if (v->slots > MAX_SLOTS)
        fail(v, "function needs too many locals and operands");
    if (v->slots > v->most_slots)
        v->most_slots = v->slots;
}

static uint8_t pop_any(struct validator *v)
{
    const struct control *top = &v->controls[v->depth - 1];

    if (v->reader.failed)
        return UNKNOWN;
    if (v->height == top->height) {
        if (!top->unreachable)
            fail(v, "type mismatch: the operand stack is empty");
        return UNKNOWN;
    }
    uint8_t type = v->stack[--v->height];
    v->slots -= type_slots(type);
    return type;
}

static uint8_t pop(struct validator *v, uint8_t wanted)
{
    uint8_t type = pop_any(v);

    if (type != wanted && type != UNKNOWN && wanted != UNKNOWN)
        fail(v, "type mismatch");
    return type == UNKNOWN ? wanted : type;
}

static void push_all(struct validator *v, struct types types)
{
    for (uint32_t i = 0; i < types.count && !v->reader.failed; i++)
        push(v, types.items[i]);
}

static void pop_all(struct validator *v, struct types types)
{
    for (uint32_t i = types.count; i-- > 0 && !v->reader.failed;)
        pop(v, types.items[i]);
}

static void control_push(struct validator *v, enum op op, struct types params, struct types results)
{
    if (v->depth == v->control_room) {
        uint32_t room = v->control_room * 2 + 64;

        v->controls = scratch_room(v->module->store, SCRATCH_CONTROL, room * sizeof(*v->controls));
        if (v->controls == NULL) {
            no_memory(v);
            return;
        }
        v->control_room = room;
    }
    v->controls[v->depth++] = (struct control){op, false, v->height, params, results};
    push_all(v, params);
}

/* Checks that the top block leaves exactly its results. */
static struct control control_pop(struct validator *v)
{
    struct control top = v->controls[v->depth - 1];

    pop_all(v, top.results);
    if (!v->reader.failed && v->height != top.height)
        fail(v, "type mismatch: values remain on the stack at the end of the block");
    v->depth--;
    return top;
}

static void unreachable_from_here(struct validator *v)
{
    struct control *top = &v->controls[v->depth - 1];

    while (v->height > top->height)
        v->slots -= type_slots(v->stack[--v->height]);
    top->unreachable = true;
}

/* What a branch to the block takes along. */
static struct types label_types(const struct control *control)
{
    return control->op == OP_LOOP ? control->params : control->results;
}

static const struct control *label(struct validator *v, uint32_t depth)
{
    if (depth >= v->depth) {
        fail(v, "unknown label");
        return NULL;
    }
    return &v->controls[v->depth - 1 - depth];
}

/* --- Indices --- */

static struct types params_of(const struct sig *sig)
{
    return (struct types){sig->type.params, sig->type.types};
}

static struct types results_of(const struct sig *sig)
{
    return (struct types){sig->type.results, sig->type.types + sig->type.params};
}

static bool in_range(struct validator *v, uint32_t index, uint32_t count, const char *text)
{
    return index < count || fail(v, text);
}

static bool memory_known(struct validator *v, uint32_t index)
{
    return in_range(v, index, v->module->memory_count, "unknown memory");
}

static bool table_known(struct validator *v, uint32_t index)
{
    return in_range(v, index, v->module->table_count, "unknown table");
}

/* --- Instructions that are not in the table --- */

static bool block_types(struct validator *v, struct types *params, struct types *results)
{
    static const uint8_t all[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_V128, WASM_FUNCREF, WASM_EXTERNREF};
    int32_t type = v->insn.block;

    *params = *results = (struct types){0, NULL};
    if (type >= 0) {
        if (!in_range(v, (uint32_t)type, v->module->type_count, "unknown type"))
            return false;
        *params = params_of(v->module->types[type]);
        *results = results_of(v->module->types[type]);
        return true;
    }
    for (size_t i = 0; i < sizeof(all); i++)
        if (all[i] == type + 0x80)
            *results = (struct types){1, &all[i]};
    return true;
}

static void block_open(struct validator *v)
{
    struct types params, results;

    if (v->insn.op == OP_IF)
        pop(v, WASM_I32);
    if (!block_types(v, &params, &results))
        return;
    pop_all(v, params);
    if (!v->reader.failed)
        control_push(v, v->insn.op, params, results);
}

static void block_else(struct validator *v)
{
    if (v->controls[v->depth - 1].op != OP_IF) {
        reader_fail(&v->reader, WASM_MALFORMED, v->insn.offset, "else without if");
        return;
    }
    struct control top = control_pop(v);
    if (!v->reader.failed)
        control_push(v, OP_ELSE, top.params, top.results);
}

static void block_end(struct validator *v)
{
    struct control top = control_pop(v);

    if (v->reader.failed)
        return;
    if (top.op == OP_IF && (top.params.count != top.results.count ||
                            (top.params.count != 0 && memcmp(top.params.items, top.results.items, top.params.count))))
        fail(v, "type mismatch: if without else changes the stack");
    push_all(v, top.results);
}

static void branch_table(struct validator *v)
{
    struct reader targets = v->reader;
    uint32_t arity = 0;

    targets.at = v->insn.bytes;
    pop(v, WASM_I32);
    for (uint32_t i = 0; i <= v->insn.a && !v->reader.failed; i++) {
        const struct control *control = label(v, read_u32(&targets));

        if (control == NULL)
            return;
        struct types types = label_types(control);
        if (i == 0)
            arity = types.count;
        if (types.count != arity) {
            fail(v, "type mismatch: branches of different arity");
            return;
        }
        /* Each target is checked against the same operands, without popping them. */
        uint32_t height = v->height, bottom = v->controls[v->depth - 1].height;
        for (uint32_t k = types.count; k-- > 0;) {
            uint8_t type = UNKNOWN;

            if (height > bottom)
                type = v->stack[--height];
            else if (!v->controls[v->depth - 1].unreachable)
                fail(v, "type mismatch: the operand stack is empty");
            if (type != UNKNOWN && type != types.items[k])
                fail(v, "type mismatch");
        }
    }
    unreachable_from_here(v);
}

static void call(struct validator *v, const struct sig *sig, bool tail)
{
    pop_all(v, params_of(sig));
    if (!tail) {
        push_all(v, results_of(sig));
        return;
    }
    struct types mine = v->controls[0].results, theirs = results_of(sig);
    if (mine.count != theirs.count || (mine.count != 0 && memcmp(mine.items, theirs.items, mine.count) != 0))
        fail(v, "type mismatch: results of the tail call");
    unreachable_from_here(v);
}

static void call_indirect(struct validator *v, bool tail)
{
    if (!table_known(v, v->insn.b) || !in_range(v, v->insn.a, v->module->type_count, "unknown type"))
        return;
    if (v->module->tables[v->insn.b].type != WASM_FUNCREF)
        fail(v, "type mismatch: the table has no functions");
    pop(v, WASM_I32);
    call(v, v->module->types[v->insn.a], tail);
}

static void select(struct validator *v)
{
    if (v->insn.op == OP_SELECT_TYPED) {
        if (v->insn.a != 1) {
            fail(v, "invalid result arity");
            return;
        }
        uint8_t type = v->insn.bytes[0];
        pop(v, WASM_I32);
        pop(v, type);
        pop(v, type);
        push(v, type);
        return;
    }
    pop(v, WASM_I32);
    uint8_t first = pop_any(v), second = pop_any(v);
    if (type_is_ref(first) || type_is_ref(second) || (first != second && first != UNKNOWN && second != UNKNOWN))
        fail(v, "type mismatch");
    push(v, first == UNKNOWN ? second : first);
}

static void variable(struct validator *v)
{
    const struct wasm_module *module = v->module;
    uint32_t index = v->insn.a;

    if (v->insn.op == OP_GLOBAL_GET || v->insn.op == OP_GLOBAL_SET) {
        if (!in_range(v, index, module->global_count, "unknown global"))
            return;
        if (v->insn.op == OP_GLOBAL_GET)
            push(v, module->globals[index].type);
        else if (!module->globals[index].is_mutable)
            fail(v, "global is immutable");
        else
            pop(v, module->globals[index].type);
        return;
    }
    if (!in_range(v, index, v->local_count, "unknown local"))
        return;
    if (v->insn.op != OP_LOCAL_GET)
        pop(v, v->locals[index]);
    if (v->insn.op != OP_LOCAL_SET)
        push(v, v->locals[index]);
}

static void table_init_copy(struct validator *v)
{
    const struct wasm_module *module = v->module;
    uint8_t from = 0;

    if (v->insn.op == OP_TABLE_INIT) {
        if (!table_known(v, v->insn.b) || !in_range(v, v->insn.a, module->elem_count, "unknown elem segment"))
            return;
        from = module->elems[v->insn.a].type;
        if (from != module->tables[v->insn.b].type)
            fail(v, "type mismatch: element segment and table");
    } else {
        if (!table_known(v, v->insn.a) || !table_known(v, v->insn.b))
            return;
        if (module->tables[v->insn.a].type != module->tables[v->insn.b].type)
            fail(v, "type mismatch: tables of different types");
    }
    pop(v, WASM_I32);
    pop(v, WASM_I32);
    pop(v, WASM_I32);
}

static void table(struct validator *v)
{
    if (!table_known(v, v->insn.a))
        return;
    uint8_t type = v->module->tables[v->insn.a].type;
    switch (v->insn.op) {
    case OP_TABLE_GET:
        pop(v, WASM_I32);
        push(v, type);
        break;
    case OP_TABLE_SET:
        pop(v, type);
        pop(v, WASM_I32);
        break;
    case OP_TABLE_SIZE:
        push(v, WASM_I32);
        break;
    case OP_TABLE_GROW:
        pop(v, WASM_I32);
        pop(v, type);
        push(v, WASM_I32);
        break;
    default: /* OP_TABLE_FILL */
        pop(v, WASM_I32);
        pop(v, type);
        pop(v, WASM_I32);
        break;
    }
}

static void reference(struct validator *v)
{
    if (v->insn.op == OP_REF_NULL) {
        push(v, (uint8_t)v->insn.a);
    } else if (v->insn.op == OP_REF_IS_NULL) {
        uint8_t type = pop_any(v);
        if (type != UNKNOWN && !type_is_ref(type))
            fail(v, "type mismatch");
        push(v, WASM_I32);
    } else if (in_range(v, v->insn.a, v->module->func_count, "unknown function")) {
        if (!func_is_declared(v->module, v->insn.a))
            fail(v, "undeclared function reference");
        push(v, WASM_FUNCREF);
    }
}

static void branch(struct validator *v, bool conditional)
{
    if (conditional)
        pop(v, WASM_I32);
    const struct control *control = label(v, v->insn.a);
    if (control == NULL)
        return;
    struct types types = label_types(control);
    pop_all(v, types);
    if (conditional)
        push_all(v, types);
    else
        unreachable_from_here(v);
}

/* --- Instructions with a signature in the table --- */

static uint8_t letter_type(char letter)
{
    switch (letter) {
    case 'i':
        return WASM_I32;
    case 'l':
        return WASM_I64;
    case 'f':
        return WASM_F32;
    case 'd':
        return WASM_F64;
    default:
        return WASM_V128;
    }
}

static void immediates_check(struct validator *v, const struct op_info *info)
{
    static const uint8_t lanes_of_memory[] = {16, 8, 4, 2};

    switch ((enum imm)info->imm) {
    case IMM_MEMORY_LANE:
        if (v->insn.lane >= lanes_of_memory[info->number])
            fail(v, "invalid lane index");
        /* fall through */
    case IMM_MEMORY:
        memory_known(v, v->insn.b);
        if (v->insn.a > info->number)
            fail(v, "alignment must not be larger than natural");
        break;
    case IMM_MEM_INDEX_2:
        memory_known(v, v->insn.a);
        memory_known(v, v->insn.b);
        break;
    case IMM_MEM_INDEX:
        memory_known(v, v->insn.b);
        break;
    case IMM_INDEX: /* data.drop */
    case IMM_INDEX_MEM:
        if (!v->module->has_data_count)
            reader_fail(&v->reader, WASM_MALFORMED, v->insn.offset, "data count section required");
        if (info->imm == IMM_INDEX_MEM)
            memory_known(v, v->insn.b);
        in_range(v, v->insn.a, v->module->data_count, "unknown data segment");
        break;
    case IMM_LANE:
        if (v->insn.lane >= info->number)
            fail(v, "invalid lane index");
        break;
    case IMM_SHUFFLE:
        for (int i = 0; i < 16; i++)
            if (v->insn.bytes[i] >= 32)
                fail(v, "invalid lane index");
        break;
    default:
        break;
    }
}

static void table_driven(struct validator *v)
{
    const struct op_info *info = &op_table[v->insn.op];
    const char *sig = info->sig, *middle = strchr(sig, '>');

    immediates_check(v, info);
    for (const char *p = middle; p-- > sig;)
        pop(v, letter_type(*p));
    if (middle[1] != 0)
        push(v, letter_type(middle[1]));
}

static void instruction(struct validator *v)
{
    switch (v->insn.op) {
    case OP_NOP:
        break;
    case OP_UNREACHABLE:
        unreachable_from_here(v);
        break;
    case OP_BLOCK:
    case OP_LOOP:
    case OP_IF:
        block_open(v);
        break;
    case OP_ELSE:
        block_else(v);
        break;
    case OP_END:
        block_end(v);
        break;
    case OP_BR:
    case OP_BR_IF:
        branch(v, v->insn.op == OP_BR_IF);
        break;
    case OP_BR_TABLE:
        branch_table(v);
        break;
    case OP_RETURN:
        pop_all(v, v->controls[0].results);
        unreachable_from_here(v);
        break;
    case OP_CALL:
    case OP_RETURN_CALL:
        if (in_range(v, v->insn.a, v->module->func_count, "unknown function"))
            call(v, v->module->funcs[v->insn.a].sig, v->insn.op == OP_RETURN_CALL);
        break;
    case OP_CALL_INDIRECT:
    case OP_RETURN_CALL_INDIRECT:
        call_indirect(v, v->insn.op == OP_RETURN_CALL_INDIRECT);
        break;
    case OP_DROP:
        pop_any(v);
        break;
    case OP_SELECT:
    case OP_SELECT_TYPED:
        select(v);
        break;
    case OP_LOCAL_GET:
    case OP_LOCAL_SET:
    case OP_LOCAL_TEE:
    case OP_GLOBAL_GET:
    case OP_GLOBAL_SET:
        variable(v);
        break;
    case OP_TABLE_GET:
    case OP_TABLE_SET:
    case OP_TABLE_SIZE:
    case OP_TABLE_GROW:
    case OP_TABLE_FILL:
        table(v);
        break;
    case OP_TABLE_INIT:
    case OP_TABLE_COPY:
        table_init_copy(v);
        break;
    case OP_ELEM_DROP:
        in_range(v, v->insn.a, v->module->elem_count, "unknown elem segment");
        break;
    case OP_REF_NULL:
    case OP_REF_IS_NULL:
    case OP_REF_FUNC:
        reference(v);
        break;
    default:
        table_driven(v);
        break;
    }
}

/* --- Functions --- */

static bool locals_read(struct validator *v, const struct sig *sig)
{
    uint32_t at = reader_offset(&v->reader), groups = read_count(&v->reader), count = sig->type.params;
    uint8_t *locals = scratch_room(v->module->store, SCRATCH_LOCALS, MAX_LOCALS);

    if (locals == NULL)
        return no_memory(v);
    memcpy(locals, sig->type.types, count);
    v->most_slots = sig->param_slots;
    for (uint32_t i = 0; i < groups && !v->reader.failed; i++) {
        uint32_t offset = reader_offset(&v->reader), more = read_u32(&v->reader);
        uint8_t type = read_byte(&v->reader);

        if (v->reader.failed)
            return false;
        if (!type_is_value(type))
            return reader_fail(&v->reader, WASM_MALFORMED, offset, "malformed value type");
        if (more > MAX_LOCALS - count)
            return reader_fail(&v->reader, WASM_MALFORMED, at, "too many locals");
        memset(locals + count, type, more);
        count += more;
        v->slots += more * type_slots(type);
    }
    v->slots += sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
    v->most_slots = v->slots;
    if (v->slots > MAX_SLOTS)
        return fail(v, "function needs too many locals and operands");
    v->locals = locals;
    v->local_count = count;
    return !v->reader.failed;
}

static bool body_validate(struct validator *v, struct func_def *func)
{
    v->insn.offset = func->body;
    if (!locals_read(v, func->sig))
        return false;
    v->depth = 0;
    v->height = 0;
    control_push(v, OP_BLOCK, (struct types){0, NULL}, results_of(func->sig));
    while (v->depth != 0 && !v->reader.failed) {
        if (reader_left(&v->reader) == 0)
            return reader_malformed(&v->reader, "unexpected end: END opcode expected");
        if (insn_read(&v->reader, &v->insn))
            instruction(v);
    }
    if (v->reader.failed)
        return false;
    if (reader_left(&v->reader) != 0)
        return reader_malformed(&v->reader, "unexpected content behind the end of the function");
    func->slots = v->most_slots;
    return true;
}

bool bodies_validate(struct wasm_module *module, struct wasm_error *error)
{
    struct validator v = {.module = module};

    for (uint32_t i = module->imported_funcs; i < module->func_count; i++) {
        struct func_def *func = &module->funcs[i];

        v.reader = reader_at(module, func->body, func->end, error);
        v.slots = 0;
        if (!body_validate(&v, func))
            return false;
    }
    return true;
}
