/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translated code as a whole: which function a step belongs to, and from where in the module it comes.
 */
#include "interp.h"

const struct code_block *code_block_find(const struct wasm_store *store, const union code *ip)
{
    for (const struct code_block *block = store->code; block != NULL; block = block->next)
        if ((uintptr_t)ip >= (uintptr_t)block->start && (uintptr_t)ip < (uintptr_t)block->end)
            return block;
    return NULL;
}

struct wasm_instance *code_instance(const struct wasm_store *store, const union code *ip)
{
    const struct code_block *block = code_block_find(store, ip);

    return block == NULL ? NULL : block->func->instance;
}

void code_place(const struct wasm_store *store, const union code *ip, struct wasm_trap_info *info)
{
    const struct code_block *block = code_block_find(store, ip);

    info->offset = WASM_NO_OFFSET;
    if (block == NULL)
        return;
    uint32_t byte = (uint32_t)((uintptr_t)ip - (uintptr_t)block->start);
    info->instance = block->func->instance;
    info->function = block->func->index;
    for (uint32_t i = 0; i < block->map_count && block->map[2 * i] <= byte; i++)
        info->offset = block->map[2 * i + 1];
}
