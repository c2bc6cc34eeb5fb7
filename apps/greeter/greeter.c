/* SPDX-License-Identifier: BSD-2-Clause */
/* Says its words, and ends with their number. */
#include <libmnos/print.h>
#include <libmnos/start.h>

int main(int argc, char **argv)
{
    printf("greeter: pid %lu:", mnos_pid);
    for (int i = 1; i < argc; i++)
        printf(" %s", argv[i]);
    printf("\n");
    return argc - 1;
}
