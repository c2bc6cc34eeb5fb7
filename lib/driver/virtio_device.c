/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio registers as a driver reaches them: mapped device memory, or ports. */
#include <driver/ports.h>
#include <driver/virtio_device.h>
#include <libmnos/print.h>
#include <str.h>

static uint32_t memory_read(void *context, enum virtio_region region, uint32_t offset, unsigned width)
{
    struct virtio_device *v = context;
    volatile uint8_t *at = v->area[region] + offset;

    if (width == 1)
        return *at;
    return width == 2 ? *(volatile uint16_t *)at : *(volatile uint32_t *)at;
}

static void memory_write(void *context, enum virtio_region region, uint32_t offset, unsigned width, uint32_t value)
{
    struct virtio_device *v = context;
    volatile uint8_t *at = v->area[region] + offset;

    if (width == 1)
        *at = (uint8_t)value;
    else if (width == 2)
        *(volatile uint16_t *)at = (uint16_t)value;
    else
        *(volatile uint32_t *)at = value;
}

static uint32_t port_read(void *context, enum virtio_region region, uint32_t offset, unsigned width)
{
    uint16_t port = (uint16_t)(((struct virtio_device *)context)->port + offset);

    (void)region;
    return width == 1 ? port_in8(port) : width == 2 ? port_in16(port) : port_in32(port);
}

static void port_write(void *context, enum virtio_region region, uint32_t offset, unsigned width, uint32_t value)
{
    uint16_t port = (uint16_t)(((struct virtio_device *)context)->port + offset);

    (void)region;
    if (width == 1)
        port_out8(port, value);
    else if (width == 2)
        port_out16(port, value);
    else
        port_out32(port, value);
}

/* The copy of configuration space in the device's information. */
static uint32_t snapshot_read(void *context, uint16_t bdf, uint32_t offset, unsigned width)
{
    const struct device_info *info = context;
    uint32_t value = 0;

    (void)bdf;
    memcpy(&value, info->config + offset, width);
    return value;
}

static void snapshot_write(void *context, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value)
{
    (void)context, (void)bdf, (void)offset, (void)width, (void)value;
}

static bool areas_find(struct device *device, struct virtio_device *v)
{
    struct pci_access access = {snapshot_read, snapshot_write, &device->info, PCI_SPACE_PORTS};
    struct pci_function function;

    if (!pci_function_peek(&access, 0, &function))
        return false;
    for (unsigned i = 0; i < DEVICE_BARS; i++)
        function.bar[i] =
            (struct pci_bar){.kind = (enum pci_bar_kind)device->info.bar[i].kind, .size = device->info.bar[i].size};
    if (!virtio_pci_parse(&access, &function, &v->layout))
        return false;
    for (unsigned i = 0; i < VIRTIO_LEGACY; i++)
        if (v->layout.area[i].length != 0)
            v->area[i] = device->memory[v->layout.area[i].bar] + v->layout.area[i].offset;
    v->port = device->port[0];
    return true;
}

int64_t virtio_device_start(struct device *device, struct virtio_device *v, uint64_t needed, uint64_t wanted)
{
    const struct virtio_area *area = v->layout.area;

    *v = (struct virtio_device){0};
    if (!areas_find(device, v)) {
        printf("%s: %s has no virtio registers that can be used\n", device->info.service, device->info.name);
        return -MNOS_E_NOT_SUPPORTED;
    }
    bool modern = v->layout.modern;
    uint32_t legacy_config = device->info.msix ? 24 : 20, legacy = area[VIRTIO_LEGACY].length;
    v->bus = (struct virtio_bus){
        .read = modern ? memory_read : port_read,
        .write = modern ? memory_write : port_write,
        .context = v,
        .modern = modern,
        .notify_multiplier = v->layout.notify_multiplier,
        .notify_length = area[VIRTIO_NOTIFY].length,
        .config_length = modern                   ? area[VIRTIO_CONFIG].length
                         : legacy > legacy_config ? legacy - legacy_config
                                                  : 0,
        .vectors = device->info.msix,
    };
    enum virtio_error error = virtio_start(&v->virtio, &v->bus, needed, wanted);
    if (error != VIRTIO_OK) {
        printf("%s: %s %s\n", device->info.service, device->info.name, virtio_error_text(error));
        return -MNOS_E_NOT_SUPPORTED;
    }
    if (device->info.start == 0)
        printf("%s: virtio (%s) at %s, features offered 0x%lx, used 0x%lx\n", device->info.service,
               modern ? "modern" : "legacy", device->info.name, v->virtio.offered, v->virtio.features);
    return 0;
}

int64_t virtio_device_queue(struct device *device, struct virtio_device *v, struct virtq *queue, unsigned index,
                            unsigned most, unsigned vector)
{
    unsigned size = virtio_queue_size(&v->virtio, index, most);
    uint64_t physical = 0;
    void *memory = NULL;
    enum virtio_error error = VIRTIO_NO_QUEUE;

    if (size != 0)
        memory = device_dma(device, virtq_bytes(size, (v->virtio.features & VIRTIO_F_INDIRECT) != 0), 4096, &physical);
    if (memory)
        error = virtio_queue_open(&v->virtio, queue, index, size, memory, physical, vector);
    if (error != VIRTIO_OK) {
        printf("%s: %s, queue %u: it %s\n", device->info.service, device->info.name, index,
               size != 0 && !memory ? "has no room in the DMA memory" : virtio_error_text(error));
        virtio_give_up(&v->virtio);
        return -MNOS_E_NOT_SUPPORTED;
    }
    return 0;
}

#define LEGACY_ISR 19u

void virtio_device_acknowledge(const struct device *device, const struct virtio_device *v)
{
    if (device->info.msix)
        return;
    (void)v->bus.read(v->bus.context, v->bus.modern ? VIRTIO_ISR : VIRTIO_LEGACY, v->bus.modern ? 0 : LEGACY_ISR, 1);
}
