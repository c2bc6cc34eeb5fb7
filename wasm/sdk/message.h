/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as it lies in a module's memory; used by modules (mnos.h) and by the runner alike. */
#ifndef WASM_SDK_MESSAGE_H
#define WASM_SDK_MESSAGE_H

#include <stdint.h>

#define MNOS_MESSAGE_WORDS 8
#define MNOS_MESSAGE_CAPS  4

struct mnos_message {
    uint64_t label;
    uint64_t badge; /* out: of the capability that the sender used */
    uint64_t bits;  /* out: of a notification */
    uint64_t word[MNOS_MESSAGE_WORDS];
    uint64_t deadline;                     /* ns of the system clock; 0: none */
    uint32_t kind;                         /* out: 0 call or answer, 1 send, 2 notification, 3 closed, 4 cancel */
    uint32_t flags;                        /* out: bit 0: something was left behind for want of room */
    uint32_t send, send_length;            /* address of bytes that go with it */
    uint32_t recv, recv_room, recv_length; /* room for bytes; out: how many came */
    uint32_t send_caps, send_cap[MNOS_MESSAGE_CAPS];
    uint32_t recv_caps, recv_cap[MNOS_MESSAGE_CAPS]; /* in: how many are taken; out: how many came, and their numbers */
    uint32_t reserved;
};

#endif
