/* SPDX-License-Identifier: BSD-2-Clause */
#include "calendar.h"

#define AFTERNOON 0x80u

/* A number in the chip's notation; 255: none. */
static unsigned number(uint8_t raw, bool binary)
{
    if (binary)
        return raw;
    return (raw & 0xfu) > 9 || raw > 0x99 ? 255 : (raw >> 4) * 10u + (raw & 0xfu);
}

static unsigned days_in(unsigned month, unsigned year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Days since 1970-01-01, counting years from March so that the leap day comes last. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool calendar_seconds(const struct rtc_registers *r, int64_t *seconds)
{
    uint8_t raw_hour = r->hours_24 ? r->hour : (uint8_t)(r->hour & ~AFTERNOON);
    unsigned second = number(r->second, r->binary), minute = number(r->minute, r->binary);
    unsigned hour = number(raw_hour, r->binary), day = number(r->day, r->binary);
    unsigned month = number(r->month, r->binary), year = number(r->year, r->binary);
    unsigned century = r->century == 0 ? 20 : number(r->century, r->binary);

    if (!r->hours_24) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + ((r->hour & AFTERNOON) != 0 ? 12 : 0);
    }
    if (second > 59 || minute > 59 || hour > 23 || month < 1 || month > 12 || year > 99 || century < 19 || century > 99)
        return false;
    year += century * 100;
    if (day < 1 || day > days_in(month, year))
        return false;
    *seconds = days_since_1970(year, month, day) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second);
    return true;
}
