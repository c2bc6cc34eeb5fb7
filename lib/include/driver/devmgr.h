/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of the device manager.
 *
 * Its endpoint is told apart by badge: drivers have one of their own for each start; whoever has DEVMGR_BADGE_CONTROL may
 * do everything; any other badge, and none, may look.  The answer's label is 0 or an enum mnos_error.
 *
 *   everybody
 *     DEVMGR_LIST     word 0: index; answer: struct device_record in the receive buffer; NOT_FOUND behind the last one
 *   control
 *     DEVMGR_OPEN     word 0: index; answer: a capability to the device's service (SEND, GRANT), badged for this caller
 *     DEVMGR_START    word 0: index; starts the driver of a device that is stopped or failed
 *     DEVMGR_STOP     word 0: index; ends the driver; its clients get PEER_GONE until it is started
 *     DEVMGR_KILL     word 0: index; ends the driver as a crash would; it is started again
 *     DEVMGR_SCAN     looks for devices that have come or gone; answer's word 0: their number
 *   drivers
 *     DEVMGR_INFO     answer: struct device_info in the receive buffer
 *     DEVMGR_READY    the driver serves from now on, and its device writes to no memory of an earlier driver any more
 *     DEVMGR_FAILED   word 0: enum mnos_error; the driver cannot drive this device and ends; it is not started again
 *     DEVMGR_HOLD     two capabilities: Memory that the device is going to write to, and a Notification of its owner
 *                     (SEND).  The device manager keeps both until they are released; when the driver dies, it
 *                     signals DEVMGR_GONE and keeps the Memory until the next driver is ready, so that its frames get no
 *                     other use while a device may still write them.  answer's word 0: number of the hold
 *     DEVMGR_RELEASE  word 0: number of the hold
 */
#ifndef DRIVER_DEVMGR_H
#define DRIVER_DEVMGR_H

#include <mnos/object.h>
#include <pci.h>

#define DEVMGR_NAME "devmgr" /* in the name directory */

enum devmgr_label {
    DEVMGR_LIST = 0x4d01,
    DEVMGR_OPEN = 0x4d02,
    DEVMGR_START = 0x4d03,
    DEVMGR_STOP = 0x4d04,
    DEVMGR_KILL = 0x4d05,
    DEVMGR_SCAN = 0x4d06,
    DEVMGR_INFO = 0x4d11,
    DEVMGR_READY = 0x4d12,
    DEVMGR_FAILED = 0x4d13,
    DEVMGR_HOLD = 0x4d14,
    DEVMGR_RELEASE = 0x4d15
};

#define DEVMGR_BADGE_CONTROL 1ull
#define DEVMGR_ALIVE         (1ull << 61) /* badge that only the device manager has; a driver ends when it is closed */
#define DEVMGR_GONE          (1ull << 63) /* bit of a held Notification: the driver is gone, open it again */

#define DEVICE_NAME 16
#define DEVICE_IRQS 8u
#define DEVICE_BARS PCI_BARS

enum device_kind { DEVICE_PCI, DEVICE_PLATFORM };

enum device_state {
    DEVICE_FREE,     /* no driver is known for it, or the boot package lacks it */
    DEVICE_STOPPED,  /* by request */
    DEVICE_STARTING, /* the driver runs, and has not said that it is ready */
    DEVICE_RUNNING,
    DEVICE_RESTARTING, /* the driver died; the next one starts soon */
    DEVICE_FAILED,     /* the driver cannot drive it, or ends at once again and again */
    DEVICE_OTHER,      /* driven by a program that the device manager does not start */
    DEVICE_REMOVED,    /* it was unplugged */
    DEVICE_STATES
};
const char *device_state_name(uint32_t state);

/* What a driver may use of a BAR, or of the ports of a platform device: capability "bar0" to "bar5". */
struct device_bar {
    uint32_t kind;   /* enum pci_bar_kind; PCI_BAR_NONE: there is none, or it is not the driver's */
    uint32_t offset; /* where it begins in the Memory of its capability */
    uint64_t base;   /* PCI_BAR_IO: the first port */
    uint64_t size;
};

struct device_info {
    uint32_t kind;     /* enum device_kind */
    uint32_t irqs;     /* capabilities "irq0" and on */
    uint32_t messages; /* they are MSI or MSI-X, and need no acknowledgement */
    uint32_t msix;     /* they are MSI-X: entry i is "irqi" */
    uint64_t dma_size; /* bytes of the Memory "dma" */
    uint64_t start;    /* how often it was started before */
    char name[DEVICE_NAME], service[DEVICE_NAME];
    struct device_bar bar[DEVICE_BARS];
    uint8_t config[PCI_SPACE_PORTS]; /* a copy of the configuration space, taken before the start */
};

struct device_record {
    uint32_t index, kind, state, irqs;
    uint64_t pid, starts; /* pid 0: no driver runs */
    char name[DEVICE_NAME], service[DEVICE_NAME], driver[32];
    uint16_t bdf, vendor, device, subsystem_vendor, subsystem, pad;
    uint8_t class, subclass, interface, revision, header, secondary, subordinate, irq_line;
    uint8_t irq_pin, list_broken, capabilities, msix;
    uint32_t msi_vectors, msix_vectors;
    struct pci_bar bar[PCI_BARS];
    struct pci_capability capability[PCI_CAPABILITIES_MAX];
    char class_name[48], vendor_name[48], device_name[64]; /* empty: unknown */
};

/* Client.  0, or a negated error. */
int64_t devmgr_list(mnos_handle_t devmgr, uint64_t index, struct device_record *out);
/* Index of the device with this name or service; NOT_FOUND. */
int64_t devmgr_find(mnos_handle_t devmgr, const char *name, struct device_record *out);
/* A capability to the service of a device. */
int64_t devmgr_open(mnos_handle_t devmgr, uint64_t index);
/* START, STOP, KILL, SCAN. */
int64_t devmgr_control(mnos_handle_t devmgr, enum devmgr_label label, uint64_t index);

/* What the driver behind a capability has counted (idl/driver.capnp). */
struct driver_stats;
int64_t device_stats(mnos_handle_t service, struct driver_stats *out);

#endif
