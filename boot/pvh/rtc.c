/* SPDX-License-Identifier: BSD-2-Clause */
/* Source: Motorola MC146818A data sheet. */
#include "pvh.h"

#include <boot/cpu.h>
#include <str.h>

enum {
    CMOS_INDEX = 0x70,
    CMOS_DATA = 0x71,
    STATUS_A = 0x0a,
    STATUS_B = 0x0b,
    UPDATING = 0x80,
    BINARY = 0x04,
    HOURS_24 = 0x02,
    AFTERNOON = 0x80,
    CENTURY = 0x32,
};

struct clock {
    uint8_t second, minute, hour, day, month, year, century;
};

static uint8_t cmos(uint8_t index)
{
    port_write8(CMOS_INDEX, index);
    return port_read8(CMOS_DATA);
}

static struct clock clock_once(void)
{
    for (unsigned i = 0; i < 1000000 && (cmos(STATUS_A) & UPDATING); i++)
        cpu_pause();
    return (struct clock){cmos(0), cmos(2), cmos(4), cmos(7), cmos(8), cmos(9), cmos(CENTURY)};
}

/* Twice the same, so that no update came between. */
static struct clock clock_stable(void)
{
    struct clock first = clock_once(), second = clock_once();
    for (unsigned i = 0; i < 10 && memcmp(&first, &second, sizeof first) != 0; i++) {
        first = second;
        second = clock_once();
    }
    return second;
}

static uint8_t plain(uint8_t value, uint8_t mode)
{
    return mode & BINARY ? value : (uint8_t)(value / 16 * 10 + value % 16);
}

/* Days from 1970-01-01, by the Gregorian calendar. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    static const int64_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t last = year - 1;
    int64_t leap = month > 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
    int64_t leaps = last / 4 - last / 100 + last / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    return (year - 1970) * 365 + leaps + before[month - 1] + leap + day - 1;
}

int64_t rtc_read(void)
{
    struct clock clock = clock_stable();
    uint8_t mode = cmos(STATUS_B);
    bool afternoon = !(mode & HOURS_24) && (clock.hour & AFTERNOON);
    int64_t hour = plain((uint8_t)(mode & HOURS_24 ? clock.hour : clock.hour & ~AFTERNOON), mode);
    if (!(mode & HOURS_24))
        hour = hour % 12 + (afternoon ? 12 : 0);
    int64_t century = plain(clock.century, mode), month = plain(clock.month, mode);
    int64_t year = (century >= 19 && century <= 29 ? century : 20) * 100 + plain(clock.year, mode);
    if (month < 1 || month > 12)
        month = 1;
    return ((days(year, month, plain(clock.day, mode)) * 24 + hour) * 60 + plain(clock.minute, mode)) * 60 +
           plain(clock.second, mode);
}
