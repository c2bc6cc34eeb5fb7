/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a WebAssembly module of the system can do beside WASI: use the capabilities that it was given.  For C with
 * `clang --target=wasm32-wasi`.
 *
 * A capability is a number that the runner gives out; 0 is none.  Functions return 0, a number or a count, or a negated
 * error of the kernel (mnos/errors.h).  An address outside the module's memory is a trap.
 */
#ifndef WASM_SDK_MNOS_H
#define WASM_SDK_MNOS_H

#include "message.h"
#include <stddef.h>
#include <string.h>

#define MNOS_IMPORT(name) __attribute__((import_module("mnos"), import_name(#name)))

/* The initial capability of that name, as the manifest's entry lists it. */
MNOS_IMPORT(cap) int32_t mnos_cap_find(const char *name, size_t length);
/* A narrower one; for endpoints also with a badge. */
MNOS_IMPORT(mint) int32_t mnos_mint(int32_t cap, uint32_t rights, uint64_t badge);
MNOS_IMPORT(drop) int32_t mnos_drop(int32_t cap);

enum { MNOS_OBJECT_MEMORY = 2, MNOS_OBJECT_ENDPOINT = 5, MNOS_OBJECT_NOTIFICATION = 6 };
/* A new object, paid by the pool; `bytes` of a Memory, a multiple of 4096. */
MNOS_IMPORT(object_new) int32_t mnos_object_new(int32_t pool, uint32_t type, uint64_t bytes);

/* Sends and waits for the answer, which replaces the message. */
MNOS_IMPORT(ipc_call) int32_t mnos_call(int32_t endpoint, struct mnos_message *message);
MNOS_IMPORT(ipc_send) int32_t mnos_send(int32_t endpoint, struct mnos_message *message);
/* Waits for a message, or for the bits of a notification. */
MNOS_IMPORT(ipc_recv) int32_t mnos_recv(int32_t from, struct mnos_message *message);
/* Answers the call that was received last; then, unless `from` is 0, waits for the next message. */
MNOS_IMPORT(ipc_reply) int32_t mnos_reply(int32_t from, struct mnos_message *message);
MNOS_IMPORT(notify) int32_t mnos_notify(int32_t notification, uint64_t bits);

/* Memory that was made, or granted with a message, is read and written by copying. */
MNOS_IMPORT(memory_size) int64_t mnos_memory_size(int32_t memory);
MNOS_IMPORT(memory_read) int32_t mnos_memory_read(int32_t memory, uint64_t offset, void *to, size_t length);
MNOS_IMPORT(memory_write) int32_t mnos_memory_write(int32_t memory, uint64_t offset, const void *from, size_t length);

MNOS_IMPORT(port_in) int64_t mnos_port_in(int32_t ports, uint32_t port, uint32_t width);
MNOS_IMPORT(port_out) int32_t mnos_port_out(int32_t ports, uint32_t port, uint32_t width, uint32_t value);
/* ns since the kernel started its clock. */
MNOS_IMPORT(time) uint64_t mnos_time(void);

static inline int32_t mnos_cap(const char *name)
{
    return mnos_cap_find(name, strlen(name));
}

/* The directory of names: the capability "init", which speaks the interface Directory (idl/directory.capnp). */
#define MNOS_DIRECTORY_LABEL(method, words) (0xc3211de400010000ull | (method) << 4 | (words))
#define MNOS_DIRECTORY_PROVIDE              MNOS_DIRECTORY_LABEL(0, 4)
#define MNOS_DIRECTORY_LOOKUP               MNOS_DIRECTORY_LABEL(1, 5)
#define MNOS_DIRECTORY_READY                MNOS_DIRECTORY_LABEL(2, 0)

/* A longer name is none that anybody has. */
static inline void mnos_name_pack(struct mnos_message *message, const char *name)
{
    size_t length = strlen(name);

    memcpy(message->word, name, length < 31 ? length : 31);
}

/* What an answer of the directory says: 0, or a negated error. */
static inline int32_t mnos_name_status(int32_t status, const struct mnos_message *message)
{
    return status < 0 ? status : -(int32_t)(message->label & 0x7fffffff);
}

static inline int32_t mnos_name_register(const char *name, int32_t endpoint)
{
    struct mnos_message message = {.label = MNOS_DIRECTORY_PROVIDE, .send_caps = 1, .send_cap = {(uint32_t)endpoint}};

    mnos_name_pack(&message, name);
    int32_t status = mnos_call(mnos_cap("init"), &message);
    return mnos_name_status(status, &message);
}

/* The endpoint, or a negated error. */
static inline int32_t mnos_name_lookup(const char *name)
{
    struct mnos_message message = {.label = MNOS_DIRECTORY_LOOKUP, .recv_caps = 1};

    mnos_name_pack(&message, name);
    int32_t status = mnos_call(mnos_cap("init"), &message);
    status = mnos_name_status(status, &message);
    if (status < 0)
        return status;
    return message.recv_caps == 1 ? (int32_t)message.recv_cap[0] : -1;
}

#endif
