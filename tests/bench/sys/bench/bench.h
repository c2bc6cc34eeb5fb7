/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's benchmark: one program, which takes init's place in a boot package of its own.  docs/performance.md defines
 * what each number counts.
 *
 * The main thread sets up and prints.  What is measured runs in threads that are started for it (worker_run) and in the
 * first threads of partner processes; both stay away from libmnos and from vector registers, so that they have no FPU
 * state unless they ask for it.
 */
#ifndef BENCH_H
#define BENCH_H

#include <libmnos/print.h>
#include <libmnos/spawn.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>
#include <mnos/memory.h>
#include <mnos/system.h>
#include <mnos/thread.h>
#include <stdbool.h>
#include <stddef.h>

#include "layout.h"

#define PRIO_WORKER  MNOS_PRIO_DEFAULT
#define PRIO_PARTNER (MNOS_PRIO_DEFAULT + 10) /* runs as soon as it can */

#define WARM_UP 16u
#define ROUNDS  64u

/* What a path in paths.S needs; the meaning of the fields is said there. */
struct path {
    uint64_t target, label, ext, reply;
    uint64_t word[8];
    uint64_t out[8];
};
_Static_assert(offsetof(struct path, word) == P_WORD && offsetof(struct path, out) == P_OUT, "layout.h");

typedef uint32_t path_fn(struct path *path);
path_fn time_empty, time_null_syscall, time_ipc_roundtrip_0w, time_ipc_roundtrip_8w, time_ipc_roundtrip_fpu,
    time_ipc_cap, time_ipc_4k, time_ipc_64k, time_notify, time_irq, time_yield_pair, time_futex_handoff,
    time_page_fault, time_cow_fault, time_paged_fault, time_map_unmap, time_fault_handler, time_upcall,
    time_cap_copy_delete, time_revoke_1000, time_thread_lifecycle, time_process_lifecycle;

/* Loops of the partners; they never return. */
void serve_words(mnos_handle_t endpoint, mnos_handle_t reply, struct mnos_ipc_ext *ext);
void serve_fpu(mnos_handle_t endpoint, mnos_handle_t reply, struct mnos_ipc_ext *ext);
void serve_buffers(mnos_handle_t endpoint, mnos_handle_t reply, struct mnos_ipc_ext *ext);
void serve_caps(mnos_handle_t endpoint, mnos_handle_t reply, struct mnos_ipc_ext *ext);
void serve_notify(mnos_handle_t notification, mnos_handle_t unused);
void serve_irq(mnos_handle_t notification, mnos_handle_t irq);
void serve_yield(void);
void serve_futex(const uint32_t *mine, const uint32_t *other);
void serve_pager(mnos_handle_t endpoint, mnos_handle_t reply, mnos_handle_t memory, const void *page);
void serve_fault(uint64_t address);
void serve_exit(void);
void upcall_handler(void);
uint64_t notification_wait(mnos_handle_t notification);
void fpu_set(uint64_t value);
uint64_t fpu_get(void);
extern const char small_code[], small_code_end[];
extern const uint64_t first_tsc;

/* One number in the making. */
struct series {
    const char *name;
    struct path path;
    uint32_t sample[ROUNDS];
    uint32_t taken, skipped; /* warm-up is taken too, and dropped */
    uint32_t wrong;          /* results that were not what they must be */
    uint64_t empty;          /* what no path at all takes */
    bool largest;            /* report not the median, but the largest sample */
};

/* For workers. */
void take(struct series *s, uint32_t value);
bool series_full(const struct series *s);
void expect(struct series *s, bool condition);

/* For the main thread.  A worker runs work(series) to its end. */
typedef void work_fn(struct series *s);
void worker_run(work_fn *work, struct series *s);
/* Runs the work, says whether all its results were right, and prints the median. */
void measure(struct series *s, work_fn *work);
/* The second half of it. */
void conclude(struct series *s);
void report(const char *name, uint64_t value);
/* False: numbers go into comments, because this kernel is not the one that is measured. */
extern bool reporting;

/* A partner: another process from this image, whose first thread begins at `entry` with the capabilities in `cap` in the
 * order given ("pool" comes first, always). */
typedef void entry_fn(void *ring, uint64_t pid, const struct mnos_capset *set);
struct partner {
    const char *name;
    entry_fn *entry;
    struct spawn_cap cap[6];
    unsigned caps;
    uint32_t priority;
    uint64_t affinity;
    mnos_handle_t fault;
    mnos_handle_t shared; /* page at SHARED; 0: the one of this process */
    mnos_handle_t memory; /* mapped at 0x30000000, unless memory_bytes is 0 */
    uint64_t memory_bytes;
    struct spawn_child child;
};
void partner_start(struct partner *partner);
void partner_stop(struct partner *partner);
void partner_cap(struct partner *partner, mnos_handle_t cap, uint32_t rights);

/* Entries of partners. */
entry_fn child_words, child_fpu, child_buffers, child_caps, child_notify, child_irq, child_yield, child_pager,
    child_fault, child_smp;

/* Ends the bench when what everything else builds on fails. */
mnos_handle_t must(int64_t result, const char *what);
mnos_handle_t new_object(enum mnos_create what);
uint64_t median(struct series *s);
struct mnos_info_ledger ledger_now(void);
extern mnos_handle_t shared_page;

static inline uint64_t tsc_now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

#define SHARED_U64(address) (*(volatile uint64_t *)(address))
#define SHARED_U32(address) (*(volatile uint32_t *)(address))

/* Buffers of the messages, in each process its own. */
#define BUFFER_BYTES 65536u
extern unsigned char send_buffer[BUFFER_BYTES], recv_buffer[BUFFER_BYTES];
void buffer_fill(unsigned char *buffer, size_t length, unsigned seed);
bool buffer_holds(const unsigned char *buffer, size_t length, unsigned seed);

/* The groups of numbers. */
void bench_boot(void);
void bench_ipc(void);
void bench_scheduling(void);
void bench_memory(void);
void bench_full(void);
void bench_faults(void);
void bench_capabilities(void);
void bench_lives(void);
void bench_irq(void);
void bench_revoke(void);

/* Longest stretch with interrupts off since the last call, and the longest in a revocation; debug kernels. */
uint64_t irqoff_step(const char *what);
extern uint64_t revoke_irqoff;

/* Other systems than the one of the table. */
void bench_smp(void);
void bench_irqoff(void);
void bench_crowd(void); /* part of it */
void bench_idle(void);

#endif
