/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk through the C library: numbers in and out, memory, strings, sorting, floating point, variable arguments. */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_length(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    size_t left = strlen(*x), right = strlen(*y);

    return left != right ? (left < right ? -1 : 1) : strcmp(*x, *y);
}

static void words(void)
{
    const char *list[] = {"page", "capability", "core", "a", "thread", "ring", "endpoint", "of"}, **found;
    const char *key = "ring";

    qsort(list, 8, sizeof list[0], by_length);
    for (int i = 0; i < 8; i++)
        printf("%s%s", list[i], i < 7 ? " " : "\n");
    found = bsearch(&key, list, 8, sizeof list[0], by_length);
    printf("found at %d\n", (int)(found - list));
}

static double mean(int count, ...)
{
    va_list arguments;
    double sum = 0;

    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        sum += i % 2 ? va_arg(arguments, double) : (double)va_arg(arguments, long long);
    va_end(arguments);
    return sum / count;
}

static void numbers(void)
{
    static const char *const texts[] = {"0", "-1", "3.14159", "1e308", "-2.5e-310", "nan", "inf", "0x1.8p3", "abc"};
    int a;
    unsigned b;
    char word[16];

    printf("%d %u %ld %lld %" PRIu64 " %x %o %c %5.2f|%-8s|%08d|%+d|%e|%g|%a\n", -7, 42u, -100000L, LLONG_MIN,
           UINT64_MAX, 0xbeefu, 8u, 'q', 2.71828, "left", 1234, 5, 12345.678, 1e-5, 1.0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        printf("%s -> %.17g\n", texts[i], strtod(texts[i], NULL));
    printf("%d\n", sscanf("12 0xff word", "%d %x %15s", &a, &b, word));
    printf("%d %u %s %ld %lu\n", a, b, word, strtol("-0777", NULL, 8), strtoul("zz", NULL, 36));
    printf("%.6f\n", mean(4, 1LL, 2.5, -3LL, 4.25));
}

static void floating(void)
{
    static const double values[] = {0.0, -0.0, 0.5, -1.5, 2.5, 1e10, -1e-10, 123456.789};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        double v = values[i];
        printf("%.15g: %.15g %.15g %.15g %.15g %.15g %d\n", v, floor(v), ceil(v), trunc(v), rint(v), fabs(v),
               signbit(v) != 0);
        printf("  %.10g %.10g %.10g %.10g\n", sin(v), exp(-fabs(v)), atan2(v, 2), pow(fabs(v), 0.25));
    }
    printf("%.9g %.9g %d %d\n", (double)sqrtf(2), (double)fmodf(7.5f, 2), (int)lround(-2.5), isnan(sqrt(-1)) != 0);
    printf("%d %d %u\n", (int)-3.99, (int)3.99, (unsigned)4e9);
}

static void memory(void)
{
    char *blocks[200];
    unsigned sum = 0;

    for (int i = 0; i < 200; i++) {
        size_t size = (size_t)(i * 7919 % 5000 + 1);
        blocks[i] = malloc(size);
        if (blocks[i] == NULL)
            abort();
        memset(blocks[i], i, size);
        if (i % 3 == 2) {
            free(blocks[i - 1]);
            blocks[i - 1] = calloc(1, 100);
        }
    }
    for (int i = 0; i < 200; i++) {
        blocks[i] = realloc(blocks[i], 6000);
        if (blocks[i] == NULL)
            abort();
        sum = sum * 31 + (unsigned char)blocks[i][0];
    }
    for (int i = 0; i < 200; i++)
        free(blocks[i]);
    blocks[0] = malloc(20 << 20);
    if (blocks[0] == NULL)
        abort();
    memset(blocks[0], 1, 20 << 20);
    memmove(blocks[0] + 1, blocks[0], (20 << 20) - 1);
    printf("%u %d\n", sum, blocks[0][(20 << 20) - 1]);
    free(blocks[0]);
}

static void strings(void)
{
    char text[64] = "one,two;;three", *state, copy[32];

    for (char *part = strtok_r(text, ",;", &state); part != NULL; part = strtok_r(NULL, ",;", &state))
        printf("[%s]", part);
    printf("\n%d %d %s %zu\n", strcmp("a", "b") < 0, memcmp("abc", "abd", 3) < 0, strstr("needle in hay", "in"),
           strspn("aabbc", "ab"));
    snprintf(copy, sizeof copy, "%.*s|%*d", 3, "truncated", 6, 42);
    for (char *c = copy; *c != 0; c++)
        *c = (char)toupper((unsigned char)*c);
    printf("%s\n", copy);
}

int main(void)
{
    words();
    numbers();
    floating();
    memory();
    strings();
    return 0;
}
