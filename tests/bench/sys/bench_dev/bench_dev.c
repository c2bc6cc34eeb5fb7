/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cost of a disk, in instructions of the whole system: client, driver, interrupt, kernel.  docs/performance.md
 * defines the numbers.  The machine counts time in instructions; the time in which the processor idles, because the host reads
 * its disk, is left out.
 */
#include <driver/block.h>

#include "../../../system/common/devices.h"
#include "../../../system/common/machine.h"
#include "../../../system/common/test.h"

#define CHUNK  4096u
#define DEPTH  32u
#define ROUNDS 256u
#define MOST   1000u /* kills, where there is time for so many */
#define MIB    (1u << 20)

static struct session_client disk;
static mnos_handle_t devmgr;
static uint64_t disk_index, seed = 99;
static uint32_t sample[1024];

static uint64_t tsc_now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* Instructions since the start, those of an idle processor left out: while it waits for the host, its clock jumps. */
static uint64_t busy_now(void)
{
    return tsc_now() - core_info(0).idle_ns;
}

static void submit(unsigned slot)
{
    uint64_t sector = random_next(&seed) % (disk.word[BLOCK_SECTORS] / 8) * 8;

    must(client_submit(&disk, BLOCK_READ, sector, (uint64_t)slot * CHUNK, CHUNK, slot), "a request");
}

static uint64_t complete(void)
{
    struct session_result r;

    must(client_wait(&disk, MNOS_FOREVER, &r), "a completion");
    must(-(int64_t)r.status, "a read");
    return r.user;
}

static void sort(uint32_t *value, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        for (unsigned k = i; k > 0 && value[k - 1] > value[k]; k--) {
            uint32_t swap = value[k];
            value[k] = value[k - 1];
            value[k - 1] = swap;
        }
}

static void depth_1(const char *name)
{
    for (unsigned i = 0; i < ROUNDS + 16; i++) {
        uint64_t start = busy_now();
        submit(0);
        client_kick(&disk);
        complete();
        if (i >= 16)
            sample[i - 16] = (uint32_t)(busy_now() - start);
    }
    sort(sample, ROUNDS);
    printf("bench %s %u\n", name, sample[ROUNDS / 2]);
    tap_ok(true, "%u random reads of 4 KiB, one at a time", ROUNDS);
}

static void depth_32(void)
{
    uint64_t start = 0;

    for (unsigned i = 0; i < DEPTH; i++)
        submit(i);
    client_kick(&disk);
    for (unsigned done = 0; done < 4096 + DEPTH; done++) {
        if (done == DEPTH)
            start = busy_now();
        submit((unsigned)complete());
        client_kick(&disk);
    }
    printf("bench blk_4k_d32 %lu\n", (busy_now() - start) / 4096);
    while (disk.out > 0)
        complete();
    tap_ok(true, "4096 random reads of 4 KiB, %u at once", DEPTH);
}

/* All of the disk in requests of a MiB, two at a time; without a copy, nobody looks at the data.  The sum of the first word
 * of each page, for whoever compares it. */
static uint64_t whole_disk(struct session_client *c, uint64_t mibs, uint64_t *sum)
{
    struct session_result r;
    uint64_t next = 0, start = busy_now();

    for (uint64_t done = 0; done < mibs;) {
        while (next < mibs && next < done + 2) {
            must(client_submit(c, BLOCK_READ, next * (MIB / BLOCK_SECTOR), next % 2 * MIB, MIB, next), "a request");
            next++;
        }
        client_kick(c);
        must(client_wait(c, MNOS_FOREVER, &r), "a completion");
        must(-(int64_t)r.status, "a read");
        done++;
        for (uint64_t at = 0; sum && at < MIB; at += CHUNK) {
            uint64_t word;
            memcpy(&word, c->data + r.request.offset + at, sizeof word);
            *sum += word;
        }
    }
    return busy_now() - start;
}

static void sequential(void)
{
    static struct session_client c;
    uint64_t mibs = disk.word[BLOCK_SECTORS] / (MIB / BLOCK_SECTOR), sum = 0, least = UINT64_MAX;

    must(client_open(&c, disk.service, mnos_pool(), 2 * MIB), "a second session");
    (void)whole_disk(&c, mibs, &sum);
    for (unsigned pass = 0; pass < 3; pass++) {
        uint64_t cost = whole_disk(&c, mibs, NULL) / mibs;
        least = cost < least ? cost : least;
    }
    printf("# blk_seq: %lu bytes, sum %lu\n", mibs * MIB, sum);
    printf("bench blk_seq %lu\n", least);
    tap_ok(true, "%lu MiB are read from end to end", mibs);
    client_close(&c);
}

static void restarts(void)
{
    bool full = machine_option("full");
    unsigned kills = full ? MOST : MOST / 10;

    for (unsigned i = 0; i < kills; i++) {
        for (unsigned k = 0; k < 4; k++)
            submit(k);
        client_kick(&disk);
        uint64_t start = busy_now();
        must(devmgr_kill(devmgr, disk_index), "a kill");
        uint64_t before = disk.reopened;
        while (disk.out > 0) {
            complete();
            if (disk.reopened != before) {
                sample[i] = (uint32_t)(busy_now() - start);
                break;
            }
        }
        if (disk.reopened == before) {
            /* All had been done before the end of the driver: the next request meets the next driver. */
            submit(0);
            client_kick(&disk);
            complete();
            sample[i] = (uint32_t)(busy_now() - start);
        }
        while (disk.out > 0)
            complete();
    }
    sort(sample, kills);
    printf("bench %s %u\n", full ? "restart_p99_1000" : "restart_p99", sample[kills * 99 / 100 - 1]);
    tap_ok(disk.reopened >= kills - 1, "%u kills: a request is completed after each", kills);
}

static void tests(void)
{
    struct device_record r;

    devmgr = devices_start();
    int64_t index = devmgr_find(devmgr, "block0", &r);
    if (!tap_ok(index >= 0 && device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r), "there is a disk"))
        return;
    disk_index = (uint64_t)index;
    must(client_open(&disk, must(devmgr_service(devmgr, disk_index), "its service"), mnos_pool(), DEPTH * CHUNK),
         "a session");
    depth_1("blk_4k_d1");
    client_batch(&disk, true);
    depth_1("blk_4k_d1_ring");
    client_batch(&disk, false);
    depth_32();
    sequential();
    restarts();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
