/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the library that need nothing from the system: sorting, searching, strings, wide characters, patterns, time zones. */
#include <ctype.h>
#include <fnmatch.h>
#include <locale.h>
#include <regex.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static int by_value(const void *a, const void *b)
{
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static void sorting(void)
{
    int numbers[1000], ordered = 1, wanted = 500;
    unsigned seed = 1;

    for (int i = 0; i < 1000; i++) {
        seed = seed * 1103515245u + 12345u;
        numbers[i] = (int)(seed >> 16) % 1000;
    }
    numbers[17] = wanted;
    qsort(numbers, 1000, sizeof numbers[0], by_value);
    for (int i = 1; i < 1000; i++)
        ordered = ordered && numbers[i - 1] <= numbers[i];
    printf("sorted: %d, found: %d\n", ordered, bsearch(&wanted, numbers, 1000, sizeof numbers[0], by_value) != NULL);
}

static void patterns(void)
{
    regex_t re;
    regmatch_t match[3];
    const char *text = "key = value # comment";

    regcomp(&re, "^([a-z]+) *= *([a-z]+)", REG_EXTENDED);
    printf("regexec: %d", regexec(&re, text, 3, match, 0));
    for (int i = 0; i < 3; i++)
        printf(" [%.*s]", (int)(match[i].rm_eo - match[i].rm_so), text + match[i].rm_so);
    regfree(&re);
    printf("\nfnmatch: %d %d\n", fnmatch("*.[ch]", "main.c", 0), fnmatch("*.[ch]", "main.o", 0));
}

static void text(void)
{
    char line[] = "one,two,,three", *rest = line, *word;
    wchar_t wide[16];
    size_t n;

    while ((word = strsep(&rest, ",")))
        printf("<%s>", word);
    printf("\n%s %s\n", strstr("a needle in hay", "needle"), strpbrk("find: this", ":"));
    setlocale(LC_ALL, "C.UTF-8");
    n = mbstowcs(wide, "gr\xc3\xbc\xc3\x9f", 16);
    printf("%zu characters, upper %lc, width %d\n", n, (wint_t)towupper((wint_t)wide[2]), wcswidth(wide, n));
    char buffer[32];
    printf("%d needed, ", snprintf(buffer, sizeof buffer, "%.*s", 38, "cut to what there is room for, no more"));
    printf("%s\n", buffer);
    int a, b;
    char s[8];
    printf("sscanf: %d", sscanf("12 0x1f word", "%d %i %7s", &a, &b, s));
    printf(" %d %d %s\n", a, b, s);
}

int main(void)
{
    sorting();
    patterns();
    text();
    printf("div %d %d, strtoull %llu\n", div(17, 5).quot, div(17, 5).rem, strtoull("18446744073709551615", NULL, 10));
    return 0;
}
