/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Has init run each demonstration of the system, and says whether it ended as it should.  Ends the machine: powers off
 * when all did, else its own failure is the machine's.
 */
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/initctl.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <mnos/ipc.h>
#include <stdbool.h>
#include <str.h>

#define PATIENCE (10 * MNOS_S)

struct demo {
    const char *request; /* service and words, each terminated */
    size_t length;
    uint64_t status; /* exit status wanted */
};

#define DEMO(words, wanted)                                                                                            \
    {                                                                                                                  \
        words, sizeof words, wanted                                                                                    \
    }
static const struct demo demos[] = {
    DEMO("greeter", 0),
    DEMO("greeter\0good\0morning", 2),
    DEMO("crash", MNOS_EXIT_FAULT | MNOS_FAULT_PAGE),
};

static void demo_run(mnos_handle_t init, const struct demo *demo)
{
    uint64_t deadline = clock_ns() + PATIENCE;
    struct init_status s = {0};
    int64_t pid = init_run(init, demo->request, demo->length);

    if (pid < 0) {
        tap_ok(false, "%s: init does not start it: %s", demo->request, mnos_error_text(pid));
        return;
    }
    while (init_find(init, demo->request, &s) >= 0 && s.instances > 0 && clock_ns() < deadline)
        sleep_ns(MNOS_MS);
    tap_ok(s.ended && s.instances == 0 && s.exit == demo->status, "%s ends with status 0x%lx", demo->request,
           demo->status);
}

int main(int argc, char **argv)
{
    mnos_handle_t init = mnos_cap("init");

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof demos / sizeof demos[0]; i++)
        demo_run(init, &demos[i]);
    int failed = tap_done();
    (void)(failed ? init_fail(init) : init_power_off(init));
    return failed;
}
