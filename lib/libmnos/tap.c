/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/errors.h>
#include <libmnos/print.h>
#include <libmnos/sync.h>
#include <libmnos/tap.h>

static struct mnos_mutex lock;
static unsigned run, failed;

static void result(bool passed, const char *format, va_list args)
{
    char name[PRINT_LINE - 32];

    fmt_vsnprint(name, sizeof name, format, args);
    mutex_lock(&lock);
    run++;
    failed += !passed;
    printf("%s %u - %s\n", passed ? "ok" : "not ok", run, name);
    mutex_unlock(&lock);
}

bool tap_ok(bool condition, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    result(condition, format, args);
    va_end(args);
    return condition;
}

bool tap_eq(int64_t got, int64_t expected, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    result(got == expected, format, args);
    va_end(args);
    if (got != expected)
        tap_diag("got %lld (0x%llx), expected %lld (0x%llx)", (long long)got, (unsigned long long)got,
                 (long long)expected, (unsigned long long)expected);
    return got == expected;
}

bool tap_status(int64_t got, int expected, const char *format, ...)
{
    bool passed = expected == MNOS_OK ? got >= 0 : got == -expected;
    va_list args;

    va_start(args, format);
    result(passed, format, args);
    va_end(args);
    if (!passed)
        tap_diag("got %lld (%s), expected %s", (long long)got, got < 0 ? mnos_error_name(got) : "success",
                 expected == MNOS_OK ? "success" : mnos_error_name(expected));
    return passed;
}

void tap_skip(const char *why, const char *format, ...)
{
    char name[PRINT_LINE - 128];
    va_list args;

    va_start(args, format);
    fmt_vsnprint(name, sizeof name, format, args);
    va_end(args);
    mutex_lock(&lock);
    printf("ok %u - %s # SKIP %s\n", ++run, name, why);
    mutex_unlock(&lock);
}

void tap_diag(const char *format, ...)
{
    char text[PRINT_LINE - 8];
    va_list args;

    va_start(args, format);
    fmt_vsnprint(text, sizeof text, format, args);
    va_end(args);
    printf("# %s\n", text);
}

int tap_done(void)
{
    printf("1..%u\n", run);
    return run > 0 && failed == 0 ? 0 : 1;
}
