/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's own messages need of printf: %s, %.*s, %p (as %#lx), and %d, %u and %x with l, ll or z, with a width,
 * which may begin with 0, and with #.  tools/lint/formats.py finds messages that want more.
 */
#include <debug/log.h>
#include <str.h>

static void number_put(format_put_fn *put, u64 value, u32 base, u32 width, char fill)
{
    char digits[20];
    u32 at = sizeof digits;

    do
        digits[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    for (u32 count = sizeof digits - at; count < width; count++)
        put(&fill, 1);
    put(digits + at, sizeof digits - at);
}

void format_write(format_put_fn *put, const char *format, va_list args)
{
    for (const char *start = format;; start = format) {
        while (*format != '\0' && *format != '%')
            format++;
        put(start, (u64)(format - start));
        if (*format == '\0')
            return;
        start = format++;
        bool prefix = *format == '#';
        format += prefix;
        char fill = *format == '0' ? '0' : ' ';
        u32 width = 0;
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + (u32)(*format - '0');
        u64 most = UINT64_MAX;
        if (format[0] == '.' && format[1] == '*') {
            most = (u64)va_arg(args, int);
            format += 2;
        }
        bool wide = *format == 'l' || *format == 'z' || *format == 'p';
        while (*format == 'l' || *format == 'z')
            format++;
        char conversion = *format++;
        if (conversion == 's') {
            const char *text = va_arg(args, const char *);
            put(text, strnlen(text, most));
            continue;
        }
        if (conversion != 'd' && conversion != 'u' && conversion != 'x' && conversion != 'p') {
            put(start, 1); /* none of these: as it stands */
            format = start + 1;
            continue;
        }
        u64 value = wide ? va_arg(args, u64) : conversion == 'd' ? (u64)va_arg(args, int) : va_arg(args, u32);
        if (conversion == 'd' && (i64)value < 0) {
            put("-", 1);
            value = 0 - value;
        }
        if ((prefix || conversion == 'p') && value != 0)
            put("0x", 2);
        number_put(put, value, conversion == 'x' || conversion == 'p' ? 16 : 10, width, fill);
    }
}
