/* SPDX-License-Identifier: BSD-2-Clause */
/* One message to the device manager. */
#include <idl/devmgr_server.h>
#include <libmnos/errors.h>
#include <libmnos/print.h>
#include <mnos/calls.h>
#include <str.h>

#include "devmgr.h"

#define CLIENT_BADGE (1ull << 48)

/* ---- Everybody; all but the list is for the control badge alone, which call() sees to ---- */

static struct device *device_at(uint64_t index)
{
    return index < devmgr.count ? &devmgr.device[index] : NULL;
}

static int64_t list(void *self, uint64_t badge, struct devmgr_list_in *in, struct devmgr_list_out *out)
{
    static struct device_record record;
    const struct device *d = device_at(in->index);

    (void)self, (void)badge;
    if (!d)
        return -MNOS_E_NOT_FOUND;
    record_fill(d, &record);
    out->record = &record;
    return 0;
}

static int64_t open(void *self, uint64_t badge, struct devmgr_open_in *in, struct devmgr_open_out *out)
{
    struct device *d = device_at(in->index);

    (void)self, (void)badge;
    if (!d || d->endpoint == MNOS_NONE)
        return -MNOS_E_NOT_FOUND;
    int64_t cap = mnos_cap_create(MNOS_CREATE_MINT, d->endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT,
                                  CLIENT_BADGE + ++d->clients, 0);
    if (cap < 0)
        return cap;
    out->service_ = (mnos_handle_t)cap;
    return 0;
}

static int64_t start(void *self, uint64_t badge, struct devmgr_start_in *in)
{
    struct device *d = device_at(in->index);

    (void)self, (void)badge;
    if (!d)
        return -MNOS_E_NOT_FOUND;
    if (d->state != DEVICE_STATE_STOPPED && d->state != DEVICE_STATE_FAILED)
        return -MNOS_E_BUSY;
    d->failures = 0;
    return device_start(d);
}

static int64_t stop(void *self, uint64_t badge, struct devmgr_stop_in *in)
{
    struct device *d = device_at(in->index);

    (void)self, (void)badge;
    if (!d || (d->process.process == MNOS_NONE && d->state != DEVICE_STATE_RESTARTING))
        return -MNOS_E_NOT_FOUND;
    device_stop(d, DEVICE_STATE_STOPPED);
    return 0;
}

static int64_t kill(void *self, uint64_t badge, struct devmgr_kill_in *in)
{
    const struct device *d = device_at(in->index);

    (void)self, (void)badge;
    if (!d || d->process.process == MNOS_NONE)
        return -MNOS_E_NOT_FOUND;
    int64_t status = mnos_proc_destroy(d->process.process, 0);
    return status < 0 ? status : 0;
}

static int64_t scan(void *self, uint64_t badge, struct devmgr_scan_out *out)
{
    (void)self, (void)badge;
    out->count = devices_scan();
    return 0;
}

static const struct devmgr_server manager = {
    .list = list, .open = open, .start = start, .stop = stop, .kill = kill, .scan = scan};

/* ---- Drivers ---- */

static struct device *device_of_driver(uint64_t badge)
{
    for (unsigned i = 0; i < devmgr.count && badge != 0; i++)
        if (devmgr.device[i].badge == badge)
            return &devmgr.device[i];
    return NULL;
}

static int64_t info(void *self, uint64_t badge, struct host_info_out *out)
{
    static struct device_info told;
    const struct device *d = self;

    (void)badge;
    told = (struct device_info){
        .kind = d->kind,
        .irqs = d->irqs,
        .messages = d->messages,
        .msix = d->msix,
        .dma_size = d->match->dma,
        .start = d->starts - 1,
    };
    memcpy(told.name, d->name, sizeof told.name);
    memcpy(told.service, d->service, sizeof told.service);
    memcpy(told.bar, d->bar_info, sizeof told.bar);
    for (uint32_t at = 0; d->kind == DEVICE_KIND_PCI && at < sizeof told.config; at += 4) {
        uint32_t value = pci_read(&devmgr.access, d->pci.bdf, at, 4);
        memcpy(told.config + at, &value, 4);
    }
    out->info = &told;
    return 0;
}

static int64_t ready(void *self, uint64_t badge)
{
    (void)badge;
    device_ready(self);
    return 0;
}

static int64_t failed(void *self, uint64_t badge, struct host_failed_in *in)
{
    struct device *d = self;

    (void)badge;
    printf("devmgr: %s cannot drive %s: %s\n", d->match->program, d->name, mnos_error_text(-(int64_t)in->error));
    d->state = DEVICE_STATE_FAILED;
    return 0;
}

static int64_t hold(void *self, uint64_t badge, struct host_hold_in *in, struct host_hold_out *out)
{
    int64_t number = hold_add(self, in->memory, in->gone);

    (void)badge;
    if (number < 0)
        return number;
    (void)idl_take(&in->memory);
    (void)idl_take(&in->gone);
    out->number = (uint64_t)number;
    return 0;
}

static int64_t release(void *self, uint64_t badge, struct host_release_in *in)
{
    (void)badge;
    return hold_release(self, in->number);
}

static const struct host_server host = {
    .info = info, .ready = ready, .failed = failed, .hold = hold, .release = release};

/* ---- */

static void call(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    struct device *d = device_of_driver(msg->badge);

    if (d && !devmgr_serves(msg))
        (void)host_dispatch(&host, d, msg, ext);
    else if (devmgr_serves(msg) && msg->badge != DEVMGR_BADGE_CONTROL && msg->label != DEVMGR_LABEL_list)
        (void)idl_refuse_as(msg, ext, MNOS_E_NO_RIGHTS);
    else
        (void)devmgr_dispatch(&manager, NULL, msg, ext);
    (void)idl_reply(devmgr.reply, msg, ext);
    if (ext->send_caps > 0)
        (void)mnos_cap_delete(ext->send_cap[0]); /* stale, unless the caller did not take it */
}

void serve_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    switch (MNOS_INFO_KIND(msg->info)) {
    case MNOS_KIND_CALL:
        call(msg, ext);
        return;
    case MNOS_KIND_NOTIFICATION:
        devices_died(msg->bits & ~DEVMGR_SLOTS);
        if ((msg->bits & DEVMGR_SLOTS) != 0)
            slots_event();
        return;
    default: /* every call is answered before the next message, so that none is ever cancelled; one-way ones mean nothing */
        for (unsigned i = 0; i < MNOS_INFO_CAPS(msg->info); i++)
            mnos_cap_delete(ext->recv_cap[i]);
        return;
    }
}
