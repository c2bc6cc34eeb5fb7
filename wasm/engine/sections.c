/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contents of each section (WebAssembly Core Specification 2.0, section 5.5).  Counts are at most the bytes that are
 * left, so that the arrays stay in proportion to the module.
 */
#include "decode.h"

static bool invalid(struct reader *reader, uint32_t offset, const char *text)
{
    return reader_fail(reader, WASM_INVALID, offset, text);
}

/* An array for `count` items behind the `first` that are there already. */
static void *items_grow(struct wasm_module *module, struct reader *reader, const void *items, uint32_t first,
                        uint32_t count, size_t size)
{
    uint8_t *grown = store_array(module->store, (size_t)first + count, size);

    if (grown == NULL)
        reader_fail(reader, WASM_NO_MEMORY, reader_offset(reader), "no memory");
    else if (first != 0)
        memcpy(grown, items, first * size);
    return grown;
}

static uint8_t read_value_type(struct reader *reader)
{
    uint8_t type = read_byte(reader);

    if (!reader->failed && !type_is_value(type)) {
        reader->at--;
        reader_malformed(reader, "malformed value type");
    }
    return type;
}

static uint8_t read_ref_type(struct reader *reader)
{
    uint8_t type = read_byte(reader);

    if (!reader->failed && !type_is_ref(type)) {
        reader->at--;
        reader_malformed(reader, "malformed reference type");
    }
    return type;
}

static struct wasm_limits_type read_limits(struct reader *reader, uint64_t most, const char *text)
{
    uint32_t offset = reader_offset(reader);
    uint8_t flag = read_byte(reader);
    struct wasm_limits_type limits = {read_u32(reader), UINT32_MAX};

    if (flag > 1)
        reader_fail(reader, WASM_MALFORMED, offset,
                    flag == 3 ? "shared memory is not supported" : "malformed limits flags");
    if (flag == 1)
        limits.maximum = read_u32(reader);
    if (limits.minimum > most || (flag == 1 && limits.maximum > most))
        invalid(reader, offset, text);
    if (limits.minimum > limits.maximum)
        invalid(reader, offset, "size minimum must not be greater than maximum");
    return limits;
}

static struct table_def read_table_type(struct reader *reader)
{
    uint8_t type = read_ref_type(reader);

    return (struct table_def){type, read_limits(reader, UINT32_MAX, "")};
}

static struct wasm_limits_type read_memory_type(struct reader *reader)
{
    return read_limits(reader, WASM_MAX_PAGES, "memory size must be at most 65536 pages (4GiB)");
}

static struct global_def read_global_type(struct reader *reader)
{
    struct global_def global = {.type = read_value_type(reader)};
    uint8_t flag = read_byte(reader);

    if (flag > 1) {
        reader->at--;
        reader_malformed(reader, "malformed mutability");
    }
    global.is_mutable = flag == 1;
    return global;
}

static bool types_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->types = items_grow(module, reader, NULL, 0, count, sizeof(*module->types));
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        struct wasm_func_type type = {0};
        uint8_t form = read_byte(reader);

        if (form != 0x60) {
            reader->at -= reader->failed ? 0 : 1;
            return reader_malformed(reader, "malformed type form");
        }
        type.params = read_count(reader);
        const uint8_t *params = reader->at;
        for (uint32_t k = 0; k < type.params && !reader->failed; k++)
            read_value_type(reader);
        type.results = read_count(reader);
        const uint8_t *results = reader->at;
        for (uint32_t k = 0; k < type.results && !reader->failed; k++)
            read_value_type(reader);
        if (reader->failed)
            return false;
        if (type.params > 1000 || type.results > 1000)
            return invalid(reader, reader_offset(reader), "function type with more than 1000 parameters or results");
        uint8_t both[2000];
        memcpy(both, params, type.params);
        memcpy(both + type.params, results, type.results);
        type.types = both;
        module->types[i] = sig_intern(module->store, &type);
        if (module->types[i] == NULL)
            return reader_fail(reader, WASM_NO_MEMORY, reader_offset(reader), "no memory");
        module->type_count++;
    }
    return !reader->failed;
}

static struct sig *read_sig(struct wasm_module *module, struct reader *reader)
{
    uint32_t offset = reader_offset(reader), index = read_u32(reader);

    if (!reader->failed && index >= module->type_count)
        invalid(reader, offset, "unknown type");
    return reader->failed ? NULL : module->types[index];
}

static bool import_read(struct wasm_module *module, struct reader *reader, struct import_def *import)
{
    import->module = read_name(reader, &import->module_length);
    import->name = read_name(reader, &import->name_length);
    import->kind = read_byte(reader);
    if (reader->failed)
        return false;
    switch (import->kind) {
    case WASM_FUNC:
        import->index = module->func_count++;
        module->funcs[import->index].sig = read_sig(module, reader);
        break;
    case WASM_TABLE:
        import->index = module->table_count++;
        module->tables[import->index] = read_table_type(reader);
        break;
    case WASM_MEMORY:
        import->index = module->memory_count++;
        module->memories[import->index] = read_memory_type(reader);
        break;
    case WASM_GLOBAL:
        import->index = module->global_count++;
        module->globals[import->index] = read_global_type(reader);
        break;
    default:
        reader->at--;
        return reader_malformed(reader, "malformed import kind");
    }
    return !reader->failed;
}

