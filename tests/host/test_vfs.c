/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file server under clients that send anything.
 * LINK: servers/vfs/calls.c servers/vfs/desc.c servers/vfs/paths.c servers/vfs/files.c servers/vfs/wait.c
 * LINK: servers/vfs/bells.c servers/vfs/pipes.c servers/vfs/devices.c servers/vfs/ttys.c servers/vfs/locks.c
 * LINK: servers/vfs/memfs.c servers/vfs/sockets.c servers/vfs/maps.c
 * LINK: fs/core/ fs/tmpfs/ fs/devfs/ fs/tty/ lib/fmt/ tests/host/vfs_drive.c
 */
#include "vfs_drive.h"

#include "host_test.h"

static void anything_is_answered(void **state)
{
    enum { SIZE = 60000 };
    struct rng rng = rng_seeded(2024);
    uint8_t *bytes = malloc(SIZE);
    struct drive_count count = {0};

    (void)state;
    for (unsigned run = 0; run < 100; run++) {
        for (unsigned i = 0; i < SIZE; i++)
            bytes[i] = (uint8_t)rng_next(&rng);
        vfs_drive(bytes, SIZE, &count);
    }
    free(bytes);
    print_message("# %llu calls, %llu succeeded, %llu kept, %llu answered late, %llu capabilities, %llu pages\n",
                  (unsigned long long)count.calls, (unsigned long long)count.succeeded, (unsigned long long)count.kept,
                  (unsigned long long)count.answered_late, (unsigned long long)count.handed_out,
                  (unsigned long long)count.paged);
    /* It is no test if nothing but refusals happened. */
    assert_true(count.calls > 50000 && count.succeeded > count.calls / 20 && count.kept > 100 &&
                count.handed_out > 1000 && count.paged > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("any calls, cancelled and dead callers: all is answered and given back", anything_is_answered),
    };

    return RUN_TESTS(tests);
}
