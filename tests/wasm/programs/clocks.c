/* SPDX-License-Identifier: BSD-2-Clause */
/* Time goes on, sleeping takes as long as asked, random bytes differ. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct timespec before, after, wait = {0, 30000000};
    unsigned char a[32], b[32];
    long long passed;

    clock_gettime(CLOCK_MONOTONIC, &before);
    nanosleep(&wait, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    passed = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
    printf("slept long enough: %d, not for ever: %d\n", passed >= 30000000, passed < 20000000000LL);
    printf("after 2023: %d\n", time(NULL) > 1700000000);
    printf("resolution: %d\n", clock_getres(CLOCK_REALTIME, &wait) == 0 && wait.tv_sec == 0 && wait.tv_nsec > 0);
    printf("random: %d\n", getentropy(a, sizeof a) == 0 && getentropy(b, sizeof b) == 0 && memcmp(a, b, sizeof a) != 0);
    printf("poll: %d\n", poll(&(struct pollfd){.fd = 1, .events = POLLOUT}, 1, 1000));
    return 0;
}
