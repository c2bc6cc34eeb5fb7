/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A console behind virtio (Virtual I/O Device 1.1, section 5.3): port 0, one queue each way, as libmnos/console.h speaks
 * it.  A caller's bytes go straight into DMA memory; input waits there until somebody reads it.
 *
 * DRIVES: pci 1af4:1003 as console vectors=2 dma=64K
 * DRIVES: pci 1af4:1043 as console vectors=2 dma=64K
 */
#include <driver/virtio_device.h>
#include <libmnos/console.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#define BUFFER 4096u
#define INPUTS 8u /* input buffers with the device */

enum { RECEIVE = 0, TRANSMIT = 1 };

struct input {
    uint32_t have, given;
};

static struct {
    struct virtio_device v;
    struct virtq in, out;
    unsigned char *in_bytes, *out_bytes;
    uint64_t in_physical, out_physical;
    struct input input[INPUTS];
    uint8_t order[INPUTS]; /* full input buffers, oldest first */
    unsigned full;
    bool sending;
    struct kept readers, writers; /* word: bytes that they may take, or have */
    struct console_stats stats;
} con;

static void input_give(unsigned index)
{
    const struct virtq_buffer buffer = {con.in_physical + index * BUFFER, BUFFER};

    con.input[index] = (struct input){0};
    (void)virtq_add(&con.in, &buffer, 0, 1, index); /* as many entries as buffers */
}

static int64_t init(struct device *device)
{
    int64_t status = virtio_device_start(device, &con.v, 0, 0);

    if (status == 0)
        status = virtio_device_queue(device, &con.v, &con.in, RECEIVE, VIRTQ_MAX, 0);
    if (status == 0)
        status = virtio_device_queue(device, &con.v, &con.out, TRANSMIT, VIRTQ_MAX, device->info.irqs > 1 ? 1 : 0);
    if (status < 0)
        return status;
    con.in_bytes = device_dma(device, INPUTS * BUFFER, 64, &con.in_physical);
    con.out_bytes = device_dma(device, BUFFER, 64, &con.out_physical);
    if (!con.in_bytes || !con.out_bytes || con.in.size < INPUTS)
        return -MNOS_E_NO_MEMORY;
    virtio_ready(&con.v.virtio);
    for (unsigned i = 0; i < INPUTS; i++)
        input_give(i);
    virtq_kick(&con.v.virtio, &con.in);
    return 0;
}

/* The oldest input to the oldest reader. */
static void readers_run(struct device *device)
{
    while (con.full > 0 && con.readers.count > 0) {
        unsigned index = con.order[0];
        struct input *input = &con.input[index];
        uint32_t left = input->have - input->given;
        uint64_t room = con.readers.call[0].word, give = room < left ? room : left;
        struct mnos_msg msg = {.word = {give}};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.send_buf = (uint64_t)(con.in_bytes + index * BUFFER + input->given);
        ext.send_len = give;
        /* A reader who died has taken nothing. */
        if (kept_answer(device, &con.readers, 0, &msg, &ext) < 0)
            continue;
        input->given += (uint32_t)give;
        if (input->given < input->have)
            continue;
        con.full--;
        memmove(con.order, con.order + 1, con.full);
        input_give(index);
        virtq_kick(&con.v.virtio, &con.in);
    }
}

/* The oldest writer's bytes to the device: as many as fit, which is what the answer says. */
static void writers_run(struct device *device)
{
    while (!con.sending && con.writers.count > 0) {
        uint64_t wanted = con.writers.call[0].word;
        struct mnos_msg msg = {0};
        int64_t copied = wanted == 0 ? 0
                                     : mnos_ipc_copy(con.writers.call[0].reply, MNOS_COPY_FROM_CALLER, 0, con.out_bytes,
                                                     wanted < BUFFER ? wanted : BUFFER);
        msg.label = copied < 0 ? (uint64_t)-copied : 0;
        msg.word[0] = copied < 0 ? 0 : (uint64_t)copied;
        if (copied > 0) {
            const struct virtq_buffer buffer = {con.out_physical, (uint32_t)copied};
            (void)virtq_add(&con.out, &buffer, 1, 0, 0); /* one at a time */
            virtq_kick(&con.v.virtio, &con.out);
            con.sending = true;
            con.stats.sent += (uint64_t)copied;
        }
        (void)kept_answer(device, &con.writers, 0, &msg, NULL);
    }
}

static void broken(const struct device *device)
{
    mnos_panic("%s: the device answered a request that it was never given", device->info.service);
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    enum virtq_result result;
    uint32_t index, length;

    (void)vector;
    virtio_device_acknowledge(device, &con.v);
    con.stats.interrupts++;
    while ((result = virtq_take(&con.in, &index, &length)) == VIRTQ_OK) {
        con.input[index].have = length;
        con.stats.received += length;
        if (length > 0)
            con.order[con.full++] = (uint8_t)index;
        else
            input_give(index);
    }
    if (result == VIRTQ_BROKEN)
        broken(device);
    while ((result = virtq_take(&con.out, &index, &length)) == VIRTQ_OK)
        con.sending = false;
    if (result == VIRTQ_BROKEN)
        broken(device);
    readers_run(device);
    writers_run(device);
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    (void)ext;
    switch (msg->label) {
    case CONSOLE_READ:
        if (msg->word[0] == 0)
            return driver_answer(msg, MNOS_E_INVALID);
        if (!kept_add(device, &con.readers, msg->word[0]))
            return driver_answer(msg, MNOS_E_BUSY);
        readers_run(device);
        return MNOS_SERVE_NEXT;
    case CONSOLE_WRITE:
        if (!kept_add(device, &con.writers, msg->word[0]))
            return driver_answer(msg, MNOS_E_BUSY);
        writers_run(device);
        return MNOS_SERVE_NEXT;
    case CONSOLE_STATS:
        *msg = (struct mnos_msg){0};
        memcpy(msg->word, &con.stats, sizeof con.stats);
        return MNOS_SERVE_ANSWER;
    default:
        return driver_answer(msg, MNOS_E_NOT_SUPPORTED);
    }
}

static void handle_cancel(struct device *device, mnos_handle_t reply)
{
    kept_cancel(device, &con.readers, reply);
    kept_cancel(device, &con.writers, reply);
}

static void quiesce(struct device *device)
{
    (void)device;
    (void)virtio_reset(&con.v.bus);
}

static const struct driver driver = {
    .name = "virtio_console",
    .init = init,
    .quiesce = quiesce,
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
