/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What generated server dispatch is made of.
 *
 * A handler gets what was checked, and returns 0 (its results are the answer), a negated error, or IDL_LATER: it has kept
 * the Reply, and answers with NAME_answer or idl_answer_error when it can.  A capability that came is dropped when the
 * handler returns, unless it was taken (idl_take).  One that goes out is moved, unless the interface says `copied`.
 */
#ifndef IDL_SERVER_H
#define IDL_SERVER_H

#include <idl/idl.h>
#include <idl/transport.h>

#define IDL_LATER 1

/* What a message of a method has to look like. */
struct idl_form {
    uint64_t label;
    uint64_t bytes_least, bytes_most;
    uint8_t caps_least, caps_most;
    bool pulled;                 /* bytes are the handler's business */
    uint8_t type[MNOS_IPC_CAPS]; /* of capabilities; 0: any */
};

/* The common case, in a few instructions. */
static inline bool idl_fits(const struct mnos_msg *msg, const struct idl_form *form)
{
    uint64_t bytes = MNOS_INFO_BYTES(msg->info);

    if (msg->label != form->label)
        return false;
    if (form->caps_most == 0 && form->bytes_most == 0 && !form->pulled)
        return msg->info == 0;
    if (form->caps_least == form->caps_most && !form->pulled) {
        if (msg->info >> 40 != (uint64_t)form->caps_most << 8)
            return false;
    } else if (MNOS_INFO_CAPS(msg->info) < form->caps_least || MNOS_INFO_CAPS(msg->info) > form->caps_most ||
               MNOS_INFO_KIND(msg->info) != 0 || (!form->pulled && MNOS_INFO_FLAGS(msg->info) != 0)) {
        return false;
    }
    return form->pulled || (bytes >= form->bytes_least && bytes <= form->bytes_most);
}

/* The answer to a message that does not fit: what is wrong with it.  Drops what came with it.  form NULL: the interface
 * `base` (a label without method) has no such method, or it is another interface. */
enum mnos_serve idl_refuse(struct mnos_msg *msg, struct mnos_ipc_ext *ext, const struct idl_form *form, uint64_t base);
/* The same with a given error. */
enum mnos_serve idl_refuse_as(struct mnos_msg *msg, struct mnos_ipc_ext *ext, uint64_t error);
/* The capabilities are of the types that the form says. */
bool idl_caps_fit(const struct mnos_msg *msg, const struct mnos_ipc_ext *ext, const struct idl_form *form);
/* The text at *at, which then is behind its NUL; NULL: there is none. */
const char *idl_text(const char **at, const char *end, size_t most);

static inline mnos_handle_t idl_take(mnos_handle_t *cap)
{
    mnos_handle_t taken = *cap;

    *cap = MNOS_NONE;
    return taken;
}

/* Nothing goes out but words. */
static inline void idl_plain(struct mnos_ipc_ext *ext)
{
    if (!ext)
        return;
    ext->send_caps = 0;
    ext->move_mask = 0;
    ext->send_len = 0;
}

/* An answer that is an error (positive or negated). */
static inline void idl_error(struct mnos_msg *msg, struct mnos_ipc_ext *ext, int64_t error)
{
    msg->label = (uint64_t)(error < 0 ? -error : error) & 0x7fffffff;
    idl_plain(ext);
}

/* For a kept Reply.  What idl_reply returned: PEER_GONE when the caller has died. */
int64_t idl_answer_error(mnos_handle_t reply, int64_t error);

#endif
