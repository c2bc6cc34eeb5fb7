/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to configuration space: the two ports, which this process has mapped, and, where ACPI's MCFG table says so, a
 * window of device memory (PCI Firmware Specification 3.3, section 4.1.2).  The table is in the Memory "acpi"; or where a
 * BIOS, that marks its tables as reserved, has its root pointer (ACPI 6.5, section 5.2.5.1).
 */
#include <acpi.h>
#include <driver/ports.h>
#include <libmnos/errors.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>

#include "devmgr.h"

#define PCI_PORTS   8u
#define MCFG_ENTRY  44u /* behind the header and eight reserved bytes */
#define MCFG_LENGTH 16u
#define HEADER      36u
#define TABLE_MAX   0x10000u
#define LARGE_PAGE  0x200000u
#define BIOS_START  0xe0000u
#define BIOS_END    0x100000u

static uint32_t in(void *context, uint16_t port, unsigned width)
{
    (void)context;
    return width == 1 ? port_in8(port) : width == 2 ? port_in16(port) : port_in32(port);
}

static void out(void *context, uint16_t port, unsigned width, uint32_t value)
{
    (void)context;
    if (width == 1)
        port_out8(port, value);
    else if (width == 2)
        port_out16(port, value);
    else
        port_out32(port, value);
}

static bool ports_open(struct pci_access *access)
{
    static struct pci_ports ports = {.in = in, .out = out};
    int64_t cap = mnos_cap_create(MNOS_CREATE_IOPORT, mnos_cap("ioport"), PCI_PORT_ADDRESS, PCI_PORTS, 0);
    int64_t status = cap;

    if (cap >= 0)
        status = mnos_mem_map(MNOS_SELF, (mnos_handle_t)cap, 0, 0, 0, MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_PORTS);
    if (status < 0) {
        printf("devmgr: no configuration ports: %s\n", mnos_error_text(status));
        return false;
    }
    *access = pci_access_ports(&ports);
    return true;
}

static uint64_t number(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;

    memcpy(&value, at, bytes);
    return value;
}

/* The table is looked for by its signature; its checksum says whether it is one. */
static const uint8_t *mcfg_find(const uint8_t *bytes, size_t size, uint32_t *length)
{
    for (size_t at = 0; at + HEADER <= size; at += 4) {
        uint8_t sum = 0;
        if (memcmp(bytes + at, "MCFG", 4) != 0)
            continue;
        *length = (uint32_t)number(bytes + at + 4, 4);
        if (*length < MCFG_ENTRY + MCFG_LENGTH || *length > TABLE_MAX || *length > size - at)
            continue;
        for (uint32_t i = 0; i < *length; i++)
            sum = (uint8_t)(sum + bytes[at + i]);
        if (sum == 0)
            return bytes + at;
    }
    return NULL;
}

static bool window_open(uint64_t base, uint8_t first, uint8_t last, struct pci_access *access)
{
    static struct pci_ecam ecam;
    uint64_t bytes = (uint64_t)(last - first + 1) << 20;

    if (last < first || base % MNOS_PAGE_SIZE != 0)
        return false;
    /* Aligned, so that large pages serve it: a scan touches all of it.  Buses count from 0 in the window's address,
     * whichever is the first one. */
    void *window = va_reserve(bytes, LARGE_PAGE);
    int64_t status = !window
                         ? -MNOS_E_NO_MEMORY
                         : mnos_mem_map(MNOS_SELF, mnos_cap("mmio"), (uint64_t)window, base + ((uint64_t)first << 20),
                                        bytes, MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_NOCACHE);
    if (status < 0) {
        printf("devmgr: configuration space at 0x%lx cannot be mapped: %s\n", base, mnos_error_text(status));
        return false;
    }
    ecam = (struct pci_ecam){.window = window, .first = first, .last = last};
    *access = pci_access_ecam(&ecam);
    printf("devmgr: configuration space of buses %u to %u at 0x%lx\n", first, last, base);
    return true;
}

/* Any of its entries for segment 0, the one that the ports reach as well. */
static bool mcfg_use(const uint8_t *mcfg, uint32_t length, struct pci_access *access)
{
    for (uint32_t at = MCFG_ENTRY; at + MCFG_LENGTH <= length; at += MCFG_LENGTH)
        if (number(mcfg + at + 8, 2) == 0)
            return window_open(number(mcfg + at, 8), mcfg[at + 10], mcfg[at + 11], access);
    return false;
}

static bool tables_use(struct pci_access *access)
{
    struct mnos_cap_info info;
    mnos_handle_t acpi = mnos_cap("acpi");
    uint32_t length = 0;

    if (acpi == MNOS_NONE || mnos_cap_inspect(acpi, &info, sizeof info) < 0)
        return false;
    const uint8_t *tables = map_memory(acpi, 0, info.size, MNOS_MAP_READ, NULL);
    const uint8_t *mcfg = tables ? mcfg_find(tables, info.size, &length) : NULL;
    bool used = mcfg && mcfg_use(mcfg, length, access);
    unmap_memory((void *)(uint64_t)tables, info.size);
    return used;
}

/* A window on physical memory that is no RAM; it stays. */
static const void *physical_map(void *context, uint64_t physical, size_t size)
{
    uint64_t offset = physical % MNOS_PAGE_SIZE;
    const uint8_t *page = map_memory(mnos_cap("mmio"), physical - offset, offset + size, MNOS_MAP_READ, NULL);

    (void)context;
    return page ? page + offset : NULL;
}

static bool bios_use(struct pci_access *access)
{
    const uint8_t *bios = physical_map(NULL, BIOS_START, BIOS_END - BIOS_START);
    struct acpi_table mcfg;
    struct acpi acpi;
    bool used = false;

    for (uint32_t at = 0; bios && !used && at < BIOS_END - BIOS_START; at += 16)
        if (memcmp(bios + at, "RSD PTR ", 8) == 0 && acpi_open(&acpi, physical_map, NULL, BIOS_START + at) == ACPI_OK &&
            acpi_find(&acpi, "MCFG", &mcfg) == ACPI_OK && mcfg.length <= TABLE_MAX)
            used = mcfg_use(mcfg.bytes, mcfg.length, access);
    return used;
}

/* Without a table there are the ports. */
bool access_open(struct pci_access *access)
{
    if (!ports_open(access))
        return false;
    if (!tables_use(access))
        (void)bios_use(access);
    return true;
}
