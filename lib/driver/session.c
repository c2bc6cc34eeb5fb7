/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's clients.  What they write into their rings is copied, then checked, then used. */
#include <driver/session.h>
#include <idl/session_server.h>
#include <libmnos/page.h>
#include <mnos/calls.h>
#include <mnos/memory.h>

static struct session sessions[SESSIONS_MAX];
static const struct session_ops *ops;

void sessions_start(const struct session_ops *with)
{
    ops = with;
}

static void session_free(struct device *device, struct session *s)
{
    device_release(device, s->hold);
    unmap_memory(s->shared, SESSION_DATA);
    mnos_cap_delete(s->memory);
    mnos_cap_delete(s->notification);
    *s = (struct session){0};
}

/* Everything that a session needs of its Memory: where it is for the device, and its rings. */
static int64_t memory_take(struct session *s, mnos_handle_t memory)
{
    struct mnos_cap_info info;
    enum mnos_error error = MNOS_OK;
    int64_t status = mnos_cap_inspect(memory, &info, sizeof info);

    if (status < 0)
        return status;
    if (info.size <= SESSION_DATA || info.size > SESSION_MEMORY)
        return -MNOS_E_INVALID;
    int64_t physical = mnos_mem_control(memory, MNOS_MEMCTL_PHYS, 0, 0, 0);
    if (physical < 0)
        return physical;
    s->physical = (uint64_t)physical;
    s->data_bytes = info.size - SESSION_DATA;
    s->shared = map_memory(memory, 0, SESSION_DATA, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
    if (!s->shared)
        return -(int64_t)error;
    ring_open(&s->requests, s->shared + SESSION_REQUESTS_AT, SESSION_ENTRIES, sizeof(struct session_request));
    ring_open(&s->completions, s->shared + SESSION_COMPLETIONS_AT, SESSION_ENTRIES, sizeof(struct session_completion));
    return 0;
}

static struct session *session_unused(void)
{
    for (unsigned i = 0; i < ops->most; i++)
        if (!sessions[i].open)
            return &sessions[i];
    return NULL;
}

static int64_t session_open(void *self, uint64_t badge, struct bulk_open_in *in, struct bulk_open_out *out)
{
    struct device *device = self;
    struct session *s = session_unused();
    uint64_t word[3] = {0};

    if (!s)
        return -MNOS_E_NO_SLOTS;
    *s = (struct session){.badge = badge, .memory = in->memory, .notification = in->done};
    int64_t status = memory_take(s, s->memory);
    /* The device manager looks at both capabilities before it keeps them. */
    int64_t hold = status < 0 ? status : device_hold(device, s->memory, s->notification);
    int64_t doorbell = hold < 0 ? hold : device_doorbell(device);
    if (doorbell < 0) {
        if (hold >= 0)
            device_release(device, (uint64_t)hold);
        unmap_memory(s->shared, SESSION_DATA);
        *s = (struct session){0};
        return doorbell;
    }
    s->hold = (uint64_t)hold;
    s->open = true;
    (void)idl_take(&in->memory);
    (void)idl_take(&in->done);
    ops->describe(word);
    *out = (struct bulk_open_out){word[0], word[1], word[2], (uint64_t)(s - sessions), (mnos_handle_t)doorbell};
    /* Nothing is in the rings, and the client must tell. */
    (void)ring_sleep(&s->requests);
    return 0;
}

/* It goes when the device has given back the last of it. */
static void session_end(struct device *device, struct session *s)
{
    s->closing = true;
    if (s->out == 0)
        session_free(device, s);
}

static int64_t session_close(void *self, uint64_t badge, struct bulk_close_in *in)
{
    if (in->number >= SESSIONS_MAX || !sessions[in->number].open || sessions[in->number].badge != badge)
        return -MNOS_E_NOT_FOUND;
    if (sessions[in->number].out > 0)
        return -MNOS_E_BUSY;
    session_free(self, &sessions[in->number]);
    return 0;
}

void session_closed(struct device *device, uint64_t badge)
{
    for (unsigned i = 0; i < SESSIONS_MAX; i++)
        if (sessions[i].open && sessions[i].badge == badge)
            session_end(device, &sessions[i]);
}

void session_complete(struct device *device, struct session *s, uint32_t tag, enum mnos_error status, uint64_t bytes)
{
    struct session_completion done = {.tag = tag, .status = status, .bytes = bytes};

    s->out--;
    if (status != MNOS_OK)
        device->stats.errors++;
    device->stats.bytes += bytes;
    if (s->closing) {
        if (s->out == 0)
            session_free(device, s);
        return;
    }
    /* A client that leaves no place for its completions does not get them. */
    (void)ring_put(&s->completions, &done);
}

/* Returns how many requests went to the device. */
static unsigned session_run(struct device *device, struct session *s)
{
    unsigned submitted = 0;

    /* What a client has out is bounded, so that its completions have place. */
    while (s->out < SESSION_ENTRIES) {
        struct session_request r;
        /* A place with the device first: what is taken from the ring cannot be put back. */
        if (!ops->room())
            break;
        enum ring_result result = ring_take(&s->requests, &r);
        if (result == RING_BROKEN)
            break;
        if (result == RING_EMPTY) {
            if (ring_sleep(&s->requests))
                break;
            continue;
        }
        device->stats.requests++;
        s->out++;
        enum mnos_error error = ops->check(s, &r);
        if (error == MNOS_OK) {
            ops->submit(s, &r);
            submitted++;
        } else {
            session_complete(device, s, r.tag, error, 0);
        }
    }
    return submitted;
}

static void sessions_notify(void)
{
    for (unsigned i = 0; i < SESSIONS_MAX; i++)
        if (sessions[i].open && sessions[i].completions.own != sessions[i].told) {
            sessions[i].told = sessions[i].completions.own;
            if (ring_must_notify(&sessions[i].completions))
                (void)mnos_ipc_notify(sessions[i].notification, SESSION_DONE);
        }
}

void sessions_run(struct device *device)
{
    unsigned submitted = 0;

    for (unsigned i = 0; i < SESSIONS_MAX; i++)
        if (sessions[i].open && !sessions[i].closing)
            submitted += session_run(device, &sessions[i]);
    if (submitted > 0)
        ops->kick();
    sessions_notify();
}

enum mnos_serve session_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    static const struct bulk_server handlers = {.open = session_open, .close = session_close};

    return bulk_dispatch(&handlers, device, msg, ext);
}
