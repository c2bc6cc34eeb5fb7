/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of devices: what a scan finds, and what a PC has without saying so. */
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "devmgr.h"

struct platform {
    const char *name;
    struct device_bar bar[2];
    uint8_t irq[2];
    unsigned irqs;
    /* Is it there?  A port and what it reads as when nobody answers. */
    uint16_t probe;
};

static const struct platform platforms[] = {
    {"serial", {{.kind = DEVICE_BAR_KIND_IO, .base = 0x3f8, .size = 8}}, {4}, 1, 0x3fd},
    {"serial2", {{.kind = DEVICE_BAR_KIND_IO, .base = 0x2f8, .size = 8}}, {3}, 1, 0x2fd},
    {"rtc", {{.kind = DEVICE_BAR_KIND_IO, .base = 0x70, .size = 2}}, {8}, 1, 0x71},
    {"ps2",
     {{.kind = DEVICE_BAR_KIND_IO, .base = 0x60, .size = 1}, {.kind = PCI_BAR_IO, .base = 0x64, .size = 1}},
     {1, 12},
     2,
     0x64},
};

static struct device *device_add(enum device_kind kind)
{
    if (devmgr.count == DEVICES_MAX)
        return NULL;
    struct device *d = &devmgr.device[devmgr.count++];
    *d = (struct device){.kind = kind,
                         .process = {.process = MNOS_NONE, .thread = MNOS_NONE},
                         .pool = MNOS_NONE,
                         .endpoint = MNOS_NONE,
                         .alive = MNOS_NONE,
                         .dma = MNOS_NONE};
    for (unsigned i = 0; i < DEVICE_BARS; i++)
        d->bar[i] = MNOS_NONE;
    for (unsigned i = 0; i < DEVICE_IRQS; i++)
        d->irq[i] = MNOS_NONE;
    for (unsigned i = 0; i < HOLDS_MAX; i++)
        d->hold[i].memory = MNOS_NONE;
    return d;
}

/* "block" and how many have that name already. */
static void service_name(struct device *d)
{
    unsigned number = 0;

    if (!d->match || !d->match->service)
        return;
    for (const struct device *other = devmgr.device; other < d; other++)
        if (other->match && other->match->service && strcmp(other->match->service, d->match->service) == 0)
            number++;
    if (d->kind == DEVICE_KIND_PLATFORM)
        fmt_snprint(d->service, sizeof d->service, "%s", d->match->service);
    else
        fmt_snprint(d->service, sizeof d->service, "%s%u", d->match->service, number);
}

static struct device *pci_known(uint16_t bdf)
{
    for (unsigned i = 0; i < devmgr.count; i++)
        if (devmgr.device[i].kind == DEVICE_KIND_PCI && devmgr.device[i].pci.bdf == bdf)
            return &devmgr.device[i];
    return NULL;
}

static void pci_add(struct device *d, const struct pci_function *f)
{
    d->pci = *f;
    d->seen = true;
    d->state = DEVICE_STATE_FREE;
    d->match = match_pci(matches, match_count, f);
    d->line[0] = f->irq_line;
    fmt_snprint(d->name, sizeof d->name, "%02x:%02x.%u", PCI_BUS(f->bdf), PCI_DEVICE(f->bdf), PCI_FUNCTION(f->bdf));
    service_name(d);
    /* A line that nobody listens to must not be held by it: others may share it. */
    pci_command(&devmgr.access, f->bdf, PCI_COMMAND_NO_INTX, 0);
}

static bool visit(void *context, uint16_t bdf)
{
    struct device *d = pci_known(bdf);
    struct pci_function f;

    (void)context;
    if (d && d->state != DEVICE_STATE_REMOVED) {
        uint32_t id = pci_read(&devmgr.access, bdf, PCI_VENDOR, 4);
        d->seen = id == ((uint32_t)d->pci.device << 16 | d->pci.vendor);
        return true;
    }
    if (!pci_function_read(&devmgr.access, bdf, &f))
        return true;
    slots_assign(&f);
    if (!d)
        d = device_add(DEVICE_KIND_PCI);
    if (!d) {
        printf("devmgr: more than %u devices; %02x:%02x.%u and what follows are left out\n", DEVICES_MAX, PCI_BUS(bdf),
               PCI_DEVICE(bdf), PCI_FUNCTION(bdf));
        return false;
    }
    pci_add(d, &f);
    return true;
}

static void platform_add(const struct platform *p)
{
    mnos_handle_t all = mnos_cap("ioport");
    struct device *d;

    if (mnos_port_in(all, p->probe, 1) == 0xff || !(d = device_add(DEVICE_KIND_PLATFORM)))
        return;
    d->match = match_platform(matches, match_count, p->name);
    d->state = d->match && !d->match->program ? DEVICE_STATE_OTHER : DEVICE_STATE_FREE;
    fmt_snprint(d->name, sizeof d->name, "%s", p->name);
    service_name(d);
    for (unsigned i = 0; i < 2; i++)
        d->bar_info[i] = p->bar[i];
    d->irqs = p->irqs;
    d->line[0] = p->irq[0];
    d->line[1] = p->irq[1];
}

