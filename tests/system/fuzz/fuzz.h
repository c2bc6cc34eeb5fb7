/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_H
#define FUZZ_H

#include <mnos/model.h>

#include "../common/machine.h"
#include "../common/test.h"

/* What parent and children share. */
struct stats {
    uint64_t seed;
    uint64_t calls;
    uint64_t count[MNOS_MODEL_CALLS][MNOS_ERROR_COUNT]; /* by result: 0 success, else the error */
    uint64_t strange;                                   /* results that are neither */
};
#define STATS_ADDRESS 0x600000000000ull
#define STATS_BYTES   ((sizeof(struct stats) + MNOS_PAGE_SIZE - 1) & ~(MNOS_PAGE_SIZE - 1))

/* ---- the child: child.c ---- */
int fuzz_child(int argc, char **argv);
/* A call whose result is counted. */
int64_t counted_call(unsigned nr, const uint64_t arg[6]);

/* ---- arguments: generate.c ---- */
#define HANDLES     80u
#define SCRATCH     16384u
#define ARENA       0x100000000000ull
#define ARENA_PAGES 64u

struct worker {
    uint64_t seed;
    unsigned char *scratch;   /* SCRATCH bytes */
    mnos_handle_t reply;      /* a Reply that a call may have been received with, and that is answered soon */
    struct mnos_ipc_ext *ext; /* the record of the last call, if it had one in the scratch area */
};
struct entry {
    mnos_handle_t handle;
    uint32_t type;
};
extern struct entry entry[HANDLES]; /* the first KEPT are what the child was given */
#define KEPT 5u

uint64_t below(struct worker *w, uint64_t n);
/* Chooses a call and fills its arguments. */
unsigned generate(struct worker *w, uint64_t arg[6]);

/* One of the situations that chance does not bring about: rare.c. */
void rare_calls(struct worker *w);

/* Code for threads and upcalls: code.S. */
extern const char fuzz_thread[], fuzz_caller[], fuzz_upcall[];

#endif
