/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's wrappers, each called the way a program would, with what must come of it.  Those that other test programs
 * lean on (mnos/calls.h, upcalls, spawning) are tested there; tests/build/library.py checks that none is left out.
 */
#include "library.h"

#include <libmnos/faults.h>
#include <libmnos/heap.h>
#include <libmnos/objects.h>

#define PANIC_STATUS 0x7302

static int role_panic(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    mnos_panic("# the child %s to stop", "was asked");
}

/* Finds what it was given, by name, and nothing else. */
static int role_named(int argc, char **argv)
{
    const struct mnos_capset_entry *entry = mnos_cap_entry("thing");
    struct mnos_cap_info info;

    (void)argc;
    (void)argv;
    if (!entry || mnos_cap("thing") != entry->handle || mnos_cap_entry("nothing") || mnos_cap("nothing") != MNOS_NONE)
        return 1;
    if (mnos_pool() != mnos_cap("pool") || mnos_cap_inspect(entry->handle, &info, sizeof info) < 0)
        return 2;
    return info.type == MNOS_TYPE_ENDPOINT && info.rights == MNOS_RIGHT_SEND ? 77 : 3;
}

static int role_freed_twice(int argc, char **argv)
{
    void *piece = malloc(40);

    (void)argc;
    (void)argv;
    free(piece);
    free(piece);
    return 5;
}

static void process_tests(void)
{
    char text[64];
    mnos_handle_t endpoint = new_endpoint();
    struct spawn_cap cap = {.name = "thing", .handle = endpoint, .rights = MNOS_RIGHT_SEND};
    struct spawn_child child = test_spawn("named", &cap, 1);

    tap_eq((int64_t)test_wait(&child), 77,
           "process: a child finds its capabilities by name, and the rights they have [M230]");
    mnos_cap_delete(endpoint);
    child = test_spawn("panic", NULL, 0);
    tap_eq((int64_t)test_wait(&child), PANIC_STATUS, "process: mnos_panic ends the program with its own status [M230]");
    child = test_spawn("freed twice", NULL, 0);
    tap_eq((int64_t)test_wait(&child), PANIC_STATUS, "heap: a piece that is freed twice ends the program [M230]");
    /* The ring has no kernel side. */
    tap_status(mnos_ring_enter(mnos_ring, 0, 0), MNOS_OK, "ring: mnos_ring_enter takes what was submitted [M230]");
    mnos_status_text(3, text, sizeof text);
    tap_ok(strcmp(text, "exited with status 3") == 0 && mnos_error_of(-MNOS_E_BUSY) == MNOS_E_BUSY &&
               mnos_error_of(9) == MNOS_OK && strcmp(mnos_error_text(0x7fff), "unknown error") == 0 &&
               strcmp(mnos_type_name(MNOS_TYPE_POOL), "Pool") == 0 && mnos_state_name(MNOS_STATE_DEAD),
           "words: errors, types, states and exit statuses have names [M230]");
    tap_diag("%s", text);
}

static void tests(void)
{
    struct mnos_info_ledger before;

    local_tests();                    /* the first heap chunk stays */
    mnos_ring_enter(mnos_ring, 0, 0); /* and so does the ring's page */
    before = ledger_now();
    message_tests();
    device_tests();
    process_tests();
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    static const struct role roles[] = {
        {"panic", role_panic}, {"named", role_named}, {"freed twice", role_freed_twice}};

    return test_main(argc, argv, roles, sizeof roles / sizeof roles[0], tests);
}
