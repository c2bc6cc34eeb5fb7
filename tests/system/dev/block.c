/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk: requests of every kind, wrong ones, and a driver that is killed under load. */
#include <driver/driver.h>

#include "dev.h"

#define DATA       (256u * 1024)
#define CHUNK      4096u
#define KILLS_TOLD 100u

static struct session_client disk;
static uint64_t disk_index;
static uint64_t seed = 0x1234567;

static void fill(unsigned char *at, uint64_t sector, uint64_t version)
{
    for (unsigned i = 0; i < CHUNK; i += 8) {
        uint64_t value = sector * 0x9e3779b97f4a7c15ull + version * 0xbf58476d1ce4e5b9ull + i;
        memcpy(at + i, &value, 8);
    }
}

static bool holds(const unsigned char *at, uint64_t sector, uint64_t version)
{
    static unsigned char expected[CHUNK];

    fill(expected, sector, version);
    return memcmp(at, expected, CHUNK) == 0;
}

static bool disk_open(void)
{
    struct device_record r;
    int64_t index = devmgr_find(devmgr, "block0", &r);

    if (index < 0)
        return false;
    disk_index = (uint64_t)index;
    if (!device_reaches(devmgr, disk_index, DEVICE_STATE_RUNNING, &r))
        return false;
    mnos_handle_t service = must(devmgr_service(devmgr, disk_index), "the disk's service");
    must(client_open(&disk, service, mnos_pool(), DATA), "a session with the disk");
    return true;
}

static void one_by_one(void)
{
    bool good = true;

    tap_diag("disk: %lu sectors, features 0x%lx", disk.word[BLOCK_SECTORS], disk.word[BLOCK_FEATURES]);
    for (uint64_t i = 0; i < 64 && good; i++) {
        fill(disk.data, i * 8, 1);
        good = block_do(&disk, BLOCK_WRITE, i * 8, 0, CHUNK) == 0;
    }
    tap_ok(good, "64 blocks are written");
    if ((disk.word[BLOCK_FEATURES] & BLOCK_HAS_FLUSH) != 0)
        tap_status(block_do(&disk, BLOCK_FLUSH, 0, 0, 0), MNOS_OK, "and flushed");
    for (uint64_t i = 0; i < 64 && good; i++) {
        memset(disk.data + 4 * CHUNK, 0, CHUNK);
        good = block_do(&disk, BLOCK_READ, i * 8, 4 * CHUNK, CHUNK) == 0 && holds(disk.data + 4 * CHUNK, i * 8, 1);
    }
    tap_ok(good, "and read back");
    if ((disk.word[BLOCK_FEATURES] & BLOCK_HAS_DISCARD) != 0)
        tap_status(block_do(&disk, BLOCK_DISCARD, 8, 0, 8 * BLOCK_SECTOR), MNOS_OK, "a block is discarded");
}

static void wrong_ones(void)
{
    struct tally t = {0};

    tally_status(&t, block_do(&disk, BLOCK_READ, disk.word[BLOCK_SECTORS], 0, 512), MNOS_E_RANGE, "behind the end", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, UINT64_MAX, 0, 512), MNOS_E_RANGE, "wraps", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, 0, DATA, 512), MNOS_E_RANGE, "behind the data", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, 0, DATA - 512, 1024), MNOS_E_RANGE, "over the data's end", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, 0, UINT64_MAX - 511, 512), MNOS_E_RANGE, "wraps the data", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, 0, 0, 100), MNOS_E_UNALIGNED, "no sector", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, 0, 0, 0), MNOS_E_UNALIGNED, "nothing", 0);
    tally_status(&t, block_do(&disk, (enum block_op)9, 0, 0, 512), MNOS_E_NOT_SUPPORTED, "no operation", 0);
    tally_status(&t, block_do(&disk, BLOCK_READ, 0, 0, CHUNK), MNOS_OK, "and then a right one", 0);
    tally_done(&t, "wrong requests are refused, and harm no other");
}

/* `rounds` random reads and writes of 4 KiB with up to `depth` out; every read is compared with what was written last. */
struct load {
    uint16_t version[1024];
    bool busy[1024];
    uint64_t done, wrong, failed, kills, in_flight, least; /* least: requests in flight at a kill */
};
static struct load load;

