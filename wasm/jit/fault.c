/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses beyond a memory in code without checks: the embedder caught them, and here they become traps.
 */
#include "jit.h"

/* Is there an access that may fault at exactly this byte? */
static bool is_access(const struct code_block *block, uint64_t rip)
{
    uint32_t byte = (uint32_t)(rip - (uintptr_t)block->start), low = 0, high = block->map_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (block->map[2 * middle] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low < block->map_count && block->map[2 * low] == byte;
}

bool wasm_code_fault(struct wasm_registers *registers, uint64_t address)
{
    struct exec *x = (struct exec *)(uintptr_t)registers->r15;
    const struct code_block *block = code_block_find(x->store, (const union code *)(uintptr_t)registers->rip);

    if (block == NULL || !is_access(block, registers->rip) || !store_reserved(x->store, address))
        return false;
    registers->rdi = registers->rip;
    registers->rcx = registers->r15;
    registers->rip = (uintptr_t)step_trap_MEMORY_BOUNDS;
    return true;
}