static bool imports_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->imports = items_grow(module, reader, NULL, 0, count, sizeof(*module->imports));
    module->funcs = items_grow(module, reader, NULL, 0, count, sizeof(*module->funcs));
    module->tables = items_grow(module, reader, NULL, 0, count, sizeof(*module->tables));
    module->memories = items_grow(module, reader, NULL, 0, count, sizeof(*module->memories));
    module->globals = items_grow(module, reader, NULL, 0, count, sizeof(*module->globals));
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        if (import_read(module, reader, &module->imports[i]))
            module->import_count++;
    module->imported_funcs = module->func_count;
    module->imported_tables = module->table_count;
    module->imported_memories = module->memory_count;
    module->imported_globals = module->global_count;
    return !reader->failed;
}

static bool funcs_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->funcs = items_grow(module, reader, module->funcs, module->func_count, count, sizeof(*module->funcs));
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        module->funcs[module->func_count + i].sig = read_sig(module, reader);
    module->func_count += reader->failed ? 0 : count;
    return !reader->failed;
}

static bool tables_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->tables = items_grow(module, reader, module->tables, module->table_count, count, sizeof(*module->tables));
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        module->tables[module->table_count++] = read_table_type(reader);
    return !reader->failed;
}

static bool memories_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->memories =
        items_grow(module, reader, module->memories, module->memory_count, count, sizeof(*module->memories));
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        module->memories[module->memory_count++] = read_memory_type(reader);
    return !reader->failed;
}

static bool globals_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->globals =
        items_grow(module, reader, module->globals, module->global_count, count, sizeof(*module->globals));
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        struct global_def global = read_global_type(reader);

        const_read(module, reader, global.type, &global.value);
        module->globals[module->global_count] = global;
        module->global_count++;
    }
    return !reader->failed;
}

static bool export_index_check(struct wasm_module *module, struct reader *reader, const struct export_def *export,
                               uint32_t offset)
{
    static const char *const unknown[] = {"unknown function", "unknown table", "unknown memory", "unknown global"};
    const uint32_t counts[] = {module->func_count, module->table_count, module->memory_count, module->global_count};

    if (export->kind > WASM_GLOBAL)
        return reader_fail(reader, WASM_MALFORMED, offset, "malformed export kind");
    if (export->index >= counts[export->kind])
        return invalid(reader, offset, unknown[export->kind]);
    if (export->kind == WASM_FUNC)
        func_declare(module, export->index);
    return true;
}

static uint32_t name_hash(const struct wasm_module *module, const struct export_def *export)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (uint32_t i = 0; i < export->name_length; i++)
        hash = (hash ^ module->bytes[export->name + i]) * 16777619u;
    return hash;
}

/* A table of hashed names, at most half full. */
static bool exports_unique(struct wasm_module *module, struct reader *reader)
{
    uint32_t size = 4;

    while (size < module->export_count * 2)
        size *= 2;
    uint32_t *slots = scratch_room(module->store, SCRATCH_STACK, size * sizeof(*slots));
    if (slots == NULL)
        return reader_fail(reader, WASM_NO_MEMORY, reader_offset(reader), "no memory");
    memset(slots, 0, size * sizeof(*slots));
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct export_def *export = &module->exports[i];
        uint32_t at = name_hash(module, export) & (size - 1);

        for (; slots[at] != 0; at = (at + 1) & (size - 1)) {
            const struct export_def *other = &module->exports[slots[at] - 1];

            if (other->name_length == export->name_length &&
                memcmp(module->bytes + other->name, module->bytes + export->name, export->name_length) == 0)
                return invalid(reader, export->name, "duplicate export name");
        }
        slots[at] = i + 1;
    }
    return true;
}

static bool exports_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->exports = items_grow(module, reader, NULL, 0, count, sizeof(*module->exports));
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        struct export_def *export = &module->exports[i];

        export->name = read_name(reader, &export->name_length);
        uint32_t offset = reader_offset(reader);
        export->kind = read_byte(reader);
        export->index = read_u32(reader);
        if (!reader->failed && export_index_check(module, reader, export, offset))
            module->export_count++;
    }
    return !reader->failed && exports_unique(module, reader);
}

static bool start_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t offset = reader_offset(reader);

    module->start = read_u32(reader);
    module->has_start = true;
    if (reader->failed)
        return false;
    if (module->start >= module->func_count)
        return invalid(reader, offset, "unknown function");
    const struct wasm_func_type *type = &module->funcs[module->start].sig->type;
    if (type->params != 0 || type->results != 0)
        return invalid(reader, offset, "start function");
    return true;
}

