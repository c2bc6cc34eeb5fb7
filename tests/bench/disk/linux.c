/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first process of the Linux guest: reads all of /dev/vda in requests of a MiB, and prints what it cost.
 *
 * One tick of the time-stamp counter is one instruction.  While the disk works, a process of the lowest class counts rounds of
 * known cost, which are taken away: what is left are the instructions that Linux and this program needed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB    (1u << 20)
#define ROUND  1000u
#define PASSES 3

static volatile uint64_t *rounds; /* shared with the counting process */
static double round_cost;

static uint64_t tsc_now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory"); /* the instruction counter of this machine */
    return (uint64_t)high << 32 | low;
}

static void modules_load(void)
{
    char name[256], path[300];
    FILE *order = fopen("/modules/order", "r");

    while (order && fscanf(order, "%255s", name) == 1) {
        snprintf(path, sizeof path, "/modules/%s", name);
        int fd = open(path, O_RDONLY);
        if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0)
            printf("linux: module %s: %m\n", name);
        close(fd);
    }
}

static void counter_start(void)
{
    const struct sched_param param = {0};

    rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() != 0)
        return;
    sched_setscheduler(0, SCHED_IDLE, &param);
    for (;;) {
        for (volatile unsigned i = 0; i < ROUND; i++)
            ;
        ++*rounds;
    }
}

/* While this process sleeps, only the other one runs, but for the timer's ticks. */
static void counter_calibrate(void)
{
    usleep(20000);
    uint64_t before = *rounds, start = tsc_now();
    usleep(200000);
    round_cost = (double)(tsc_now() - start) / (double)(*rounds - before);
}

/* Instructions for a MiB; the sum of the first word of each page is told, so that both guests are seen to read the same. */
static double disk_read(int flags, uint64_t *bytes, uint64_t *sum)
{
    int fd = open("/dev/vda", O_RDONLY | flags);
    unsigned char *buffer = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    uint64_t cost = 0, lost = *rounds;
    ssize_t got;

    *bytes = *sum = 0;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    uint64_t start = tsc_now();
    while ((got = read(fd, buffer, MIB)) > 0) {
        uint64_t pause = tsc_now();
        *bytes += (uint64_t)got;
        for (ssize_t at = 0; at < got; at += 4096) {
            uint64_t word;
            memcpy(&word, buffer + at, 8);
            *sum += word;
        }
        cost += pause - start;
        start = tsc_now();
    }
    lost = *rounds - lost;
    munmap(buffer, MIB);
    close(fd);
    return ((double)cost - (double)lost * round_cost) / ((double)*bytes / MIB);
}

int main(void)
{
    static const struct {
        const char *name;
        int flags;
    } ways[] = {{"direct", O_DIRECT}, {"buffered", 0}};
    uint64_t bytes, sum;

    mkdir("/dev", 0755);
    mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
    modules_load();
    for (int i = 0; i < 100 && access("/dev/vda", F_OK) != 0; i++)
        usleep(20000);
    counter_start();
    counter_calibrate();
    for (unsigned way = 0; way < 2; way++)
        for (int pass = 0; pass < PASSES; pass++) {
            double cost = disk_read(ways[way].flags, &bytes, &sum);
            printf("linux blk_seq %s %.0f bytes %llu sum %llu\n", ways[way].name, cost, (unsigned long long)bytes,
                   (unsigned long long)sum);
        }
    printf("linux: done\n");
    fflush(stdout);
    usleep(200000);
    reboot(RB_POWER_OFF);
    return 0;
}
