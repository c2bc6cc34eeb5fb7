/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/ipc.h>
#include <libmnos/names.h>

static enum names_status answer_of(int64_t status, const struct mnos_msg *msg)
{
    return status < 0 ? NAMES_UNREACHABLE : (enum names_status)msg->label;
}

enum names_status names_register(mnos_handle_t directory, const char *name, mnos_handle_t endpoint)
{
    struct mnos_msg msg = {.label = NAMES_REGISTER};
    struct mnos_call_data data = {.send_cap = endpoint};

    names_pack(msg.word, name);
    return answer_of(mnos_call_with(directory, &msg, &data), &msg);
}

enum names_status names_lookup_as(mnos_handle_t directory, const char *name, uint64_t interface,
                                  mnos_handle_t *endpoint)
{
    struct mnos_msg msg;
    struct mnos_ipc_ext ext;

    /* What the kernel reads of both, member by member: to clear the rest as well takes longer than to send it. */
    msg.label = NAMES_LOOKUP;
    names_pack(msg.word, name);
    msg.word[5] = interface;
    msg.word[6] = msg.word[7] = 0;
    ext.flags = 0;
    ext.send_caps = ext.move_mask = ext.reserved = 0;
    ext.recv_caps = 1;
    ext.deadline = MNOS_FOREVER;
    ext.send_buf = ext.send_len = ext.recv_buf = ext.recv_len = 0;
    enum names_status status = answer_of(mnos_ipc_call(directory, &msg, &ext), &msg);
    bool came = status != NAMES_UNREACHABLE && MNOS_INFO_CAPS(msg.info) > 0;
    *endpoint = came ? ext.recv_cap[0] : MNOS_NONE;
    return status == NAMES_OK && !came ? NAMES_UNREACHABLE : status;
}

enum names_status names_lookup(mnos_handle_t directory, const char *name, mnos_handle_t *endpoint)
{
    return names_lookup_as(directory, name, 0, endpoint);
}

enum names_status names_ready(mnos_handle_t directory)
{
    struct mnos_msg msg = {.label = NAMES_READY};

    return answer_of(mnos_ipc_call(directory, &msg, NULL), &msg);
}
