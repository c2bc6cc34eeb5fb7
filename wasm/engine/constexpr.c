/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constant expressions: constants, references, immutable globals that come before, and the arithmetic of the proposal
 * extended-const.
 */
#include "decode.h"

struct types {
    struct wasm_store *store;
    uint8_t *items;
    uint32_t count;
};

static bool type_push(struct types *types, uint8_t type)
{
    types->items = scratch_room(types->store, SCRATCH_STACK, (size_t)types->count + 1);
    if (types->items == NULL)
        return false;
    types->items[types->count++] = type;
    return true;
}

static uint8_t arithmetic_type(enum op op)
{
    if (op == OP_I32_ADD || op == OP_I32_SUB || op == OP_I32_MUL)
        return WASM_I32;
    if (op == OP_I64_ADD || op == OP_I64_SUB || op == OP_I64_MUL)
        return WASM_I64;
    return 0;
}

/* The type that the instruction pushes; 0 when it is not allowed. */
static uint8_t const_type(struct wasm_module *module, struct reader *reader, const struct insn *insn,
                          struct types *types)
{
    uint8_t type = arithmetic_type(insn->op);

    switch (insn->op) {
    case OP_I32_CONST:
        return WASM_I32;
    case OP_I64_CONST:
        return WASM_I64;
    case OP_F32_CONST:
        return WASM_F32;
    case OP_F64_CONST:
        return WASM_F64;
    case OP_V128_CONST:
        return WASM_V128;
    case OP_REF_NULL:
        return (uint8_t)insn->a;
    case OP_REF_FUNC:
        if (insn->a >= module->func_count) {
            reader_fail(reader, WASM_INVALID, insn->offset, "unknown function");
            return 0;
        }
        func_declare(module, insn->a);
        return WASM_FUNCREF;
    case OP_GLOBAL_GET:
        if (insn->a >= module->global_count)
            reader_fail(reader, WASM_INVALID, insn->offset, "unknown global");
        else if (module->globals[insn->a].is_mutable)
            reader_fail(reader, WASM_INVALID, insn->offset, "constant expression required");
        return reader->failed ? 0 : module->globals[insn->a].type;
    default:
        if (type == 0)
            reader_fail(reader, WASM_INVALID, insn->offset, "constant expression required");
        else if (types->count < 2 || types->items[types->count - 1] != type || types->items[types->count - 2] != type)
            reader_fail(reader, WASM_INVALID, insn->offset, "type mismatch");
        else
            types->count -= 2;
        return type;
    }
}

bool const_read(struct wasm_module *module, struct reader *reader, uint8_t type, struct const_expr *expr)
{
    struct types types = {.store = module->store};
    struct insn insn;

    expr->start = reader_offset(reader);
    for (;;) {
        if (!insn_read(reader, &insn))
            return false;
        if (insn.op == OP_END)
            break;
        uint8_t pushed = const_type(module, reader, &insn, &types);
        if (reader->failed)
            return false;
        if (!type_push(&types, pushed))
            return reader_fail(reader, WASM_NO_MEMORY, insn.offset, "no memory");
    }
    expr->end = reader_offset(reader);
    if (types.count != 1 || types.items[0] != type)
        return reader_fail(reader, WASM_INVALID, insn.offset, "type mismatch");
    return true;
}

static void arithmetic(enum op op, union wasm_value *left, const union wasm_value *right)
{
    if (op == OP_I32_ADD)
        left->i32 += right->i32;
    else if (op == OP_I32_SUB)
        left->i32 -= right->i32;
    else if (op == OP_I32_MUL)
        left->i32 *= right->i32;
    else if (op == OP_I64_ADD)
        left->i64 += right->i64;
    else if (op == OP_I64_SUB)
        left->i64 -= right->i64;
    else
        left->i64 *= right->i64;
}

bool const_value(struct wasm_instance *instance, struct const_expr expr, union wasm_value *value)
{
    struct reader reader = reader_at(instance->module, expr.start, expr.end, NULL);
    uint32_t count = 0;
    struct insn insn;
    union wasm_value *stack = NULL;

    while (insn_read(&reader, &insn) && insn.op != OP_END) {
        stack = scratch_room(instance->store, SCRATCH_STACK, (count + 1) * sizeof(*stack));
        if (stack == NULL)
            return false;
        if (arithmetic_type(insn.op) != 0) {
            count--;
            arithmetic(insn.op, &stack[count - 1], &stack[count]);
            continue;
        }
        union wasm_value *top = &stack[count++];
        memset(top, 0, sizeof(*top));
        if (insn.op == OP_GLOBAL_GET)
            *top = wasm_global_get(instance->globals[insn.a]);
        else if (insn.op == OP_REF_FUNC)
            top->ref = instance->funcs[insn.a];
        else if (insn.op == OP_V128_CONST)
            memcpy(top->v128, insn.bytes, 16);
        else if (insn.op != OP_REF_NULL)
            top->i64 = insn.u64;
    }
    *value = stack[0];
    return true;
}
