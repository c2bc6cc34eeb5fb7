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
    if (!px_ready)
        return table[n](a, b, c, d, e, f);
    for (;;) {
        __atomic_store_n(&px_depth, px_depth + 1, __ATOMIC_RELAXED);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        long result = table[n](a, b, c, d, e, f);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        __atomic_store_n(&px_depth, px_depth - 1, __ATOMIC_RELAXED);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        if ((px_pending & ~px_blocked) == 0 || !px_leave(n, result))
            return result;
    }
}
