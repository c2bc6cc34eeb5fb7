/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network card behind virtio (Virtual I/O Device 1.1, section 5.1): raw frames, one receive and one transmit queue, no
 * offloads.  Each frame has a header of the device's in DMA memory; the frame itself is in the client's Memory.
 *
 * DRIVES: pci 1af4:1000 as net vectors=2 dma=128K
 * DRIVES: pci 1af4:1041 as net vectors=2 dma=128K
 */
#include <driver/net.h>
#include <driver/virtio_device.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <range.h>
#include <str.h>

#define F_MAC    (1ull << 5)
#define F_STATUS (1ull << 16)

#define CONFIG_MAC    0u
#define CONFIG_STATUS 6u
#define LINK_UP       1u

#define HEADER_MODERN 12u
#define HEADER_LEGACY 10u
#define HEADER_ROOM   16u
#define SLOTS         64u /* frames with the device, each way */
#define NO_SLOT       0xffu

enum { RECEIVE = 0, TRANSMIT = 1, QUEUES = 2 };

struct slot {
    struct session *session;
    uint32_t tag;
    uint8_t next; /* free */
};

struct lane {
    struct virtq queue;
    struct slot slot[SLOTS];
    uint8_t free;
    unsigned char *headers;
    uint64_t headers_physical;
};

static struct {
    struct virtio_device v;
    struct lane lane[QUEUES];
    uint32_t header;
} net;

static bool room(void)
{
    for (unsigned i = 0; i < QUEUES; i++)
        if (net.lane[i].free == NO_SLOT || net.lane[i].queue.free < 2)
            return false;
    return true;
}

static enum mnos_error check(const struct session *session, const struct session_request *r)
{
    if (r->op > NET_RECEIVE)
        return MNOS_E_NOT_SUPPORTED;
    if (r->op == NET_SEND && (r->bytes < NET_FRAME_MIN || r->bytes > NET_FRAME))
        return MNOS_E_RANGE;
    if (r->op == NET_RECEIVE && (r->bytes < NET_FRAME || r->bytes > 65536))
        return MNOS_E_RANGE;
    return range_within(r->offset, r->bytes, session->data_bytes) ? MNOS_OK : MNOS_E_RANGE;
}

static void submit(struct session *session, const struct session_request *r)
{
    bool receive = r->op == NET_RECEIVE;
    struct lane *lane = &net.lane[receive ? RECEIVE : TRANSMIT];
    uint8_t index = lane->free;
    const struct virtq_buffer buffer[2] = {
        {lane->headers_physical + index * HEADER_ROOM, net.header},
        {session->physical + SESSION_DATA + r->offset, (uint32_t)r->bytes},
    };

    lane->free = lane->slot[index].next;
    lane->slot[index].session = session;
    lane->slot[index].tag = r->tag;
    memset(lane->headers + index * HEADER_ROOM, 0, HEADER_ROOM);
    (void)virtq_add(&lane->queue, buffer, receive ? 0 : 2, receive ? 2 : 0, index); /* there is room */
}

static void kick(void)
{
    for (unsigned i = 0; i < QUEUES; i++)
        virtq_kick(&net.v.virtio, &net.lane[i].queue);
}

static bool link_up(void)
{
    return (net.v.virtio.features & F_STATUS) == 0 || (virtio_config(&net.v.virtio, CONFIG_STATUS, 2) & LINK_UP) != 0;
}

static void describe(uint64_t word[3])
{
    for (unsigned i = 0; i < 6; i++)
        word[NET_ADDRESS] |= virtio_config(&net.v.virtio, CONFIG_MAC + i, 1) << 8 * i;
    word[NET_LINK] = link_up();
}

static const struct session_ops ops = {
    .most = 1, .describe = describe, .check = check, .room = room, .submit = submit, .kick = kick};

static int64_t lane_open(struct device *device, unsigned index)
{
    struct lane *lane = &net.lane[index];
    unsigned vector = index < device->info.irqs ? index : 0;
    int64_t status = virtio_device_queue(device, &net.v, &lane->queue, index, VIRTQ_MAX, vector);

    if (status < 0)
        return status;
    lane->headers = device_dma(device, SLOTS * HEADER_ROOM, 64, &lane->headers_physical);
    if (!lane->headers)
        return -MNOS_E_NO_MEMORY;
    for (unsigned i = 0; i < SLOTS; i++)
        lane->slot[i].next = i + 1 < SLOTS ? (uint8_t)(i + 1) : NO_SLOT;
    return 0;
}

static int64_t init(struct device *device)
{
    int64_t status = virtio_device_start(device, &net.v, F_MAC, F_STATUS | VIRTIO_F_INDIRECT);

    net.header = net.v.bus.modern ? HEADER_MODERN : HEADER_LEGACY;
    for (unsigned i = 0; i < QUEUES && status == 0; i++)
        status = lane_open(device, i);
    if (status < 0)
        return status;
    sessions_start(&ops);
    virtio_ready(&net.v.virtio);
    if (device->info.start == 0)
        printf("%s: link %s\n", device->info.service, link_up() ? "up" : "down");
    return 0;
}

static void lane_run(struct device *device, struct lane *lane, bool receive)
{
    enum virtq_result result;
    uint32_t index, length;

    while ((result = virtq_take(&lane->queue, &index, &length)) == VIRTQ_OK) {
        struct slot *s = &lane->slot[index];
        struct session *session = s->session;
        uint32_t bytes = receive && length > net.header ? length - net.header : 0;
        s->next = lane->free;
        lane->free = (uint8_t)index;
        session_complete(device, session, s->tag, MNOS_OK, bytes);
    }
    if (result == VIRTQ_BROKEN)
        /* A device that answers so cannot be worked with: a new start resets it. */
        mnos_panic("%s: the device answered a request that it was never given", device->info.service);
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    (void)vector;
    virtio_device_acknowledge(device, &net.v);
    lane_run(device, &net.lane[RECEIVE], true);
    lane_run(device, &net.lane[TRANSMIT], false);
    sessions_run(device);
}

static void quiesce(struct device *device)
{
    (void)device;
    (void)virtio_reset(&net.v.bus);
}

static const struct driver driver = {
    .name = "virtio_net",
    .init = init,
    .quiesce = quiesce,
    .handle_interrupt = handle_interrupt,
    .handle_doorbell = sessions_run,
    .handle_message = session_message,
    .handle_closed = session_closed,
};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
