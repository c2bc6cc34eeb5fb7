/* SPDX-License-Identifier: BSD-2-Clause */
/* A program started through the process server, as a shell would: descriptors 0 to 2, a root, arguments, environment. */
#ifndef TEST_PROCESS_H
#define TEST_PROCESS_H

#include <mnos/object.h>
#include <stddef.h>
#include <ustar.h>

struct process_start {
    mnos_handle_t proc; /* the service */
    mnos_handle_t pool, log, root;
    const char *name;
};

/* The pid, or a negated enum proc_status. */
int64_t process_start(const struct process_start *start, const struct ustar_member *image);
/* Its wait status, when it has ended; a negated enum proc_status. */
int64_t process_wait(mnos_handle_t proc, int64_t pid);

#endif
