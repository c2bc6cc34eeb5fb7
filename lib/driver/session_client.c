/* SPDX-License-Identifier: BSD-2-Clause */
#include <driver/session.h>
#include <idl/session.h>
#include <libmnos/clock.h>
#include <libmnos/ipc.h>
#include <libmnos/kring.h>
#include <libmnos/page.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>

#define OPEN_PATIENCE (30 * MNOS_S)

static void rings_open(struct session_client *c)
{
    memset(c->shared, 0, SESSION_DATA);
    ring_open(&c->requests, c->shared + SESSION_REQUESTS_AT, SESSION_ENTRIES, sizeof(struct session_request));
    ring_open(&c->completions, c->shared + SESSION_COMPLETIONS_AT, SESSION_ENTRIES, sizeof(struct session_completion));
}

static int64_t session_try(struct session_client *c)
{
    rings_open(c);
    return bulk_open_until(c->service, c->memory, c->notification, &c->word[0], &c->word[1], &c->word[2], &c->number,
                           &c->doorbell, clock_ns() + OPEN_PATIENCE);
}

/* A driver may die between taking the call and answering it; the next one takes the next call. */
static int64_t session_open(struct session_client *c)
{
    int64_t status;

    for (unsigned tries = 0; tries < 100; tries++) {
        struct mnos_cap_info info;
        status = session_try(c);
        if (status != -MNOS_E_PEER_GONE)
            break;
        /* Revoked, or nobody will ever receive there again: both are said by the same word, soon for good. */
        if (mnos_cap_inspect(c->service, &info, sizeof info) < 0)
            break;
        sleep_ns(MNOS_MS);
    }
    return status;
}

