/* SPDX-License-Identifier: BSD-2-Clause */
/* Started with a start block: arguments, environment, and descriptors 1 and 2 as one open file. */
#include "../say.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    printf("%d: %s|%s|%s\n", argc, argv[0], argv[1], argv[2]);
    printf("A=%s B=%s C=%s\n", getenv("A"), getenv("B"), getenv("C") ? "set" : "not set");
    setenv("C", "now", 1);
    printf("C=%s\n", getenv("C"));
    printf("umask %03o\n", umask(0));
    SAY("descriptor 0", fcntl(0, F_GETFD));
    SAY("descriptor 2", fcntl(2, F_GETFD));
    SAY("descriptor 3", fcntl(3, F_GETFD));
    SAY("close 1, 2 stays", close(dup(1)));
    return 0;
}
