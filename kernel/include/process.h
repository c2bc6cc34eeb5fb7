/* SPDX-License-Identifier: BSD-2-Clause */
/* A process: an address space, a capability table, a port map, a fault endpoint; and the threads that run in it. */
#pragma once

#include <cap.h>
#include <mm/aspace.h>
#include <thread.h>

/* Slots: 16 bytes, in chunks of 64. */
struct cap_slot {
    u64 meta;                     /* generation, link, rights, type (0: free): see cap/slot.h */
    struct cap_node *node;        /* stays when the slot is emptied: see cap/slot.h */
};

#define CAP_CHUNK_SLOTS 64u
#define CAP_SLOTS_MAX   32768u

struct cap_table {                /* writers: under cap_lock */
    struct cap_slot *first;       /* chunk[0] */
    struct cap_slot **chunk;      /* directory, limit / 64 entries (a kernel frame or a small slab) */
    u32 slots;                    /* slots that exist; a multiple of 64; only grows */
    u32 limit;
    u32 free_head;                /* index + 1; 0: none */
    u32 fresh;                    /* from here on slots were never used, and are in no list */
    u32 used;
    u32 sweep;                    /* where the emptying of a dead table goes on */
    struct pool *pool;            /* reference held by the process */
    struct process *process;
};

#define WORD_BUCKETS 8u

struct word_bucket {              /* threads that wait on words with this hash */
    struct spinlock lock;         /* RANK_FUTEX; two of them in address order */
    struct list waiters;
};

struct process {
    struct object object;
    struct spinlock lock;         /* RANK_PROCESS: threads, state */
    struct aspace aspace;
    struct cap_table table;
    struct pool *pool;            /* reference held */
    u64 pid, parent_pid;
    char name[32];
    u8 state;                     /* enum mnos_state: NEW, RUNNING, DEAD */
    bool suspended;
    bool queued;                  /* with the reaper; under the lock */
    bool has_ports;
    u8 reap_phase;
    u32 caps;                     /* capabilities to it, under cap_lock; the last one takes it along */
    struct process *orphan_next;
    struct list threads;
    u32 thread_count;
    u32 turn;                     /* counts suspensions, resumptions and the end; threads that have not followed yet come first in the list */
    u64 status;                   /* once DEAD */
    struct badge *fault_badge;    /* of the endpoint that is told of faults; held; NULL: a fault ends the process */
    struct tree_node all_link;    /* by pid, under process_list_lock */
    struct word_bucket words[WORD_BUCKETS];
    struct {                      /* sys/ring.c; under the lock */
        u64 at;                   /* address of the page; 0: not used yet */
        u32 head, tail;           /* the kernel's counters */
        u32 wanted;               /* tail that somebody waits for, if waited */
        bool waited;
        u32 busy;                 /* operations in hand */
        u32 workers;              /* threads that run no user code: they do not keep the process alive */
        struct list idle;         /* thread.word_link */
    } ring;
    struct list port_maps;        /* under cap_lock: struct port_map, see obj/ioport.c */
    u8 *ports;                    /* 8 KiB bitmap, 0: allowed; NULL: none.  Two kernel frames */
    u32 ports_low, ports_high;    /* bytes of it that may differ from all ones */
    u32 ports_version;
    struct watch watch;
    u64 cpu_ns;                   /* atomic */
    struct { u64 amount, period, used, start; } budget;
};
