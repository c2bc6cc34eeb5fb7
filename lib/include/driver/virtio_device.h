/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio device that a driver holds: finds its registers in what the device manager gave, and starts it. */
#ifndef DRIVER_VIRTIO_DEVICE_H
#define DRIVER_VIRTIO_DEVICE_H

#include <driver/driver.h>
#include <virtio.h>

struct virtio_device {
    struct virtio_bus bus;
    struct virtio_pci layout;
    struct virtio virtio;
    volatile uint8_t *area[VIRTIO_REGIONS]; /* registers of the modern layout */
    uint16_t port;                          /* and of the legacy one */
};

/* Finds the registers, resets the device and agrees on features.  What is wrong is printed; 0, or a negated error. */
int64_t virtio_device_start(struct device *device, struct virtio_device *out, uint64_t needed, uint64_t wanted);
/* Queue `index` with its memory from the device's DMA memory; `most` entries.  Vector: "irqN". */
int64_t virtio_device_queue(struct device *device, struct virtio_device *v, struct virtq *queue, unsigned index,
                            unsigned most, unsigned vector);

/* First thing in an interrupt: where there is no MSI-X, the line falls when its cause is read. */
void virtio_device_acknowledge(const struct device *device, const struct virtio_device *v);

#endif
