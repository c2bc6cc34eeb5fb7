/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device manager: the parts and what they share.  One thread, one endpoint, and a notification bound to it that tells
 * of drivers' deaths.
 *
 * It is given "ioport" (all ports), "irq" (all lines), "mmio" (device memory), "package", "pool", "log", and if there are
 * any "acpi", "time", "init" (the name directory) and "endpoint" (its own service: RECV, SEND, GRANT).  What a driver gets
 * is derived from these: exactly its device.  The first three carry REVOKE, so that it can be taken back at once.
 */
#ifndef DEVMGR_H
#define DEVMGR_H

#include <driver/devmgr.h>
#include <libmnos/ipc.h>
#include <libmnos/spawn.h>
#include <pci.h>
#include <stdbool.h>

#include "match.h"

#define DEVICES_MAX  63u          /* a bit of the notification each */
#define DEVMGR_SLOTS (1ull << 63) /* and one for all slots */
#define HOLDS_MAX    16u

struct hold {
    mnos_handle_t memory, notification; /* memory MNOS_NONE: free */
    bool stale;                         /* of a driver that is dead */
};

struct device {
    char name[DEVICE_NAME], service[DEVICE_NAME];
    enum device_kind kind;
    enum device_state state;
    const struct match *match; /* NULL: nobody drives it */
    struct pci_function pci;
    bool seen; /* by the scan that is going on */

    /* Derived once, kept while the device is there. */
    mnos_handle_t bar[DEVICE_BARS], irq[DEVICE_IRQS], endpoint, alive, dma;
    struct device_bar bar_info[DEVICE_BARS];
    uint8_t line[2]; /* of the I/O APIC, where there are no messages */
    unsigned irqs;
    bool messages, msix, prepared;

    /* Of this start. */
    struct spawn_child process;
    mnos_handle_t pool;
    uint64_t badge, starts, started, restart_at, clients;
    unsigned failures; /* ends in quick succession, or before it was ready */
    struct hold hold[HOLDS_MAX];
};

struct devmgr {
    mnos_handle_t endpoint, deaths, reply;
    struct pci_access access;
    struct device device[DEVICES_MAX];
    unsigned count;
    struct pci_names names;
    bool has_names;
};
extern struct devmgr devmgr;

/* access.c: the ports, or memory-mapped configuration space where ACPI tells of it. */
bool access_open(struct pci_access *out);

/* devices.c: the table.  scan: how many there are. */
unsigned devices_scan(void);
void devices_print(void);
void record_fill(const struct device *device, struct device_record *out);

/* resources.c: derives the device's capabilities; 0, or a negated error. */
int64_t device_prepare(struct device *device);
/* Lets the device work, or stops it: decoding, DMA, messages. */
void device_enable(struct device *device);
void device_disable(struct device *device);
/* Gives everything back that device_prepare derived; DMA memory only of a device that is removed. */
void device_forget(struct device *device);

/* start.c */
int64_t device_start(struct device *device);
void device_stop(struct device *device, enum device_state state);
void devices_died(uint64_t bits);
/* Starts what is due, and returns when the next is. */
uint64_t devices_restart(void);
void device_ready(struct device *device);

/* slots.c: hears of devices that are plugged in or taken out. */
void slots_open(void);
void slots_event(void);
/* Gives a function in a slot the addresses that no firmware gave it. */
void slots_assign(struct pci_function *function);

/* holds.c */
int64_t hold_add(struct device *device, mnos_handle_t memory, mnos_handle_t notification);
int64_t hold_release(struct device *device, uint64_t number);
/* The driver is dead: its clients are told; the Memory stays. */
void holds_orphan(struct device *device);
/* The device writes no more to what was held for earlier drivers. */
void holds_drop(struct device *device);

/* serve.c */
void serve_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext);

#endif
