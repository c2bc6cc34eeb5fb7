/* SPDX-License-Identifier: BSD-2-Clause */
/* What the file server needs from the system: port.c gives it in the guest, tests give another. */
#ifndef VFS_PORT_H
#define VFS_PORT_H

#include <mnos/object.h>
#include <stddef.h>
#include <stdint.h>

struct call;

/* Bytes copied, or a negated enum mnos_error: FAULT, RANGE (beyond the buffer), PEER_GONE. */
int64_t port_copy_in(mnos_handle_t reply, uint64_t offset, void *to, size_t bytes);
int64_t port_copy_out(mnos_handle_t reply, uint64_t offset, const void *from, size_t bytes);
/* A capability to the server with this badge, or a negated error. */
int64_t port_mint(uint64_t badge);
void port_drop(mnos_handle_t cap);
void port_notify(mnos_handle_t notification, uint64_t bits);
/* Answers a call that was kept.  False: its caller is dead. */
int64_t port_answer(struct call *call);
/* Is its caller alive? */
int port_alive(mnos_handle_t reply);
/* A free Reply for the main loop, in place of one that was kept.  Negated error: none to be had. */
int64_t port_reply_new(void);
void port_reply_free(mnos_handle_t reply);
uint64_t port_random(void);
/* Memories of files (fs/pages.h); a page that is missing is asked for with that badge. */
int64_t port_memory_make(uint64_t badge, uint64_t bytes, size_t span, void **base);
int64_t port_memory_resize(mnos_handle_t memory, uint64_t bytes);
int64_t port_memory_supply(mnos_handle_t memory, uint64_t offset, const void *page);
int64_t port_memory_decommit(mnos_handle_t memory, uint64_t bytes);
/* A capability for a client, or a negated error. */
int64_t port_memory_share(mnos_handle_t memory, uint32_t rights);
/* It is taken from all clients. */
void port_memory_end(mnos_handle_t memory, void *base, size_t span);
/* The console's line: bytes out, as many as it has room for; bytes that came in. */
size_t port_console_put(const unsigned char *bytes, size_t count);
size_t port_console_get(unsigned char *bytes, size_t count);

#endif
