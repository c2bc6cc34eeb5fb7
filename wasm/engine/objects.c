/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memories, tables and globals: what modules share with each other and with the host.
 */
#include "objects.h"

enum { PAGE_SIZE = 4096 };
/* An index, a displacement, and the longest access. */
#define GUARDED (((uint64_t)1 << 32) + ((uint64_t)1 << 31) + WASM_PAGE)

static struct mem_header *memory_header(const struct wasm_memory *memory)
{
    return (struct mem_header *)(void *)memory->base - 1;
}

static void memory_set_size(struct wasm_memory *memory, uint64_t size)
{
    int64_t bytes = (int64_t)size;

    *memory_header(memory) =
        (struct mem_header){bytes - MEM_NEAR, bytes - 16, bytes - 8, bytes - 4, bytes - 2, bytes - 1, size};
}

struct wasm_memory *wasm_memory_new(struct wasm_store *store, struct wasm_limits_type limits)
{
    uint64_t most = limits.maximum < WASM_MAX_PAGES ? limits.maximum : WASM_MAX_PAGES;

    if (limits.minimum > most || store->pages + limits.minimum > store->limits.memory_pages)
        return NULL;
    if (most > store->limits.memory_pages)
        most = store->limits.memory_pages;
    struct wasm_memory *memory = store_alloc(store, sizeof(*memory));
    if (memory == NULL)
        return NULL;
    memory->store = store;
    memory->limits = limits;
    uint8_t *at = NULL;
    if (store->hooks.catches_faults) {
        memory->reserved = PAGE_SIZE + GUARDED;
        at = store_reserve(store, memory->reserved);
        memory->guarded = at != NULL;
    }
    if (at == NULL) {
        memory->reserved = PAGE_SIZE + most * WASM_PAGE;
        at = store_reserve(store, memory->reserved);
    }
    if (at == NULL || !store->hooks.commit(store->hooks.user, at, PAGE_SIZE))
        return NULL;
    memory->base = at + PAGE_SIZE;
    memory_set_size(memory, 0);
    if (wasm_memory_grow(memory, limits.minimum) == UINT32_MAX)
        return NULL;
    return memory;
}

uint64_t wasm_memory_size(const struct wasm_memory *memory)
{
    return memory_header(memory)->size;
}

struct wasm_limits_type wasm_memory_limits(const struct wasm_memory *memory)
{
    return memory->limits;
}

uint32_t wasm_memory_grow(struct wasm_memory *memory, uint32_t pages)
{
    struct wasm_store *store = memory->store;
    uint64_t before = wasm_memory_size(memory), extra = (uint64_t)pages * WASM_PAGE;

    if (before + extra > memory->reserved - PAGE_SIZE || before + extra > (uint64_t)WASM_MAX_PAGES * WASM_PAGE ||
        before + extra > (uint64_t)memory->limits.maximum * WASM_PAGE ||
        store->pages + pages > store->limits.memory_pages)
        return UINT32_MAX;
    if (extra != 0 && !store->hooks.commit(store->hooks.user, memory->base + before, extra))
        return UINT32_MAX;
    store->pages += pages;
    memory_set_size(memory, before + extra);
    return (uint32_t)(before / WASM_PAGE);
}

uint8_t *wasm_memory_at(struct wasm_memory *memory, uint64_t address, uint64_t length)
{
    uint64_t size = wasm_memory_size(memory);

    return length <= size && address <= size - length ? memory->base + address : NULL;
}

struct wasm_table *wasm_table_new(struct wasm_store *store, enum wasm_type element, struct wasm_limits_type limits,
                                  void *initial)
{
    struct wasm_table *table = store_alloc(store, sizeof(*table));

    if (table == NULL || limits.minimum > limits.maximum)
        return NULL;
    table->store = store;
    table->type = (uint8_t)element;
    table->limits = limits;
    if (wasm_table_grow(table, limits.minimum, initial) == UINT32_MAX)
        return NULL;
    return table;
}

uint32_t wasm_table_size(const struct wasm_table *table)
{
    return table->size;
}

enum wasm_type wasm_table_type(const struct wasm_table *table)
{
    return (enum wasm_type)table->type;
}

struct wasm_limits_type wasm_table_limits(const struct wasm_table *table)
{
    return table->limits;
}

