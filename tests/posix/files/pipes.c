/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes and poll, within one process: ends, order, non-blocking, a reader and a writer thread. */
#define _GNU_SOURCE
#include "../say.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#define TOTAL 1000000

static int ends[2];

static void *writer(void *arg)
{
    static unsigned char block[7000];
    size_t sent = 0;

    (void)arg;
    while (sent < TOTAL) {
        size_t size = TOTAL - sent < sizeof block ? TOTAL - sent : sizeof block;
        for (size_t i = 0; i < size; i++)
            block[i] = (unsigned char)((sent + i) * 13);
        ssize_t put = write(ends[1], block, size);
        if (put <= 0)
            break;
        sent += (size_t)put;
    }
    close(ends[1]);
    return (void *)(intptr_t)sent;
}

static void stream(void)
{
    static unsigned char block[4096];
    pthread_t thread;
    size_t got = 0, bad = 0;
    ssize_t n;
    void *sent;

    pipe(ends);
    pthread_create(&thread, NULL, writer, NULL);
    while ((n = read(ends[0], block, sizeof block)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            bad += block[i] != (unsigned char)((got + (size_t)i) * 13);
        got += (size_t)n;
    }
    pthread_join(thread, &sent);
    printf("sent %ld, got %zu, bad %zu\n", (long)(intptr_t)sent, got, bad);
    close(ends[0]);
}

static void *late(void *arg)
{
    usleep(20000);
    write(ends[1], "late", 4);
    return arg;
}

static void polling(void)
{
    char few[8] = {0};
    struct pollfd p[3];
    pthread_t thread;

    pipe(ends);
    p[0] = (struct pollfd){ends[0], POLLIN, 0};
    p[1] = (struct pollfd){ends[1], POLLOUT, 0};
    p[2] = (struct pollfd){99, POLLIN, 0};
    SAY("poll", poll(p, 3, 0));
    printf("%d %d %d\n", p[0].revents, p[1].revents, p[2].revents);
    SAY("nothing in 10 ms", poll(p, 1, 10));
    pthread_create(&thread, NULL, late, NULL);
    SAY("waits", poll(p, 1, -1));
    printf("%d\n", p[0].revents);
    pthread_join(thread, NULL);
    SAY("read", read(ends[0], few, 8));
    printf("%s\n", few);
    close(ends[1]);
    SAY("hung up", poll(p, 1, -1));
    printf("%d\n", p[0].revents & (POLLHUP | POLLIN));
    close(ends[0]);
}

int main(void)
{
    char few[8] = {0};

    signal(SIGPIPE, SIG_IGN);
    SAY("pipe", pipe(ends));
    SAY("write", write(ends[1], "abc", 3));
    SAY("read", read(ends[0], few, 2));
    SAY("the rest", read(ends[0], few + 2, 5));
    printf("%s\n", few);
    SAY("wrong end", write(ends[0], "x", 1));
    SAY("seek", lseek(ends[0], 0, SEEK_SET));
    SAY("close", close(ends[1]));
    SAY("end", read(ends[0], few, 1));
    close(ends[0]);
    SAY("pipe2", pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    SAY("empty", read(ends[0], few, 1));
    SAY("close on exec", fcntl(ends[0], F_GETFD));
    size_t room = 0;
    static char block[4096];
    ssize_t n;
    while ((n = write(ends[1], block, sizeof block)) > 0)
        room += (size_t)n;
    printf("at least a page: %d, then %s\n", room >= 4096, strerror(errno));
    close(ends[0]);
    SAY("nobody reads", write(ends[1], "x", 1));
    close(ends[1]);
    stream();
    polling();
    return 0;
}
