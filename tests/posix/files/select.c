/* SPDX-License-Identifier: BSD-2-Clause */
/* select: what is ready, what is not, limits of time, and more descriptors than poll asks of in one page. */
#define _GNU_SOURCE
#include "../say.h"

#include <pthread.h>
#include <sys/select.h>
#include <unistd.h>

#define MANY 100

static int ends[2];

static void *late(void *arg)
{
    usleep(20000);
    write(ends[1], "x", 1);
    return arg;
}

static void sets_say(const char *what, fd_set *in, fd_set *out)
{
    printf("%s: in %d %d, out %d %d\n", what, FD_ISSET(ends[0], in) != 0, FD_ISSET(ends[1], in) != 0,
           FD_ISSET(ends[0], out) != 0, FD_ISSET(ends[1], out) != 0);
}

static void pair(void)
{
    struct timeval soon = {0, 10000}, bad = {0, -1};
    fd_set in, out, odd;
    pthread_t thread;
    char byte;

    pipe(ends);
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&odd);
    FD_SET(ends[0], &in), FD_SET(ends[1], &in), FD_SET(ends[1], &out), FD_SET(ends[0], &odd);
    SAY("one end", select(ends[1] + 1, &in, &out, &odd, NULL));
    sets_say("one end", &in, &out);
    printf("odd %d\n", FD_ISSET(ends[0], &odd) != 0);
    FD_SET(ends[0], &in);
    FD_ZERO(&out);
    SAY("nothing in 10 ms", select(ends[1] + 1, &in, NULL, NULL, &soon));
    sets_say("nothing", &in, &out);
    FD_SET(ends[0], &in);
    SAY("no time", select(ends[1] + 1, &in, NULL, NULL, &bad));
    SAY("no number", select(-1, &in, NULL, NULL, NULL));
    pthread_create(&thread, NULL, late, NULL);
    SAY("waits", select(ends[1] + 1, &in, NULL, NULL, NULL));
    sets_say("waits", &in, &out);
    pthread_join(thread, NULL);
    read(ends[0], &byte, 1);
    SAY("beyond the count", select(ends[0], &in, NULL, NULL, &(struct timeval){0, 0}));
    close(ends[1]);
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    SAY("hung up", select(ends[0] + 1, &in, NULL, NULL, NULL));
    printf("hung up %d\n", FD_ISSET(ends[0], &in) != 0);
    FD_SET(ends[1], &in);
    SAY("closed", select(ends[1] + 1, &in, NULL, NULL, NULL));
    close(ends[0]);
    SAY("no sets", select(0, NULL, NULL, NULL, &(struct timeval){0, 1000}));
}

static void many(void)
{
    int p[MANY][2], max = 0;
    fd_set in;

    FD_ZERO(&in);
    for (int i = 0; i < MANY; i++) {
        pipe(p[i]);
        FD_SET(p[i][0], &in);
        max = p[i][1];
    }
    write(p[MANY - 1][1], "x", 1);
    SAY("the last of many", select(max + 1, &in, NULL, NULL, NULL));
    printf("first %d, last %d\n", FD_ISSET(p[0][0], &in) != 0, FD_ISSET(p[MANY - 1][0], &in) != 0);
}

int main(void)
{
    pair();
    many();
    return 0;
}
