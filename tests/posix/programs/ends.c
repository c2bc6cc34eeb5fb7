/* SPDX-License-Identifier: BSD-2-Clause */
/* What is not there says so, and _exit runs no handlers and flushes nothing. */
#include "../say.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void never(void)
{
    write(1, "a handler ran\n", 14);
}

int main(void)
{
    char byte;

    atexit(never);
    SAY("syscall 9999", syscall(9999));
    SAY("syscall -1", syscall(-1));
    SAY("read of descriptor 50", read(50, &byte, 1));
    SAY("write to descriptor -1", write(-1, "x", 1));
    SAY("end of what there is to read", read(0, &byte, 1));
    SAY("dup", dup(1));
    SAY("dup2", dup2(1, 9));
    SAY("dup2 to itself", dup2(9, 9));
    SAY("dup2 of nothing", dup2(77, 9));
    SAY("still open", fcntl(9, F_GETFD));
    SAY("close on exec", fcntl(9, F_SETFD, FD_CLOEXEC));
    SAY("so it is", fcntl(9, F_GETFD));
    SAY("lowest from 5", fcntl(1, F_DUPFD, 5));
    SAY("close", close(3));
    SAY("close again", close(3));
    SAY("lowest first", dup(1));
    SAY("writev", writev(1, (struct iovec[]){{"two ", 4}, {"parts\n", 6}}, 2));
    SAY("isatty(77)", isatty(77));
    SAY("seek", lseek(9, 0, SEEK_END + 20));
    fflush(stdout);
    printf("never seen");
    _exit(9);
}
