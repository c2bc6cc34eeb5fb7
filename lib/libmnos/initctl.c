/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/initctl.h>

const char *init_state_name(uint64_t state)
{
    static const char *const names[INIT_STATE_COUNT] = {"waiting", "starting", "running", "failed", "stopped"};

    return state < INIT_STATE_COUNT ? names[state] : "?";
}

int64_t init_run(mnos_handle_t init, const char *request, size_t length)
{
    size_t name = strnlen(request, length) + 1;
    uint64_t pid;

    if (name > length)
        return -MNOS_E_INVALID;
    int64_t status = init_spawn(init, request, request + name, length - name, &pid);
    return status < 0 ? status : (int64_t)pid;
}
