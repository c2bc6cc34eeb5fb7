/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instances: imports are matched, index spaces filled, segments applied, the start function called (WebAssembly Core
 * Specification 2.0, sections 4.5.4 and 3.4 for the matching of imports).
 */
#include "decode.h"
#include "interp.h"
#include "objects.h"

static bool limits_match(struct wasm_limits_type have, uint64_t size, struct wasm_limits_type want)
{
    return size >= want.minimum && have.maximum <= want.maximum;
}

static bool extern_is(const struct wasm_extern *found, enum wasm_kind kind)
{
    const void *const things[] = {found->func, found->table, found->memory, found->global};

    return found->kind == kind && things[kind] != NULL;
}

static bool import_matches(const struct wasm_instance *instance, const struct import_def *import,
                           const struct wasm_extern *found)
{
    const struct wasm_module *module = instance->module;

    switch ((enum wasm_kind)import->kind) {
    case WASM_FUNC:
        return found->func->store == instance->store && found->func->sig == module->funcs[import->index].sig;
    case WASM_TABLE: {
        const struct table_def *want = &module->tables[import->index];
        return found->table->store == instance->store && found->table->type == want->type &&
               limits_match(found->table->limits, found->table->size, want->limits);
    }
    case WASM_MEMORY:
        return found->memory->store == instance->store &&
               limits_match(found->memory->limits, wasm_memory_size(found->memory) / WASM_PAGE,
                            module->memories[import->index]);
    default: {
        const struct global_def *want = &module->globals[import->index];
        return found->global->type == want->type && found->global->is_mutable == want->is_mutable;
    }
    }
}

static enum wasm_status unlinkable(const struct wasm_entry *entry, size_t offset, const char *why,
                                   struct wasm_error *error)
{
    error_set(error, WASM_UNLINKABLE, offset, why);
    error_append(error, ": ", 2);
    error_append(error, entry->module, entry->module_length);
    error_append(error, ".", 1);
    error_append(error, entry->name, entry->name_length);
    return WASM_UNLINKABLE;
}

static enum wasm_status imports_link(struct wasm_instance *instance, wasm_resolver resolver, void *user,
                                     struct wasm_error *error)
{
    for (uint32_t i = 0; i < instance->module->import_count; i++) {
        const struct import_def *import = &instance->module->imports[i];
        struct wasm_entry entry = wasm_module_import(instance->module, i);
        struct wasm_extern found = {.kind = entry.kind};

        if (resolver == NULL || !resolver(user, &entry, &found))
            return unlinkable(&entry, import->name, "unknown import", error);
        if (!extern_is(&found, entry.kind) || !import_matches(instance, import, &found))
            return unlinkable(&entry, import->name, "incompatible import type", error);
        switch (entry.kind) {
        case WASM_FUNC:
            instance->funcs[import->index] = found.func;
            break;
        case WASM_TABLE:
            instance->tables[import->index] = found.table;
            break;
        case WASM_MEMORY:
            instance->memories[import->index] = found.memory;
            break;
        case WASM_GLOBAL:
            instance->globals[import->index] = found.global;
            break;
        }
    }
    return WASM_OK;
}

static bool spaces_alloc(struct wasm_instance *instance)
{
    const struct wasm_module *module = instance->module;
    struct wasm_store *store = instance->store;

    instance->funcs = store_array(store, module->func_count, sizeof(*instance->funcs));
    instance->tables = store_array(store, module->table_count, sizeof(*instance->tables));
    instance->memories = store_array(store, module->memory_count, sizeof(*instance->memories));
    instance->globals = store_array(store, module->global_count, sizeof(*instance->globals));
    instance->elems = store_array(store, module->elem_count, sizeof(*instance->elems));
    instance->datas = store_array(store, module->data_count, sizeof(*instance->datas));
    return instance->funcs != NULL && instance->tables != NULL && instance->memories != NULL &&
           instance->globals != NULL && instance->elems != NULL && instance->datas != NULL;
}

