/* SPDX-License-Identifier: BSD-2-Clause */
#include "tiny.h"

#include "test.h"

extern const char tiny_begin[], tiny_end[];
extern const uint64_t tiny_offset[TINY_PROGRAMS];

static mnos_handle_t code = MNOS_NONE;

void tiny_prepare(void)
{
    if (code != MNOS_NONE)
        return;
    code = new_memory(MNOS_PAGE_SIZE);
    char *here = map_memory(code, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    must(here ? 0 : -MNOS_E_NO_MEMORY, "room for the code of tiny processes");
    memcpy(here, tiny_begin, (size_t)(tiny_end - tiny_begin));
    unmap_memory(here, MNOS_PAGE_SIZE);
}

uint64_t tiny_entry(enum tiny_program program)
{
    return TINY_CODE + tiny_offset[program];
}

int64_t tiny_thread(mnos_handle_t process, const struct tiny *tiny)
{
    struct mnos_thread_args args = {
        .entry = tiny_entry(tiny->program),
        .stack = tiny->stack,
        .arg = {tiny->arg[0], tiny->arg[1], tiny->arg[2]},
        .priority = tiny->priority,
        .affinity = tiny->affinity,
        .flags = tiny->suspended ? MNOS_THREAD_SUSPENDED : 0,
    };

    return mnos_thread_create(process, &args);
}

static int64_t fill(mnos_handle_t process, const struct tiny *tiny)
{
    int64_t status = mnos_mem_map(process, code, TINY_CODE, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_EXEC);

    if (status >= 0 && tiny->data != 0)
        status = mnos_mem_map(process, tiny->data, TINY_DATA, 0, tiny->data_size, MNOS_MAP_READ | MNOS_MAP_WRITE);
    for (unsigned i = 0; i < tiny->caps && status >= 0; i++) {
        uint32_t rights = inspect(tiny->cap[i]).rights;
        if (!tiny->keep_revoke)
            rights &= ~MNOS_RIGHT_REVOKE;
        status = mnos_cap_transfer(process, tiny->cap[i], rights, i);
    }
    return status;
}

int64_t tiny_start(const struct tiny *tiny, mnos_handle_t *thread)
{
    tiny_prepare();
    int64_t process = mnos_proc_create(tiny->pool ? tiny->pool : mnos_pool(), 64, tiny->fault ? tiny->fault : MNOS_NONE,
                                       "tiny", 4, 0);
    if (process < 0)
        return process;
    int64_t status = fill((mnos_handle_t)process, tiny);
    if (status >= 0)
        status = tiny_thread((mnos_handle_t)process, tiny);
    if (status < 0) {
        mnos_proc_destroy((mnos_handle_t)process, 0);
        mnos_cap_delete((mnos_handle_t)process);
        return status;
    }
    if (thread)
        *thread = (mnos_handle_t)status;
    else
        mnos_cap_delete((mnos_handle_t)status);
    return process;
}
