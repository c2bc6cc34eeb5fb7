/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

static unsigned failed;

static void put(const char *text)
{
    for (; *text != 0; text++) {
        while (!(in8(0x3fd) & 0x20))
            ;
        out8(0x3f8, (uint8_t)*text);
    }
}

void say_list(const char *const *texts)
{
    for (; *texts != NULL; texts++)
        put(*texts);
    put("\n");
}

const char *hex(uint64_t value)
{
    static char texts[16][20];
    static unsigned next;
    char *text = texts[next++ % 16];
    unsigned n = 0;
    text[n++] = '0';
    text[n++] = 'x';
    int shift = 60;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        text[n++] = "0123456789abcdef"[value >> shift & 15];
    text[n] = 0;
    return text;
}

void check(bool good, const char *name)
{
    say(good ? "ok " : "not ok ", name);
    failed += !good;
}

void check_value(uint64_t found, uint64_t wanted, const char *name)
{
    if (found != wanted)
        say("# ", name, ": ", hex(found), " and not ", hex(wanted));
    check(found == wanted, name);
}

_Noreturn void leave(void)
{
    say(failed == 0 ? "probe passed" : "probe failed");
    out8(0xf4, failed == 0 ? 0x10 : 0x11);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
