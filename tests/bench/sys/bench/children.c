/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the partner processes begin.  No libmnos start-up: entry[0] of the CapSet is the pool, then the caps as given. */
#include "bench.h"

#define SEED_SERVER 3u
#define SMP_PAGES   64u

static mnos_handle_t reply_from(const struct mnos_capset *set)
{
    return (mnos_handle_t)mnos_cap_create(MNOS_CREATE_REPLY, set->entry[0].handle, 0, 0, 0);
}

void child_words(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    serve_words(set->entry[1].handle, reply_from(set), NULL);
}

void child_fpu(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    serve_fpu(set->entry[1].handle, reply_from(set), NULL);
}

static struct mnos_ipc_ext ext;

/* What is received and what is sent with the answer are both of the length that the client's label says. */
void child_buffers(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    buffer_fill(send_buffer, BUFFER_BYTES, SEED_SERVER);
    buffer_fill(recv_buffer, BUFFER_BYTES, 0);
    ext.deadline = MNOS_FOREVER;
    ext.send_buf = (uint64_t)send_buffer;
    ext.send_len = BUFFER_BYTES;
    ext.recv_buf = (uint64_t)recv_buffer;
    ext.recv_len = BUFFER_BYTES;
    serve_buffers(set->entry[1].handle, reply_from(set), &ext);
}

void child_caps(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    ext.deadline = MNOS_FOREVER;
    ext.send_caps = 1;
    ext.recv_caps = 1;
    ext.move_mask = 1;
    serve_caps(set->entry[1].handle, reply_from(set), &ext);
}

void child_notify(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    serve_notify(set->entry[1].handle, MNOS_NONE);
}

void child_irq(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    serve_irq(set->entry[1].handle, set->entry[2].handle);
}

void child_yield(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid, (void)set;
    serve_yield();
}

void child_pager(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid;
    buffer_fill(send_buffer, MNOS_PAGE_SIZE, SEED_SERVER);
    serve_pager(set->entry[1].handle, reply_from(set), set->entry[2].handle, send_buffer);
}

void child_fault(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    (void)ring, (void)pid, (void)set;
    serve_fault(0x700000000000);
}

/* ---- two cores: a process that does a job when told ---- */

static void job_spin(void)
{
    for (volatile uint32_t i = 0; i < 30000000; i++)
        continue;
}

static void job_ipc(mnos_handle_t endpoint)
{
    static struct path path;

    path.target = endpoint;
    for (uint32_t i = 0; i < 40000; i++)
        time_ipc_roundtrip_0w(&path);
}

static void job_fault(mnos_handle_t memory, uint64_t address)
{
    for (uint32_t round = 0; round < 200; round++) {
        for (uint64_t page = 0; page < SMP_PAGES; page++)
            *(volatile unsigned char *)(address + page * MNOS_PAGE_SIZE) = 1;
        mnos_mem_control(memory, MNOS_MEMCTL_DECOMMIT, 0, SMP_PAGES * MNOS_PAGE_SIZE, 0);
    }
}

/* pool, endpoint to call, notification "go", notification "done", Memory mapped at 0x30000000.  Bits of "go": the job. */
void child_smp(void *ring, uint64_t pid, const struct mnos_capset *set)
{
    struct path done = {.target = set->entry[3].handle};

    (void)ring, (void)pid;
    done.label = set->entry[3].interface;
    for (;;) {
        uint64_t bits = notification_wait(set->entry[2].handle);
        if (bits & 1)
            job_spin();
        if (bits & 2)
            job_ipc(set->entry[1].handle);
        if (bits & 4)
            job_fault(set->entry[4].handle, 0x30000000);
        mnos_ipc_notify(done.target, done.label);
    }
}
