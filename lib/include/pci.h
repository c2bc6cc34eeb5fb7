/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space: which functions there are, what they are, which resources they decode, what they can do.
 *
 * Everything is reached through one accessor, so that the same code runs over the two ports, over memory-mapped
 * configuration space, over a snapshot, and over a fake on the host.  A device's answers are not trusted: whatever they
 * are, each function ends after a bounded number of accesses and stays inside its results.
 *
 * Source: PCI Local Bus Specification 3.0, chapter 6; PCI-to-PCI Bridge Architecture 1.2, chapter 3; PCI Express Base
 * Specification 5.0, section 7.2.2 (ECAM).  Any context in which the accessor may run; nothing is allocated.
 */
#ifndef MNOS_PCI_H
#define MNOS_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bus, device and function as one number: bits 15..8, 7..3, 2..0. */
#define PCI_BDF(bus, device, function) ((uint16_t)((bus) << 8 | (device) << 3 | (function)))
#define PCI_BUS(bdf)                   ((unsigned)(bdf) >> 8)
#define PCI_DEVICE(bdf)                ((unsigned)(bdf) >> 3 & 31u)
#define PCI_FUNCTION(bdf)              ((unsigned)(bdf)&7u)

#define PCI_BUSES          256u
#define PCI_PORT_ADDRESS   0xcf8u
#define PCI_PORT_DATA      0xcfcu
#define PCI_SPACE_PORTS    256u  /* bytes of a function that the ports reach */
#define PCI_SPACE_EXTENDED 4096u /* and ECAM */

/* Registers of every header. */
enum pci_register {
    PCI_VENDOR = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08,
    PCI_CLASS = 0x09, /* interface, subclass, class */
    PCI_HEADER = 0x0e,
    PCI_BAR = 0x10,
    PCI_BUS_NUMBERS = 0x18, /* bridge: primary, secondary, subordinate */
    PCI_SUBSYSTEM_VENDOR = 0x2c,
    PCI_SUBSYSTEM = 0x2e,
    PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d
};

#define PCI_COMMAND_IO       0x0001u
#define PCI_COMMAND_MEMORY   0x0002u
#define PCI_COMMAND_MASTER   0x0004u
#define PCI_COMMAND_NO_INTX  0x0400u
#define PCI_STATUS_LIST      0x0010u
#define PCI_HEADER_BRIDGE    1u
#define PCI_VENDOR_NONE      0xffffu
#define PCI_CAP_POWER        0x01u
#define PCI_CAP_MSI          0x05u
#define PCI_CAP_VENDOR       0x09u
#define PCI_CAP_EXPRESS      0x10u
#define PCI_CAP_MSIX         0x11u
#define PCI_BARS             6u
#define PCI_CAPABILITIES_MAX 48u /* so many fit between 0x40 and 0xff */

/* Width 1, 2 or 4 bytes; `offset` is a multiple of it.  What nobody answers reads as all ones. */
struct pci_access {
    uint32_t (*read)(void *context, uint16_t bdf, uint32_t offset, unsigned width);
    void (*write)(void *context, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value);
    void *context;
    uint32_t size; /* bytes of a function's space that it reaches */
};

uint32_t pci_read(const struct pci_access *access, uint16_t bdf, uint32_t offset, unsigned width);
void pci_write(const struct pci_access *access, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value);

/* Configuration mechanism 1: an address port and a data port.  `io` moves one value; whoever calls sees to it that nobody
 * else uses the two ports between. */
struct pci_ports {
    uint32_t (*in)(void *context, uint16_t port, unsigned width);
    void (*out)(void *context, uint16_t port, unsigned width, uint32_t value);
    void *context;
};
struct pci_access pci_access_ports(struct pci_ports *ports);

/* Memory-mapped configuration space: where a function's registers lie, from the start of the window.  false: this bus is
 * not in it. */
struct pci_ecam {
    volatile uint8_t *window; /* of bus `first`; one MiB a bus */
    uint8_t first, last;
};
struct pci_access pci_access_ecam(struct pci_ecam *ecam);

enum pci_bar_kind { PCI_BAR_NONE, PCI_BAR_IO, PCI_BAR_MEM32, PCI_BAR_MEM64 };
struct pci_bar {
    enum pci_bar_kind kind;
    bool prefetchable;
    bool odd; /* its mask is none that the specification allows; the size is the alignment that it shows */
    uint64_t base, size;
};

struct pci_capability {
    uint8_t id, offset;
};

/* MSI and MSI-X (PCI 3.0, 6.8). */
struct pci_msi {
    uint8_t offset; /* 0: the function has none */
    bool wide;      /* 64-bit address */
    bool maskable;
    uint8_t vectors; /* a power of two, 1 to 32 */
};
struct pci_msix {
    uint8_t offset;
    uint16_t vectors; /* 1 to 2048 */
    uint8_t table_bar, pending_bar;
    uint32_t table_offset, pending_offset;
};

