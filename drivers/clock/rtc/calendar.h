/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock's registers as a time.  Pure. */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* As they are in the chip. */
struct rtc_registers {
    uint8_t second, minute, hour, day, month, year, century;
    bool binary, hours_24; /* register B: else BCD, and 12 hours with bit 7 for the afternoon */
};

/* false: these registers hold no time.  century 0: there is no such register, and the year is of 2000 to 2099. */
bool calendar_seconds(const struct rtc_registers *registers, int64_t *seconds);

#endif
