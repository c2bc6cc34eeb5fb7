/* SPDX-License-Identifier: BSD-2-Clause */
#include <fmt.h>
#include <stdbool.h>
#include <stdint.h>
#include <str.h>

/* 64 bits in octal are 22 digits. */
#define DIGITS_MAX 24
/* Widths and precisions are cut here, so that sums of them cannot overflow. */
#define FIELD_MAX 0xffff

/* long, long long, size_t, intmax_t and ptrdiff_t are the same 64 bits here. */
_Static_assert(sizeof(long) == 8 && sizeof(long long) == 8 && sizeof(size_t) == 8, "LP64");

struct output {
    fmt_put_fn put;
    void *context;
    size_t length;
};

/* In the order of the characters in flags_parse. */
enum { FLAG_LEFT = 1, FLAG_PLUS = 2, FLAG_SPACE = 4, FLAG_ALTERNATE = 8, FLAG_ZERO = 16 };

/* One directive: %[flags][width][.precision][length]conversion */
struct directive {
    unsigned flags;
    long width, precision; /* precision -1: none */
    unsigned bytes;        /* of a number */
    char conversion;
};

/* va_list is an array type on some machines; in a struct it can be passed on by pointer everywhere. */
struct arguments {
    va_list list;
};

static void output_text(struct output *out, const char *text, size_t length)
{
    if (length > 0)
        out->put(out->context, text, length);
    out->length += length;
}

static void output_fill(struct output *out, const char sixteen[16], size_t count)
{
    for (; count > 16; count -= 16)
        output_text(out, sixteen, 16);
    output_text(out, sixteen, count);
}

static const char *flags_parse(const char *at, struct directive *d)
{
    static const char flags[] = "-+ #0";

    for (;; at++) {
        unsigned i = 0;
        while (flags[i] != '\0' && flags[i] != *at)
            i++;
        if (flags[i] == '\0')
            return at;
        d->flags |= 1u << i;
    }
}

