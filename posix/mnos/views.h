/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings that are not of the arena: of files, and memory that is shared with the children of a fork.  Each lies in addresses of the
 * arena, over which it is mapped.  All under the lock of memory.c.
 *
 *   [start, end)  view  ->  backing:  Memory, and the file's description, which keeps the file while something of it is mapped
 */
#ifndef PX_VIEWS_H
#define PX_VIEWS_H

#include "memory.h"

#define BACKINGS_MAX (POSIX_HELD_MAX / 2)

struct backing {
    mnos_handle_t memory; /* for `shared` of a file, the file's; for a private one a copy-on-write child of it */
    mnos_handle_t file;   /* MNOS_NONE: of no file */
    uint32_t refs;        /* 0: unused */
    bool shared;
};

struct view {
    uint64_t start, end, offset;
    struct backing *backing;
};

/* Room for another backing and two more views?  Then the calls below cannot fail. */
bool views_room(void);
/* [start, end), where nothing is, shows the backing, whose handles are the view's from here on. */
void view_add(struct view what, struct backing backing);
/* Nothing of [start, end) is a view any more; what has no view left is given up. */
void views_cut(uint64_t start, uint64_t end);
/* Are there any?  Also without the lock. */
bool views_any(void);
/* The first view that ends behind `address`; NULL: none. */
const struct view *view_from(uint64_t address);

/*
 * For a fork: the backings that are in use, as records and capabilities of the plan; piece->memory of a view is view_memory().  False:
 * not enough room or memory.  What was made for it goes with views_fork_end.
 */
struct plan;
bool views_fork(struct plan *plan, struct posix_start_fd *record, uint32_t *count);
uint32_t view_memory(const struct view *view);
void views_fork_end(void);
/* In the child: a record is of a backing; its handle. */
void views_forked(uint32_t number, mnos_handle_t handle);

#endif
