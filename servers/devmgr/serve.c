/* SPDX-License-Identifier: BSD-2-Clause */
/* One message to the device manager. */
#include <libmnos/errors.h>
#include <libmnos/print.h>
#include <mnos/calls.h>
#include <str.h>

#include "devmgr.h"

#define CLIENT_BADGE (1ull << 48)

/* An answer: a status, a word, bytes, a capability that moves. */
static void answer(uint64_t label, uint64_t word, const void *bytes, size_t length, mnos_handle_t cap)
{
    struct mnos_msg msg = {.label = label, .word = {word}};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_buf = (uint64_t)bytes;
    ext.send_len = length;
    if (cap != MNOS_NONE) {
        ext.send_caps = 1;
        ext.move_mask = 1;
        ext.send_cap[0] = cap;
    }
    (void)mnos_ipc_reply(MNOS_NONE, &msg, &ext, devmgr.reply);
    if (cap != MNOS_NONE)
        mnos_cap_delete(cap); /* stale, unless the caller did not take it */
}

static void answer_result(int64_t result)
{
    answer(result < 0 ? (uint64_t)-result : 0, result < 0 ? 0 : (uint64_t)result, NULL, 0, MNOS_NONE);
}

static struct device *device_of_driver(uint64_t badge)
{
    for (unsigned i = 0; i < devmgr.count && badge != 0; i++)
        if (devmgr.device[i].badge == badge)
            return &devmgr.device[i];
    return NULL;
}

static void list(uint64_t index)
{
    struct device_record record;

    if (index >= devmgr.count) {
        answer_result(-MNOS_E_NOT_FOUND);
        return;
    }
    record_fill(&devmgr.device[index], &record);
    answer(0, devmgr.count, &record, sizeof record, MNOS_NONE);
}

static void open(struct device *d)
{
    if (d->endpoint == MNOS_NONE) {
        answer_result(-MNOS_E_NOT_FOUND);
        return;
    }
    int64_t cap = mnos_cap_create(MNOS_CREATE_MINT, d->endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT,
                                  CLIENT_BADGE + ++d->clients, 0);
    if (cap < 0)
        answer_result(cap);
    else
        answer(0, 0, NULL, 0, (mnos_handle_t)cap);
}

static int64_t stop(struct device *d)
{
    if (d->process.process == MNOS_NONE && d->state != DEVICE_RESTARTING)
        return -MNOS_E_NOT_FOUND;
    device_stop(d, DEVICE_STOPPED);
    return 0;
}

static int64_t start(struct device *d)
{
    if (d->state != DEVICE_STOPPED && d->state != DEVICE_FAILED)
        return -MNOS_E_BUSY;
    d->failures = 0;
    return device_start(d);
}

static void control(const struct mnos_msg *msg)
{
    struct device *d = msg->word[0] < devmgr.count ? &devmgr.device[msg->word[0]] : NULL;

    if (msg->label == DEVMGR_SCAN) {
        answer_result((int64_t)devices_scan());
        return;
    }
    if (!d) {
        answer_result(-MNOS_E_NOT_FOUND);
        return;
    }
    if (msg->label == DEVMGR_OPEN)
        open(d);
    else if (msg->label == DEVMGR_START)
        answer_result(start(d));
    else if (msg->label == DEVMGR_STOP)
        answer_result(stop(d));
    else if (msg->label == DEVMGR_KILL)
        answer_result(mnos_proc_destroy(d->process.process, 0));
    else
        answer_result(-MNOS_E_NOT_SUPPORTED);
}

static void info(const struct device *d)
{
    static struct device_info out;

    out = (struct device_info){
        .kind = d->kind,
        .irqs = d->irqs,
        .messages = d->messages,
        .msix = d->msix,
        .dma_size = d->match->dma,
        .start = d->starts - 1,
    };
    memcpy(out.name, d->name, sizeof out.name);
    memcpy(out.service, d->service, sizeof out.service);
    memcpy(out.bar, d->bar_info, sizeof out.bar);
    for (uint32_t at = 0; d->kind == DEVICE_PCI && at < sizeof out.config; at += 4) {
        uint32_t value = pci_read(&devmgr.access, d->pci.bdf, at, 4);
        memcpy(out.config + at, &value, 4);
    }
    answer(0, 0, &out, sizeof out, MNOS_NONE);
}

/* true: the capabilities that came were kept. */
static bool driver_call(struct device *d, const struct mnos_msg *msg, const struct mnos_ipc_ext *ext)
{
    int64_t result = 0;

    switch (msg->label) {
    case DEVMGR_INFO:
        info(d);
        return false;
    case DEVMGR_READY:
        device_ready(d);
        break;
    case DEVMGR_FAILED:
        printf("devmgr: %s cannot drive %s: %s\n", d->match->program, d->name, mnos_error_text(-(int64_t)msg->word[0]));
        d->state = DEVICE_FAILED;
        break;
    case DEVMGR_HOLD:
        result = MNOS_INFO_CAPS(msg->info) == 2 ? hold_add(d, ext->recv_cap[0], ext->recv_cap[1]) : -MNOS_E_INVALID;
        answer_result(result);
        return result >= 0;
    case DEVMGR_RELEASE:
        result = hold_release(d, msg->word[0]);
        break;
    default:
        result = -MNOS_E_NOT_SUPPORTED;
    }
    answer_result(result);
    return false;
}

static bool call(const struct mnos_msg *msg, const struct mnos_ipc_ext *ext)
{
    struct device *d = device_of_driver(msg->badge);

    if (d)
        return driver_call(d, msg, ext);
    if (msg->label == DEVMGR_LIST)
        list(msg->word[0]);
    else if (msg->badge == DEVMGR_BADGE_CONTROL)
        control(msg);
    else
        answer_result(-MNOS_E_NO_RIGHTS);
    return false;
}

void serve_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    unsigned caps = MNOS_INFO_CAPS(msg->info);
    bool kept = false;

    switch (MNOS_INFO_KIND(msg->info)) {
    case MNOS_KIND_CALL:
        kept = call(msg, ext);
        break;
    case MNOS_KIND_NOTIFICATION:
        devices_died(msg->bits & ~DEVMGR_SLOTS);
        if ((msg->bits & DEVMGR_SLOTS) != 0)
            slots_event();
        break;
    default: /* every call is answered before the next message, so that none is ever cancelled */
        break;
    }
    for (unsigned i = 0; i < caps && !kept; i++)
        mnos_cap_delete(ext->recv_cap[i]);
}