static bool funcs_make(struct wasm_instance *instance)
{
    const struct wasm_module *module = instance->module;
    uint32_t first = module->imported_funcs;
    struct wasm_func *funcs = store_array(instance->store, module->func_count - first, sizeof(*funcs));

    if (funcs == NULL)
        return false;
    for (uint32_t i = first; i < module->func_count; i++) {
        struct wasm_func *func = &funcs[i - first];

        func->store = instance->store;
        func->sig = module->funcs[i].sig;
        func->instance = instance;
        func->index = i;
        func->mem = module->memory_count == 0 ? NULL : instance->memories[0]->base;
        func->stub[0].run = step_translate;
        func->stub[1].p = func;
        func->code = func->stub;
        instance->funcs[i] = func;
    }
    return true;
}

static bool objects_make(struct wasm_instance *instance)
{
    const struct wasm_module *module = instance->module;
    struct wasm_store *store = instance->store;

    for (uint32_t i = module->imported_memories; i < module->memory_count; i++) {
        instance->memories[i] = wasm_memory_new(store, module->memories[i]);
        if (instance->memories[i] == NULL)
            return false;
    }
    for (uint32_t i = module->imported_tables; i < module->table_count; i++) {
        const struct table_def *table = &module->tables[i];

        instance->tables[i] = wasm_table_new(store, (enum wasm_type)table->type, table->limits, NULL);
        if (instance->tables[i] == NULL)
            return false;
    }
    if (!funcs_make(instance))
        return false;
    for (uint32_t i = module->imported_globals; i < module->global_count; i++) {
        const struct global_def *global = &module->globals[i];
        union wasm_value value;

        if (!const_value(instance, global->value, &value))
            return false;
        instance->globals[i] = wasm_global_new(store, (enum wasm_type)global->type, global->is_mutable, value);
        if (instance->globals[i] == NULL)
            return false;
    }
    return true;
}

static bool elem_make(struct wasm_instance *instance, const struct elem_def *def, struct elem_segment *elem)
{
    struct reader reader = reader_at(instance->module, def->items, def->items_end, NULL);

    elem->items = store_array(instance->store, def->count, sizeof(*elem->items));
    if (elem->items == NULL)
        return false;
    elem->count = def->count;
    for (uint32_t i = 0; i < def->count; i++) {
        if (def->by_index) {
            elem->items[i] = instance->funcs[read_u32(&reader)];
            continue;
        }
        struct const_expr expr = {.start = reader_offset(&reader)};
        struct insn insn;
        union wasm_value value;

        while (insn_read(&reader, &insn) && insn.op != OP_END)
            continue;
        expr.end = reader_offset(&reader);
        if (!const_value(instance, expr, &value))
            return false;
        elem->items[i] = value.ref;
    }
    return true;
}

static bool segments_make(struct wasm_instance *instance)
{
    const struct wasm_module *module = instance->module;

    for (uint32_t i = 0; i < module->elem_count; i++)
        if (!elem_make(instance, &module->elems[i], &instance->elems[i]))
            return false;
    for (uint32_t i = 0; i < module->data_count; i++)
        instance->datas[i] = (struct data_segment){module->bytes + module->datas[i].start, module->datas[i].size};
    return true;
}

static enum wasm_status trapped(struct wasm_instance *instance, enum wasm_trap trap, size_t offset)
{
    instance->store->trap =
        (struct wasm_trap_info){.trap = trap, .text = wasm_trap_text(trap), .instance = instance, .offset = offset};
    return WASM_TRAPPED;
}

static enum wasm_status segments_apply(struct wasm_instance *instance)
{
    const struct wasm_module *module = instance->module;
    union wasm_value at;

    for (uint32_t i = 0; i < module->elem_count; i++) {
        const struct elem_def *def = &module->elems[i];
        struct elem_segment *elem = &instance->elems[i];

        if (def->mode == SEGMENT_ACTIVE) {
            if (!const_value(instance, def->offset, &at))
                return WASM_NO_MEMORY;
            if (!table_init(instance->tables[def->table], at.i32, elem, 0, elem->count))
                return trapped(instance, WASM_TRAP_TABLE_BOUNDS, def->offset.start);
        }
        if (def->mode != SEGMENT_PASSIVE)
            elem->count = 0;
    }
    for (uint32_t i = 0; i < module->data_count; i++) {
        const struct data_def *def = &module->datas[i];
        struct data_segment *data = &instance->datas[i];

        if (def->mode != SEGMENT_ACTIVE)
            continue;
        if (!const_value(instance, def->offset, &at))
            return WASM_NO_MEMORY;
        if (!memory_init(instance->memories[def->memory], at.i32, data, 0, data->size))
            return trapped(instance, WASM_TRAP_MEMORY_BOUNDS, def->offset.start);
        data->size = 0;
    }
    return WASM_OK;
}

