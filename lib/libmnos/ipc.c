/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/ipc.h>
#include <mnos/calls.h>

_Static_assert(offsetof(struct mnos_msg, word) == 32, "ipc.S knows the layout of struct mnos_msg");

int64_t mnos_ipc_copy_all(mnos_handle_t reply, uint64_t direction, uint64_t offset, void *mine, uint64_t bytes)
{
    uint64_t done = 0;
    int64_t got;

    do {
        got = mnos_ipc_copy(reply, direction, offset + done, (char *)mine + done, bytes - done);
        done += got > 0 ? (uint64_t)got : 0;
    } while (got > 0 && done < bytes);
    return got < 0 ? got : (int64_t)done;
}

int64_t mnos_call_with(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_call_data *data)
{
    struct mnos_ipc_ext ext = {
        .deadline = data->deadline ? data->deadline : MNOS_FOREVER,
        .send_buf = (uint64_t)data->send,
        .send_len = data->send_len,
        .recv_buf = (uint64_t)data->recv,
        .recv_len = data->recv_len,
        .recv_caps = (uint8_t)(data->recv_caps < MNOS_IPC_CAPS ? data->recv_caps : MNOS_IPC_CAPS),
    };
    if (data->send_cap != MNOS_NONE) {
        ext.send_caps = 1;
        ext.send_cap[0] = data->send_cap;
    }
    int64_t status = mnos_ipc_call(endpoint, msg, &ext);
    unsigned got = status == 0 ? MNOS_INFO_CAPS(msg->info) : 0;
    for (unsigned i = 0; i < MNOS_IPC_CAPS; i++)
        data->recv_cap[i] = i < got ? ext.recv_cap[i] : MNOS_NONE;
    return status;
}

/* Errors of a receive that say nothing about the next one. */
static bool passing(int64_t status)
{
    return status == -MNOS_E_INTERRUPTED || status == -MNOS_E_TIMED_OUT || status == -MNOS_E_WOULD_BLOCK;
}

int64_t mnos_serve(struct mnos_server *server)
{
    for (;;) {
        if (server->prepare)
            server->prepare(server);
        int64_t status = mnos_ipc_recv(server->endpoint, &server->msg, &server->ext, server->reply);
        if (status < 0) {
            if (passing(status))
                continue;
            return status;
        }
        switch (server->handle(server)) {
        case MNOS_SERVE_ANSWER:
            /* A caller who died meanwhile, or whose buffer is bad, is none of the server's business. */
            (void)mnos_ipc_reply(MNOS_NONE, &server->msg, &server->ext, server->reply);
            break;
        case MNOS_SERVE_NEXT:
            break;
        case MNOS_SERVE_STOP:
            return 0;
        }
    }
}
