/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The name directory: names of up to 31 bytes and the endpoints that serve them.  init keeps it; the endpoint to talk to
 * is the capability "init".
 *
 *   NAMES_REGISTER  words 0..3: the name, packed; word 4: its length; one capability: the endpoint (SEND, GRANT; with
 *                   RECV too the directory can badge it, and keeps it alive while its server is restarted)
 *   NAMES_LOOKUP    words 0..4 as above; word 5: id of the interface that is expected, 0: any; the answer carries a
 *                   capability to send, badged for the caller
 *   NAMES_READY     the caller, whose manifest entry says that it tells so itself, is ready
 *
 * Only names that the caller's manifest entry provides can be registered; those that it does not list are not found.
 *
 * The answer's label is an enum names_status.
 */
#ifndef LIBMNOS_NAMES_H
#define LIBMNOS_NAMES_H

#include <mnos/object.h>
#include <stdbool.h>
#include <stddef.h>

#define NAMES_MAX      31u
#define NAMES_REGISTER 0x4e01ull
#define NAMES_LOOKUP   0x4e02ull
#define NAMES_READY    0x4e03ull

enum names_status {
    NAMES_OK = 0,
    NAMES_DUPLICATE = 1, /* somebody serves that name */
    NAMES_TOO_LONG = 2,
    NAMES_NO_CAPABILITY = 3, /* nothing came with the request, or it is no endpoint, or it may not be passed on */
    NAMES_NOT_FOUND = 4,
    NAMES_BAD_NAME = 5, /* empty, a byte that is not printable, or a length that is not the name's */
    NAMES_FULL = 6,
    NAMES_UNREACHABLE = 7, /* the directory did not answer */
    NAMES_FORBIDDEN = 8,   /* the caller's manifest entry does not provide this name */
    NAMES_WRONG_INTERFACE = 9,
    NAMES_BUSY = 10 /* the server has yet to hear that the caller let go of this endpoint before */
};
const char *names_status_text(enum names_status status);

/* Words 0 to 4 of a request.  A longer name is cut; its length then tells. */
void names_pack(uint64_t word[5], const char *name);
/* `name` has NAMES_MAX + 1 bytes.  NAMES_OK, _TOO_LONG or _BAD_NAME. */
enum names_status names_unpack(const uint64_t word[5], char *name);

enum names_status names_register(mnos_handle_t directory, const char *name, mnos_handle_t endpoint);
enum names_status names_lookup(mnos_handle_t directory, const char *name, mnos_handle_t *endpoint);
/* WRONG_INTERFACE unless the endpoint has this one. */
enum names_status names_lookup_as(mnos_handle_t directory, const char *name, uint64_t interface,
                                  mnos_handle_t *endpoint);
enum names_status names_ready(mnos_handle_t directory);

#endif
