/* SPDX-License-Identifier: BSD-2-Clause */
/* Tries to open each path that it is given, in every way; says which could be opened. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int reached = 0;

    for (int i = 1; i < argc; i++) {
        static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR | O_CREAT, O_RDONLY | O_DIRECTORY,
                                    O_RDONLY | O_NOFOLLOW};
        struct stat info;
        int got = 0;
        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++) {
            int fd = open(argv[i], flags[k], 0644);
            got += fd >= 0;
            if (fd >= 0)
                close(fd);
        }
        got += stat(argv[i], &info) == 0;
        got += unlink(argv[i]) == 0;
        got += mkdir(argv[i], 0755) == 0;
        got += rename(argv[i], "stolen") == 0;
        got += link(argv[i], "stolen") == 0;
        if (got)
            printf("reached %s\n", argv[i]);
        reached += got;
    }
    return reached != 0;
}
