/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_oneoff: waiting for clocks and descriptors. */
#include "internal.h"

/* What a subscription asks, read once: the module's memory may overlap the events. */
struct subscription {
    uint64_t userdata;
    uint8_t type;
    uint16_t error; /* known before waiting */
};

/* How long from now, in nanoseconds. */
static uint16_t clock_remaining(const struct wasi_config *config, const uint8_t *clock, uint64_t *remaining)
{
    uint32_t id = load32(clock);
    uint64_t timeout = load64(clock + 8), now = 0;
    uint16_t flags = load16(clock + 24), error;

    if (id >= WASI_CLOCKS || flags & ~WASI_SUBCLOCK_ABSTIME)
        return WASI_EINVAL;
    if (!(config->clocks >> id & 1))
        return WASI_ENOTCAPABLE;
    if (id != WASI_CLOCK_REALTIME && id != WASI_CLOCK_MONOTONIC)
        return WASI_ENOTSUP;
    *remaining = timeout;
    if (flags & WASI_SUBCLOCK_ABSTIME) {
        if (config->backend->clock_time == NULL)
            return WASI_ENOTSUP;
        error = config->backend->clock_time(config->backend->context, (enum wasi_clock)id, &now);
        if (error != WASI_OK)
            return error;
        *remaining = timeout > now ? timeout - now : 0;
    }
    /* The value of "forever" is no time that anybody could wait for. */
    if (*remaining == WASI_FOREVER)
        (*remaining)--;
    return WASI_OK;
}

static uint16_t file_entry(struct wasi *wasi, const uint8_t *which, bool write, struct wasi_poll *entry)
{
    struct wasi_fd *fd;
    uint64_t rights = WASI_RIGHT_POLL_FD_READWRITE | (write ? WASI_RIGHT_FD_WRITE : WASI_RIGHT_FD_READ);
    uint16_t error = fd_get_file(wasi, load32(which), rights, &fd);

    if (error == WASI_OK) {
        entry->handle = fd->handle;
        entry->write = write;
    }
    return error;
}

static uint16_t subscription_read(struct wasi *wasi, const uint8_t *from, uint32_t index, struct subscription *out)
{
    struct wasi_poll *entry = &wasi->polls[index];

    *entry = (struct wasi_poll){.handle = WASI_NO_HANDLE};
    wasi->deadlines[index] = WASI_FOREVER;
    *out = (struct subscription){.userdata = load64(from), .type = from[8]};
    switch (out->type) {
    case WASI_EVENT_CLOCK:
        out->error = clock_remaining(&wasi->config, from + 16, &wasi->deadlines[index]);
        return WASI_OK;
    case WASI_EVENT_READ:
    case WASI_EVENT_WRITE:
        out->error = file_entry(wasi, from + 16, out->type == WASI_EVENT_WRITE, entry);
        return WASI_OK;
    default:
        return WASI_EINVAL;
    }
}

static void event_write(uint8_t *to, const struct subscription *from, uint16_t error, const struct wasi_poll *entry)
{
    memset(to, 0, WASI_SIZE_EVENT);
    store64(to, from->userdata);
    to[8] = (uint8_t)error;
    to[9] = (uint8_t)(error >> 8);
    to[10] = from->type;
    if (from->type != WASI_EVENT_CLOCK && error == WASI_OK) {
        store64(to + 16, entry->bytes);
        to[24] = entry->hangup ? WASI_EVENT_HANGUP : 0;
    }
}

static uint32_t events_write(struct wasi *wasi, const struct subscription *all, uint32_t count, uint64_t waited,
                             uint8_t *to)
{
    uint32_t written = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct wasi_poll *entry = &wasi->polls[i];
        uint16_t error = all[i].error != WASI_OK ? all[i].error : entry->error;
        if (error == WASI_OK && !entry->ready && (wasi->deadlines[i] == WASI_FOREVER || wasi->deadlines[i] > waited))
            continue;
        event_write(to + (size_t)written * WASI_SIZE_EVENT, &all[i], error, entry);
        written++;
    }
    return written;
}

uint16_t wasi_poll_oneoff(const struct wasi_call *call)
{
    struct wasi *wasi = call->wasi;
    const struct wasi_backend *backend = wasi->config.backend;
    struct subscription all[WASI_POLL_MAX];
    uint64_t count = call->arguments[2], timeout = WASI_FOREVER;
    const uint8_t *from = guest_at(call, call->arguments[0], count * WASI_SIZE_SUBSCRIPTION);
    uint8_t *to = guest_at(call, call->arguments[1], count * WASI_SIZE_EVENT);
    uint8_t *result = guest_at(call, call->arguments[3], 4);
    bool ready = false;
    uint16_t error;

    if (count == 0 || count > WASI_POLL_MAX)
        return WASI_EINVAL;
    if (from == NULL || to == NULL || result == NULL)
        return WASI_EFAULT;
    if (backend->poll == NULL)
        return WASI_ENOTSUP;
    for (uint32_t i = 0; i < count; i++) {
        error = subscription_read(wasi, from + (size_t)i * WASI_SIZE_SUBSCRIPTION, i, &all[i]);
        if (error != WASI_OK)
            return error;
        if (all[i].error != WASI_OK)
            timeout = 0;
        else if (wasi->deadlines[i] < timeout)
            timeout = wasi->deadlines[i];
    }
    error = backend->poll(backend->context, wasi->polls, (size_t)count, timeout);
    if (error != WASI_OK)
        return error;
    for (uint32_t i = 0; i < count; i++)
        ready = ready || wasi->polls[i].ready;
    store32(result, events_write(wasi, all, (uint32_t)count, ready ? 0 : timeout, to));
    return WASI_OK;
}
