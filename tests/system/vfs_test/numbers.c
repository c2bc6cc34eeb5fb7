/* SPDX-License-Identifier: BSD-2-Clause */
/* What the calls cost a native client, in instructions under -icount: medians. */
#include "vfs_test.h"

#define ROUNDS 64u

static uint64_t sample[ROUNDS];

static uint64_t tsc_now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory"); /* counts instructions under -icount */
    return (uint64_t)high << 32 | low;
}

static void report(const char *name)
{
    for (unsigned i = 1; i < ROUNDS; i++)
        for (unsigned j = i; j > 0 && sample[j] < sample[j - 1]; j--) {
            uint64_t t = sample[j];
            sample[j] = sample[j - 1];
            sample[j - 1] = t;
        }
    printf("bench %s %lu\n", name, sample[ROUNDS / 2]);
}

static struct file ping[2], pong[2];

static void partner(void *arg)
{
    char byte;

    (void)arg;
    while (f_read_few(ping[0].cap, &byte, 1, 0) == 1)
        f_write_few(pong[1].cap, &byte, 1, 0);
}

void numbers(void)
{
    static char big[65536];
    struct file f;
    struct vfs_attr attr;
    bool right = true;
    char byte;

    f_path(vfs, VFS_MKDIR, "/usr", 0, 0755);
    f_open(vfs, "/usr/file", VFS_O_CREATE | VFS_O_RDWR, 0644, &f);
    f_write(f.cap, big, sizeof big, 0);
    f_read(f.cap, big, sizeof big, 0);
#define MEASURE(name, expression)                                                                                      \
    for (unsigned i = 0; i < ROUNDS; i++) {                                                                            \
        uint64_t before = tsc_now();                                                                                   \
        right &= (expression);                                                                                         \
        sample[i] = tsc_now() - before;                                                                                \
    }                                                                                                                  \
    report(name)
    MEASURE("vfs_stat", f_stat_few(vfs, "/usr/file", &attr) == 0);
    MEASURE("vfs_stat_long", f_stat(vfs, "/usr/file", 0, &attr) == 0);
    MEASURE("vfs_fstat", f_fstat(f.cap, &attr) == 0);
    MEASURE("vfs_seek", f_seek(f.cap, 0, VFS_SEEK_SET) == 0);
    MEASURE("vfs_read_1", f_read_few(f.cap, &byte, 1, 0) == 1);
    MEASURE("vfs_read_64k", f_read(f.cap, big, sizeof big, 0) == sizeof big);
    MEASURE("vfs_write_64k", f_write(f.cap, big, sizeof big, 0) == sizeof big);
    struct file g;
    MEASURE("vfs_open_close", f_open_few(vfs, "/usr/file", VFS_O_RDONLY, &g) == 0 && (f_close(&g), true));
    f_close(&f);
    f_pipe(vfs, 0, ping);
    f_pipe(vfs, 0, pong);
    struct mnos_thread *thread = thread_start(partner, NULL, NULL, NULL);
    MEASURE("vfs_pipe_roundtrip",
            f_write_few(ping[1].cap, "x", 1, 0) == 1 && f_read_few(pong[0].cap, &byte, 1, 0) == 1);
    f_close(&ping[1]);
    thread_join(thread);
    f_close(&ping[0]);
    f_close(&pong[0]);
    f_close(&pong[1]);
    tap_ok(right, "everything that was measured succeeded");
}
