/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fork has to know of the memory. */
#ifndef PX_MEMORY_H
#define PX_MEMORY_H

#include <proc/protocol.h>

#include "px.h"

mnos_handle_t px_memory_arena(void);
/*
 * Adds what is mapped to the pieces, of which there is room for PROC_PIECES_MAX, and what that takes to plan and records, and holds it until
 * px_memory_forked, whatever the result: 0, ENOMEM, or ENOSYS where there is memory that a fork cannot copy.
 */
struct plan;
long px_memory_fork(struct plan *plan, struct posix_start_fd *record, uint32_t *records, struct proc_piece *piece,
                    uint32_t *count);
/* In the parent with MNOS_NONE; in the child with its arena. */
void px_memory_forked(mnos_handle_t child_arena);

#endif
