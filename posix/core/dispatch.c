/* SPDX-License-Identifier: BSD-2-Clause */
#include <posix/seam.h>

#include "core.h"

typedef long call_fn(long, long, long, long, long, long);

static call_fn *const table[] = {
#define CALL(number, name) [number] = px_##name,
#include "calls.def"
#undef CALL
};

long __mnos_syscall(long n, long a, long b, long c, long d, long e, long f)
{
    if ((unsigned long)n >= sizeof table / sizeof table[0] || !table[n])
        return -PX_ENOSYS;
    return table[n](a, b, c, d, e, f);
}