bool wasm_table_get(const struct wasm_table *table, uint32_t index, void **ref)
{
    if (index >= table->size)
        return false;
    *ref = table->elements[index];
    return true;
}

bool wasm_table_set(struct wasm_table *table, uint32_t index, void *ref)
{
    if (index >= table->size)
        return false;
    table->elements[index] = ref;
    return true;
}

/* The old array stays in the arena: with capacities that double, all of them together are as large as the last. */
static bool table_room(struct wasm_table *table, uint32_t size)
{
    if (size <= table->capacity)
        return true;
    uint64_t capacity = (uint64_t)table->capacity * 2;
    if (capacity < size)
        capacity = size;
    void **elements = store_array(table->store, capacity, sizeof(*elements));
    if (elements == NULL)
        return false;
    if (table->size != 0)
        memcpy(elements, table->elements, table->size * sizeof(*elements));
    table->elements = elements;
    table->capacity = (uint32_t)(capacity > UINT32_MAX ? UINT32_MAX : capacity);
    return true;
}

uint32_t wasm_table_grow(struct wasm_table *table, uint32_t elements, void *ref)
{
    struct wasm_store *store = table->store;
    uint32_t before = table->size;

    if (elements > table->limits.maximum - before || elements > store->limits.table_elements - store->elements ||
        !table_room(table, before + elements))
        return UINT32_MAX;
    for (uint32_t i = 0; i < elements; i++)
        table->elements[before + i] = ref;
    table->size += elements;
    store->elements += elements;
    return before;
}

bool table_fill(struct wasm_table *table, uint32_t at, void *ref, uint32_t count)
{
    if (at > table->size || count > table->size - at)
        return false;
    for (uint32_t i = 0; i < count; i++)
        table->elements[at + i] = ref;
    return true;
}

bool table_copy(struct wasm_table *to, uint32_t at, const struct wasm_table *from, uint32_t start, uint32_t count)
{
    if (at > to->size || count > to->size - at || start > from->size || count > from->size - start)
        return false;
    if (count != 0)
        memmove(to->elements + at, from->elements + start, count * sizeof(void *));
    return true;
}

bool table_init(struct wasm_table *to, uint32_t at, const struct elem_segment *from, uint32_t start, uint32_t count)
{
    if (at > to->size || count > to->size - at || start > from->count || count > from->count - start)
        return false;
    if (count != 0)
        memcpy(to->elements + at, from->items + start, count * sizeof(void *));
    return true;
}

bool memory_fill(struct wasm_memory *memory, uint32_t at, uint8_t byte, uint32_t count)
{
    uint8_t *bytes = wasm_memory_at(memory, at, count);

    if (bytes == NULL)
        return false;
    memset(bytes, byte, count);
    return true;
}

bool memory_copy(struct wasm_memory *to, uint32_t at, struct wasm_memory *from, uint32_t start, uint32_t count)
{
    uint8_t *target = wasm_memory_at(to, at, count), *source = wasm_memory_at(from, start, count);

    if (target == NULL || source == NULL)
        return false;
    memmove(target, source, count);
    return true;
}

bool memory_init(struct wasm_memory *to, uint32_t at, const struct data_segment *from, uint32_t start, uint32_t count)
{
    uint8_t *target = wasm_memory_at(to, at, count);

    if (target == NULL || start > from->size || count > from->size - start)
        return false;
    if (count != 0)
        memcpy(target, from->bytes + start, count);
    return true;
}

struct wasm_global *wasm_global_new(struct wasm_store *store, enum wasm_type type, bool is_mutable,
                                    union wasm_value value)
{
    struct wasm_global *global = store_alloc(store, sizeof(*global));

    if (global == NULL)
        return NULL;
    memcpy(&global->value, &value, sizeof(value));
    global->type = (uint8_t)type;
    global->is_mutable = is_mutable;
    return global;
}

enum wasm_type wasm_global_type(const struct wasm_global *global, bool *is_mutable)
{
    if (is_mutable != NULL)
        *is_mutable = global->is_mutable;
    return (enum wasm_type)global->type;
}

union wasm_value wasm_global_get(const struct wasm_global *global)
{
    union wasm_value value;

    memcpy(&value, &global->value, sizeof(value));
    return value;
}

bool wasm_global_set(struct wasm_global *global, union wasm_value value)
{
    if (!global->is_mutable)
        return false;
    memcpy(&global->value, &value, sizeof(value));
    return true;
}
