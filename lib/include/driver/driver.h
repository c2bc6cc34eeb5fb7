/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a driver is written with.  A driver is one struct driver and a main that runs it:
 *
 *     int main(int argc, char **argv) { return driver_main(&driver); }
 *
 * driver_main asks the device manager for the device, maps what belongs to it, calls init, says that it is ready, and then
 * serves: interrupts, doorbells and messages, one at a time, in one thread.  A driver holds nothing but its device: its
 * BARs or ports, its interrupts, DMA memory, its endpoint and the way to the device manager.  One that init starts itself,
 * because the system needs it first, has no "devmgr": its device is what its capability set holds (bar0, irq0).
 */
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include <driver/devmgr.h>
#include <libmnos/ipc.h>

struct device;

struct driver {
    const char *name;
    /* Takes the device over: whatever an earlier driver left in it is stopped.  0, or a negated error: the device manager
     * is told, and the device stays without a driver. */
    int64_t (*init)(struct device *device);
    /* Once for each notification of vector i ("irqi").  NULL: none are expected. */
    void (*handle_interrupt)(struct device *device, unsigned vector);
    /* A call.  MNOS_SERVE_ANSWER sends *msg and *ext back; its capabilities are the framework's from then on (set their
     * bits in move_mask).  MNOS_SERVE_NEXT: device->reply was kept, and another free one, or MNOS_NONE, put in its place.
     * Capabilities that came are in ext->recv_cap, as many as msg->info says; MNOS_NONE is put where one is kept, the
     * others are dropped.  What is not known is answered with NOT_SUPPORTED.  NULL: there are none. */
    enum mnos_serve (*handle_message)(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
    /* The driver is about to end: the device is to touch no memory any more.  NULL: it never does by itself. */
    void (*quiesce)(struct device *device);
    /* A client has let go of its last capability.  NULL: of no interest. */
    void (*handle_closed)(struct device *device, uint64_t badge);
    /* Somebody has signalled the notification that was handed out (device_doorbell).  NULL: of no interest. */
    void (*handle_doorbell)(struct device *device);
    /* The call that this kept Reply would answer is to end.  NULL: none is ever kept. */
    void (*handle_cancel)(struct device *device, mnos_handle_t reply);
};

/* What every driver tells (idl/driver.capnp). */
struct driver_stats {
    uint64_t interrupts, doorbells, messages, requests, bytes, errors, start;
};

/* Calls that are answered later, oldest first.  All zero: none. */
#define KEPT_MAX 16u
struct kept {
    struct kept_call {
        mnos_handle_t reply;
        uint64_t word, done; /* the driver's own; done: how much of it cannot be taken back */
    } call[KEPT_MAX];
    unsigned count;
};

struct device {
    struct device_info info;
    const struct driver *driver;
    void *state; /* the driver's own */
    struct driver_stats stats;
    mnos_handle_t devmgr, endpoint, notification, reply;
    mnos_handle_t irq[DEVICE_IRQS];
    mnos_handle_t spare[KEPT_MAX]; /* Replies that are free, beside `reply` */
    unsigned spares;
    volatile uint8_t *memory[DEVICE_BARS]; /* registers of BARs in memory, mapped; NULL: none */
    uint16_t port[DEVICE_BARS];            /* first port of BARs of ports, usable with in and out */
    unsigned char *dma;                    /* mapped; holds what an earlier driver left */
    uint64_t dma_physical, dma_used;
};

/* Bits of the device's notification: vector i is 1 << i. */
#define DRIVER_DOORBELL (1ull << 32)

/* What main returns. */
int driver_main(const struct driver *driver);

/* Zeroed DMA memory of the device (ask after it was reset: an earlier driver's requests may end there), at a multiple of `align` (a power of two, at most a page): where the driver and where
 * the device see it.  NULL: there is not so much left.  Never given back. */
void *device_dma(struct device *device, size_t bytes, size_t align, uint64_t *physical);

/* Keeps a client's Memory and Notification with the device manager (DEVMGR_HOLD) while the device may write there. */
int64_t device_hold(struct device *device, mnos_handle_t memory, mnos_handle_t notification);
void device_release(struct device *device, uint64_t hold);
/* A copy of the notification that a client may signal: DRIVER_DOORBELL. */
int64_t device_doorbell(struct device *device);

/* Keeps the call that is being handled, which then returns MNOS_SERVE_NEXT; false: too many are. */
bool kept_add(struct device *device, struct kept *kept, uint64_t word);
/* Answers call `index`; what it returns, mnos_ipc_reply returned: PEER_GONE when the caller died. */
int64_t kept_answer(struct device *device, struct kept *kept, unsigned index, struct mnos_msg *msg,
                    struct mnos_ipc_ext *ext);
/* For handle_cancel: if it is one of these, answers with INTERRUPTED, or in word 0 with what was done. */
void kept_cancel(struct device *device, struct kept *kept, mnos_handle_t reply);

/* Answers with a status: for messages that end at once. */
enum mnos_serve driver_answer(struct mnos_msg *msg, uint64_t label);

#endif
