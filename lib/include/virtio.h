/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio over PCI: the handshake, in its modern and its legacy form, and split virtqueues.
 *
 * Registers are reached through struct virtio_bus, queues lie in memory that the device reads and writes.  Nothing that
 * the device writes is believed: what a driver needs of a queue is kept in its own memory, and an answer that cannot be is
 * told as VIRTQ_BROKEN.
 *
 * Source: Virtual I/O Device (VIRTIO) Version 1.1, sections 2 (basic facilities), 3.1 (initialisation), 4.1 (PCI).
 * One thread a device; nothing is allocated.
 */
#ifndef MNOS_VIRTIO_H
#define MNOS_VIRTIO_H

#include <pci.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRTIO_VENDOR       0x1af4u
#define VIRTIO_TRANSITIONAL 0x1000u /* device ids of transitional devices, up to 0x103f */
#define VIRTIO_MODERN       0x1040u /* and of modern ones: this and the virtio device type */

enum virtio_type { VIRTIO_NET = 1, VIRTIO_BLOCK = 2, VIRTIO_CONSOLE = 3, VIRTIO_ENTROPY = 4 };

/* Features of every device. */
#define VIRTIO_F_NOTIFY_ON_EMPTY (1ull << 24)
#define VIRTIO_F_ANY_LAYOUT      (1ull << 27)
#define VIRTIO_F_INDIRECT        (1ull << 28)
#define VIRTIO_F_EVENT_IDX       (1ull << 29)
#define VIRTIO_F_VERSION_1       (1ull << 32)

/* Where the registers are: areas of the modern layout, or the one of the legacy layout. */
enum virtio_region { VIRTIO_COMMON, VIRTIO_NOTIFY, VIRTIO_ISR, VIRTIO_CONFIG, VIRTIO_LEGACY, VIRTIO_REGIONS };

struct virtio_area {
    uint8_t bar;
    uint32_t offset, length; /* length 0: there is none */
};

/* What a function's vendor capabilities say (4.1.4).  Areas lie inside their BARs. */
struct virtio_pci {
    struct virtio_area area[VIRTIO_REGIONS]; /* VIRTIO_LEGACY: BAR 0, if it is a range of ports */
    uint32_t notify_multiplier;
    bool modern;
};
/* false: this function has neither layout. */
bool virtio_pci_parse(const struct pci_access *access, const struct pci_function *function, struct virtio_pci *out);

/* Widths 1, 2, 4. */
struct virtio_bus {
    uint32_t (*read)(void *context, enum virtio_region region, uint32_t offset, unsigned width);
    void (*write)(void *context, enum virtio_region region, uint32_t offset, unsigned width, uint32_t value);
    void *context;
    bool modern;
    uint32_t notify_multiplier;
    uint32_t notify_length, config_length; /* bytes of these areas */
    bool vectors;                          /* MSI-X is on */
};

enum virtio_error {
    VIRTIO_OK,
    VIRTIO_NO_RESET,    /* the device does not come out of its reset */
    VIRTIO_NO_FEATURES, /* it lacks what the driver cannot do without, or does not accept the choice */
    VIRTIO_NO_QUEUE,    /* a queue that the driver needs is not there, or has a size that none may have */
    VIRTIO_NO_VECTOR    /* it does not take the interrupt vector */
};
/* A clause: "does not come out of its reset". */
const char *virtio_error_text(enum virtio_error error);

#define VIRTQ_MAX      256u /* entries that we use of a queue */
#define VIRTQ_INDIRECT 8u   /* descriptors in one indirect table */

struct virtq_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

struct virtq_used_entry {
    uint32_t id, length;
};

/* A split queue.  Pointers lead to memory that the device shares; everything else is ours alone. */
struct virtq {
    volatile struct virtq_descriptor *descriptor;
    volatile uint16_t *available;    /* flags, index, ring */
    volatile uint16_t *used;         /* flags, index, entries */
    struct virtq_descriptor *tables; /* one indirect table an entry, or NULL */
    uint64_t tables_physical;
    uint32_t notify_offset;
    uint16_t index, size;
    uint16_t put, taken;  /* counters: made available, seen used */
    uint16_t free, first; /* descriptors that are free, and the first of their list */
    uint16_t next[VIRTQ_MAX];
    uint16_t chain[VIRTQ_MAX];    /* descriptors of the request that begins here; 0: none does */
    uint32_t capacity[VIRTQ_MAX]; /* bytes that the device may write for it */
    uint32_t token[VIRTQ_MAX];
};

struct virtio {
    const struct virtio_bus *bus;
    uint64_t offered, features;
};

/* Resets the device and agrees on features: all of `needed`, and what it has of `wanted`. */
enum virtio_error virtio_start(struct virtio *device, const struct virtio_bus *bus, uint64_t needed, uint64_t wanted);
/* Bytes of memory, page aligned and contiguous, that a queue of this size needs; with its indirect tables, if asked. */
size_t virtq_bytes(unsigned size, bool indirect);
/* The size that virtio_queue_open will use: what the device has, at most `most` (a legacy device's cannot be made
 * smaller).  0: there is no such queue, or it cannot be used. */
unsigned virtio_queue_size(struct virtio *device, unsigned index, unsigned most);
/* `memory` is zeroed, virtq_bytes(size) long, and at `physical` for the device.  `vector`: its MSI-X entry. */
enum virtio_error virtio_queue_open(struct virtio *device, struct virtq *queue, unsigned index, unsigned size,
                                    void *memory, uint64_t physical, unsigned vector);
/* The driver is ready: the device may work. */
void virtio_ready(struct virtio *device);
/* Stops the device: it forgets its queues and touches no memory any more.  false: it does not come back. */
bool virtio_reset(const struct virtio_bus *bus);
/* Tells it that the driver has given up. */
void virtio_give_up(struct virtio *device);
/* The device's own configuration; what lies outside reads as 0. */
uint64_t virtio_config(const struct virtio *device, uint32_t offset, unsigned width);

struct virtq_buffer {
    uint64_t physical;
    uint32_t length;
};

enum virtq_result { VIRTQ_OK, VIRTQ_EMPTY, VIRTQ_FULL, VIRTQ_BROKEN };

/* A request: buffers that the device reads, then those that it writes.  The token comes back when it is used. */
enum virtq_result virtq_add(struct virtq *queue, const struct virtq_buffer *buffers, unsigned readable,
                            unsigned writable, uint32_t token);
/* Requests that are with the device. */
static inline unsigned virtq_outstanding(const struct virtq *queue)
{
    return (uint16_t)(queue->put - queue->taken);
}
/* Makes everything added visible and tells the device, unless it has said that it looks by itself. */
void virtq_kick(struct virtio *device, struct virtq *queue);
/* The next used request: its token, and how many bytes were written (never more than there was room). */
enum virtq_result virtq_take(struct virtq *queue, uint32_t *token, uint32_t *length);

#endif