static bool elem_items_read(struct wasm_module *module, struct reader *reader, struct elem_def *elem)
{
    elem->count = read_count(reader);
    elem->items = reader_offset(reader);
    for (uint32_t i = 0; i < elem->count && !reader->failed; i++) {
        struct const_expr expr;
        uint32_t offset = reader_offset(reader);

        if (!elem->by_index) {
            const_read(module, reader, elem->type, &expr);
            continue;
        }
        uint32_t index = read_u32(reader);
        if (!reader->failed && index >= module->func_count)
            return invalid(reader, offset, "unknown function");
        if (!reader->failed)
            func_declare(module, index);
    }
    elem->items_end = reader_offset(reader);
    return !reader->failed;
}

/* Flags: 1 not active; 2 declared, or with a table index when active; 4 expressions instead of function indices. */
static bool elem_read(struct wasm_module *module, struct reader *reader, struct elem_def *elem)
{
    uint32_t offset = reader_offset(reader), flags = read_u32(reader);

    if (flags > 7)
        return reader_fail(reader, WASM_MALFORMED, offset, "malformed element segment kind");
    elem->mode = !(flags & 1) ? SEGMENT_ACTIVE : flags & 2 ? SEGMENT_DECLARED : SEGMENT_PASSIVE;
    elem->by_index = !(flags & 4);
    elem->type = WASM_FUNCREF;
    offset = reader_offset(reader);
    if (elem->mode == SEGMENT_ACTIVE) {
        elem->table = flags & 2 ? read_u32(reader) : 0;
        if (!reader->failed && elem->table >= module->table_count)
            return invalid(reader, offset, "unknown table");
        if (!const_read(module, reader, WASM_I32, &elem->offset))
            return false;
    }
    if (flags & 3) {
        if (!elem->by_index)
            elem->type = read_ref_type(reader);
        else if (read_byte(reader) != 0)
            return reader_malformed(reader, "malformed element kind");
    }
    if (reader->failed)
        return false;
    if (elem->mode == SEGMENT_ACTIVE && module->tables[elem->table].type != elem->type)
        return invalid(reader, offset, "type mismatch: element segment and table");
    return elem_items_read(module, reader, elem);
}

static bool elems_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    module->elems = items_grow(module, reader, NULL, 0, count, sizeof(*module->elems));
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        if (elem_read(module, reader, &module->elems[i]))
            module->elem_count++;
    return !reader->failed;
}

static bool data_read(struct wasm_module *module, struct reader *reader, struct data_def *data)
{
    uint32_t offset = reader_offset(reader), flags = read_u32(reader);

    if (flags > 2)
        return reader_fail(reader, WASM_MALFORMED, offset, "malformed data segment kind");
    data->mode = flags == 1 ? SEGMENT_PASSIVE : SEGMENT_ACTIVE;
    data->memory = flags == 2 ? read_u32(reader) : 0;
    if (reader->failed)
        return false;
    if (data->mode == SEGMENT_ACTIVE && data->memory >= module->memory_count)
        return invalid(reader, offset, "unknown memory");
    if (data->mode == SEGMENT_ACTIVE && !const_read(module, reader, WASM_I32, &data->offset))
        return false;
    data->size = read_count(reader);
    data->start = reader_offset(reader);
    return read_bytes(reader, data->size) != NULL;
}

static bool datas_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    if (module->has_data_count && count != module->data_count && !reader->failed)
        return reader_malformed(reader, "data count and data section have inconsistent lengths");
    module->data_count = count;
    module->datas = items_grow(module, reader, NULL, 0, count, sizeof(*module->datas));
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        data_read(module, reader, &module->datas[i]);
    return !reader->failed;
}

static bool code_read(struct wasm_module *module, struct reader *reader)
{
    uint32_t count = read_count(reader);

    if (!reader->failed && count != module->func_count - module->imported_funcs)
        return reader_malformed(reader, "function and code section have inconsistent lengths");
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        struct func_def *func = &module->funcs[module->imported_funcs + i];
        uint32_t size = read_count(reader);

        func->body = reader_offset(reader);
        func->end = func->body + size;
        read_bytes(reader, size);
    }
    return !reader->failed;
}

static bool data_count_read(struct wasm_module *module, struct reader *reader)
{
    module->data_count = read_u32(reader);
    module->has_data_count = true;
    return !reader->failed;
}

bool section_read(struct wasm_module *module, struct reader *reader, uint8_t id)
{
    static bool (*const readers[])(struct wasm_module *, struct reader *) = {
        NULL,         types_read, imports_read, funcs_read, tables_read, memories_read,   globals_read,
        exports_read, start_read, elems_read,   code_read,  datas_read,  data_count_read,
    };

    /* From here on functions can be named; bodies and everything that names them come later. */
    if (id > 3 && module->declared == NULL) {
        module->declared = store_array(module->store, module->func_count / 8 + 1, 1);
        if (module->declared == NULL)
            return reader_fail(reader, WASM_NO_MEMORY, reader_offset(reader), "no memory");
    }
    return readers[id](module, reader) && !reader->failed;
}
