/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside lib/virtio: lays a queue out in its memory; part: where the device finds descriptors, available and used ring. */
#ifndef VIRTIO_QUEUE_H
#define VIRTIO_QUEUE_H

#include <virtio.h>

void virtq_layout(struct virtq *queue, unsigned index, unsigned size, void *memory, uint64_t physical, bool indirect,
                  uint64_t part[3]);

#endif
