/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PX_SIGNAL_H
#define PX_SIGNAL_H

#include "px.h"

/* The first thread has thread-local storage: masks and actions as the start block says, and upcalls from now on. */
void px_signals_begin(void);
/* Those that a new program inherits as ignored. */
uint64_t px_signals_ignored(void);
/* In the child of a fork. */
void px_signals_forked(void);

#endif
