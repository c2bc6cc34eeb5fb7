/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program was started with.  crt0 checks the start-up contract (mnos/startup.h), sets up thread-local storage
 * and calls main; what main returns is the process's exit status.
 */
#ifndef LIBMNOS_START_H
#define LIBMNOS_START_H

#include <mnos/startup.h>

int main(int argc, char **argv);

/* Exit status when the start-up contract is broken, and when libmnos finds that it cannot go on. */
#define MNOS_EXIT_BAD_START 0x7301
#define MNOS_EXIT_PANIC     0x7302

#define MNOS_ARGS_MAX 16

extern const struct mnos_capset *mnos_capset;
extern void *mnos_ring;
extern uint64_t mnos_pid;

/* Handle of an initial capability by name, without a system call; MNOS_NONE: it was not given. */
mnos_handle_t mnos_cap(const char *name);
/* The entry itself, or NULL. */
const struct mnos_capset_entry *mnos_cap_entry(const char *name);
/* The pool that pays for what the program allocates: capability "pool", or init's boot capability. */
mnos_handle_t mnos_pool(void);

_Noreturn void mnos_exit(uint64_t status);
/* Prints the sentence through the print sink and ends the process with MNOS_EXIT_PANIC. */
_Noreturn __attribute__((format(printf, 1, 2))) void mnos_panic(const char *format, ...);

#endif
