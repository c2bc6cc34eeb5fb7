/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second serial line, whose driver the device manager starts: several clients write numbered lines while the driver is
 * killed again and again.  The script at the other end of the line is slow, and looks for every line.
 */
#include <driver/driver.h>
#include <libmnos/console.h>
#include <libmnos/thread.h>

#include "dev.h"

#define WRITERS 4u
#define LINES   1000u
#define KILLS   20u

static mnos_handle_t line;
static uint32_t in_flight, finished, taken; /* calls, writers, lines */

static void writer(void *arg)
{
    char text[64];

    for (unsigned i = 0; i < LINES; i++) {
        uint64_t hash = (i + 1) * 0x9e3779b97f4a7c15ull ^ (uint64_t)arg;
        size_t length = (size_t)fmt_snprint(text, sizeof text, "<%lu %04u %016lx>\r\n", (uint64_t)arg, i, hash);
        __atomic_add_fetch(&in_flight, 1, __ATOMIC_SEQ_CST);
        if (console_write(line, text, length) != (int64_t)length)
            printf("# writer %lu: line %u was not taken\n", (uint64_t)arg, i);
        __atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
        __atomic_sub_fetch(&in_flight, 1, __ATOMIC_SEQ_CST);
    }
    __atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
}

/* Nothing has moved for a while: what is in flight now is with the driver. */
static unsigned line_stands(void)
{
    uint32_t before = __atomic_load_n(&taken, __ATOMIC_SEQ_CST);

    sleep_ns(10 * MNOS_MS);
    return __atomic_load_n(&taken, __ATOMIC_SEQ_CST) == before ? __atomic_load_n(&in_flight, __ATOMIC_SEQ_CST) : 0;
}

/* For so long that it is not the host that had no time. */
static bool line_stands_still(void)
{
    unsigned looks = 0;

    while (looks < 20 && __atomic_load_n(&finished, __ATOMIC_SEQ_CST) < WRITERS)
        looks = line_stands() > 0 ? looks + 1 : 0;
    return looks == 20;
}

/* A kill with nothing in flight is none. */
static unsigned kill_under_load(uint64_t index, unsigned kills)
{
    struct device_record r;
    unsigned out = 0;

    /* Not the driver that was killed last. */
    while (!device_reaches(devmgr, index, DEVICE_STATE_RUNNING, &r) || r.starts != kills + 1)
        sleep_ns(MNOS_MS);
    while (out == 0 && __atomic_load_n(&finished, __ATOMIC_SEQ_CST) < WRITERS)
        out = line_stands();
    if (out > 0 && devmgr_kill(devmgr, index) == 0)
        tap_diag("kill %u: %u writes in flight", kills + 1, out);
    return out;
}

static uint64_t interrupts(void)
{
    struct driver_stats stats;

    if (device_stats(line, &stats) < 0)
        return 0;
    tap_diag("%lu interrupts, %lu messages, start %lu", stats.interrupts, stats.messages, stats.start);
    return stats.interrupts;
}

void serial_tests(void)
{
    struct mnos_thread *thread[WRITERS];
    struct device_record r;
    int64_t index = devmgr_find(devmgr, "serial2", &r);
    unsigned kills = 0, least = WRITERS;

    if (!tap_ok(index >= 0 && device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r) &&
                    strcmp(r.driver, "ns16550") == 0,
                "the second serial line is driven by the same driver as the first, started by the device manager"))
        return;
    line = must(devmgr_service(devmgr, (uint64_t)index), "its service");
    for (uint64_t i = 0; i < WRITERS; i++)
        thread[i] = thread_start(writer, (void *)i, NULL, NULL);
    while (kills < KILLS) {
        unsigned out = kill_under_load((uint64_t)index, kills);
        if (out == 0)
            break;
        least = out < least ? out : least;
        kills++;
    }
    tap_ok(kills == KILLS && least > 0, "the driver was killed %u times, each time with writes in flight", kills);
    bool stood = line_stands_still();
    tap_diag("the line stands once more");
    for (unsigned i = 0; i < WRITERS; i++)
        thread_join(thread[i]);
    tap_ok(device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r) && r.starts == kills + 1, "it runs again");
    tap_ok(stood && interrupts() > 0, "and goes on by its interrupts");
    must(console_write(line, "end\r\n", 5) - 5, "the end");
    mnos_cap_delete(line);
}