int64_t client_open(struct session_client *c, mnos_handle_t service, mnos_handle_t pool, uint64_t data_bytes)
{
    enum mnos_error error = MNOS_OK;

    *c = (struct session_client){.service = service, .doorbell = MNOS_NONE, .data_bytes = data_bytes};
    if (data_bytes == 0 || data_bytes % MNOS_PAGE_SIZE != 0 || data_bytes > SESSION_MEMORY - SESSION_DATA)
        return -MNOS_E_INVALID;
    for (unsigned i = 0; i < SESSION_ENTRIES; i++)
        c->free_tag[i] = (uint8_t)(SESSION_ENTRIES - 1 - i);
    int64_t notification = mnos_cap_create(MNOS_CREATE_NOTIFICATION, pool, 0, 0, 0);
    if (notification < 0)
        return notification;
    c->notification = (mnos_handle_t)notification;
    int64_t memory = mnos_mem_alloc(pool, SESSION_DATA + data_bytes, MNOS_MEM_CONTIG, 0);
    if (memory < 0) {
        mnos_cap_delete(c->notification);
        return memory;
    }
    c->memory = (mnos_handle_t)memory;
    c->shared = map_memory(c->memory, 0, SESSION_DATA + data_bytes, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
    int64_t status = c->shared ? 0 : -(int64_t)error;
    if (status == 0) {
        c->data = c->shared + SESSION_DATA;
        status = session_open(c);
    }
    if (status < 0) {
        unmap_memory(c->shared, SESSION_DATA + data_bytes);
        mnos_cap_delete(c->memory);
        mnos_cap_delete(c->notification);
    }
    return status;
}

void client_close(struct session_client *c)
{
    /* Where requests are out, the session ends with the capability to the service. */
    (void)bulk_close(c->service, c->number);
    unmap_memory(c->shared, SESSION_DATA + c->data_bytes);
    mnos_cap_delete(c->memory);
    mnos_cap_delete(c->notification);
    if (c->doorbell != MNOS_NONE)
        mnos_cap_delete(c->doorbell);
}

int64_t client_submit(struct session_client *c, uint32_t op, uint64_t place, uint64_t offset, uint64_t bytes,
                      uint64_t user)
{
    if (c->out == SESSION_ENTRIES)
        return -MNOS_E_WOULD_BLOCK;
    uint8_t tag = c->free_tag[SESSION_ENTRIES - 1 - c->out];
    struct session_pending *pending = &c->pending[tag];
    *pending = (struct session_pending){
        .used = true,
        .user = user,
        .request = {.tag = tag, .op = op, .place = place, .offset = offset, .bytes = bytes},
    };
    c->out++;
    /* As many entries as there can be requests: there is always place; a driver that says otherwise is a broken one,
     * which its end will show. */
    (void)ring_put(&c->requests, &pending->request);
    return 0;
}

static void bell_ring(struct session_client *c)
{
    c->bell = false;
    c->entries++;
    (void)mnos_ipc_notify(c->doorbell, SESSION_DOORBELL);
}

void client_kick(struct session_client *c)
{
    c->bell |= ring_must_notify(&c->requests);
    if (c->bell && !c->batch)
        bell_ring(c);
}

/* false: the ring holds nothing that belongs to a request. */
static bool completion_take(struct session_client *c, struct session_result *out)
{
    struct session_completion done;

    while (ring_take(&c->completions, &done) == RING_OK) {
        if (done.tag >= SESSION_ENTRIES || !c->pending[done.tag].used)
            continue;
        struct session_pending *pending = &c->pending[done.tag];
        *out = (struct session_result){pending->user, done.bytes, (enum mnos_error)done.status, pending->request};
        pending->used = false;
        c->out--;
        c->free_tag[SESSION_ENTRIES - 1 - c->out] = (uint8_t)done.tag;
        return true;
    }
    return false;
}

/* A new session, and everything that is out once more. */
static int64_t session_renew(struct session_client *c)
{
    if (c->doorbell != MNOS_NONE)
        mnos_cap_delete(c->doorbell);
    c->doorbell = MNOS_NONE;
    int64_t status = session_open(c);
    if (status < 0)
        return status;
    c->reopened++;
    for (unsigned i = 0; i < SESSION_ENTRIES; i++)
        if (c->pending[i].used) {
            (void)ring_put(&c->requests, &c->pending[i].request);
            c->reissued++;
        }
    client_kick(c);
    return 0;
}

/* The bell and the wait as one batch of the ring; false: another thread has that. */
static bool batch_wait(struct session_client *c, struct mnos_ipc_ext *ext, int64_t *status, uint64_t *bits)
{
    struct mnos_ring_message message = {0};
    struct kring_op op[2] = {
        {.submission = {MNOS_RING_NOTIFY, 0, c->doorbell, SESSION_DOORBELL, 0, MNOS_NONE, {0}}},
        {.submission = {MNOS_RING_RECV, 0, c->notification, (uint64_t)&message, (uint64_t)ext, MNOS_NONE, {0}}},
    };

    if (kring_run(op, 2) < 0)
        return false;
    c->bell = false;
    c->entries++;
    *status = op[1].status;
    *bits = message.bits;
    return true;
}

static int64_t signal_wait(struct session_client *c, uint64_t deadline, uint64_t *bits)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    int64_t status;

    ext.deadline = deadline;
    if (c->bell && batch_wait(c, &ext, &status, bits))
        return status;
    if (c->bell)
        bell_ring(c);
    c->entries++;
    status = mnos_ipc_recv(c->notification, &msg, deadline == MNOS_FOREVER ? NULL : &ext, MNOS_NONE);
    *bits = msg.bits;
    return status;
}

int64_t client_wait(struct session_client *c, uint64_t deadline, struct session_result *out)
{
    if (c->out == 0)
        return -MNOS_E_NOT_FOUND;
    for (;;) {
        uint64_t bits;
        if (completion_take(c, out))
            return 0;
        if (!ring_sleep(&c->completions))
            continue;
        int64_t status = signal_wait(c, deadline, &bits);
        ring_wake(&c->completions);
        if (status == -MNOS_E_INTERRUPTED)
            continue;
        if (status < 0)
            return status;
        if ((bits & DEVMGR_GONE) == 0)
            continue;
        /* What the driver had told before it died counts, and the rest is asked again. */
        bool told = completion_take(c, out);
        if (told) {
            /* The news must not be lost for the rest. */
            (void)mnos_ipc_notify(c->notification, DEVMGR_GONE);
            return 0;
        }
        status = session_renew(c);
        if (status < 0)
            return status;
    }
}