static void load_submit(uint64_t blocks)
{
    unsigned place = (unsigned)(random_next(&seed) % blocks);

    if (load.busy[place])
        return;
    /* Each place has its own part of the data, as many as fit: requests that share one do not overlap. */
    uint64_t offset = (uint64_t)(place % (DATA / CHUNK)) * CHUNK;
    for (unsigned other = place % (DATA / CHUNK); other < blocks; other += DATA / CHUNK)
        if (load.busy[other])
            return;
    bool write = random_next(&seed) % 2 == 0;
    if (write)
        fill(disk.data + offset, place, ++load.version[place]);
    else
        memset(disk.data + offset, 0x55, CHUNK);
    if (client_submit(&disk, write ? BLOCK_WRITE : BLOCK_READ, (uint64_t)place * 8, offset, CHUNK, place) == 0)
        load.busy[place] = true;
}

static void load_run(uint64_t rounds, unsigned depth, uint64_t blocks, uint64_t kill_every)
{
    uint64_t next_kill = kill_every;

    load.done = load.wrong = load.failed = load.kills = load.in_flight = 0;
    load.least = UINT64_MAX;
    while (load.done < rounds) {
        struct session_result r;
        for (unsigned tries = 0; disk.out < depth && tries < 4 * depth; tries++)
            load_submit(blocks);
        client_kick(&disk);
        if (kill_every != 0 && load.done >= next_kill && disk.out > 0) {
            next_kill += kill_every;
            unsigned out = disk.out;
            if (devmgr_kill(devmgr, disk_index) >= 0) {
                if (++load.kills <= KILLS_TOLD || load.kills % 100 == 0)
                    tap_diag("kill %lu: %u requests in flight", load.kills, out);
                load.in_flight += out;
                load.least = out < load.least ? out : load.least;
            }
        }
        int64_t status = client_wait(&disk, clock_ns() + 10 * MNOS_S, &r);
        if (status < 0) {
            tap_diag("waiting failed: %s, %u out", mnos_error_name(status), disk.out);
            load.failed++;
            return;
        }
        load.done++;
        load.busy[r.user] = false;
        if (r.status != MNOS_OK)
            load.failed++;
        else if (r.request.op == BLOCK_READ && !holds(disk.data + r.request.offset, r.user, load.version[r.user]))
            load.wrong++;
    }
}

static void load_prepare(uint64_t blocks)
{
    for (unsigned place = 0; place < blocks; place++) {
        load.version[place] = 1;
        fill(disk.data, place, 1);
        must(block_do(&disk, BLOCK_WRITE, (uint64_t)place * 8, 0, CHUNK), "a block");
    }
}

static void load_end(void)
{
    struct session_result r;

    while (disk.out > 0 && client_wait(&disk, clock_ns() + 10 * MNOS_S, &r) == 0)
        load.busy[r.user] = false;
}

static void stats_show(const char *when)
{
    struct driver_stats s;

    if (device_stats(disk.service, &s) == 0)
        tap_diag("%s: %lu interrupts, %lu doorbells, %lu messages, %lu requests, %lu bytes, %lu errors, start %lu",
                 when, s.interrupts, s.doorbells, s.messages, s.requests, s.bytes, s.errors, s.start);
}

/* What is on the disk, against what was written last: one sum over all of it. */
static bool all_the_same(uint64_t blocks)
{
    uint64_t is = 0xcbf29ce484222325ull, should = is, word;
    static unsigned char expected[CHUNK];

    for (uint64_t place = 0; place < blocks; place++) {
        if (block_do(&disk, BLOCK_READ, place * 8, 0, CHUNK) != 0)
            return false;
        fill(expected, place, load.version[place]);
        for (unsigned at = 0; at < CHUNK; at += 8) {
            memcpy(&word, disk.data + at, 8);
            is = (is ^ word) * 0x100000001b3ull;
            memcpy(&word, expected + at, 8);
            should = (should ^ word) * 0x100000001b3ull;
        }
    }
    tap_diag("hash of all data: 0x%lx, and 0x%lx is right", is, should);
    return is == should;
}

