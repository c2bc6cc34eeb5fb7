/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store: the arena that everything lies in, scratch buffers, reservations of address space, interned types.
 */
#include "types.h"

enum { ARENA_BLOCK = 64 * 1024, ALIGNMENT = 16, PAGE_SIZE = 4096 };

/* The newest block is first; allocations go into it alone. */
struct arena_block {
    struct arena_block *next;
    size_t size, used; /* both count from the block's start */
};

struct reservation {
    struct reservation *next;
    void *at;
    size_t size;
};

void *store_alloc(struct wasm_store *store, size_t size)
{
    struct arena_block *block = store->arena;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (block == NULL || block->size - block->used < size) {
        size_t head = (sizeof(*block) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
        size_t whole = head + size > ARENA_BLOCK ? head + size : ARENA_BLOCK;

        block = store->hooks.alloc(store->hooks.user, whole);
        if (block == NULL)
            return NULL;
        *block = (struct arena_block){.next = store->arena, .size = whole, .used = head};
        store->arena = block;
    }
    void *result = (uint8_t *)block + block->used;
    block->used += size;
    memset(result, 0, size);
    return result;
}

void *store_array(struct wasm_store *store, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
        return NULL;
    return store_alloc(store, count * size + 1);
}

struct store_mark store_mark_get(const struct wasm_store *store)
{
    return (struct store_mark){store->arena, store->arena == NULL ? 0 : store->arena->used, store->sig_count};
}

void store_mark_restore(struct wasm_store *store, struct store_mark mark)
{
    for (int i = 0; i < SIG_CHAINS; i++)
        while (store->sigs[i] != NULL && store->sigs[i]->serial >= mark.sig_count)
            store->sigs[i] = store->sigs[i]->next;
    store->sig_count = mark.sig_count;
    while (store->arena != mark.block) {
        struct arena_block *block = store->arena;

        store->arena = block->next;
        store->hooks.free(store->hooks.user, block, block->size);
    }
    if (store->arena != NULL)
        store->arena->used = mark.used;
}

void *scratch_room(struct wasm_store *store, int which, size_t bytes)
{
    struct scratch *scratch = &store->scratch[which];

    if (bytes <= scratch->capacity && scratch->items != NULL)
        return scratch->items;
    if (bytes > SIZE_MAX / 4)
        return NULL;
    size_t capacity = bytes < 4096 ? 4096 : bytes + bytes / 2;
    void *items = store->hooks.alloc(store->hooks.user, capacity);
    if (items == NULL)
        return NULL;
    if (scratch->items != NULL) {
        memcpy(items, scratch->items, scratch->capacity);
        store->hooks.free(store->hooks.user, scratch->items, scratch->capacity);
    }
    *scratch = (struct scratch){items, capacity};
    return items;
}

void *store_reserve(struct wasm_store *store, size_t size)
{
    struct reservation *reservation = store_alloc(store, sizeof(*reservation));

    if (reservation == NULL)
        return NULL;
    void *at = store->hooks.reserve(store->hooks.user, size);
    if (at == NULL)
        return NULL;
    *reservation = (struct reservation){store->reservations, at, size};
    store->reservations = reservation;
    return at;
}

bool store_reserved(const struct wasm_store *store, uint64_t address)
{
    for (const struct reservation *r = store->reservations; r != NULL; r = r->next)
        if (address >= (uintptr_t)r->at && address - (uintptr_t)r->at < r->size)
            return true;
    return false;
}

uint32_t type_slots(uint8_t type)
{
    return type == WASM_V128 ? 2 : 1;
}

struct sig *sig_intern(struct wasm_store *store, const struct wasm_func_type *type)
{
    size_t count = (size_t)type->params + type->results;
    uint32_t hash = 2166136261u ^ type->params; /* FNV-1a */

    for (size_t i = 0; i < count; i++)
        hash = (hash ^ type->types[i]) * 16777619u;
    struct sig **chain = &store->sigs[(hash ^ hash >> 16) % SIG_CHAINS];
    for (struct sig *sig = *chain; sig != NULL; sig = sig->next)
        if (sig->type.params == type->params && sig->type.results == type->results &&
            (count == 0 || memcmp(sig->type.types, type->types, count) == 0))
            return sig;
    struct sig *sig = store_alloc(store, sizeof(*sig));
    uint8_t *types = store_array(store, count, 1);
    if (sig == NULL || types == NULL)
        return NULL;
    if (count != 0)
        memcpy(types, type->types, count);
    *sig = (struct sig){.next = *chain, .serial = store->sig_count++, .type = {type->params, type->results, types}};
    for (uint32_t i = 0; i < type->params; i++)
        sig->param_slots += type_slots(types[i]);
    for (uint32_t i = 0; i < type->results; i++)
        sig->result_slots += type_slots(types[type->params + i]);
    *chain = sig;
    return sig;
}

static struct wasm_limits limits_filled(const struct wasm_limits *limits)
{
    struct wasm_limits filled = limits == NULL ? (struct wasm_limits){0} : *limits;

    if (filled.memory_pages == 0)
        filled.memory_pages = WASM_MAX_PAGES;
    if (filled.table_elements == 0)
        filled.table_elements = 10000000;
    if (filled.stack_bytes == 0)
        filled.stack_bytes = (size_t)1 << 20;
    filled.stack_bytes = (filled.stack_bytes + PAGE_SIZE - 1) & ~(size_t)(PAGE_SIZE - 1);
    if (filled.host_depth == 0)
        filled.host_depth = 64;
    return filled;
}

enum wasm_status wasm_store_new(const struct wasm_hooks *hooks, const struct wasm_limits *limits,
                                struct wasm_store **result)
{
    struct wasm_store *store = hooks->alloc(hooks->user, sizeof(*store));

    *result = NULL;
    if (store == NULL)
        return WASM_NO_MEMORY;
    memset(store, 0, sizeof(*store));
    store->hooks = *hooks;
    store->limits = limits_filled(limits);
    struct exec *x = &store->exec;
    x->store = store;
    x->stack = store_reserve(store, store->limits.stack_bytes);
    if (x->stack == NULL || !hooks->commit(hooks->user, x->stack, store->limits.stack_bytes)) {
        wasm_store_free(store);
        return WASM_NO_MEMORY;
    }
    x->sp = x->stack;
    x->stack_end = x->stack + store->limits.stack_bytes / sizeof(union slot);
    x->fuel = WASM_FUEL_FOREVER;
    *result = store;
    return WASM_OK;
}

void wasm_store_free(struct wasm_store *store)
{
    struct wasm_hooks hooks = store->hooks;

    for (struct reservation *r = store->reservations; r != NULL; r = r->next)
        hooks.release(hooks.user, r->at, r->size);
    for (struct code_area *area = store->code_areas; area != NULL; area = area->next)
        hooks.code_unmap(hooks.user, area->write, area->execute, area->size);
    for (int i = 0; i < SCRATCH_COUNT; i++)
        if (store->scratch[i].items != NULL)
            hooks.free(hooks.user, store->scratch[i].items, store->scratch[i].capacity);
    store_mark_restore(store, (struct store_mark){0});
    hooks.free(hooks.user, store, sizeof(*store));
}

void error_set(struct wasm_error *error, enum wasm_status status, size_t offset, const char *text)
{
    if (error == NULL)
        return;
    *error = (struct wasm_error){.status = status, .offset = offset};
    error_append(error, text, strlen(text));
}

void error_append(struct wasm_error *error, const char *text, size_t length)
{
    if (error == NULL)
        return;
    size_t used = strlen(error->text), room = sizeof(error->text) - 1 - used;
    size_t count = length < room ? length : room;

    for (size_t i = 0; i < count; i++) {
        char c = text[i];
        error->text[used + i] = (c >= ' ' && c < 0x7f) ? c : '?';
    }
    error->text[used + count] = 0;
}
