/* SPDX-License-Identifier: BSD-2-Clause */
#include <driver/driver.h>
#include <idl/driver_server.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/thread.h>
#include <str.h>

#include "info.h"

static int64_t bars_map(struct device *device)
{
    for (unsigned i = 0; i < DEVICE_BARS; i++) {
        const struct device_bar *bar = &device->info.bar[i];
        mnos_handle_t cap = info_cap("bar", i);
        enum mnos_error error = MNOS_OK;
        if (bar->kind == DEVICE_BAR_KIND_NONE)
            continue;
        if (bar->kind == DEVICE_BAR_KIND_IO) {
            int64_t status = mnos_mem_map(MNOS_SELF, cap, 0, 0, 0, MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_PORTS);
            if (status < 0)
                return status;
            device->port[i] = (uint16_t)bar->base;
            continue;
        }
        volatile uint8_t *at = /* device registers */
            map_memory(cap, 0, bar->offset + bar->size, MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_NOCACHE, &error);
        if (!at)
            return -(int64_t)error;
        device->memory[i] = at + bar->offset;
    }
    return 0;
}

static int64_t dma_map(struct device *device)
{
    mnos_handle_t dma = mnos_cap("dma");
    enum mnos_error error = MNOS_OK;

    if (device->info.dma_size == 0)
        return 0;
    int64_t physical = mnos_mem_control(dma, MNOS_MEMCTL_PHYS, 0, 0, 0);
    if (physical < 0)
        return physical;
    device->dma_physical = (uint64_t)physical;
    device->dma = map_memory(dma, 0, device->info.dma_size, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
    return device->dma ? 0 : -(int64_t)error;
}

static int64_t object(enum mnos_create what, mnos_handle_t *out)
{
    int64_t handle = mnos_cap_create(what, mnos_pool(), 0, 0, 0);

    *out = handle < 0 ? MNOS_NONE : (mnos_handle_t)handle;
    return handle < 0 ? handle : 0;
}

static int64_t irqs_bind(struct device *device)
{
    for (unsigned i = 0; i < device->info.irqs && i < DEVICE_IRQS; i++) {
        device->irq[i] = info_cap("irq", i);
        int64_t status = mnos_irq_bind(device->irq[i], MNOS_IRQ_BIND, device->notification, 1ull << i);
        if (status < 0)
            return status;
    }
    return 0;
}

static int64_t device_start(struct device *device)
{
    int64_t status = info_read(device);

    if (status == 0)
        status = object(MNOS_CREATE_NOTIFICATION, &device->notification);
    if (status == 0)
        status = object(MNOS_CREATE_REPLY, &device->reply);
    if (status == 0)
        status = mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, device->notification, 0);
    if (status >= 0)
        status = bars_map(device);
    if (status == 0)
        status = dma_map(device);
    /* Before the device is set up: what it asks for then is not lost. */
    if (status == 0)
        status = irqs_bind(device);
    if (status == 0)
        status = device->driver->init(device);
    return status < 0 ? status : 0;
}

void *device_dma(struct device *device, size_t bytes, size_t align, uint64_t *physical)
{
    uint64_t at = (device->dma_used + align - 1) & ~(uint64_t)(align - 1);

    if (bytes > device->info.dma_size || at > device->info.dma_size - bytes)
        return NULL;
    device->dma_used = at + bytes;
    memset(device->dma + at, 0, bytes);
    *physical = device->dma_physical + at;
    return device->dma + at;
}

/* A driver that init started has no device manager: nothing that it could be asked for is there. */
int64_t device_hold(struct device *device, mnos_handle_t memory, mnos_handle_t notification)
{
    uint64_t number;

    if (device->devmgr == MNOS_NONE)
        return -MNOS_E_NOT_SUPPORTED;
    int64_t status = host_hold(device->devmgr, memory, notification, &number);
    return status < 0 ? status : (int64_t)number;
}

void device_release(struct device *device, uint64_t hold)
{
    if (device->devmgr != MNOS_NONE)
        (void)host_release(device->devmgr, hold);
}

int64_t device_doorbell(struct device *device)
{
    return mnos_cap_create(MNOS_CREATE_MINT, device->notification, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0, 0);
}

enum mnos_serve driver_answer(struct mnos_msg *msg, uint64_t label)
{
    *msg = (struct mnos_msg){.label = label};
    return MNOS_SERVE_ANSWER;
}

