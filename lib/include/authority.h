/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The authority graph: who holds what, derived from whom, as the kernel's derivation tree says (MNOS_INFO_PROCESS and
 * MNOS_INFO_CAP), and its comparison with the manifest's closure.
 *
 * The closure.  A service and the processes below it are a domain.  What a process of a domain may hold:
 *   - what its manifest entry lists: the boot capability, or exactly the part of it; the endpoint of the service that is named; init's
 *     endpoint in its own role; the endpoints on which it serves;
 *   - weaker copies of that;
 *   - what it made itself, by its pool;
 *   - below a service: what its parent holds too, and has given to it;
 *   - Memory, Notifications and Endpoints made by a service that it uses, or that uses it: those come with messages.
 * Everything else is a difference, and so is a badge that processes of two domains have.  A service may let go of what it was
 * given.  init, which executes the manifest, holds all of it and is not compared.
 *
 * Pure: the caller gives the arrays, nothing is allocated.  Any context.
 */
#ifndef MNOS_AUTHORITY_H
#define MNOS_AUTHORITY_H

#include <manifest.h>
#include <mnos/system.h>

struct authority_process {
    uint64_t pid, parent;
    char name[32];
    uint32_t first, count; /* its capabilities */
    uint32_t domain;       /* number of the manifest's service; MANIFEST_NOBODY: of none */
};

struct authority_cap {
    struct mnos_info_cap info;
    uint32_t process; /* its holder */
    uint32_t origin;  /* what it was derived from; MANIFEST_NOBODY: a root */
    uint32_t root;    /* where the chain of origins ends */
    bool listed;      /* it is what the entry lists */
};

struct authority {
    struct authority_process *processes;
    struct authority_cap *caps;
    uint32_t *index;                             /* by node, open addressing */
    uint32_t process_room, cap_room, index_room; /* index_room: a power of two, at least twice cap_room */
    uint32_t process_count, cap_count;
};

/* One line for people. */
typedef void authority_report_fn(void *context, const char *text);

/* In the order of the kernel: processes by pid, then capabilities by pid and slot.  False: no room, or out of order. */
bool authority_add_process(struct authority *a, uint64_t pid, uint64_t parent, const char *name);
bool authority_add_cap(struct authority *a, const struct mnos_info_cap *cap);

/* After the last one.  NULL, or what contradicts itself: a capability of nobody, two of one node, an origin that is not there or of
 * another type, a circle.  *cap: which. */
const char *authority_link(struct authority *a, uint32_t *cap);

/* The number of differences, each of which was reported.  m: checked, and without a breach. */
unsigned authority_compare(struct authority *a, const struct manifest *m, authority_report_fn *report, void *context);

#endif
