/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices of few words: random bytes, the clock; and what the device manager does with a driver. */
#include <driver/driver.h>
#include <idl/clock.h>
#include <idl/console.h>
#include <idl/entropy.h>

#include "dev.h"

static mnos_handle_t service_open(const char *name, struct device_record *r)
{
    int64_t index = devmgr_find(devmgr, name, r);

    if (index < 0 || !device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, r))
        return MNOS_NONE;
    return must(devmgr_service(devmgr, (uint64_t)index), name);
}

static int64_t random_read(mnos_handle_t rng, void *bytes, size_t size)
{
    size_t got = 0;
    int64_t status = entropy_read(rng, bytes, size, &got);

    return status < 0 ? status : (int64_t)got;
}

static void rng_tests(void)
{
    static unsigned char one[ENTROPY_MOST], two[ENTROPY_MOST];
    struct device_record r;
    mnos_handle_t rng = service_open("rng0", &r);

    if (!tap_ok(rng != MNOS_NONE, "the random source is driven"))
        return;
    int64_t first = random_read(rng, one, sizeof one), second = random_read(rng, two, sizeof two);
    unsigned bits = 0;
    for (int64_t i = 0; i < first * 8; i++)
        bits += one[i / 8] >> i % 8 & 1u;
    tap_ok(first >= 64 && second >= 64 && memcmp(one, two, 64) != 0, "two reads of random bytes differ");
    tap_ok((int64_t)bits > first * 3 && (int64_t)bits < first * 5, "about half of their bits are set");
    tap_diag("%ld and %ld bytes, %u bits", first, second, bits);
    tap_eq(random_read(rng, one, 16), 16, "a short buffer gets what fits");
    tap_status(random_read(rng, one, 0), MNOS_E_INVALID, "and one without room an error");
    mnos_cap_delete(rng);
}

/* A message that the interface does not have, through the kernel: the answer's label. */
static uint64_t odd_message(mnos_handle_t service, uint64_t label, const void *bytes, size_t length, mnos_handle_t cap)
{
    struct mnos_msg msg = {.label = label};
    struct mnos_call_data data = {.send = bytes, .send_len = length, .send_cap = cap};

    return mnos_call_with(service, &msg, &data) < 0 ? 0 : msg.label;
}

static void wrong_messages(mnos_handle_t rtc)
{
    mnos_handle_t cap = must(mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0), "a notification");
    uint64_t label = CLOCK_LABEL_read, stranger = CON_LABEL_stats;

    tap_ok(odd_message(rtc, stranger, NULL, 0, MNOS_NONE) == IDL_E_WRONG_INTERFACE &&
               odd_message(rtc, label + (1 << 16), NULL, 0, MNOS_NONE) == IDL_E_WRONG_VERSION &&
               odd_message(rtc, label + (2 << 4), NULL, 0, MNOS_NONE) == IDL_E_NO_METHOD,
           "a message of another interface, version or method is an error");
    tap_ok(odd_message(rtc, label + 1, NULL, 0, MNOS_NONE) == IDL_E_LONG &&
               odd_message(rtc, label, "bytes", 5, MNOS_NONE) == IDL_E_LONG &&
               odd_message(rtc, label, NULL, 0, cap) == IDL_E_BAD_CAPS,
           "and so is one with words, bytes or capabilities too many");
    uint64_t a, b, c, d;
    tap_eq(con_stats(rtc, &a, &b, &c, &d), -(int64_t)IDL_E_WRONG_INTERFACE,
           "the client of another interface gets an error, and the driver goes on [M095]");
    mnos_cap_delete(cap);
}

static void rtc_tests(void)
{
    struct device_record r;
    mnos_handle_t rtc = service_open("rtc", &r);

    if (!tap_ok(rtc != MNOS_NONE, "the clock is driven"))
        return;
    int64_t now = 0, later = 0, kernel = clock_unix_base() + (int64_t)(clock_ns() / MNOS_S);
    uint64_t ticks = 0;
    must(clock_read(rtc, &now), "the time");
    tap_ok(now - kernel < 3 && kernel - now < 3, "it tells the time that the loader told");
    tap_diag("%ld, and by the kernel %ld", now, kernel);
    sleep_ns(1500 * MNOS_MS);
    must(clock_ticks(rtc, &ticks), "the ticks");
    must(clock_read(rtc, &later), "the time");
    tap_ok(ticks >= 1 && later > now, "and goes on, with an interrupt each second");
    wrong_messages(rtc);
    mnos_cap_delete(rtc);
}

/* The capability set of a driver: its device, and what every driver has. */
static void caps_tests(void)
{
    struct device_record r;
    struct mnos_info_cap c;
    unsigned ports = 0, port_count = 0, memories = 0, interrupts = 0, endpoints = 0, others = 0;
    uint64_t largest = 0;

    if (devmgr_find(devmgr, "block0", &r) < 0)
        return;
    for (uint64_t at = r.pid << 32;
         mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CAP, at, &c, sizeof c) >= 0 && c.pid == r.pid;
         at = (r.pid << 32 | c.slot) + 1) {
        ports += c.type == MNOS_TYPE_IOPORT;
        port_count += c.type == MNOS_TYPE_IOPORT ? (unsigned)c.size : 0;
        memories += c.type == MNOS_TYPE_MEMORY;
        interrupts += c.type == MNOS_TYPE_INTERRUPT;
        endpoints += c.type == MNOS_TYPE_ENDPOINT;
        others += c.type == MNOS_TYPE_PROCESS || c.type == MNOS_TYPE_THREAD || c.type == MNOS_TYPE_SYSTEM;
        largest = c.type == MNOS_TYPE_MEMORY && c.size > largest ? c.size : largest;
    }
    tap_diag("%u port ranges (%u ports), %u Memories (largest %lu), %u interrupts, %u endpoints", ports, port_count,
             memories, largest, interrupts, endpoints);
    tap_ok(
        ports == 1 && port_count == r.bar[0].size && largest <= 64 * 1024 && interrupts == 1 && endpoints <= 3 &&
            others == 0,
        "the disk's driver holds exactly the ports of its BAR 0, its registers, one interrupt and DMA memory [M261]");
}

static void control_tests(void)
{
    struct device_record r;
    int64_t index = devmgr_find(devmgr, "block0", &r);
    mnos_handle_t disk = service_open("block0", &r);

    if (!tap_ok(disk != MNOS_NONE, "the disk is driven"))
        return;
    struct driver_stats stats = {0};
    struct mnos_msg odd = {.label = 0x7777};
    must(device_stats(disk, &stats), "a control query");
    must(mnos_ipc_call(disk, &odd, NULL), "an unknown message");
    tap_ok(stats.interrupts > 0 && stats.messages > 0 && odd.label == IDL_E_WRONG_INTERFACE,
           "its driver answers a control query with its counts, and an unknown message with an error [M313]");
    mnos_cap_delete(disk);
    tap_status(devmgr_stop(devmgr, (uint64_t)index), MNOS_OK, "the driver is stopped");
    tap_ok(device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_STOPPED, &r) && r.pid == 0, "and then there is none");
    tap_status(devmgr_start(devmgr, (uint64_t)index), MNOS_OK, "it is started");
    tap_ok(device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r) && r.pid != 0, "and runs");
}

void small_tests(void)
{
    rng_tests();
    rtc_tests();
    control_tests();
    caps_tests();
}
