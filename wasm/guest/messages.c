/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages between a module and other processes: the imports ipc_call, ipc_send, ipc_recv, ipc_reply and notify of "mnos".
 * wasm/sdk/mnos.h has them as the module sees them.
 *
 * The record in the module's memory is copied first and checked then; buffers are in the module's memory, and capabilities
 * are the module's numbers.
 */
#include "guest.h"
#include "../sdk/message.h"

#include <libmnos/ipc.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

_Static_assert(sizeof(struct mnos_message) == 168 && MNOS_MESSAGE_WORDS == MNOS_IPC_WORDS &&
                   MNOS_MESSAGE_CAPS == MNOS_IPC_CAPS,
               "the module's record has no gaps, and as much as the kernel's");

enum operation { OP_CALL, OP_SEND, OP_RECV, OP_REPLY };

/* The one Reply of the module: it answers one caller at a time. */
static mnos_handle_t reply = MNOS_NONE;

static enum mnos_error reply_make(void)
{
    if (reply != MNOS_NONE)
        return MNOS_OK;
    int64_t made = mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0);
    if (made < 0)
        return (enum mnos_error) - made;
    reply = (mnos_handle_t)made;
    return MNOS_OK;
}

/* False: a buffer is not in the module's memory. */
static bool buffers_find(struct wasm_host_call *call, const struct mnos_message *m, struct mnos_ipc_ext *ext)
{
    uint8_t *send = guest_bytes(call, m->send, m->send_length), *recv = guest_bytes(call, m->recv, m->recv_room);

    if (send == NULL || recv == NULL)
        return false;
    ext->send_buf = m->send_length == 0 ? 0 : (uint64_t)send;
    ext->send_len = m->send_length;
    ext->recv_buf = m->recv_room == 0 ? 0 : (uint64_t)recv;
    ext->recv_len = m->recv_room;
    return true;
}

static enum mnos_error caps_find(const struct mnos_message *m, struct mnos_ipc_ext *ext)
{
    if (m->send_caps > MNOS_MESSAGE_CAPS || m->recv_caps > MNOS_MESSAGE_CAPS)
        return MNOS_E_INVALID;
    ext->send_caps = (uint8_t)m->send_caps;
    ext->recv_caps = (uint8_t)m->recv_caps;
    for (uint32_t i = 0; i < m->send_caps; i++) {
        ext->send_cap[i] = handle_cap(m->send_cap[i]);
        if (ext->send_cap[i] == MNOS_NONE)
            return MNOS_E_BADCAP;
    }
    return MNOS_OK;
}

static void received(struct mnos_message *m, const struct mnos_msg *msg, const struct mnos_ipc_ext *ext)
{
    uint32_t caps = MNOS_INFO_CAPS(msg->info), kept = 0;

    m->label = msg->label;
    m->badge = msg->badge;
    m->bits = msg->bits;
    memcpy(m->word, msg->word, sizeof m->word);
    m->kind = MNOS_INFO_KIND(msg->info);
    m->flags = MNOS_INFO_FLAGS(msg->info);
    m->recv_length = (uint32_t)MNOS_INFO_BYTES(msg->info);
    for (uint32_t i = 0; i < caps && i < MNOS_MESSAGE_CAPS; i++) {
        uint32_t number = handle_add(ext->recv_cap[i], false);
        if (number == 0)
            (void)mnos_cap_delete(ext->recv_cap[i]);
        else
            m->recv_cap[kept++] = number;
    }
    if (kept < caps)
        m->flags |= MNOS_INFO_TRUNCATED;
    m->recv_caps = kept;
}

static int64_t message_do(enum operation operation, mnos_handle_t at, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    switch (operation) {
    case OP_CALL:
        return mnos_ipc_call(at, msg, ext);
    case OP_SEND:
        return mnos_ipc_send(at, msg, ext);
    case OP_RECV:
        return mnos_ipc_recv(at, msg, ext, reply);
    case OP_REPLY:
        return mnos_ipc_reply(at, msg, ext, reply);
    }
    return -MNOS_E_INVALID;
}

static int64_t message_pass(struct wasm_host_call *call, enum operation operation, uint32_t where,
                            struct mnos_message *m, bool *inside)
{
    mnos_handle_t at = handle_cap(where);
    struct mnos_msg msg = {.label = m->label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    bool answer_only = operation == OP_REPLY && where == 0;
    enum mnos_error error = caps_find(m, &ext);

    *inside = buffers_find(call, m, &ext);
    if (!*inside)
        return 0;
    if (at == MNOS_NONE && !answer_only)
        return -MNOS_E_BADCAP;
    if (error == MNOS_OK && operation >= OP_RECV)
        error = reply_make();
    if (error != MNOS_OK)
        return -(int64_t)error;
    ext.deadline = m->deadline == 0 ? MNOS_FOREVER : m->deadline;
    memcpy(msg.word, m->word, sizeof msg.word);
    int64_t status = message_do(operation, at, &msg, &ext);
    if (status >= 0 && operation != OP_SEND && !answer_only)
        received(m, &msg, &ext);
    return status;
}

static enum wasm_host_result message_import(struct wasm_host_call *call, enum operation operation,
                                            const union wasm_value *arguments, union wasm_value *results)
{
    struct mnos_message message;
    uint8_t *record = guest_bytes(call, arguments[1].i32, sizeof message);
    bool inside;

    if (record == NULL)
        return guest_trap_bounds(call);
    memcpy(&message, record, sizeof message);
    int64_t status = message_pass(call, operation, arguments[0].i32, &message, &inside);
    if (!inside)
        return guest_trap_bounds(call);
    if (status >= 0)
        memcpy(record, &message, sizeof message);
    results[0].i32 = (uint32_t)status;
    return WASM_HOST_OK;
}

#define MESSAGE(name, operation)                                                                                       \
    static enum wasm_host_result name(void *user, struct wasm_host_call *call, const union wasm_value *arguments,      \
                                      union wasm_value *results)                                                       \
    {                                                                                                                  \
        (void)user;                                                                                                    \
        return message_import(call, operation, arguments, results);                                                    \
    }
MESSAGE(ipc_call, OP_CALL)
MESSAGE(ipc_send, OP_SEND)
MESSAGE(ipc_recv, OP_RECV)
MESSAGE(ipc_reply, OP_REPLY)

static enum wasm_host_result notify(void *user, struct wasm_host_call *call, const union wasm_value *arguments,
                                    union wasm_value *results)
{
    (void)user, (void)call;
    results[0].i32 = (uint32_t)mnos_ipc_notify(handle_cap(arguments[0].i32), arguments[1].i64);
    return WASM_HOST_OK;
}

const struct guest_import message_imports[] = {
    {"ipc_call", "ii>i", ipc_call},   {"ipc_send", "ii>i", ipc_send}, {"ipc_recv", "ii>i", ipc_recv},
    {"ipc_reply", "ii>i", ipc_reply}, {"notify", "iI>i", notify},     {NULL, NULL, NULL},
};
