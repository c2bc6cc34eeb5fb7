/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a function keeps its virtio registers. */
#include <virtio.h>

#define CAP_LENGTH     2u
#define CAP_TYPE       3u
#define CAP_BAR        4u
#define CAP_OFFSET     8u
#define CAP_SIZE       12u
#define CAP_MULTIPLIER 16u

/* cfg_type of a vendor capability (4.1.4). */
enum { TYPE_COMMON = 1, TYPE_NOTIFY = 2, TYPE_ISR = 3, TYPE_DEVICE = 4 };

/* The least that each area must have to be used at all. */
static const uint32_t least[VIRTIO_REGIONS] = {
    [VIRTIO_COMMON] = 56, [VIRTIO_NOTIFY] = 2, [VIRTIO_ISR] = 1, [VIRTIO_CONFIG] = 0, [VIRTIO_LEGACY] = 20};

static void area_take(struct virtio_pci *out, enum virtio_region region, const struct virtio_area *area,
                      const struct pci_function *f)
{
    const struct pci_bar *bar = &f->bar[area->bar];

    /* The first of its kind that can be used is the one to use. */
    if (out->area[region].length != 0 || area->length < least[region] || area->length == 0)
        return;
    if ((bar->kind != PCI_BAR_MEM32 && bar->kind != PCI_BAR_MEM64) || area->offset > bar->size ||
        area->length > bar->size - area->offset)
        return;
    out->area[region] = *area;
}

bool virtio_pci_parse(const struct pci_access *access, const struct pci_function *f, struct virtio_pci *out)
{
    *out = (struct virtio_pci){0};
    if (f->bar[0].kind == PCI_BAR_IO && f->bar[0].size >= least[VIRTIO_LEGACY])
        out->area[VIRTIO_LEGACY] =
            (struct virtio_area){0, 0, (uint32_t)(f->bar[0].size > 0x10000 ? 0x10000 : f->bar[0].size)};
    for (unsigned at = 0; (at = pci_capability_find(f, PCI_CAP_VENDOR, at)) != 0;) {
        unsigned length = pci_read(access, f->bdf, at + CAP_LENGTH, 1);
        unsigned type = pci_read(access, f->bdf, at + CAP_TYPE, 1);
        if (length < 16 || at + length > PCI_SPACE_PORTS)
            continue;
        struct virtio_area area = {
            .bar = (uint8_t)pci_read(access, f->bdf, at + CAP_BAR, 1),
            .offset = pci_read(access, f->bdf, at + CAP_OFFSET, 4),
            .length = pci_read(access, f->bdf, at + CAP_SIZE, 4),
        };
        if (area.bar >= PCI_BARS)
            continue;
        if (type == TYPE_COMMON)
            area_take(out, VIRTIO_COMMON, &area, f);
        else if (type == TYPE_ISR)
            area_take(out, VIRTIO_ISR, &area, f);
        else if (type == TYPE_DEVICE)
            area_take(out, VIRTIO_CONFIG, &area, f);
        else if (type == TYPE_NOTIFY && length >= 20 && out->area[VIRTIO_NOTIFY].length == 0) {
            area_take(out, VIRTIO_NOTIFY, &area, f);
            out->notify_multiplier = pci_read(access, f->bdf, at + CAP_MULTIPLIER, 4);
        }
    }
    out->modern = out->area[VIRTIO_COMMON].length != 0 && out->area[VIRTIO_NOTIFY].length != 0 &&
                  out->area[VIRTIO_ISR].length != 0;
    return out->modern || out->area[VIRTIO_LEGACY].length != 0;
}
