/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/ipc.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/sync.h>
#include <str.h>

static struct mnos_mutex lock;
static char line[PRINT_LINE];
static size_t used;
static print_sink sink = print_kernel_log;
static void *sink_context;

void print_kernel_log(void *context, const char *text, size_t length)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t log = mnos_cap("log");

    (void)context;
    ext.send_buf = (uint64_t)text;
    ext.send_len = length;
    if (log != MNOS_NONE)
        (void)mnos_ipc_send(log, &msg, &ext);
}

static void flush_locked(void)
{
    size_t length = used;

    used = 0;
    if (length > 0)
        sink(sink_context, line, length);
}

static void line_put(void *context, const char *text, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++) {
        line[used++] = text[i];
        if (text[i] == '\n' || used == sizeof line)
            flush_locked();
    }
}

void vprintf(const char *format, va_list args)
{
    mutex_lock(&lock);
    fmt_vwrite(line_put, NULL, format, args);
    mutex_unlock(&lock);
}

void printf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void print_flush(void)
{
    mutex_lock(&lock);
    flush_locked();
    mutex_unlock(&lock);
}

void print_to(print_sink new_sink, void *context)
{
    mutex_lock(&lock);
    flush_locked();
    sink = new_sink;
    sink_context = context;
    mutex_unlock(&lock);
}
