/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/loopback.h>
#include <string.h>

#define CAPS_MAX 64u
#define NEST_MAX 4u

struct cap {
    bool used;
    enum mnos_type type;
    struct loopback *server;
    uint32_t generation;
};

/* A call that is being served. */
struct pending {
    struct mnos_msg *msg;
    struct mnos_ipc_ext *ext;
    int64_t status; /* of the call */
    bool answered;
};

static struct cap caps[CAPS_MAX];
static struct pending *pending[NEST_MAX];
static unsigned depth;

static mnos_handle_t cap_add(enum mnos_type type, struct loopback *server)
{
    for (unsigned i = 0; i < CAPS_MAX; i++)
        if (!caps[i].used) {
            caps[i] = (struct cap){true, type, server, caps[i].generation + 1};
            return (mnos_handle_t)caps[i].generation << 32 | i;
        }
    return MNOS_NONE;
}

static struct cap *cap_find(mnos_handle_t handle)
{
    struct cap *cap = &caps[(uint32_t)handle % CAPS_MAX];

    return (uint32_t)handle < CAPS_MAX && cap->used && cap->generation == handle >> 32 ? cap : NULL;
}

void loopback_reset(void)
{
    memset(caps, 0, sizeof caps);
    depth = 0;
}

mnos_handle_t loopback_open(struct loopback *server)
{
    return cap_add(MNOS_TYPE_ENDPOINT, server);
}

mnos_handle_t loopback_cap(enum mnos_type type)
{
    return cap_add(type, NULL);
}

unsigned loopback_caps(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < CAPS_MAX; i++)
        count += caps[i].used;
    return count;
}

unsigned idl_cap_type(mnos_handle_t handle)
{
    const struct cap *cap = cap_find(handle);

    return cap ? cap->type : 0;
}

void idl_cap_drop(mnos_handle_t handle)
{
    struct cap *cap = cap_find(handle);

    if (cap)
        cap->used = false;
}

/* The bytes and capabilities of one side to the other; the info word of what arrives, or a negated error. */
static int64_t transfer(const struct mnos_ipc_ext *from, struct mnos_ipc_ext *to, bool absent)
{
    uint64_t sent = from ? from->send_len : 0, room = to ? to->recv_len : 0, bytes = sent < room ? sent : room;
    unsigned count = from ? from->send_caps : 0, most = to ? to->recv_caps : 0, flags = 0;

    for (unsigned i = 0; i < count; i++)
        if (!cap_find(from->send_cap[i]))
            return -MNOS_E_BADCAP;
    if (bytes < sent || most < count)
        flags |= MNOS_INFO_TRUNCATED;
    if (absent && bytes > 0) {
        bytes /= 2;
        flags |= MNOS_INFO_PARTIAL;
    }
    if (bytes > 0)
        memcpy((void *)to->recv_buf, (const void *)from->send_buf, bytes);
    count = count < most ? count : most;
    for (unsigned i = 0; i < count; i++) {
        struct cap *cap = cap_find(from->send_cap[i]);
        to->recv_cap[i] = cap_add(cap->type, cap->server);
        if ((from->move_mask >> i & 1) != 0)
            cap->used = false;
    }
    return (int64_t)((uint64_t)count << 48 | (uint64_t)flags << 40 | bytes);
}

static void answer(struct pending *call, const struct mnos_msg *msg, const struct mnos_ipc_ext *ext)
{
    int64_t info = transfer(ext, call->ext, false);

    call->answered = true;
    call->status = info < 0 ? -MNOS_E_PEER_GONE : 0;
    if (info < 0)
        return;
    uint64_t badge = call->msg->badge;
    *call->msg = *msg;
    call->msg->badge = badge;
    call->msg->info = (uint64_t)info;
}

mnos_handle_t loopback_reply(void)
{
    return depth;
}

static struct pending *call_of(mnos_handle_t reply)
{
    return reply >= 1 && reply <= depth && !pending[reply - 1]->answered ? pending[reply - 1] : NULL;
}

int64_t idl_reply(mnos_handle_t reply, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    struct pending *call = call_of(reply);

    if (!call)
        return -MNOS_E_INVALID;
    answer(call, msg, ext);
    return 0;
}

int64_t idl_pull(mnos_handle_t reply, uint64_t offset, void *to, size_t length)
{
    const struct pending *call = call_of(reply);
    uint64_t there = call && call->ext && offset < call->ext->send_len ? call->ext->send_len - offset : 0;

    if (!call)
        return -MNOS_E_INVALID;
    if (length > there)
        length = there;
    if (length > 0)
        memcpy(to, (const char *)call->ext->send_buf + offset, length);
    return (int64_t)length;
}

int64_t idl_push(mnos_handle_t reply, uint64_t offset, const void *from, size_t length)
{
    const struct pending *call = call_of(reply);
    uint64_t there = call && call->ext && offset < call->ext->recv_len ? call->ext->recv_len - offset : 0;

    if (!call)
        return -MNOS_E_INVALID;
    if (length > there)
        length = there;
    if (length > 0)
        memcpy((char *)call->ext->recv_buf + offset, from, length);
    return (int64_t)length;
}

static void serve(struct loopback *server, struct pending *call)
{
    bool record = server->recv_len > 0 || server->recv_caps > 0, absent = server->absent > 0;
    struct mnos_ipc_ext ext = {.deadline = MNOS_FOREVER,
                               .recv_buf = (uint64_t)server->recv_buf,
                               .recv_len = server->recv_len,
                               .recv_caps = (uint8_t)server->recv_caps};
    struct mnos_msg msg = *call->msg;
    int64_t info = transfer(call->ext, record ? &ext : NULL, absent);

    server->absent -= absent;
    if (info < 0) {
        call->status = info;
        return;
    }
    msg.info = (uint64_t)info;
    msg.badge = server->badge;
    if (server->on_request)
        server->on_request(server->self, &msg);
    if (server->serve(server->self, &msg, record ? &ext : NULL) == MNOS_SERVE_ANSWER) {
        if (server->on_answer)
            server->on_answer(server->self, &msg);
        answer(call, &msg, record ? &ext : NULL);
    }
    while (!call->answered && server->later)
        server->later(server->self);
}

int64_t idl_call(mnos_handle_t to, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    struct cap *cap = cap_find(to);
    struct pending call = {.msg = msg, .ext = ext, .status = -MNOS_E_PEER_GONE};

    if (!cap)
        return -MNOS_E_BADCAP;
    if (!cap->server || depth == NEST_MAX)
        return -MNOS_E_PEER_GONE;
    pending[depth++] = &call;
    serve(cap->server, &call);
    depth--;
    return call.status;
}

struct mnos_fast idl_call_fast(mnos_handle_t to, uint64_t label, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    struct mnos_msg msg = {.label = label, .word = {w0, w1, w2, w3}};
    int64_t status = idl_call(to, &msg, NULL);

    return (struct mnos_fast){
        status, msg.badge, msg.label, msg.info, {msg.word[0], msg.word[1], msg.word[2], msg.word[3]}};
}
