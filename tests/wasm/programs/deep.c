/* SPDX-License-Identifier: BSD-2-Clause */
/* How a program may end badly: argv[1] says how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int sink, limit = -1;
static int (*volatile nothing)(int);
static void *volatile block;

static int recursive(int n)
{
    sink = n;
    return n == limit ? 0 : recursive(n + 1) + sink;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";

    printf("before\n");
    fflush(stdout);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "recursion") == 0)
        return recursive(0);
    if (strcmp(how, "pointer") == 0)
        return *(volatile int *)0xfffffff0;
    if (strcmp(how, "function") == 0)
        return nothing(1);
    if (strcmp(how, "divide") == 0)
        return 100 / sink;
    if (strcmp(how, "forever") == 0)
        for (;;)
            sink++;
    if (strcmp(how, "memory") == 0) {
        size_t got = 0;
        while ((block = malloc(1 << 20)) != NULL)
            got++;
        printf("%zu MiB\n", got);
        return got > 0 ? 0 : 1;
    }
    exit(argc > 2 ? atoi(argv[2]) : 0);
}
