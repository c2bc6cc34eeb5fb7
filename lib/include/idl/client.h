/* SPDX-License-Identifier: BSD-2-Clause */
/* What generated client functions are made of. */
#ifndef IDL_CLIENT_H
#define IDL_CLIENT_H

#include <idl/idl.h>
#include <idl/transport.h>

/* A buffer that was not in memory is touched and sent again so often. */
#define IDL_ATTEMPTS 8u

/* Everything of the record but the capabilities. */
static inline void idl_ext(struct mnos_ipc_ext *ext, const void *send, size_t send_len, void *recv, size_t recv_len,
                           uint64_t deadline)
{
    ext->flags = 0;
    ext->send_caps = 0;
    ext->recv_caps = 0;
    ext->move_mask = 0;
    ext->reserved = 0;
    ext->deadline = deadline;
    ext->send_buf = (uint64_t)send;
    ext->send_len = send_len;
    ext->recv_buf = (uint64_t)recv;
    ext->recv_len = recv_len;
}

/* An answer in registers alone that is not the one expected: why, negated. */
int64_t idl_why(int64_t status, uint64_t label);
/* The same where capabilities may have come, which are dropped. */
int64_t idl_why_dropped(int64_t status, const struct mnos_msg *msg, struct mnos_ipc_ext *ext);

/* Both, with the compiler told that it is an error: results need not be set. */
static inline int64_t idl_failure(int64_t status, uint64_t label)
{
    int64_t error = idl_why(status, label);

    if (error >= 0)
        __builtin_unreachable();
    return error;
}

static inline int64_t idl_refused(int64_t status, const struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    int64_t error = idl_why_dropped(status, msg, ext);

    if (error >= 0)
        __builtin_unreachable();
    return error;
}

/* Reads a byte of each page, so that its pager supplies it. */
void idl_touch(const void *bytes, size_t length);

/* Puts texts and bytes behind each other; false: there is no room. */
struct idl_join {
    unsigned char *bytes;
    size_t length, room;
};
bool idl_join(struct idl_join *join, const void *bytes, size_t length);

#endif