static void notification_handle(struct device *device, uint64_t bits)
{
    const struct driver *driver = device->driver;

    for (unsigned i = 0; i < device->info.irqs; i++)
        if (bits >> i & 1) {
            device->stats.interrupts++;
            if (driver->handle_interrupt)
                driver->handle_interrupt(device, i);
            if (!device->info.messages)
                mnos_irq_bind(device->irq[i], MNOS_IRQ_ACK, MNOS_NONE, 0);
        }
    if ((bits & DRIVER_DOORBELL) != 0) {
        device->stats.doorbells++;
        if (driver->handle_doorbell)
            driver->handle_doorbell(device);
    }
}

static int64_t stats_give(void *self, uint64_t badge, struct driver_stats_out *out)
{
    const struct driver_stats *stats = &((struct device *)self)->stats;

    (void)badge;
    *out = (struct driver_stats_out){stats->interrupts, stats->doorbells, stats->messages, stats->requests,
                                     stats->bytes,      stats->errors,    stats->start};
    return 0;
}

static const struct driver_server common = {.stats = stats_give};

/* true: *msg and *ext are to be sent as the answer. */
static bool call_handle(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    device->stats.messages++;
    if (driver_serves(msg))
        return driver_dispatch(&common, device, msg, ext) == MNOS_SERVE_ANSWER;
    if (!device->driver->handle_message)
        return driver_answer(msg, MNOS_E_NOT_SUPPORTED) == MNOS_SERVE_ANSWER;
    return device->driver->handle_message(device, msg, ext) == MNOS_SERVE_ANSWER;
}

/* Nobody looks after the device any more.  Whoever does next begins anew. */
static _Noreturn void device_end(struct device *device)
{
    if (device->driver->quiesce)
        device->driver->quiesce(device);
    mnos_exit(0);
}

/* true: answer. */
static bool message_handle(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    const struct driver *driver = device->driver;

    switch (MNOS_INFO_KIND(msg->info)) {
    case MNOS_KIND_CALL:
        return call_handle(device, msg, ext);
    case MNOS_KIND_CLOSED:
        if (msg->badge == DEVMGR_ALIVE)
            device_end(device);
        if (driver->handle_closed)
            driver->handle_closed(device, msg->badge);
        return false;
    case MNOS_KIND_CANCEL:
        if (driver->handle_cancel)
            driver->handle_cancel(device, msg->word[0]);
        return false;
    default: /* one-way messages mean nothing to a driver */
        return false;
    }
}

static void answer_send(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    if (mnos_ipc_reply(MNOS_NONE, msg, ext, device->reply) < 0)
        device->stats.errors++; /* its caller died */
    /* What did not move stays in nobody's way. */
    for (unsigned i = 0; i < ext->send_caps; i++)
        mnos_cap_delete(ext->send_cap[i]);
}

static int64_t serve(struct device *device)
{
    for (;;) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.recv_caps = 2;
        int64_t status = mnos_ipc_recv(device->endpoint, &msg, &ext, device->reply);
        if (status == -MNOS_E_INTERRUPTED)
            continue;
        if (status < 0)
            return status;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_NOTIFICATION) {
            notification_handle(device, msg.bits);
            continue;
        }
        mnos_handle_t received[2] = {MNOS_NONE, MNOS_NONE};
        unsigned caps = MNOS_INFO_CAPS(msg.info);
        memcpy(received, ext.recv_cap, sizeof received);
        if (message_handle(device, &msg, &ext))
            answer_send(device, &msg, &ext);
        for (unsigned i = 0; i < caps; i++)
            if (ext.recv_cap[i] == received[i])
                mnos_cap_delete(received[i]);
    }
}

int driver_main(const struct driver *driver)
{
    static struct device device;

    device = (struct device){
        .driver = driver, .devmgr = mnos_cap("devmgr"), .endpoint = mnos_cap("endpoint"), .reply = MNOS_NONE};
    int64_t status = device_start(&device);
    if (status < 0) {
        if (device.devmgr != MNOS_NONE)
            (void)host_failed(device.devmgr, (uint32_t)-status);
        return (int)-status;
    }
    device.stats.start = device.info.start;
    status = device.devmgr == MNOS_NONE ? 0 : host_ready(device.devmgr);
    if (status == 0)
        status = serve(&device);
    return (int)-status;
}
