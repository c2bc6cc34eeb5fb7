/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/console.h>
#include <libmnos/ipc.h>
#include <libmnos/kring.h>
#include <str.h>

/* A driver may die under a call, be restarted, and die again; a console that is gone for good fails at once each time. */
#define ATTEMPTS 32

/* A driver that died has taken nothing of a call that it did not answer, as far as anybody can tell: ask the next one. */
static int64_t console_call(mnos_handle_t console, struct mnos_msg *msg, struct mnos_call_data *data)
{
    const struct mnos_msg request = *msg;
    int64_t status;

    for (int attempt = 0;; *msg = request) {
        status = mnos_call_with(console, msg, data);
        if (status == 0 && msg->label == MNOS_E_BUSY)
            sleep_ns(MNOS_MS); /* as many wait there as it can keep */
        else if (status != -MNOS_E_PEER_GONE || ++attempt == ATTEMPTS)
            break;
    }
    if (status < 0)
        return status;
    return msg->label == 0 ? (int64_t)msg->word[0] : -(int64_t)msg->label;
}

int64_t console_write(mnos_handle_t console, const void *text, size_t length)
{
    const char *bytes = text;
    size_t done = 0;

    while (done < length) {
        struct mnos_msg msg = {.label = CONSOLE_WRITE, .word = {length - done}};
        struct mnos_call_data data = {.send = bytes + done, .send_len = length - done, .send_cap = MNOS_NONE};
        int64_t taken = console_call(console, &msg, &data);
        if (taken <= 0)
            return taken < 0 && done == 0 ? taken : (int64_t)done;
        done += (size_t)taken;
    }
    return (int64_t)done;
}

int64_t console_read(mnos_handle_t console, void *buffer, size_t size)
{
    struct mnos_msg msg = {.label = CONSOLE_READ, .word = {size}};
    struct mnos_call_data data = {.recv = buffer, .recv_len = size, .send_cap = MNOS_NONE};
    int64_t got = console_call(console, &msg, &data);

    return got > (int64_t)size ? (int64_t)size : got;
}

int64_t console_exchange(mnos_handle_t console, const void *text, size_t length, void *buffer, size_t size)
{
    struct mnos_ring_message out = {.label = CONSOLE_WRITE, .word = {length}},
                             in = {.label = CONSOLE_READ, .word = {size}};
    struct mnos_ipc_ext out_ext = MNOS_EXT_INIT, in_ext = MNOS_EXT_INIT;
    struct kring_op op[2] = {
        {.submission = {MNOS_RING_CALL, 0, console, (uint64_t)&out, (uint64_t)&out_ext, MNOS_NONE, {0}}},
        {.submission = {MNOS_RING_CALL, 0, console, (uint64_t)&in, (uint64_t)&in_ext, MNOS_NONE, {0}}},
    };
    size_t done = 0;

    out_ext.send_buf = (uint64_t)text;
    out_ext.send_len = length;
    in_ext.recv_buf = (uint64_t)buffer;
    in_ext.recv_len = size;
    bool ran = length > 0 && kring_run(op, 2) == 0;
    if (ran && op[0].status == 0 && out.label == 0)
        done = out.word[0] < length ? out.word[0] : length;
    /* What the driver did not take, because it died or was full, goes the way of one by one. */
    (void)console_write(console, (const char *)text + done, length - done);
    if (ran && op[1].status == 0 && in.label == 0 && in.word[0] > 0)
        return (int64_t)(in.word[0] < size ? in.word[0] : size);
    return console_read(console, buffer, size);
}

int64_t console_stats(mnos_handle_t console, struct console_stats *out)
{
    struct mnos_msg msg = {.label = CONSOLE_STATS};
    struct mnos_call_data data = {.send_cap = MNOS_NONE};
    int64_t status = console_call(console, &msg, &data);

    if (status < 0)
        return status;
    memcpy(out, msg.word, sizeof *out);
    return 0;
}

void print_console(void *context, const char *text, size_t length)
{
    (void)console_write(*(const mnos_handle_t *)context, text, length);
}