static enum wasm_status instance_fill(struct wasm_instance *instance, wasm_resolver resolver, void *user,
                                      struct wasm_error *error)
{
    enum wasm_status status = imports_link(instance, resolver, user, error);

    if (status != WASM_OK)
        return status;
    if (!objects_make(instance) || !segments_make(instance))
        return WASM_NO_MEMORY;
    status = segments_apply(instance);
    if (status != WASM_OK || !instance->module->has_start)
        return status;
    return wasm_func_call(instance->funcs[instance->module->start], NULL, 0, NULL, 0);
}

enum wasm_status wasm_instance_new(struct wasm_module *module, wasm_resolver resolver, void *user,
                                   struct wasm_instance **result, struct wasm_error *error)
{
    struct wasm_store *store = module->store;
    struct wasm_instance *instance = store_alloc(store, sizeof(*instance));
    enum wasm_status status = WASM_NO_MEMORY;

    *result = NULL;
    if (error != NULL)
        *error = (struct wasm_error){.status = WASM_OK, .offset = WASM_NO_OFFSET};
    if (instance != NULL) {
        instance->store = store;
        instance->module = module;
        if (spaces_alloc(instance))
            status = instance_fill(instance, resolver, user, error);
    }
    if (status == WASM_OK)
        *result = instance;
    else if (status == WASM_NO_MEMORY)
        error_set(error, status, WASM_NO_OFFSET, "no memory, or a limit of the store is reached");
    else if (status == WASM_TRAPPED)
        error_set(error, status, store->trap.offset, store->trap.text);
    else if (status == WASM_EXITED)
        error_set(error, status, WASM_NO_OFFSET, "the start function asked to exit");
    return status;
}

static struct wasm_extern extern_at(struct wasm_instance *instance, const struct export_def *export)
{
    struct wasm_extern found = {.kind = (enum wasm_kind) export->kind};

    switch (found.kind) {
    case WASM_FUNC:
        found.func = instance->funcs[export->index];
        break;
    case WASM_TABLE:
        found.table = instance->tables[export->index];
        break;
    case WASM_MEMORY:
        found.memory = instance->memories[export->index];
        break;
    case WASM_GLOBAL:
        found.global = instance->globals[export->index];
        break;
    }
    return found;
}

struct wasm_extern wasm_instance_export_at(struct wasm_instance *instance, uint32_t index)
{
    if (index >= instance->module->export_count)
        return (struct wasm_extern){0};
    return extern_at(instance, &instance->module->exports[index]);
}

struct wasm_extern wasm_instance_export(struct wasm_instance *instance, const char *name, size_t length)
{
    const struct wasm_module *module = instance->module;

    for (uint32_t i = 0; i < module->export_count; i++)
        if (module->exports[i].name_length == length &&
            memcmp(module->bytes + module->exports[i].name, name, length) == 0)
            return extern_at(instance, &module->exports[i]);
    return (struct wasm_extern){0};
}

bool wasm_instance_translate(struct wasm_instance *instance)
{
    const struct wasm_module *module = instance->module;

    for (uint32_t i = module->imported_funcs; i < module->func_count; i++) {
        struct wasm_func *func = instance->funcs[i];

        if (func->code == func->stub && !func_translate(func))
            return false;
    }
    return true;
}

const struct wasm_module *wasm_instance_module(const struct wasm_instance *instance)
{
    return instance->module;
}

struct wasm_memory *wasm_instance_memory(struct wasm_instance *instance)
{
    return instance->module->memory_count == 0 ? NULL : instance->memories[0];
}
