/* SPDX-License-Identifier: BSD-2-Clause */
/* A start block (posix/start.h) as a process server writes it, whole or with one rule broken. */
#ifndef TEST_BLOCK_H
#define TEST_BLOCK_H

#include <mnos/object.h>
#include <stdbool.h>

/* The log's handle in a child that is given "pool" and "log" first. */
#define BLOCK_LOG_HANDLE 1u

/* Rules that can be broken, 0 to BLOCK_RULES - 1; BLOCK_WHOLE: none. */
#define BLOCK_RULES 13u
#define BLOCK_WHOLE BLOCK_RULES

/* A Memory with the block for that program; *what (may be NULL) says what is wrong with it. */
mnos_handle_t block_make(const char *program, unsigned broken, const char **what);

#endif
