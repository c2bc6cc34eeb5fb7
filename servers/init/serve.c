/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/directory_server.h>
#include <mnos/calls.h>

#include "init.h"

void answer_status(uint64_t label)
{
    struct mnos_msg msg = {.label = label};

    (void)mnos_ipc_reply(MNOS_NONE, &msg, NULL, init.reply);
}

/*
 * The capability moves to the caller.  One that the caller did not take would fill init's table: its slot is then still in
 * use when the next one is made, which therefore has another.
 */
static void moves(mnos_handle_t cap)
{
    static mnos_handle_t before = MNOS_NONE;

    if (before != MNOS_NONE && (uint32_t)before != (uint32_t)cap)
        (void)mnos_cap_delete(before);
    before = cap;
}

/* ---- The directory ---- */

static int64_t provide(void *self, uint64_t badge, struct dir_provide_in *in)
{
    int64_t status = directory_register(self, in->name, in->endpoint);

    (void)badge;
    if (status == 0)
        (void)idl_take(&in->endpoint);
    return status;
}

static int64_t lookup(void *self, uint64_t badge, struct dir_lookup_in *in, struct dir_lookup_out *out)
{
    uint64_t word[4];

    memcpy(word, in->name, sizeof word);
    int64_t cap = directory_lookup(self, word, in->interface);

    (void)badge;
    if (cap < 0)
        return cap;
    out->endpoint = (mnos_handle_t)cap;
    return 0;
}

static int64_t said_ready(void *self, uint64_t badge)
{
    (void)badge;
    ((struct child *)self)->said_ready = true;
    return 0;
}

static const struct dir_server directory = {.provide = provide, .lookup = lookup, .ready = said_ready};

/*
 * The label says that the message has the words of a lookup; without anything else it is one, and its words are looked for as they are:
 * what is no sound text is in no table.  Why there is nothing for them the dispatch says.
 */
static bool serve_lookup(struct child *child, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    int64_t found = msg->info == 0 ? directory_lookup(child, msg->word, msg->word[4]) : -MNOS_E_INVALID;

    if (found >= 0)
        dir_lookup_encode(msg, ext, &(struct dir_lookup_out){(mnos_handle_t)found});
    else
        (void)dir_dispatch(&directory, child, msg, ext);
    mnos_handle_t cap = ext->send_caps > 0 ? ext->send_cap[0] : MNOS_NONE;
    if (ready_keep(msg, cap)) /* the answer has no words: those of the request are still there */
        ext->move_mask = 0;
    else if (cap != MNOS_NONE)
        moves(cap);
    return true;
}

/* The very lookup that came last, of which a capability is at hand. */
static inline bool is_ready(const struct mnos_msg *msg)
{
    const uint64_t *a = msg->word, *b = ready.word;

    return ready.cap != MNOS_NONE && msg->badge == ready.badge &&
           (msg->info | (msg->label ^ DIR_LABEL_lookup) | (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) |
            (a[3] ^ b[3]) | (a[4] ^ b[4])) == 0;
}

static void serve_other(struct child *child, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    enum role role = BADGE_ROLE(msg->badge);

    init.changed = true;
    ready.badge = 0;
    if (!child || role < ROLE_NAMES || role > ROLE_CONTROL) {
        (void)idl_refuse_as(msg, ext, MNOS_E_NO_RIGHTS);
        (void)idl_reply(init.reply, msg, ext);
    } else if (dir_serves(msg)) {
        (void)dir_dispatch(&directory, child, msg, ext);
        /* At once: what is started now may take a while. */
        (void)idl_reply(init.reply, msg, ext);
        service_look(child->service);
    } else {
        control_message(msg, ext);
    }
    idl_plain(ext);
}

/* Out of line, so that what is_ready() answers saves no registers. */
static __attribute__((noinline)) bool serve_any(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    struct child *child = child_by_badge(msg->badge);

    ready_drop();
    switch (MNOS_INFO_KIND(msg->info)) {
    case MNOS_KIND_CALL:
        if (msg->label == DIR_LABEL_lookup && child && BADGE_ROLE(msg->badge) <= ROLE_CONTROL)
            return serve_lookup(child, msg, ext);
        serve_other(child, msg, ext);
        return false;
    case MNOS_KIND_FAULT:
        if (BADGE_ROLE(msg->badge) == ROLE_FAULT)
            fault_report(msg);
        else
            answer_status(0);
        break;
    case MNOS_KIND_NOTIFICATION:
        if (msg->bits != TIDY_BIT)
            init.changed = true;
        children_died(msg->bits);
        break;
    case MNOS_KIND_CANCEL: /* init answers before it receives again, so that no call is ever kept */
    default:
        break;
    }
    for (unsigned i = 0; i < MNOS_INFO_CAPS(msg->info); i++)
        (void)mnos_cap_delete(ext->recv_cap[i]);
    return false;
}

bool serve_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    if (!is_ready(msg))
        return serve_any(msg, ext);
    msg->label = IDL_ANSWER(0);
    ext->send_caps = 1;
    ext->move_mask = 0;
    ext->send_cap[0] = ready.cap;
    return true;
}
