/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks init to start a program five times, each time with one word more, hears of each end, and powers off.  It holds
 * init's control capability and the kernel log; the processes are init's, made from the manifest's entry.
 */
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/initctl.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <stdbool.h>

#define SERVICE  "greeter"
#define TIMES    5u
#define PATIENCE (5 * MNOS_S)

/* The exit status; false: it did not end. */
static bool ended(mnos_handle_t init, uint64_t pid, uint64_t *status)
{
    uint64_t deadline = clock_ns() + PATIENCE;
    struct init_status s;

    while (init_find(init, SERVICE, &s) >= 0 && clock_ns() < deadline) {
        if (s.pid != pid) {
            *status = s.exit;
            return s.ended != 0;
        }
        sleep_ns(MNOS_MS);
    }
    return false;
}

static bool once(mnos_handle_t init, unsigned words)
{
    char request[64] = SERVICE;
    size_t length = sizeof SERVICE;
    uint64_t status;

    for (unsigned i = 0; i < words; i++)
        length += fmt_snprint(request + length, sizeof request - length, "word%u", i) + 1;
    int64_t pid = init_run(init, request, length);
    if (pid < 0) {
        printf("spawndemo: init does not start %s: %s\n", SERVICE, mnos_error_text(pid));
        return false;
    }
    bool good = ended(init, (uint64_t)pid, &status) && status == words;
    printf("spawndemo: %s pid %ld %s\n", SERVICE, pid, good ? "ended as it should" : "did not end as it should");
    return good;
}

int main(int argc, char **argv)
{
    mnos_handle_t init = mnos_cap("init");

    (void)argc;
    (void)argv;
    for (unsigned words = 0; words < TIMES; words++)
        if (!once(init, words))
            return 1;
    int64_t pid = init_run(init, "spawndemo", sizeof "spawndemo");
    printf("spawndemo: what is not on request is refused: %s\n", mnos_error_text(pid));
    printf("spawndemo: %u programs started by init: done\n", TIMES);
    return (int)-init_power_off(init);
}
