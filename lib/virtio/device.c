/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake (3.1) over the two register layouts (4.1.4.3 and 4.1.4.8). */
#include "queue.h"

/* struct virtio_pci_common_cfg */
enum common {
    C_OFFERED_SELECT = 0,
    C_OFFERED = 4,
    C_CHOSEN_SELECT = 8,
    C_CHOSEN = 12,
    C_STATUS = 20,
    C_QUEUE_SELECT = 22,
    C_QUEUE_SIZE = 24,
    C_QUEUE_VECTOR = 26,
    C_QUEUE_ENABLE = 28,
    C_QUEUE_NOTIFY = 30,
    C_QUEUE_DESCRIPTORS = 32,
    C_QUEUE_AVAILABLE = 40,
    C_QUEUE_USED = 48
};

/* The legacy registers; the device's own configuration follows at 20, or at 24 when MSI-X is on. */
enum legacy {
    L_OFFERED = 0,
    L_CHOSEN = 4,
    L_QUEUE_PAGE = 8,
    L_QUEUE_SIZE = 12,
    L_QUEUE_SELECT = 14,
    L_NOTIFY = 16,
    L_STATUS = 18,
    L_QUEUE_VECTOR = 22,
    L_CONFIG = 20,
    L_CONFIG_VECTORS = 24
};

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER      2u
#define STATUS_READY       4u
#define STATUS_FEATURES    8u
#define STATUS_FAILED      128u
#define NO_VECTOR          0xffffu
#define RESET_LOOKS        1000000u
#define PAGE               4096ull

const char *virtio_error_text(enum virtio_error error)
{
    switch (error) {
    case VIRTIO_OK:
        return "is well";
    case VIRTIO_NO_RESET:
        return "does not come out of its reset";
    case VIRTIO_NO_FEATURES:
        return "does not accept the features that the driver needs";
    case VIRTIO_NO_QUEUE:
        return "lacks a queue that the driver needs, or has one of an impossible size";
    case VIRTIO_NO_VECTOR:
        return "does not take its interrupt vector";
    }
    return "failed";
}

static uint32_t get(const struct virtio_bus *bus, enum common modern, enum legacy legacy, unsigned width)
{
    return bus->modern ? bus->read(bus->context, VIRTIO_COMMON, modern, width)
                       : bus->read(bus->context, VIRTIO_LEGACY, legacy, width);
}

static void set(const struct virtio_bus *bus, enum common modern, enum legacy legacy, unsigned width, uint32_t value)
{
    if (bus->modern)
        bus->write(bus->context, VIRTIO_COMMON, modern, width, value);
    else
        bus->write(bus->context, VIRTIO_LEGACY, legacy, width, value);
}

static void status_add(const struct virtio_bus *bus, uint32_t bits)
{
    set(bus, C_STATUS, L_STATUS, 1, get(bus, C_STATUS, L_STATUS, 1) | bits);
}

bool virtio_reset(const struct virtio_bus *bus)
{
    set(bus, C_STATUS, L_STATUS, 1, 0);
    for (unsigned i = 0; i < RESET_LOOKS; i++)
        if (get(bus, C_STATUS, L_STATUS, 1) == 0)
            return true;
    return false;
}

static uint64_t features_read(const struct virtio_bus *bus)
{
    if (!bus->modern)
        return bus->read(bus->context, VIRTIO_LEGACY, L_OFFERED, 4);
    bus->write(bus->context, VIRTIO_COMMON, C_OFFERED_SELECT, 4, 0);
    uint64_t low = bus->read(bus->context, VIRTIO_COMMON, C_OFFERED, 4);
    bus->write(bus->context, VIRTIO_COMMON, C_OFFERED_SELECT, 4, 1);
    return low | (uint64_t)bus->read(bus->context, VIRTIO_COMMON, C_OFFERED, 4) << 32;
}

static bool features_choose(const struct virtio_bus *bus, uint64_t features)
{
    if (!bus->modern) {
        bus->write(bus->context, VIRTIO_LEGACY, L_CHOSEN, 4, (uint32_t)features);
        return true;
    }
    for (uint32_t half = 0; half < 2; half++) {
        bus->write(bus->context, VIRTIO_COMMON, C_CHOSEN_SELECT, 4, half);
        bus->write(bus->context, VIRTIO_COMMON, C_CHOSEN, 4, (uint32_t)(features >> 32 * half));
    }
    status_add(bus, STATUS_FEATURES);
    return (bus->read(bus->context, VIRTIO_COMMON, C_STATUS, 1) & STATUS_FEATURES) != 0;
}

