/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The serial driver: a console (libmnos/console.h) on a 16550.
 *
 * A write is answered when its last byte is with the chip, so that what was acknowledged is not lost with this process; a
 * byte of input is taken off the ring when its reader has it.  init starts the driver of the first line, because the
 * system's own lines go there; further lines are the device manager's.
 *
 * DRIVES: platform serial2 as serial2
 */
#include <driver/driver.h>
#include <driver/ports.h>
#include <libmnos/console.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "ring.h"
#include "uart.h"

#define CHUNK       256u
#define PRINT_READS 100000 /* for a line of our own */

static struct {
    struct uart uart;
    struct ring input;
    struct kept readers, writers; /* word: bytes that they may take, or have */
    char out[CHUNK];              /* the oldest writer's, from `done` on */
    uint32_t have, sent;
    struct console_stats stats;
} line;

static uint8_t port_read(void *context, unsigned reg)
{
    return (uint8_t)port_in8((uint16_t)(((const struct device *)context)->port[0] + reg));
}

static void port_write(void *context, unsigned reg, uint8_t value)
{
    port_out8((uint16_t)(((const struct device *)context)->port[0] + reg), value);
}

/* What the driver has to say goes out on its own line, if that moves. */
static void line_print(void *context, const char *text, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++) {
        for (unsigned reads = 0; !uart_ready(&line.uart); reads++)
            if (reads == PRINT_READS)
                return;
        uart_put(&line.uart, text[i]);
    }
}

static void writer_answer(struct device *device, int64_t status)
{
    uint64_t done = line.writers.call[0].done;
    struct mnos_msg msg = {.label = status < 0 && done == 0 ? (uint64_t)-status : 0, .word = {done}};

    (void)kept_answer(device, &line.writers, 0, &msg, NULL);
}

/* What the chip has of the oldest write is done. */
static void chunk_end(void)
{
    if (line.writers.count > 0)
        line.writers.call[0].done += line.sent;
    line.have = line.sent = 0;
}

/* The next bytes of the oldest write; false: it was answered. */
static bool chunk_copy(struct device *device)
{
    struct kept_call *call = &line.writers.call[0];
    uint64_t left = call->word - call->done;
    int64_t copied = left == 0 ? 0
                               : mnos_ipc_copy(call->reply, MNOS_COPY_FROM_CALLER, call->done, line.out,
                                               left < CHUNK ? left : CHUNK);

    /* Short of what it said: its buffer ends, or needs its pager.  It is told how far we came and may go on. */
    if (copied <= 0) {
        writer_answer(device, copied);
        return false;
    }
    line.have = (uint32_t)copied;
    return true;
}

static void writers_run(struct device *device)
{
    while (line.writers.count > 0) {
        if (line.sent == line.have) {
            chunk_end();
            if (!chunk_copy(device))
                continue;
        }
        if (!uart_ready(&line.uart))
            return;
        for (uint32_t i = 0; i < UART_FIFO && line.sent < line.have; i++) {
            uart_put(&line.uart, line.out[line.sent++]);
            line.stats.sent++;
        }
    }
}

static void readers_run(struct device *device)
{
    while (line.readers.count > 0 && ring_used(&line.input) > 0) {
        uint32_t available;
        const char *content = ring_content(&line.input, &available);
        uint64_t room = line.readers.call[0].word, give = room < available ? room : available;
        struct mnos_msg msg = {.word = {give}};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.send_buf = (uint64_t)content;
        ext.send_len = give;
        /* A reader who died has taken nothing. */
        if (kept_answer(device, &line.readers, 0, &msg, &ext) >= 0)
            line.input.get += (uint32_t)give;
    }
}

/* Everything that can move, moves; then the chip is told what to interrupt for. */
static void line_run(struct device *device)
{
    int byte;

    while (ring_room(&line.input) > 0 && (byte = uart_take(&line.uart)) >= 0) {
        ring_put(&line.input, (char)byte);
        line.stats.received++;
    }
    readers_run(device);
    writers_run(device);
    uart_interrupts(&line.uart, ring_room(&line.input) > 0, line.writers.count > 0);
}

static int64_t init(struct device *device)
{
    const struct uart_bus bus = {port_read, port_write, device};

    if (device->info.bar[0].kind != DEVICE_BAR_KIND_IO || device->info.bar[0].size != 8)
        return -MNOS_E_INVALID;
    if (!uart_open(&line.uart, &bus))
        return -MNOS_E_NOT_FOUND;
    print_to(line_print, NULL);
    printf("serial: 16550 at 0x%x, pid %lu\n", device->port[0], mnos_pid);
    line_run(device);
    return 0;
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    (void)vector;
    line.stats.interrupts++;
    uart_acknowledge(&line.uart);
    line_run(device);
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    (void)ext;
    if (msg->label == CONSOLE_STATS) {
        *msg = (struct mnos_msg){0};
        memcpy(msg->word, &line.stats, sizeof line.stats);
        return MNOS_SERVE_ANSWER;
    }
    if (msg->label != CONSOLE_WRITE && msg->label != CONSOLE_READ)
        return driver_answer(msg, MNOS_E_NOT_SUPPORTED);
    if (msg->label == CONSOLE_READ && msg->word[0] == 0)
        return driver_answer(msg, MNOS_E_INVALID);
    if (!kept_add(device, msg->label == CONSOLE_READ ? &line.readers : &line.writers, msg->word[0]))
        return driver_answer(msg, MNOS_E_BUSY);
    line_run(device);
    return MNOS_SERVE_NEXT;
}

static void handle_cancel(struct device *device, mnos_handle_t reply)
{
    if (line.writers.count > 0 && line.writers.call[0].reply == reply)
        chunk_end();
    kept_cancel(device, &line.readers, reply);
    kept_cancel(device, &line.writers, reply);
    line_run(device);
}

static const struct driver driver = {
    .name = "serial",
    .init = init,
    .handle_interrupt = handle_interrupt,
    .handle_message = handle_message,
    .handle_cancel = handle_cancel,
};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
