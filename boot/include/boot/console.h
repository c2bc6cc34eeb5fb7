/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader says: lines on the firmware's console and on COM1. */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether lines go to COM1 (115200 8N1), and whether to the firmware's console (until the firmware is left). */
void console_serial(bool on);
void console_firmware(bool on);

/* Whether progress lines are shown. */
void console_verbose(bool on);

/* Prints "boot: ", the strings and a line end.  The list ends with NULL. */
void console_line(const char *const *parts);

#define BOOT_SAY(...) console_line((const char *const[]){__VA_ARGS__, (const char *)0})

/* As BOOT_SAY, where verbose. */
bool console_is_verbose(void);
#define BOOT_TELL(...) (console_is_verbose() ? BOOT_SAY(__VA_ARGS__) : (void)0)

/* Prints one line "boot: error: ..." and stops. */
#define BOOT_FAIL(...) (BOOT_SAY("error: ", __VA_ARGS__), platform_stop())

struct number {
    char text[24];
};

/* Decimal and hexadecimal (with 0x) text: number_of(n).text. */
struct number number_of(uint64_t value);
struct number number_hex(uint64_t value);

#endif
