/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: drivers/clock/rtc/calendar.c */
/* The clock's registers as a time, against the C library's calendar. */
#include "host_test.h"

#include <time.h>

#include "../../drivers/clock/rtc/calendar.h"

static uint8_t raw(int value, bool binary)
{
    return (uint8_t)(binary ? value : value / 10 << 4 | value % 10);
}

static struct rtc_registers registers_of(time_t seconds, bool binary, bool hours_24)
{
    struct tm tm;

    gmtime_r(&seconds, &tm);
    int hour = hours_24 ? tm.tm_hour : (tm.tm_hour + 11) % 12 + 1;
    uint8_t afternoon = !hours_24 && tm.tm_hour >= 12 ? 0x80 : 0;
    return (struct rtc_registers){raw(tm.tm_sec, binary),
                                  raw(tm.tm_min, binary),
                                  (uint8_t)(raw(hour, binary) | afternoon),
                                  raw(tm.tm_mday, binary),
                                  raw(tm.tm_mon + 1, binary),
                                  raw(tm.tm_year % 100, binary),
                                  raw((tm.tm_year + 1900) / 100, binary),
                                  binary,
                                  hours_24};
}

static void every_notation_is_read(void **state)
{
    struct rng rng = rng_seeded(31);

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        /* 1970 to 2399 */
        time_t seconds = (time_t)rng_below(&rng, 13569465600u);
        int64_t got = -1;
        struct rtc_registers r = registers_of(seconds, i & 1, i & 2);
        assert_true(calendar_seconds(&r, &got));
        assert_int_equal(got, seconds);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const struct rtc_registers wrong[] = {
        {60, 0, 0, 1, 1, 0, 20, true, true},      {0, 60, 0, 1, 1, 0, 20, true, true},
        {0, 0, 24, 1, 1, 0, 20, true, true},      {0, 0, 0, 0, 1, 0, 20, true, true},
        {0, 0, 0, 32, 1, 0, 20, true, true},      {0, 0, 0, 29, 2, 23, 20, true, true},
        {0, 0, 0, 1, 0, 0, 20, true, true},       {0, 0, 0, 1, 13, 0, 20, true, true},
        {0, 0, 0, 1, 1, 100, 20, true, true},     {0, 0, 0, 1, 1, 0, 18, true, true},
        {0x5a, 0, 0, 1, 1, 0, 0x20, false, true}, {0, 0, 0, 1, 1, 0, 20, true, false},
        {0, 0, 13, 1, 1, 0, 20, true, false},
    };
    struct rtc_registers none = {0, 0, 0, 1, 1, 24, 0, true, true};
    int64_t seconds;

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(calendar_seconds(&wrong[i], &seconds));
    assert_true(calendar_seconds(&none, &seconds));
    assert_int_equal(seconds, 1704067200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("rtc: every notation of the chip is read, as the C library counts", every_notation_is_read),
        TEST("rtc: registers that hold no time are refused", what_is_no_time_is_refused),
    };

    return RUN_TESTS(tests);
}
