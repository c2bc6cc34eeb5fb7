/* SPDX-License-Identifier: BSD-2-Clause */
/* What descriptors 0 to 2 of a native service are: the console driver's protocol, or the kernel log. */
#include <libmnos/console.h>
#include <libmnos/ipc.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

#include "console.h"
#include "wait.h"

#define LOG_PIECE 512u

/* Whole lines where there are some, so that those of several programs do not mix. */
static size_t log_piece(const char *text, size_t length)
{
    size_t most = length < LOG_PIECE ? length : LOG_PIECE;

    for (size_t i = most; i > 0; i--)
        if (text[i - 1] == '\n')
            return i;
    return most;
}

static long log_write(mnos_handle_t log, const char *text, size_t length)
{
    for (size_t done = 0; done < length;) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.send_buf = (uint64_t)(text + done);
        ext.send_len = log_piece(text + done, length - done);
        int64_t status = px_send(log, &msg, &ext);
        if (status < 0)
            return done > 0 ? (long)done : px_result(status);
        done += ext.send_len;
    }
    return (long)length;
}

long px_console_write(const struct px_open *open, const void *bytes, size_t length)
{
    switch (open->kind) {
    case POSIX_FD_NULL:
        return (long)length;
    case POSIX_FD_LOG:
        return log_write(open->handle, bytes, length);
    default:
        return px_result(console_write(open->handle, bytes, length));
    }
}

long px_console_read(const struct px_open *open, void *bytes, size_t length)
{
    switch (open->kind) {
    case POSIX_FD_NULL:
        return 0;
    case POSIX_FD_LOG:
        return -PX_EBADF;
    default:
        return px_result(console_read(open->handle, bytes, length));
    }
}