struct pci_function {
    uint16_t bdf;
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint8_t class, subclass, interface, revision;
    uint8_t header; /* 0: endpoint, 1: bridge, 2: CardBus */
    bool multifunction;
    uint8_t irq_line, irq_pin;      /* pin 0: none */
    uint8_t secondary, subordinate; /* of a bridge */
    struct pci_bar bar[PCI_BARS];
    struct pci_capability capability[PCI_CAPABILITIES_MAX];
    unsigned capability_count;
    bool list_broken; /* the capability list loops or leaves its area; what came before is there */
    struct pci_msi msi;
    struct pci_msix msix;
};

/* Is there a function?  *out then tells everything above; its BARs are sized, with decoding off meanwhile. */
bool pci_function_read(const struct pci_access *access, uint16_t bdf, struct pci_function *out);
/* The same from a space that must not be written: BARs have a kind and a base, and size 0. */
bool pci_function_peek(const struct pci_access *access, uint16_t bdf, struct pci_function *out);

/* Visits all functions of buses [first, last], in order.  The visitor returns false to end the walk. */
typedef bool pci_visit_fn(void *context, uint16_t bdf);
void pci_scan(const struct pci_access *access, unsigned first, unsigned last, pci_visit_fn *visit, void *context);

/* Sets bits of the command register and clears others; the status bits, which clear when written, are left alone. */
void pci_command(const struct pci_access *access, uint16_t bdf, uint16_t set, uint16_t clear);

/* The first capability with this id behind `after` (0: from the start); 0: none. */
unsigned pci_capability_find(const struct pci_function *function, uint8_t id, unsigned after);

/* One message for the whole function.  Turns INTx off. */
void pci_msi_enable(const struct pci_access *access, const struct pci_function *function, uint64_t address,
                    uint32_t data);
/* MSI-X: on or off with all entries as the table says.  The table is device memory: pci_msix_entry writes one entry of a
 * table mapped at `table`. */
void pci_msix_enable(const struct pci_access *access, const struct pci_function *function, bool on);
void pci_msix_entry(volatile uint32_t *table, unsigned entry, uint64_t address, uint32_t data, bool masked);
void pci_msi_disable(const struct pci_access *access, const struct pci_function *function);

/*
 * Slots that devices are plugged into and out of while the machine runs (PCIe 7.5.3.9 to 7.5.3.11): of a port, which is a
 * bridge with the slot behind it.
 */
bool pci_slot_can(const struct pci_access *access, const struct pci_function *port);
/* Lets the port tell of the attention button and of presence, by its MSI; what happened before is forgotten. */
void pci_slot_listen(const struct pci_access *access, const struct pci_function *port);
struct pci_slot_event {
    bool button;  /* somebody wants to take the device out, or has just put one in */
    bool changed; /* a device came or went */
    bool present;
};
/* What happened since the last call. */
struct pci_slot_event pci_slot_take(const struct pci_access *access, const struct pci_function *port);
void pci_slot_power(const struct pci_access *access, const struct pci_function *port, bool on);

/* Addresses for a function that nobody gave any: from the windows of the bridge in front of it. */
struct pci_window {
    uint64_t next, end; /* free: [next, end) */
};
struct pci_windows {
    struct pci_window memory, prefetchable;
};
/* What a bridge passes on; an empty window where it passes nothing. */
void pci_windows_read(const struct pci_access *access, uint16_t bridge, struct pci_windows *out);
/* Gives each BAR in memory a place, and takes it from the windows.  false: there was no place for one (or a BAR of ports
 * has none), whose base stays 0. */
bool pci_assign(const struct pci_access *access, struct pci_function *function, struct pci_windows *windows);

/* Function level reset, where the function can do it (PCIe 7.5.3.3, "Initiate FLR"); the caller waits 100 ms. */
bool pci_reset(const struct pci_access *access, const struct pci_function *function);

/*
 * Names, from a table made of pci.ids (tools/mkpcinames):
 *   "MNPCIID1", u32 counts of classes, vendors, devices, u32 bytes of text; then for each class, vendor and device, in
 *   ascending order of the key, u32 key and u32 offset in the text; then the text, each name ended by a NUL.
 *   Keys: class << 8 | subclass (0x10000 | class for the class alone); vendor; vendor << 16 | device.
 */
struct pci_names {
    const uint8_t *table;
    uint32_t classes, vendors, devices, text;
};
/* false: these bytes are no such table.  They must stay readable. */
bool pci_names_open(struct pci_names *names, const void *bytes, size_t size);
/* NULL: it has none.  `names` may be NULL. */
const char *pci_names_class(const struct pci_names *names, uint8_t class, uint8_t subclass);
const char *pci_names_vendor(const struct pci_names *names, uint16_t vendor);
const char *pci_names_device(const struct pci_names *names, uint16_t vendor, uint16_t device);

#endif
