/* SPDX-License-Identifier: BSD-2-Clause */
/* How generated code reaches the kernel: in programs, system calls.  lib/idl/host has the same for one process. */
#ifndef IDL_TRANSPORT_H
#define IDL_TRANSPORT_H

#include <libmnos/ipc.h>
#include <mnos/calls.h>

/* Up to four words, nothing else. */
__attribute__((always_inline)) static inline struct mnos_fast idl_call_fast(mnos_handle_t to, uint64_t label,
                                                                            uint64_t w0, uint64_t w1, uint64_t w2,
                                                                            uint64_t w3)
{
    return mnos_fast_call(to, label, w0, w1, w2, w3);
}

static inline int64_t idl_call(mnos_handle_t to, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    return mnos_ipc_call(to, msg, ext);
}

static inline int64_t idl_reply(mnos_handle_t reply, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    return mnos_ipc_reply(MNOS_NONE, msg, ext, reply);
}

/* Bytes out of, or into, the buffer of the caller that `reply` will answer: how many, or a negated error. */
static inline int64_t idl_pull(mnos_handle_t reply, uint64_t offset, void *to, size_t length)
{
    return mnos_ipc_copy(reply, MNOS_COPY_FROM_CALLER, offset, to, length);
}

static inline int64_t idl_push(mnos_handle_t reply, uint64_t offset, const void *from, size_t length)
{
    return mnos_ipc_copy(reply, MNOS_COPY_TO_CALLER, offset, (void *)(uintptr_t)from, length);
}

/* enum mnos_type; 0: it names nothing. */
static inline unsigned idl_cap_type(mnos_handle_t cap)
{
    struct mnos_cap_info info;

    return mnos_cap_inspect(cap, &info, sizeof info) < 0 ? 0 : info.type;
}

static inline void idl_cap_drop(mnos_handle_t cap)
{
    (void)mnos_cap_delete(cap);
}

#endif
