/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program is given: arguments, one variable, standard input; and the status that it leaves. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    char line[128];
    const char *value = getenv("GREETING");
    int lines = 0;

    for (int i = 1; i < argc; i++)
        printf("argument %d: %s\n", i, argv[i]);
    printf("GREETING: %s\n", value == NULL ? "(none)" : value);
    printf("HOME: %s\n", getenv("HOME") == NULL ? "(none)" : "granted");
    while (fgets(line, sizeof line, stdin) != NULL)
        printf("line %d: %s", ++lines, line);
    fprintf(stderr, "%d lines\n", lines);
    return 40 + lines;
}