unsigned devices_scan(void)
{
    if (devmgr.count == 0)
        for (unsigned i = 0; i < sizeof platforms / sizeof platforms[0]; i++)
            platform_add(&platforms[i]);
    for (unsigned i = 0; i < devmgr.count; i++)
        devmgr.device[i].seen = devmgr.device[i].kind == DEVICE_KIND_PLATFORM;
    pci_scan(&devmgr.access, 0, PCI_BUSES - 1, visit, NULL);
    for (unsigned i = 0; i < devmgr.count; i++) {
        struct device *d = &devmgr.device[i];
        if (!d->seen && d->state != DEVICE_STATE_REMOVED) {
            printf("devmgr: %s is gone\n", d->name);
            device_stop(d, DEVICE_STATE_REMOVED);
        } else if (d->seen && d->state == DEVICE_STATE_FREE && d->match && d->match->program) {
            (void)device_start(d);
        }
    }
    return devmgr.count;
}

static void text_copy(char *to, size_t size, const char *text)
{
    fmt_snprint(to, size, "%s", text ? text : "");
}

_Static_assert(DEVICE_BARS == PCI_BARS && DEVICE_BAR_KIND_IO == (int)PCI_BAR_IO && DEVICE_BAR_KIND_MEM32 == (int)PCI_BAR_MEM32 &&
                   DEVICE_BAR_KIND_MEM64 == (int)PCI_BAR_MEM64,
               "a BAR is told as it was read");
_Static_assert(sizeof((struct device_record){0}.capability) / sizeof(struct device_capability) == PCI_CAPABILITIES_MAX,
               "all capabilities have room");

static struct device_bar bar_told(const struct pci_bar *bar)
{
    return (struct device_bar){
        .kind = bar->kind, .base = bar->base, .size = bar->size, .prefetchable = bar->prefetchable, .odd = bar->odd};
}

void record_fill(const struct device *d, struct device_record *out)
{
    const struct pci_names *names = devmgr.has_names ? &devmgr.names : NULL;
    const struct pci_function *f = &d->pci;

    *out = (struct device_record){
        .index = (uint32_t)(d - devmgr.device),
        .kind = d->kind,
        .state = d->state,
        .irqs = d->irqs,
        .pid = d->process.process != MNOS_NONE ? d->process.pid : 0,
        .starts = d->starts,
        .irq_line = d->line[0],
        .irq_pin = f->irq_pin,
    };
    text_copy(out->name, sizeof out->name, d->name);
    text_copy(out->service, sizeof out->service, d->service);
    text_copy(out->driver, sizeof out->driver, d->match ? d->match->program : NULL);
    if (d->kind == DEVICE_KIND_PLATFORM) {
        memcpy(out->bar, d->bar_info, sizeof out->bar);
        return;
    }
    out->bdf = f->bdf;
    out->vendor = f->vendor;
    out->device = f->device;
    out->subsystem_vendor = f->subsystem_vendor;
    out->subsystem = f->subsystem;
    out->class = f->class;
    out->subclass = f->subclass;
    out->interface = f->interface;
    out->revision = f->revision;
    out->header = f->header;
    out->secondary = f->secondary;
    out->subordinate = f->subordinate;
    out->list_broken = f->list_broken;
    out->capabilities = (uint8_t)f->capability_count;
    out->msix = d->msix;
    out->msi_vectors = f->msi.offset ? f->msi.vectors : 0;
    out->msix_vectors = f->msix.offset ? f->msix.vectors : 0;
    for (unsigned i = 0; i < PCI_BARS; i++)
        out->bar[i] = bar_told(&f->bar[i]);
    for (unsigned i = 0; i < f->capability_count; i++)
        out->capability[i] = (struct device_capability){f->capability[i].id, f->capability[i].offset};
    text_copy(out->class_name, sizeof out->class_name, pci_names_class(names, f->class, f->subclass));
    text_copy(out->vendor_name, sizeof out->vendor_name, pci_names_vendor(names, f->vendor));
    text_copy(out->device_name, sizeof out->device_name, pci_names_device(names, f->vendor, f->device));
}

void devices_print(void)
{
    for (unsigned i = 0; i < devmgr.count; i++) {
        struct device_record r;
        record_fill(&devmgr.device[i], &r);
        if (r.kind == DEVICE_KIND_PLATFORM)
            printf("devmgr: %-8s platform\n", r.name);
        else
            printf("devmgr: %-8s %04x:%04x class %02x%02x %s: %s %s\n", r.name, r.vendor, r.device, r.class, r.subclass,
                   r.class_name[0] ? r.class_name : "?", r.vendor_name[0] ? r.vendor_name : "?",
                   r.device_name[0] ? r.device_name : "?");
    }
}
