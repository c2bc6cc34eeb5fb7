/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a keyboard in scan code set 1 as events.  Pure. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct keys {
    bool extended; /* the last byte was E0 */
    uint8_t skip;  /* bytes of the Pause key that are still to come */
    bool shift[2], control[2], caps;
};

struct key_event {
    uint8_t code; /* idl/keyboard.capnp */
    bool down;
    char character;
};

/* Takes one byte; true: *event is complete. */
bool keys_feed(struct keys *keys, uint8_t byte, struct key_event *event);

#endif
