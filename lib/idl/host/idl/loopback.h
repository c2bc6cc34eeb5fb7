/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Client and server of an interface in one process of the host, without a kernel: what one side sends is copied and cut as
 * the kernel would.  Both sides share one table of capabilities.  One thread; all state is static (loopback_reset).
 */
#ifndef IDL_LOOPBACK_H
#define IDL_LOOPBACK_H

#include <idl/transport.h>
#include <stdbool.h>

struct loopback {
    enum mnos_serve (*serve)(void *self, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
    void *self;
    void *recv_buf; /* what the server receives with; no room and no capabilities: without a record */
    size_t recv_len;
    unsigned recv_caps;
    uint64_t badge;
    /* Called until the call is answered, when `serve` kept it.  NULL: the server dies instead. */
    void (*later)(void *self);
    /* A page of the client's buffer is missing at this call, and so many further ones. */
    unsigned absent;
    /* Looks at, or changes, the message on its way to the server and back.  NULL: nobody does. */
    void (*on_request)(void *self, struct mnos_msg *msg);
    void (*on_answer)(void *self, struct mnos_msg *msg);
};

void loopback_reset(void);
/* An endpoint of this server, which stays the caller's. */
mnos_handle_t loopback_open(struct loopback *server);
/* A capability of a type. */
mnos_handle_t loopback_cap(enum mnos_type type);
/* How many there are. */
unsigned loopback_caps(void);
/* The Reply of the call that is being served. */
mnos_handle_t loopback_reply(void);

#endif
