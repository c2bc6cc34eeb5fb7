/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt until the driver runs, with QEMU's "edu" device: a write to its register 0x60 raises the MSI at once, so
 * that it comes between that instruction and the next one.  (QEMU, docs/specs/edu.rst.)
 */
#include "bench.h"

#define PCI_ADDRESS 0xcf8u
#define PCI_DATA    0xcfcu
#define EDU_ID      0x11e81234u
#define PCI_COMMAND 0x04u
#define PCI_BAR0    0x10u
#define PCI_CAPS    0x34u
#define CAP_MSI     0x05u
#define MSI_64BIT   0x00800000u
#define MSI_ENABLE  0x00010000u
#define EDU_PLACE   0x38000000ull
#define EDU_STATUS  0x24u
#define EDU_ACK     0x64u

static uint32_t pci_read(uint32_t device, uint32_t reg)
{
    must(mnos_port_out(MNOS_BOOT_IOPORT, PCI_ADDRESS, 4, 0x80000000u | device << 11 | reg), "PCI address");
    return (uint32_t)must(mnos_port_in(MNOS_BOOT_IOPORT, PCI_DATA, 4), "PCI data");
}

static void pci_write(uint32_t device, uint32_t reg, uint32_t value)
{
    must(mnos_port_out(MNOS_BOOT_IOPORT, PCI_ADDRESS, 4, 0x80000000u | device << 11 | reg), "PCI address");
    must(mnos_port_out(MNOS_BOOT_IOPORT, PCI_DATA, 4, value), "PCI data");
}

static bool edu_find(uint32_t *device)
{
    for (*device = 0; *device < 32; ++*device)
        if (pci_read(*device, 0) == EDU_ID)
            return true;
    return false;
}

/* Lets the device send this message; false when it has no MSI capability. */
static bool msi_set(uint32_t device, uint64_t address, uint32_t data)
{
    uint32_t at = pci_read(device, PCI_CAPS) & 0xfc;

    while (at != 0 && (pci_read(device, at) & 0xff) != CAP_MSI)
        at = pci_read(device, at) >> 8 & 0xfc;
    if (at == 0)
        return false;
    uint32_t head = pci_read(device, at);
    pci_write(device, at + 4, (uint32_t)address);
    if (head & MSI_64BIT)
        pci_write(device, at + 8, (uint32_t)(address >> 32));
    pci_write(device, at + (head & MSI_64BIT ? 12 : 8), data);
    pci_write(device, at, head | MSI_ENABLE);
    return true;
}

static volatile uint32_t *edu_register(uint32_t offset)
{
    return (volatile uint32_t *)(EDU_PLACE + offset);
}

static void work_irq(struct series *s)
{
    while (!series_full(s)) {
        uint64_t before = SHARED_U64(SHARED_COUNT);
        SHARED_U64(SHARED_BITS) = 0;
        take(s, time_irq(&s->path));
        expect(s, SHARED_U64(SHARED_COUNT) == before + 1 && SHARED_U64(SHARED_BITS) == 4 &&
                      *edu_register(EDU_STATUS) == 1);
        *edu_register(EDU_ACK) = 1;
    }
}

void bench_irq(void)
{
    static struct series s = {.name = "irq"};
    struct partner driver = {.name = "driver", .entry = child_irq, .priority = PRIO_PARTNER};
    struct mnos_cap_info info;
    uint32_t device;

    if (!edu_find(&device)) {
        printf("bench irq skip the machine has no edu device\n");
        return;
    }
    mnos_handle_t irq = must(mnos_cap_create(MNOS_CREATE_MSI, MNOS_BOOT_IRQ, 0, 0, 0), "a vector");
    mnos_handle_t notification = new_object(MNOS_CREATE_NOTIFICATION);
    must(mnos_cap_inspect(irq, &info, sizeof info), "the vector");
    tap_ok(msi_set(device, info.used, (uint32_t)info.extra), "the edu device sends MSI");
    pci_write(device, PCI_COMMAND, pci_read(device, PCI_COMMAND) | 6);
    must(mnos_mem_map(MNOS_SELF, MNOS_BOOT_MMIO, EDU_PLACE, pci_read(device, PCI_BAR0) & ~0xfull, MNOS_PAGE_SIZE,
                      MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_NOCACHE),
         "the registers of edu");
    must(mnos_irq_bind(irq, MNOS_IRQ_BIND, notification, 4), "bind");
    partner_cap(&driver, notification, MNOS_RIGHT_RECV);
    partner_cap(&driver, irq, MNOS_RIGHT_RECV);
    partner_start(&driver);
    s.path.target = EDU_PLACE;
    measure(&s, work_irq);
    partner_stop(&driver);
    must(mnos_irq_bind(irq, MNOS_IRQ_UNBIND, MNOS_NONE, 0), "unbind");
    must(mnos_mem_unmap(MNOS_SELF, EDU_PLACE, MNOS_PAGE_SIZE), "unmap");
    mnos_cap_delete(irq);
    mnos_cap_delete(notification);
}