static void under_load(void)
{
    uint64_t blocks = disk.word[BLOCK_SECTORS] / 8 < 256 ? disk.word[BLOCK_SECTORS] / 8 : 256;
    bool full = machine_option("full");
    uint64_t rounds = full ? 100000 : 5000, kills = full ? 1000 : 100;
    struct device_record r;

    load_prepare(blocks);
    load_run(rounds, 32, blocks, 0);
    load_end();
    tap_ok(load.done == rounds && load.wrong == 0 && load.failed == 0,
           "%lu random reads and writes, 32 at once: each read holds what was written last%s", rounds,
           full ? " [M266]" : "");
    stats_show("load");
    load_run(kills * 50, 32, blocks, 50);
    load_end();
    tap_ok(load.wrong == 0 && load.failed == 0 && load.kills >= kills - 1,
           "the driver is killed %lu times under load: all requests end well, all data is right", kills);
    tap_diag("%lu kills, %lu sessions opened again, %lu requests reissued", load.kills, disk.reopened, disk.reissued);
    tap_ok(all_the_same(blocks), "the hash of all data is that of what was acknowledged");
    tap_ok(disk.reissued > 0 && load.least > 0, "requests were with the driver at each kill");
    tap_diag("%lu in flight at all kills together, at least %lu at each", load.in_flight, load.least);
    tap_ok(device_reaches(devmgr, disk_index, DEVICE_STATE_RUNNING, &r) && r.starts > load.kills, "it runs again");
}

/* `rounds` reads at a depth, each with the kernel entered as often as the client does it; entries in all. */
static uint64_t entries_of(unsigned depth, bool batch, bool *right)
{
    enum { ROUNDS = 256 };
    uint64_t submitted = 0, before = disk.entries;
    struct session_result r;

    client_batch(&disk, batch);
    for (uint64_t done = 0; done < ROUNDS; done++) {
        while (disk.out == 0 && submitted < ROUNDS) {
            for (unsigned i = 0; i < depth; i++, submitted++)
                (void)client_submit(&disk, BLOCK_READ, submitted % 64 * 8, i * CHUNK, CHUNK, submitted % 64);
            client_kick(&disk);
        }
        *right &= client_wait(&disk, clock_ns() + 10 * MNOS_S, &r) == 0 && r.status == MNOS_OK &&
                  holds(disk.data + r.request.offset, r.user, 1);
    }
    client_batch(&disk, false);
    return disk.entries - before;
}

static void through_the_ring(void)
{
    bool right = true;

    load_prepare(64);
    for (unsigned depth = 1; depth <= 16; depth *= 16) {
        uint64_t plain = entries_of(depth, false, &right), batch = entries_of(depth, true, &right);
        tap_diag("256 reads, %u at once: %lu kernel entries one by one, %lu in batches", depth, plain, batch);
        /* Many at once share entries already, by as many as the host's time allows. */
        tap_ok(right && (depth > 1 || batch < plain),
               "%u at once: kick and wait go through the ring page, one at a time with fewer entries a request", depth);
    }
    client_batch(&disk, true);
    (void)client_submit(&disk, BLOCK_READ, 0, 0, CHUNK, 0);
    client_kick(&disk);
    must(devmgr_kill(devmgr, disk_index), "the end of the driver");
    struct session_result r;
    tap_ok(client_wait(&disk, clock_ns() + 10 * MNOS_S, &r) == 0 && holds(disk.data, 0, 1),
           "and the driver's death is heard through it");
    client_batch(&disk, false);
}

/* For the script that looks at the image afterwards: every word holds its own place. */
void image_tests(void)
{
    bool good = disk_open();

    for (uint64_t sector = 0; good && sector < disk.word[BLOCK_SECTORS]; sector += 8) {
        for (uint64_t i = 0; i < CHUNK; i += 8) {
            uint64_t value = (sector * BLOCK_SECTOR + i) * 0x9e3779b97f4a7c15ull + 1;
            memcpy(disk.data + i, &value, 8);
        }
        good = block_do(&disk, BLOCK_WRITE, sector, 0, CHUNK) == 0;
    }
    tap_ok(good && block_do(&disk, BLOCK_FLUSH, 0, 0, 0) == 0, "all of the disk is written and flushed");
    printf("# image: %lu sectors\n", disk.word[BLOCK_SECTORS]);
}

void block_tests(void)
{
    if (!tap_ok(disk_open(), "the disk's driver is started and serves"))
        return;
    one_by_one();
    wrong_ones();
    through_the_ring();
    under_load();
    stats_show("end");
    client_close(&disk);
    mnos_cap_delete(disk.service);
}
