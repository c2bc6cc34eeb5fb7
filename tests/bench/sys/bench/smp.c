/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two cores: a job in two independent sets of processes, one set on each core, one after the other and then both at once.
 * The number is the second time per mille of the first: 1000 is no gain, 500 is twice the throughput.  Time is the host's
 * here, so that the best of five tries counts, and only where two loops without any system call get 1.9 times as far.
 */
#include <libmnos/ipc.h>

#include "bench.h"

#define TRIES       5u
#define JOB_SPIN    1ull
#define JOB_IPC     2ull
#define JOB_FAULT   4ull
#define SPIN_MAX    526u /* 1.9 times */
#define FAULT_BYTES (64 * MNOS_PAGE_SIZE)

static struct {
    struct partner server, client;
    mnos_handle_t go;
} set[2];
static mnos_handle_t done;

static void set_start(unsigned i)
{
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);
    mnos_handle_t page = must(mnos_mem_alloc(mnos_pool(), MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0), "a page");
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), FAULT_BYTES, MNOS_MEM_ANON, 0), "pages");
    struct partner *server = &set[i].server, *client = &set[i].client;

    set[i].go = new_object(MNOS_CREATE_NOTIFICATION);
    *server = (struct partner){.name = "server", .entry = child_words, .affinity = 1ull << i, .shared = page};
    partner_cap(server, endpoint, MNOS_RIGHT_RECV);
    partner_start(server);
    *client = (struct partner){.name = "client", .entry = child_smp, .affinity = 1ull << i, .shared = page};
    partner_cap(client, endpoint, MNOS_RIGHT_SEND);
    partner_cap(client, set[i].go, MNOS_RIGHT_RECV);
    partner_cap(client, done, MNOS_RIGHT_SEND);
    client->cap[2].interface = 1ull << i;
    partner_cap(client, memory, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE);
    client->memory = memory;
    client->memory_bytes = FAULT_BYTES;
    partner_start(client);
}

/* Starts the job in the sets of the mask and waits for all of them. */
static void job_run(uint64_t job, uint64_t mask)
{
    struct mnos_msg msg;

    for (unsigned i = 0; i < 2; i++)
        if (mask >> i & 1)
            must(mnos_ipc_notify(set[i].go, job), "go");
    for (uint64_t left = mask; left != 0; left &= ~msg.bits)
        must(mnos_ipc_recv(done, &msg, NULL, MNOS_NONE), "done");
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The best of each kind: a host that is busy for a moment makes one try longer, and neither of the two shorter. */
struct result {
    uint64_t job, apart, together;
};

static void job_try(struct result *r)
{
    uint64_t start = tsc_now();

    job_run(r->job, 1);
    job_run(r->job, 2);
    uint64_t middle = tsc_now();
    job_run(r->job, 3);
    r->apart = less(r->apart, middle - start);
    r->together = less(r->together, tsc_now() - middle);
}

static uint64_t per_mille(const struct result *r)
{
    return r->together * 1000 / r->apart;
}

void bench_smp(void)
{
    struct mnos_info_kernel kernel;

    must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_KERNEL, 0, &kernel, sizeof kernel), "the kernel's record");
    tap_ok(kernel.cores >= 2, "two cores are online");
    done = new_object(MNOS_CREATE_NOTIFICATION);
    for (unsigned i = 0; i < 2 && kernel.cores >= 2; i++)
        set_start(i);
    if (kernel.cores < 2)
        return;
    struct result result[] = {
        {JOB_SPIN, UINT64_MAX, UINT64_MAX}, {JOB_IPC, UINT64_MAX, UINT64_MAX}, {JOB_FAULT, UINT64_MAX, UINT64_MAX}};
    for (unsigned i = 0; i < TRIES; i++)
        for (unsigned j = 0; j < 3; j++)
            job_try(&result[j]);
    uint64_t spin = per_mille(&result[0]), ipc = per_mille(&result[1]), fault = per_mille(&result[2]);
    tap_ok(true, "all jobs come to their end on both cores");
    tap_diag("per mille: two loops %lu, IPC pairs %lu, faulting processes %lu", spin, ipc, fault);
    if (spin > SPIN_MAX) {
        printf("bench smp2_ipc skip the host gives two loops %lu per mille, it takes %u (measured %lu)\n", spin,
               SPIN_MAX, ipc);
        printf("bench smp2_fault skip the host gives two loops %lu per mille, it takes %u (measured %lu)\n", spin,
               SPIN_MAX, fault);
        return;
    }
    report("smp2_ipc", ipc);
    report("smp2_fault", fault);
}
