/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments, printf in its breadth, the exit status, exit handlers in their order, and what stdio still held. */
#include "../say.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

static void first(void)
{
    printf("registered first, runs last\n");
}

static void second(void)
{
    printf("registered second\n");
}

int main(int argc, char **argv)
{
    atexit(first);
    atexit(second);
    for (int i = 0; i < argc; i++)
        printf("argv[%d] = %s\n", i, argv[i]);
    printf("argv[argc] is NULL: %d, environment is there: %d\n", argv[argc] == NULL, environ != NULL);
    printf("%5d|%-5d|%05d|%+d|%x|%#o|%lld|%zu\n", 42, 42, 42, 42, 0xbeef, 8, 1ll << 40, sizeof(long));
    printf("%f|%.3e|%g|%a|%La\n", 3.14159, 1e10, 1e-5, 0.1, 1.5L);
    printf("%s|%.3s|%10s|%-10s|%c\n", "text", "text", "right", "left", 'x');
    printf("sqrt(2) = %.15f, pow(2, 0.5) = %.15f, sin(1) = %.15f\n", sqrt(2), pow(2, 0.5), sin(1));
    printf("strtol %ld, strtod %.10g, atoi %d\n", strtol("0x1f", NULL, 0), strtod("6.02e23", NULL), atoi("-7"));
    SAY("close(99)", close(99));
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    fprintf(memory, "a stream %s", "in memory");
    fclose(memory);
    printf("%zu: %s\n", size, text);
    free(text);
    fflush(stdout);
    fprintf(stderr, "standard error\n");
    printf("this is still in the buffer at exit");
    exit(43);
}
