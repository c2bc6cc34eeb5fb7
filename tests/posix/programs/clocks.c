/* SPDX-License-Identifier: BSD-2-Clause */
/* Time goes on, sleeps last, and the calendar is right. */
#include "../say.h"

#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock)
{
    struct timespec t;

    return clock_gettime(clock, &t) == 0 ? t.tv_sec * 1000000000ll + t.tv_nsec : -1;
}

int main(void)
{
    long long before = now(CLOCK_MONOTONIC), last = before;
    int steps_back = 0;
    struct timespec t = {0, 30000000};
    struct tm tm;
    char text[64];

    for (int i = 0; i < 100000; i++) {
        long long next = now(CLOCK_MONOTONIC);
        steps_back += next < last;
        last = next;
    }
    printf("steps back: %d\n", steps_back);
    before = now(CLOCK_MONOTONIC);
    SAY("nanosleep", nanosleep(&t, NULL));
    printf("long enough: %d\n", now(CLOCK_MONOTONIC) - before >= 30000000);
    before = now(CLOCK_MONOTONIC);
    t.tv_sec = (time_t)((before + 30000000) / 1000000000);
    t.tv_nsec = (long)((before + 30000000) % 1000000000);
    SAY("until", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
    printf("long enough: %d\n", now(CLOCK_MONOTONIC) - before >= 30000000);
    t = (struct timespec){0, 1000000000};
    SAY("bad", nanosleep(&t, NULL));
    SAY("no such clock", clock_gettime(99, &t));
    struct timeval v;
    gettimeofday(&v, NULL);
    long apart = (long)(time(NULL) - v.tv_sec);
    printf("after 2020: %d, time and gettimeofday agree: %d\n", time(NULL) > 1577836800, apart >= 0 && apart <= 1);
    time_t then = 1000000000;
    gmtime_r(&then, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %A week %V", &tm);
    printf("%s, back: %lld\n", text, (long long)timegm(&tm));
    printf("resolution: %d\n", clock_getres(CLOCK_REALTIME, &t) == 0 && t.tv_sec == 0 && t.tv_nsec <= 1000000);
    return 0;
}
