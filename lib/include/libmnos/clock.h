/* SPDX-License-Identifier: BSD-2-Clause */
/* Time without a system call, where the program has the time page. */
#ifndef LIBMNOS_CLOCK_H
#define LIBMNOS_CLOCK_H

#include <stdint.h>

#define MNOS_MS UINT64_C(1000000)
#define MNOS_S  UINT64_C(1000000000)

/* ns of the system clock. */
uint64_t clock_ns(void);
/* Seconds since 1970 at system clock 0; 0: unknown. */
int64_t clock_unix_base(void);
void sleep_until(uint64_t deadline);
void sleep_ns(uint64_t ns);

#endif
