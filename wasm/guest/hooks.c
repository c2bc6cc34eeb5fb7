/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory, time and code for the engine.  All of it is paid by the process's pool when it is asked for, so that a module
 * that wants too much is told so by memory.grow, and nothing can fail later.
 */
#include "guest.h"

#include <libmnos/clock.h>
#include <libmnos/heap.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

static void *block_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void block_free(void *user, void *block, size_t size)
{
    (void)user, (void)size;
    free(block);
}

static void *space_reserve(void *user, size_t size)
{
    (void)user;
    return va_reserve(size, MNOS_PAGE_SIZE);
}

static bool space_commit(void *user, void *at, size_t size)
{
    int64_t memory = mnos_mem_alloc(mnos_pool(), size, MNOS_MEM_ANON, 0);

    (void)user;
    if (memory < 0)
        return false;
    int64_t status =
        mnos_mem_map(MNOS_SELF, (mnos_handle_t)memory, (uint64_t)at, 0, size, MNOS_MAP_READ | MNOS_MAP_WRITE);
    (void)mnos_cap_delete((mnos_handle_t)memory);
    return status >= 0;
}

static void space_release(void *user, void *at, size_t size)
{
    (void)user;
    unmap_memory(at, size);
}

static uint64_t time_now(void *user)
{
    (void)user;
    return clock_ns();
}

/* One Memory, mapped writable here and executable there: no address is ever both. */
static bool code_map(void *user, size_t size, void **write, void **execute)
{
    int64_t memory = mnos_mem_alloc(mnos_pool(), size, MNOS_MEM_ANON, 0);

    (void)user;
    if (memory < 0)
        return false;
    *write = map_memory((mnos_handle_t)memory, 0, size, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    *execute = map_memory((mnos_handle_t)memory, 0, size, MNOS_MAP_READ | MNOS_MAP_EXEC, NULL);
    (void)mnos_cap_delete((mnos_handle_t)memory);
    if (*write && *execute)
        return true;
    unmap_memory(*write, size);
    unmap_memory(*execute, size);
    return false;
}

static void code_unmap(void *user, void *write, void *execute, size_t size)
{
    (void)user;
    unmap_memory(write, size);
    unmap_memory(execute, size);
}

const struct wasm_hooks guest_hooks = {
    .alloc = block_alloc,
    .free = block_free,
    .reserve = space_reserve,
    .commit = space_commit,
    .release = space_release,
    .now = time_now,
    .code_map = code_map,
    .code_unmap = code_unmap,
};
