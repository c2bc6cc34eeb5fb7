/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An entropy device behind virtio (Virtual I/O Device 1.1, section 5.4): one queue of buffers that it fills.
 *
 * DRIVES: pci 1af4:1005 as rng dma=32K
 * DRIVES: pci 1af4:1044 as rng dma=32K
 */
#include <driver/virtio_device.h>
#include <idl/entropy_server.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <str.h>

static struct {
    struct virtio_device v;
    struct virtq queue;
    unsigned char *buffer; /* the device writes it, or `have` bytes wait in it */
    uint64_t physical;
    uint32_t have;
    struct kept readers;
} rng;

static void refill(void)
{
    const struct virtq_buffer buffer = {rng.physical, ENTROPY_MOST};

    if (rng.have > 0 || virtq_outstanding(&rng.queue) > 0)
        return;
    (void)virtq_add(&rng.queue, &buffer, 0, 1, 0);
    virtq_kick(&rng.v.virtio, &rng.queue);
}

static int64_t init(struct device *device)
{
    int64_t status = virtio_device_start(device, &rng.v, 0, 0);

    if (status == 0)
        status = virtio_device_queue(device, &rng.v, &rng.queue, 0, VIRTQ_MAX, 0);
    if (status < 0)
        return status;
    rng.buffer = device_dma(device, ENTROPY_MOST, 64, &rng.physical);
    if (!rng.buffer)
        return -MNOS_E_NO_MEMORY;
    virtio_ready(&rng.v.virtio);
    refill();
    return 0;
}

/* Bytes are given once, and forgotten. */
static void readers_run(struct device *device)
{
    while (rng.have > 0 && rng.readers.count > 0) {
        uint64_t room = rng.readers.call[0].word;
        struct entropy_read_out out = {.bytes = rng.buffer, .bytes_length = rng.have < room ? rng.have : room};
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        entropy_read_encode(&msg, &ext, &out);
        device->stats.requests++;
        device->stats.bytes += out.bytes_length;
        kept_answer(device, &rng.readers, 0, &msg, &ext);
        memset(rng.buffer, 0, ENTROPY_MOST);
        rng.have = 0;
    }
    refill();
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    uint32_t token, length;

    (void)vector;
    virtio_device_acknowledge(device, &rng.v);
    enum virtq_result result = virtq_take(&rng.queue, &token, &length);
    if (result == VIRTQ_BROKEN)
        mnos_panic("%s: the device answered a request that it was never given", device->info.service);
    if (result == VIRTQ_OK)
        rng.have = length;
    readers_run(device);
}

static int64_t entropy_give(void *self, uint64_t badge, struct entropy_read_in *in, struct entropy_read_out *out)
{
    struct device *device = self;

    (void)badge;
    (void)out;
    if (in->bytes_room == 0)
        return -MNOS_E_INVALID;
    if (!kept_add(device, &rng.readers, in->bytes_room))
        return -MNOS_E_BUSY;
    readers_run(device);
    return IDL_LATER;
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    static const struct entropy_server handlers = {.read = entropy_give};

    return entropy_dispatch(&handlers, device, msg, ext);
}

static void handle_cancel(struct device *device, mnos_handle_t reply)
{
    kept_cancel(device, &rng.readers, reply);
}

static void quiesce(struct device *device)
{
    (void)device;
    (void)virtio_reset(&rng.v.bus);
}

static const struct driver driver = {
    .name = "virtio_rng",
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
