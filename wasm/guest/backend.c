/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WASI's back end: standard streams, clocks, randomness, waiting.  Files are in files.c.  A handle below FILES is a
 * stream; what is not in this table cannot be done, and the module sees ENOTSUP.
 */
#include "guest.h"
#include "files.h"

#include <idl/entropy.h>
#include <libmnos/clock.h>
#include <libmnos/console.h>
#include <libmnos/ipc.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

static mnos_handle_t console = MNOS_NONE, rng = MNOS_NONE;

/* --- Streams --- */

static char line[PRINT_LINE];
static size_t line_length;

void streams_open(mnos_handle_t endpoint)
{
    console = endpoint;
}

void streams_flush(void)
{
    if (line_length > 0 && console != MNOS_NONE)
        (void)console_write(console, line, line_length);
    else if (line_length > 0)
        print_kernel_log(NULL, line, line_length);
    line_length = 0;
}

/* A terminal wants a carriage return with each line. */
static void byte_put(char byte)
{
    if (line_length > sizeof line - 2)
        streams_flush();
    if (byte == '\n' && console != MNOS_NONE)
        line[line_length++] = '\r';
    line[line_length++] = byte;
    if (byte == '\n')
        streams_flush();
}

uint16_t streams_write(wasi_handle stream, const struct wasi_span *from, size_t count, size_t *done)
{
    *done = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < from[i].length; k++)
            byte_put(((const char *)from[i].base)[k]);
        *done += from[i].length;
    }
    if (stream != 1 || console != MNOS_NONE)
        streams_flush();
    return WASI_OK;
}

static uint16_t streams_read(const struct wasi_span *to, size_t count, size_t *done)
{
    *done = 0;
    if (console == MNOS_NONE)
        return WASI_EBADF;
    if (count == 0)
        return WASI_OK;
    streams_flush();
    int64_t got = console_read(console, to[0].base, to[0].length);
    if (got < 0)
        return got == -MNOS_E_INTERRUPTED ? WASI_EINTR : WASI_EIO;
    *done = (size_t)got;
    return WASI_OK;
}

static uint16_t any_read(void *context, wasi_handle file, const struct wasi_span *to, size_t count, uint64_t offset,
                         size_t *done)
{
    (void)context;
    if (file >= FILES)
        return files_read(file, to, count, offset, done);
    *done = 0;
    return offset != WASI_AT_CURSOR ? WASI_ESPIPE : streams_read(to, count, done);
}

static uint16_t any_write(void *context, wasi_handle file, const struct wasi_span *from, size_t count, uint64_t offset,
                          size_t *done)
{
    (void)context;
    *done = 0;
    if (file >= FILES)
        return WASI_EROFS;
    return offset != WASI_AT_CURSOR ? WASI_ESPIPE : streams_write(file, from, count, done);
}

static uint16_t any_seek(void *context, wasi_handle file, int64_t offset, enum wasi_whence whence, uint64_t *now)
{
    (void)context;
    return file >= FILES ? files_seek(file, offset, whence, now) : WASI_ESPIPE;
}

static uint16_t any_stat(void *context, wasi_handle file, struct wasi_filestat *out)
{
    (void)context;
    if (file >= FILES)
        return files_stat(file, out);
    *out = (struct wasi_filestat){.type = WASI_TYPE_CHARACTER, .nlink = 1, .ino = (uint64_t)file + 1};
    return WASI_OK;
}

static void any_close(void *context, wasi_handle file)
{
    (void)context;
    if (file >= FILES)
        files_close(file);
    else
        streams_flush();
}

/* --- Clocks --- */

static uint16_t clock_resolution(void *context, enum wasi_clock clock, uint64_t *ns)
{
    (void)context;
    *ns = 1;
    return clock == WASI_CLOCK_MONOTONIC || (clock == WASI_CLOCK_REALTIME && clock_unix_base() != 0) ? WASI_OK
                                                                                                     : WASI_ENOTSUP;
}

static uint16_t clock_time(void *context, enum wasi_clock clock, uint64_t *ns)
{
    (void)context;
    *ns = clock_ns();
    if (clock == WASI_CLOCK_MONOTONIC)
        return WASI_OK;
    if (clock != WASI_CLOCK_REALTIME || clock_unix_base() == 0)
        return WASI_ENOTSUP;
    *ns += (uint64_t)clock_unix_base() * MNOS_S;
    return WASI_OK;
}

/* --- Randomness --- */

void random_open(mnos_handle_t source)
{
    rng = source;
}

static uint16_t random_bytes(void *context, void *to, size_t length)
{
    size_t done = 0;

    (void)context;
    while (done < length) {
        size_t got;
        if (entropy_read(rng, (char *)to + done, length - done, &got) < 0 || got == 0)
            return WASI_EIO;
        done += got;
    }
    return WASI_OK;
}

/* --- Waiting --- */

static void yield(void *context)
{
    (void)context;
    (void)mnos_thread_yield();
}

/* Files are always ready, output as well; what a console will say next is not known before it is read. */
static uint16_t poll(void *context, struct wasi_poll *entries, size_t count, uint64_t timeout)
{
    bool ready = false;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].handle == WASI_NO_HANDLE)
            continue;
        entries[i].ready = ready = true;
        entries[i].bytes = 1;
        if (entries[i].handle == 0)
            entries[i].error = WASI_ENOTSUP;
    }
    if (ready)
        return WASI_OK;
    streams_flush();
    uint64_t now = clock_ns();
    sleep_until(timeout > UINT64_MAX - 1 - now ? MNOS_FOREVER : now + timeout);
    return WASI_OK;
}

const struct wasi_backend guest_backend = {
    .close = any_close,
    .read = any_read,
    .write = any_write,
    .seek = any_seek,
    .stat = any_stat,
    .readdir = files_readdir,
    .walk = files_walk,
    .open = files_open_at,
    .stat_at = files_stat_at,
    .readlink = files_readlink,
    .clock_resolution = clock_resolution,
    .clock_time = clock_time,
    .random = random_bytes,
    .yield = yield,
    .poll = poll,
};
