/* SPDX-License-Identifier: BSD-2-Clause */
/* What a module is made of, and its instructions, as text. */
#include "guest.h"
#include "../engine/op.h"

#include <libmnos/print.h>

static const char *type_name(uint8_t type)
{
    switch (type) {
    case WASM_I32:
        return "i32";
    case WASM_I64:
        return "i64";
    case WASM_F32:
        return "f32";
    case WASM_F64:
        return "f64";
    case WASM_V128:
        return "v128";
    case WASM_FUNCREF:
        return "funcref";
    case WASM_EXTERNREF:
        return "externref";
    default:
        return "?";
    }
}

static void types_print(const uint8_t *types, uint32_t count)
{
    printf("(");
    for (uint32_t i = 0; i < count; i++)
        printf("%s%s", i == 0 ? "" : " ", type_name(types[i]));
    printf(")");
}

static void func_type_print(const struct wasm_func_type *type)
{
    types_print(type->types, type->params);
    printf(" -> ");
    types_print(type->types + type->params, type->results);
}

static void limits_print(const struct wasm_limits_type *limits)
{
    printf(" %u", limits->minimum);
    if (limits->maximum != UINT32_MAX)
        printf(" to %u", limits->maximum);
}

/* Names are bytes of the module: what is not printable becomes a dot. */
static void name_print(const char *name, uint32_t length)
{
    for (uint32_t i = 0; i < length && i < 64; i++)
        printf("%c", name[i] >= ' ' && name[i] <= '~' ? name[i] : '.');
}

static void entry_print(const char *what, const struct wasm_entry *entry)
{
    static const char *const kinds[] = {"function", "table", "memory", "global"};

    printf("  %s ", what);
    if (entry->module != NULL) {
        name_print(entry->module, entry->module_length);
        printf(".");
    }
    name_print(entry->name, entry->name_length);
    printf(": %s", kinds[entry->kind]);
    if (entry->kind == WASM_FUNC) {
        printf(" ");
        func_type_print(&entry->func);
    } else if (entry->kind == WASM_GLOBAL) {
        printf(" %s%s", entry->is_mutable ? "mutable " : "", type_name((uint8_t)entry->type));
    } else {
        limits_print(&entry->limits);
    }
    printf("\n");
}

void show_module(const struct guest *guest, const struct wasm_module *module)
{
    printf("%s: %zu bytes, %u functions, %u tables, %u memories, %u globals\n", guest->name, guest->size,
           module->func_count, module->table_count, module->memory_count, module->global_count);
    for (uint32_t i = 0; i < wasm_module_import_count(module); i++) {
        struct wasm_entry entry = wasm_module_import(module, i);
        entry_print("import", &entry);
    }
    for (uint32_t i = 0; i < wasm_module_export_count(module); i++) {
        struct wasm_entry entry = wasm_module_export(module, i);
        entry.module = NULL;
        entry_print("export", &entry);
    }
}

static void insn_print(const struct insn *insn)
{
    const struct op_info *info = &op_table[insn->op];

    printf("%s", info->text);
    switch ((enum imm)info->imm) {
    case IMM_BLOCK:
        if (insn->block >= 0)
            printf(" type %d", insn->block);
        else if (insn->block != -64)
            printf(" %s", type_name((uint8_t)(insn->block + 0x80)));
        break;
    case IMM_INDEX:
    case IMM_BR_TABLE:
    case IMM_REF_TYPE:
    case IMM_TYPES:
        printf(" %u", insn->a);
        break;
    case IMM_INDEX_2:
    case IMM_MEM_INDEX_2:
    case IMM_INDEX_MEM:
        printf(" %u %u", insn->a, insn->b);
        break;
    case IMM_MEM_INDEX:
        printf(" %u", insn->b);
        break;
    case IMM_MEMORY:
    case IMM_MEMORY_LANE:
        printf(" offset=%llu align=%u", (unsigned long long)insn->u64, 1u << insn->a);
        break;
    case IMM_I32:
    case IMM_I64:
        printf(" %lld", (long long)insn->u64);
        break;
    case IMM_F32:
    case IMM_F64:
        printf(" 0x%llx", (unsigned long long)insn->u64);
        break;
    case IMM_LANE:
        printf(" %u", insn->lane);
        break;
    case IMM_V128:
    case IMM_SHUFFLE:
        for (unsigned i = 0; i < 16; i++)
            printf("%s%02x", i == 0 ? " " : "", insn->bytes[i]);
        break;
    case IMM_NONE:
        break;
    }
    printf("\n");
}

static void func_show(const struct wasm_module *module, uint32_t index)
{
    const struct func_def *def = &module->funcs[index];
    struct reader reader = reader_at(module, def->body, def->end, NULL);
    struct insn insn;
    unsigned depth = 1;

    printf("function %u: ", index);
    func_type_print(&def->sig->type);
    printf("\n");
    for (uint32_t groups = read_u32(&reader); groups > 0; groups--) {
        uint32_t count = read_u32(&reader);
        printf("          local %u %s\n", count, type_name(read_byte(&reader)));
    }
    while (depth != 0 && insn_read(&reader, &insn)) {
        if (insn.op == OP_END)
            depth--;
        unsigned indent = 2 * (depth + (insn.op != OP_END) - (insn.op == OP_ELSE));
        printf("%8x  %*s", insn.offset, (int)(indent > 40 ? 40 : indent), "");
        insn_print(&insn);
        if (insn.op == OP_BLOCK || insn.op == OP_LOOP || insn.op == OP_IF)
            depth++;
    }
}

void show_code(const struct wasm_module *module)
{
    for (uint32_t i = module->imported_funcs; i < module->func_count; i++)
        func_show(module, i);
}
