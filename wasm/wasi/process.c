/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments, environment, clocks, randomness, the end of the process. */
#include "internal.h"

static uint16_t strings_sizes(const struct wasi_call *call, const char *const *strings, uint32_t count)
{
    uint8_t *count_to = guest_at(call, call->arguments[0], 4), *size_to = guest_at(call, call->arguments[1], 4);
    uint64_t size = 0;

    for (uint32_t i = 0; i < count; i++)
        size += strlen(strings[i]) + 1;
    if (count_to == NULL || size_to == NULL)
        return WASI_EFAULT;
    if (size > UINT32_MAX)
        return WASI_EOVERFLOW;
    store32(count_to, count);
    store32(size_to, (uint32_t)size);
    return WASI_OK;
}

static uint16_t strings_get(const struct wasi_call *call, const char *const *strings, uint32_t count)
{
    uint8_t *pointers = guest_at(call, call->arguments[0], (uint64_t)count * 4);
    uint64_t at = call->arguments[1];

    if (pointers == NULL)
        return WASI_EFAULT;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = strlen(strings[i]) + 1;
        uint8_t *to = guest_at(call, at, size);
        if (to == NULL)
            return WASI_EFAULT;
        memcpy(to, strings[i], size);
        store32(pointers + (size_t)4 * i, (uint32_t)at);
        at += size;
    }
    return WASI_OK;
}

uint16_t wasi_args_sizes_get(const struct wasi_call *call)
{
    return strings_sizes(call, call->wasi->config.args, call->wasi->config.arg_count);
}

uint16_t wasi_args_get(const struct wasi_call *call)
{
    return strings_get(call, call->wasi->config.args, call->wasi->config.arg_count);
}

uint16_t wasi_environ_sizes_get(const struct wasi_call *call)
{
    return strings_sizes(call, call->wasi->config.env, call->wasi->config.env_count);
}

uint16_t wasi_environ_get(const struct wasi_call *call)
{
    return strings_get(call, call->wasi->config.env, call->wasi->config.env_count);
}

static uint16_t clock_ask(const struct wasi_call *call, uint64_t result,
                          uint16_t (*ask)(void *, enum wasi_clock, uint64_t *))
{
    const struct wasi_config *config = &call->wasi->config;
    uint64_t clock = call->arguments[0], ns = 0;
    uint8_t *to = guest_at(call, result, 8);
    uint16_t error;

    if (clock >= WASI_CLOCKS)
        return WASI_EINVAL;
    if (!(config->clocks >> clock & 1))
        return WASI_ENOTCAPABLE;
    if (to == NULL)
        return WASI_EFAULT;
    if (ask == NULL)
        return WASI_ENOTSUP;
    error = ask(config->backend->context, (enum wasi_clock)clock, &ns);
    if (error == WASI_OK)
        store64(to, ns);
    return error;
}

uint16_t wasi_clock_res_get(const struct wasi_call *call)
{
    return clock_ask(call, call->arguments[1], call->wasi->config.backend->clock_resolution);
}

uint16_t wasi_clock_time_get(const struct wasi_call *call)
{
    return clock_ask(call, call->arguments[2], call->wasi->config.backend->clock_time);
}

uint16_t wasi_random_get(const struct wasi_call *call)
{
    const struct wasi_config *config = &call->wasi->config;
    uint8_t *to = guest_at(call, call->arguments[0], call->arguments[1]);

    if (!config->random)
        return WASI_ENOTCAPABLE;
    if (to == NULL)
        return WASI_EFAULT;
    return config->backend->random == NULL
               ? WASI_ENOTSUP
               : config->backend->random(config->backend->context, to, (size_t)call->arguments[1]);
}

uint16_t wasi_sched_yield(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;

    if (backend->yield != NULL)
        backend->yield(backend->context);
    return WASI_OK;
}

uint16_t wasi_proc_exit(const struct wasi_call *call)
{
    call->wasi->exited = true;
    call->wasi->exit_code = (uint32_t)call->arguments[0];
    return WASI_OK;
}

/* WASI's signals, and that nobody can catch one: what is not ignored by default ends the process, with the status that
 * a shell shows for it. */
uint16_t wasi_proc_raise(const struct wasi_call *call)
{
    enum { NONE = 0, CHLD = 16, CONT = 17, STOP = 18, TTOU = 21, URG = 22, WINCH = 27, SYS = 30 };
    uint64_t signal = call->arguments[0];

    if (signal > SYS)
        return WASI_EINVAL;
    if (signal == NONE || signal == CHLD || signal == CONT || signal == URG || signal == WINCH)
        return WASI_OK;
    if (signal >= STOP && signal <= TTOU)
        return WASI_ENOTSUP;
    call->wasi->exited = true;
    call->wasi->exit_code = 128 + (uint32_t)signal;
    return WASI_OK;
}