enum virtio_error virtio_start(struct virtio *device, const struct virtio_bus *bus, uint64_t needed, uint64_t wanted)
{
    *device = (struct virtio){.bus = bus};
    if (!virtio_reset(bus))
        return VIRTIO_NO_RESET;
    status_add(bus, STATUS_ACKNOWLEDGE);
    status_add(bus, STATUS_DRIVER);
    device->offered = features_read(bus);
    if (bus->modern)
        needed |= VIRTIO_F_VERSION_1;
    device->features = device->offered & (needed | wanted);
    if ((device->features & needed) != needed || !features_choose(bus, device->features)) {
        virtio_give_up(device);
        return VIRTIO_NO_FEATURES;
    }
    return VIRTIO_OK;
}

unsigned virtio_queue_size(struct virtio *device, unsigned index, unsigned most)
{
    const struct virtio_bus *bus = device->bus;

    set(bus, C_QUEUE_SELECT, L_QUEUE_SELECT, 2, index);
    unsigned size = get(bus, C_QUEUE_SIZE, L_QUEUE_SIZE, 2);
    if (size == 0 || (size & (size - 1)) != 0)
        return 0;
    if (size <= most)
        return size;
    if (!bus->modern || most == 0)
        return 0;
    while (size > most)
        size /= 2;
    return size;
}

static void address_set(const struct virtio_bus *bus, enum common at, uint64_t address)
{
    bus->write(bus->context, VIRTIO_COMMON, at, 4, (uint32_t)address);
    bus->write(bus->context, VIRTIO_COMMON, at + 4u, 4, (uint32_t)(address >> 32));
}

enum virtio_error virtio_queue_open(struct virtio *device, struct virtq *queue, unsigned index, unsigned size,
                                    void *memory, uint64_t physical, unsigned vector)
{
    const struct virtio_bus *bus = device->bus;
    uint64_t part[3];

    if (size == 0 || size > VIRTQ_MAX || virtio_queue_size(device, index, size) != size)
        return VIRTIO_NO_QUEUE;
    virtq_layout(queue, index, size, memory, physical, (device->features & VIRTIO_F_INDIRECT) != 0, part);
    if (bus->vectors) {
        set(bus, C_QUEUE_VECTOR, L_QUEUE_VECTOR, 2, vector);
        if (get(bus, C_QUEUE_VECTOR, L_QUEUE_VECTOR, 2) != vector)
            return VIRTIO_NO_VECTOR;
    }
    if (!bus->modern) {
        if (physical / PAGE > UINT32_MAX)
            return VIRTIO_NO_QUEUE;
        bus->write(bus->context, VIRTIO_LEGACY, L_QUEUE_PAGE, 4, (uint32_t)(physical / PAGE));
        return VIRTIO_OK;
    }
    uint64_t offset = (uint64_t)bus->read(bus->context, VIRTIO_COMMON, C_QUEUE_NOTIFY, 2) * bus->notify_multiplier;
    if (offset % 2 != 0 || bus->notify_length < 2 || offset > bus->notify_length - 2)
        return VIRTIO_NO_QUEUE;
    queue->notify_offset = (uint32_t)offset;
    bus->write(bus->context, VIRTIO_COMMON, C_QUEUE_SIZE, 2, size);
    address_set(bus, C_QUEUE_DESCRIPTORS, part[0]);
    address_set(bus, C_QUEUE_AVAILABLE, part[1]);
    address_set(bus, C_QUEUE_USED, part[2]);
    bus->write(bus->context, VIRTIO_COMMON, C_QUEUE_ENABLE, 2, 1);
    return VIRTIO_OK;
}

void virtio_ready(struct virtio *device)
{
    status_add(device->bus, STATUS_READY);
}

void virtio_give_up(struct virtio *device)
{
    status_add(device->bus, STATUS_FAILED);
}

uint64_t virtio_config(const struct virtio *device, uint32_t offset, unsigned width)
{
    const struct virtio_bus *bus = device->bus;
    enum virtio_region region = bus->modern ? VIRTIO_CONFIG : VIRTIO_LEGACY;
    uint32_t base = bus->modern ? 0 : bus->vectors ? L_CONFIG_VECTORS : L_CONFIG;

    if (offset > bus->config_length || width > bus->config_length - offset)
        return 0;
    if (width < 8)
        return bus->read(bus->context, region, base + offset, width);
    uint64_t low = bus->read(bus->context, region, base + offset, 4);
    return low | (uint64_t)bus->read(bus->context, region, base + offset + 4, 4) << 32;
}

void virtq_kick(struct virtio *device, struct virtq *queue)
{
    const struct virtio_bus *bus = device->bus;

    queue->available[1] = queue->put;
    /* The device must see the index before we look whether it wants to be told. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if ((queue->used[0] & 1u) != 0)
        return;
    if (bus->modern)
        bus->write(bus->context, VIRTIO_NOTIFY, queue->notify_offset, 2, queue->index);
    else
        bus->write(bus->context, VIRTIO_LEGACY, L_NOTIFY, 2, queue->index);
}
