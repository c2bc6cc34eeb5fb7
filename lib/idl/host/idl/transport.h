/* SPDX-License-Identifier: BSD-2-Clause */
/* How generated code reaches its peer on the host: calls of lib/idl/host/loopback.c, with the meaning of lib/idl/user. */
#ifndef IDL_TRANSPORT_H
#define IDL_TRANSPORT_H

#include <libmnos/ipc.h>

struct mnos_fast idl_call_fast(mnos_handle_t to, uint64_t label, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3);
int64_t idl_call(mnos_handle_t to, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t idl_reply(mnos_handle_t reply, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t idl_pull(mnos_handle_t reply, uint64_t offset, void *to, size_t length);
int64_t idl_push(mnos_handle_t reply, uint64_t offset, const void *from, size_t length);
unsigned idl_cap_type(mnos_handle_t cap);
void idl_cap_drop(mnos_handle_t cap);

#endif
