/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module as a sequence of sections (WebAssembly Core Specification 2.0, section 5.5), and what the API tells of one.
 */
#include "decode.h"

enum { SECTION_CUSTOM = 0, SECTION_CODE = 10, SECTION_DATA = 11, SECTION_DATA_COUNT = 12, SECTION_COUNT = 13 };

/* The data count stands between the element and the code section. */
static const uint8_t section_place[SECTION_COUNT] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10};

static bool utf8_valid(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint8_t first = bytes[i++];
        unsigned more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        uint32_t point = more == 0 ? first : (uint32_t)first & (0x3fu >> more);
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

        if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || more > size - i)
            return false;
        for (unsigned k = 0; k < more; k++, i++) {
            if ((bytes[i] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (bytes[i] & 0x3f);
        }
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

uint32_t read_name(struct reader *reader, uint32_t *length)
{
    *length = read_count(reader);
    uint32_t offset = reader_offset(reader);
    const uint8_t *bytes = read_bytes(reader, *length);

    if (bytes != NULL && !utf8_valid(bytes, *length))
        reader_fail(reader, WASM_MALFORMED, offset, "malformed UTF-8 encoding");
    return offset;
}

static bool section_next(struct wasm_module *module, struct reader *reader, unsigned *place, bool *has_code)
{
    uint32_t offset = reader_offset(reader);
    uint8_t id = read_byte(reader);
    uint32_t at = reader_offset(reader), size = read_u32(reader), length;

    if (reader->failed)
        return false;
    if (id >= SECTION_COUNT)
        return reader_fail(reader, WASM_MALFORMED, offset, "malformed section id");
    if (size > reader_left(reader))
        return reader_fail(reader, WASM_MALFORMED, at, "unexpected end: length out of bounds");
    struct reader part = *reader;
    part.end = part.at + size;
    reader->at += size;
    if (id == SECTION_CUSTOM) {
        read_name(&part, &length);
        return !part.failed;
    }
    if (section_place[id] <= *place)
        return reader_fail(reader, WASM_MALFORMED, offset, "unexpected content after last section");
    *place = section_place[id];
    *has_code |= id == SECTION_CODE;
    if (!section_read(module, &part, id))
        return false;
    if (reader_left(&part) != 0)
        return reader_malformed(&part, "section size mismatch");
    return true;
}

static bool module_decode(struct wasm_module *module, struct wasm_error *error)
{
    struct reader reader = reader_at(module, 0, module->size, error);
    unsigned place = 0;
    bool has_code = false;

    if (module->size > INT32_MAX)
        return reader_malformed(&reader, "module too large");
    if (module->size < 4 || memcmp(module->bytes, "\0asm", 4) != 0)
        return reader_malformed(&reader, module->size < 4 ? "unexpected end" : "magic header not detected");
    reader.at += 4;
    if (module->size < 8 || memcmp(reader.at, "\1\0\0\0", 4) != 0)
        return reader_malformed(&reader, module->size < 8 ? "unexpected end" : "unknown binary version");
    reader.at += 4;
    while (reader_left(&reader) != 0)
        if (!section_next(module, &reader, &place, &has_code))
            return false;
    if (!has_code && module->func_count != module->imported_funcs)
        return reader_malformed(&reader, "function and code section have inconsistent lengths");
    if (module->has_data_count && module->datas == NULL && module->data_count != 0)
        return reader_malformed(&reader, "data count and data section have inconsistent lengths");
    return bodies_validate(module, error);
}

enum wasm_status wasm_module_load(struct wasm_store *store, const uint8_t *bytes, size_t size,
                                  enum wasm_backend backend, struct wasm_module **result, struct wasm_error *error)
{
    struct wasm_error ignored;
    struct store_mark mark = store_mark_get(store);
    struct wasm_module *module = store_alloc(store, sizeof(*module));

    *result = NULL;
    error = error == NULL ? &ignored : error;
    *error = (struct wasm_error){.status = WASM_OK, .offset = WASM_NO_OFFSET};
    if (module == NULL) {
        error_set(error, WASM_NO_MEMORY, WASM_NO_OFFSET, "no memory");
        return WASM_NO_MEMORY;
    }
    module->store = store;
    module->bytes = bytes;
    module->size = size;
    module->backend = backend;
    if (!module_decode(module, error)) {
        store_mark_restore(store, mark);
        return error->status;
    }
    *result = module;
    return WASM_OK;
}

uint32_t wasm_module_import_count(const struct wasm_module *module)
{
    return module->import_count;
}

uint32_t wasm_module_export_count(const struct wasm_module *module)
{
    return module->export_count;
}

static void entry_describe(const struct wasm_module *module, struct wasm_entry *entry, uint8_t kind, uint32_t index)
{
    entry->kind = (enum wasm_kind)kind;
    switch (entry->kind) {
    case WASM_FUNC:
        entry->func = module->funcs[index].sig->type;
        break;
    case WASM_TABLE:
        entry->type = (enum wasm_type)module->tables[index].type;
        entry->limits = module->tables[index].limits;
        break;
    case WASM_MEMORY:
        entry->limits = module->memories[index];
        break;
    case WASM_GLOBAL:
        entry->type = (enum wasm_type)module->globals[index].type;
        entry->is_mutable = module->globals[index].is_mutable;
        break;
    }
}

struct wasm_entry wasm_module_import(const struct wasm_module *module, uint32_t index)
{
    const struct import_def *import = &module->imports[index];
    struct wasm_entry entry = {.module = (const char *)module->bytes + import->module,
                               .name = (const char *)module->bytes + import->name,
                               .module_length = import->module_length,
                               .name_length = import->name_length};

    entry_describe(module, &entry, import->kind, import->index);
    return entry;
}

struct wasm_entry wasm_module_export(const struct wasm_module *module, uint32_t index)
{
    const struct export_def *export = &module->exports[index];
    struct wasm_entry entry = {.name = (const char *)module->bytes + export->name, .name_length = export->name_length};

    entry_describe(module, &entry, export->kind, export->index);
    return entry;
}

const uint8_t *wasm_module_custom(const struct wasm_module *module, const char *name, size_t *size)
{
    struct reader reader = reader_at(module, 8, module->size, NULL);

    while (reader_left(&reader) != 0) {
        uint8_t id = read_byte(&reader);
        uint32_t length = read_u32(&reader), name_length;
        struct reader part = reader;

        part.end = part.at + length;
        reader.at += length;
        if (id != SECTION_CUSTOM)
            continue;
        uint32_t at = read_name(&part, &name_length);
        if (name_length == strlen(name) && memcmp(module->bytes + at, name, name_length) == 0) {
            *size = reader_left(&part);
            return part.at;
        }
    }
    *size = 0;
    return NULL;
}
