/* SPDX-License-Identifier: BSD-2-Clause */
/* A program started through the process server, as a shell would: descriptors 0 to 2, a root, arguments, environment. */
#ifndef TEST_PROCESS_H
#define TEST_PROCESS_H

#include <mnos/object.h>
#include <posix/start.h>
#include <proc/protocol.h>
#include <stdbool.h>
#include <stddef.h>
#include <ustar.h>

struct process_start {
    mnos_handle_t proc; /* the service */
    mnos_handle_t pool, log, root;
    const char *name;
    const char *const *argv; /* with a NULL behind the last; NULL: the name, and two words */
};

#define PROCESS_STRINGS_MAX 256u /* of arguments and environment */

/* In front of the file, which begins at the next page. */
struct process_request {
    struct proc_spawn head;
    struct posix_start_fd fd[3];
    char strings[PROCESS_STRINGS_MAX];
};
void process_fill(struct process_request *r, const struct process_start *start, const struct ustar_member *image);
/* Word 0 of the answer, or a negated enum proc_status. */
int64_t process_send(const struct process_start *start, uint64_t label, const struct process_request *r,
                     const struct ustar_member *image);

/* The pid, or a negated enum proc_status. */
int64_t process_start(const struct process_start *start, const struct ustar_member *image);
/* Its wait status, when it has ended; a negated enum proc_status. */
int64_t process_wait(mnos_handle_t proc, int64_t pid);

/* Lets `take` have what a program writes to `log`, until this thread's notification says that it is dead.  False: the time is up. */
bool process_output(mnos_handle_t log, uint64_t deadline, void (*take)(const char *text, size_t length));

#endif
