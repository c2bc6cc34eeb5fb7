/* SPDX-License-Identifier: BSD-2-Clause */
#include <mnos/calls.h>

#include "init.h"

void answer_status(uint64_t label, uint64_t word)
{
    struct mnos_msg msg = {.label = label, .word = {word}};

    (void)mnos_ipc_reply(MNOS_NONE, &msg, NULL, init.reply);
}

static inline void answer_cap(struct mnos_msg *msg, struct mnos_ipc_ext *ext, mnos_handle_t cap, uint8_t move_mask)
{
    msg->label = NAMES_OK;
    ext->send_caps = 1;
    ext->move_mask = move_mask;
    ext->send_cap[0] = cap;
}

/*
 * The capability moves to the caller.  One that the caller did not take would fill init's table: its slot is then still in
 * use when the next one is made, which therefore has another.
 */
static void answer_moved(struct mnos_msg *msg, struct mnos_ipc_ext *ext, mnos_handle_t cap)
{
    static mnos_handle_t before = MNOS_NONE;

    if (before != MNOS_NONE && (uint32_t)before != (uint32_t)cap)
        (void)mnos_cap_delete(before);
    before = cap;
    answer_cap(msg, ext, cap, 1);
}

static void name_register(struct child *child, const struct mnos_msg *msg, mnos_handle_t *cap)
{
    char name[NAMES_MAX + 1];
    enum names_status status = names_unpack(msg->word, name);

    if (status == NAMES_OK)
        status = directory_register(child, name, *cap);
    if (status == NAMES_OK)
        *cap = MNOS_NONE; /* the directory has it now */
    answer_status(status, 0);
    if (status == NAMES_OK)
        service_look(child->service);
}

static bool name_lookup(const struct child *child, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    enum names_status status;
    mnos_handle_t cap = directory_lookup(child, msg->word, &status);

    bool keep = ready_keep(msg, cap);
    if (cap == MNOS_NONE)
        msg->label = status;
    else if (keep)
        answer_cap(msg, ext, cap, 0);
    else
        answer_moved(msg, ext, cap);
    return true;
}

/* The very lookup that came last, of which a capability is at hand. */
static inline bool is_ready(const struct mnos_msg *msg)
{
    const uint64_t *a = msg->word, *b = ready.word;

    return ready.cap != MNOS_NONE && msg->badge == ready.badge &&
           (msg->info | (msg->label ^ NAMES_LOOKUP) | (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) |
            (a[4] ^ b[4]) | (a[5] ^ b[5])) == 0;
}

static void serve_other(struct child *child, struct mnos_msg *msg, struct mnos_ipc_ext *ext, mnos_handle_t *cap)
{
    enum role role = BADGE_ROLE(msg->badge);

    init.changed = true;
    ready.badge = 0;
    if (!child || role < ROLE_NAMES || role > ROLE_CONTROL) {
        answer_status(MNOS_E_NO_RIGHTS, 0);
    } else if (msg->label == NAMES_REGISTER) {
        name_register(child, msg, cap);
    } else if (msg->label == NAMES_READY) {
        child->said_ready = true;
        answer_status(NAMES_OK, 0);
        service_look(child->service);
    } else if (role == ROLE_NAMES) {
        answer_status(MNOS_E_NO_RIGHTS, 0);
    } else {
        control_message(msg, ext);
    }
}

/* Out of line, so that what is_ready() answers saves no registers. */
static __attribute__((noinline)) bool serve_any(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    mnos_handle_t cap = MNOS_INFO_CAPS(msg->info) > 0 ? ext->recv_cap[0] : MNOS_NONE;
    struct child *child = child_by_badge(msg->badge);
    bool answer = false;

    ready_drop();
    switch (MNOS_INFO_KIND(msg->info)) {
    case MNOS_KIND_CALL:
        if (msg->label == NAMES_LOOKUP && child && BADGE_ROLE(msg->badge) <= ROLE_CONTROL)
            answer = name_lookup(child, msg, ext);
        else
            serve_other(child, msg, ext, &cap);
        break;
    case MNOS_KIND_FAULT:
        if (BADGE_ROLE(msg->badge) == ROLE_FAULT)
            fault_report(msg);
        else
            answer_status(0, 0);
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
    if (cap != MNOS_NONE)
        mnos_cap_delete(cap);
    return answer;
}

bool serve_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    if (is_ready(msg)) {
        answer_cap(msg, ext, ready.cap, 0);
        return true;
    }
    return serve_any(msg, ext);
}