/* A number in decimal digits, or '*': the next argument, which alone may be negative. */
static const char *field_parse(const char *at, long *number, struct arguments *args)
{
    long value = 0;

    if (*at == '*') {
        value = va_arg(args->list, int);
        at++;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        if (value <= FIELD_MAX)
            value = value * 10 + (*at - '0');
    *number = value;
    return at;
}

static const char *length_parse(const char *at, unsigned *bytes)
{
    bool twice = at[0] != '\0' && at[1] == at[0];

    *bytes = sizeof(int);
    switch (*at) {
    case 'h':
        *bytes = twice ? sizeof(char) : sizeof(short);
        return at + 1 + twice;
    case 'l':
        *bytes = sizeof(long);
        return at + 1 + twice;
    case 'z':
    case 'j':
    case 't':
        *bytes = sizeof(long);
        return at + 1;
    default:
        return at;
    }
}

/* `at` is behind the '%'.  Returns what is behind the directive. */
static const char *directive_parse(const char *at, struct directive *d, struct arguments *args)
{
    *d = (struct directive){.precision = -1};
    at = flags_parse(at, d);
    at = field_parse(at, &d->width, args);
    if (*at == '.')
        at = field_parse(at + 1, &d->precision, args);
    if (d->width < 0) {
        d->flags |= FLAG_LEFT;
        d->width = -d->width;
    }
    if (d->width > FIELD_MAX)
        d->width = FIELD_MAX;
    if (d->precision > FIELD_MAX)
        d->precision = FIELD_MAX;
    at = length_parse(at, &d->bytes);
    d->conversion = *at;
    return *at != '\0' ? at + 1 : at;
}

/* [spaces][prefix][zeros][text][spaces] */
static void field_write(struct output *out, const struct directive *d, const char *prefix, size_t zeros,
                        const char *text, size_t length)
{
    size_t used = strlen(prefix) + zeros + length, pad = (size_t)d->width > used ? (size_t)d->width - used : 0;
    bool left = (d->flags & FLAG_LEFT) != 0;

    output_fill(out, "                ", left ? 0 : pad);
    output_text(out, prefix, strlen(prefix));
    output_fill(out, "0000000000000000", zeros);
    output_text(out, text, length);
    output_fill(out, "                ", left ? pad : 0);
}

/* Zero has no digits but those that the precision asks for. */
static void number_write(struct output *out, const struct directive *d, uint64_t value, unsigned base,
                         const char *prefix)
{
    const char *digits = d->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char buffer[DIGITS_MAX], *end = buffer + DIGITS_MAX, *at = end;

    for (; value != 0; value /= base)
        *--at = digits[value % base];
    long count = end - at, least = d->precision < 0 ? 1 : d->precision, room = d->width - (long)strlen(prefix);
    /* In octal, # means that the first digit is a zero. */
    if (base == 8 && (d->flags & FLAG_ALTERNATE) != 0 && least <= count)
        least = count + 1;
    if ((d->flags & (FLAG_ZERO | FLAG_LEFT)) == FLAG_ZERO && d->precision < 0 && room > least)
        least = room;
    field_write(out, d, prefix, least > count ? (size_t)(least - count) : 0, at, (size_t)count);
}

static uint64_t number_take(const struct directive *d, bool is_signed, struct arguments *args)
{
    unsigned unused = 64 - 8 * d->bytes;
    uint64_t value = d->bytes == 8 ? va_arg(args->list, unsigned long) : va_arg(args->list, unsigned);

    value <<= unused;
    return is_signed ? (uint64_t)((int64_t)value >> unused) : value >> unused;
}

static void signed_write(struct output *out, const struct directive *d, int64_t value)
{
    const char *plus = (d->flags & FLAG_PLUS) != 0 ? "+" : (d->flags & FLAG_SPACE) != 0 ? " " : "";

    number_write(out, d, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, value < 0 ? "-" : plus);
}

static void unsigned_write(struct output *out, const struct directive *d, uint64_t value)
{
    unsigned base = d->conversion == 'u' ? 10 : d->conversion == 'o' ? 8 : 16;
    bool marked = base == 16 && value != 0 && (d->flags & FLAG_ALTERNATE) != 0;

    number_write(out, d, value, base, !marked ? "" : d->conversion == 'X' ? "0X" : "0x");
}

static void string_write(struct output *out, const struct directive *d, const char *text)
{
    if (text == NULL)
        text = d->precision >= 0 && d->precision < 6 ? "" : "(null)";
    field_write(out, d, "", 0, text, strnlen(text, (size_t)d->precision));
}

/* Returns false, with nothing written, for a conversion that does not exist. */
static bool directive_write(struct output *out, struct directive *d, struct arguments *args)
{
    char byte;
    const void *pointer;

    switch (d->conversion) {
    case 'd':
    case 'i':
        signed_write(out, d, (int64_t)number_take(d, true, args));
        return true;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        unsigned_write(out, d, number_take(d, false, args));
        return true;
    case 'p':
        pointer = va_arg(args->list, void *);
        d->flags |= FLAG_ALTERNATE;
        if (pointer == NULL)
            field_write(out, d, "", 0, "(nil)", 5);
        else
            unsigned_write(out, d, (uintptr_t)pointer);
        return true;
    case 's':
        string_write(out, d, va_arg(args->list, const char *));
        return true;
    case 'c':
        byte = (char)va_arg(args->list, int);
        field_write(out, d, "", 0, &byte, 1);
        return true;
    case '%':
        output_text(out, "%", 1);
        return true;
    default:
        return false;
    }
}

size_t fmt_vwrite(fmt_put_fn put, void *context, const char *format, va_list list)
{
    struct output out = {.put = put, .context = context};
    struct arguments args;
    struct directive d;

    va_copy(args.list, list);
    while (*format != '\0') {
        const char *start = format;
        while (*format != '\0' && *format != '%')
            format++;
        output_text(&out, start, (size_t)(format - start));
        if (*format == '\0')
            break;
        start = format;
        format = directive_parse(format + 1, &d, &args);
        if (!directive_write(&out, &d, &args))
            output_text(&out, start, (size_t)(format - start));
    }
    va_end(args.list);
    return out.length;
}

size_t fmt_write(fmt_put_fn put, void *context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = fmt_vwrite(put, context, format, args);
    va_end(args);
    return length;
}

struct buffer {
    char *bytes;
    size_t room; /* Without the terminator. */
    size_t used;
};

static void buffer_put(void *context, const char *text, size_t length)
{
    struct buffer *buffer = context;
    size_t room = buffer->room - buffer->used;

    if (room == 0)
        return;
    if (length > room)
        length = room;
    memcpy(buffer->bytes + buffer->used, text, length);
    buffer->used += length;
}

size_t fmt_vsnprint(char *bytes, size_t size, const char *format, va_list args)
{
    struct buffer buffer = {.bytes = bytes, .room = size != 0 ? size - 1 : 0};
    size_t length = fmt_vwrite(buffer_put, &buffer, format, args);

    if (size != 0)
        bytes[buffer.used] = '\0';
    return length;
}

size_t fmt_snprint(char *bytes, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = fmt_vsnprint(bytes, size, format, args);
    va_end(args);
    return length;
}
