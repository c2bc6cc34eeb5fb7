/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service: it serves the endpoint that the manifest gave it under the name "door", or one that it registers.
 *
 *   1  adds word 0 to the sum, which is the answer's word 0; word 1: the caller's badge; word 2: calls so far
 *   2  word 0: bytes of text in the send buffer; the answer has it in capital letters
 *   3  one capability comes: a Memory, the first word of which is answered, and replaced by its double
 *   4  one capability comes: a notification, which is signalled with word 0
 *   5  crashes: a division by zero
 *   6  ends with the status in word 0
 *   7  runs for ever; better sent than called
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "../sdk/mnos.h"

static char text[256];

static void capitals(struct mnos_message *m)
{
    uint32_t length = m->recv_length;

    for (uint32_t i = 0; i < length; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    m->send = (uint32_t)(uintptr_t)text;
    m->send_length = length;
    m->word[0] = length;
}

static void memory_double(struct mnos_message *m)
{
    uint64_t value = 0, twice;
    int32_t memory = m->recv_caps == 1 ? (int32_t)m->recv_cap[0] : 0;

    m->label = (uint32_t)mnos_memory_read(memory, 0, &value, sizeof value);
    twice = 2 * value;
    if (m->label == 0)
        m->label = (uint32_t)mnos_memory_write(memory, 0, &twice, sizeof twice);
    m->word[0] = value;
}

static void serve(struct mnos_message *m)
{
    static volatile int zero;
    static uint64_t sum, calls;
    int32_t cap = m->recv_caps == 1 ? (int32_t)m->recv_cap[0] : 0;

    switch (m->label) {
    case 1:
        m->label = 0;
        m->word[0] = sum += m->word[0];
        m->word[1] = m->badge;
        m->word[2] = ++calls;
        break;
    case 2:
        m->label = 0;
        capitals(m);
        break;
    case 3:
        memory_double(m);
        break;
    case 4:
        m->label = (uint32_t)mnos_notify(cap, m->word[0]);
        break;
    case 5:
        m->word[0] = (uint64_t)(100 / zero);
        break;
    case 6:
        exit((int)m->word[0]);
    case 7:
        for (;;)
            zero = zero;
    default:
        m->label = 16; /* NOT_SUPPORTED */
    }
    if (cap != 0)
        mnos_drop(cap);
}

/* The endpoint that the manifest gave, or one of its own, which it registers. */
static int32_t door_open(const char *name)
{
    int32_t door = mnos_cap("door");

    if (door > 0)
        return door;
    door = mnos_object_new(mnos_cap("pool"), MNOS_OBJECT_ENDPOINT, 0);
    return mnos_name_register(name, door) == 0 ? door : 0;
}

int main(int argc, char **argv)
{
    int32_t door = door_open(argc > 1 ? argv[1] : "counter");
    struct mnos_message m = {.recv = (uint32_t)(uintptr_t)text, .recv_room = sizeof text, .recv_caps = 1};

    if (door <= 0)
        return 8;
    printf("counter: at your service\n");
    fflush(stdout);
    int32_t status = mnos_recv(door, &m);
    for (;;) {
        m.send_length = 0;
        if (status >= 0 && (m.kind == 0 || m.kind == 1))
            serve(&m);
        else if (status < 0)
            return 9;
        m.send_caps = 0;
        m.recv = (uint32_t)(uintptr_t)text;
        m.recv_room = sizeof text;
        m.recv_caps = 1;
        /* What was no call is not answered. */
        status = m.kind == 0 ? mnos_reply(door, &m) : mnos_recv(door, &m);
    }
}
