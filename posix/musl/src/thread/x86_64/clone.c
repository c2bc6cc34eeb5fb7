/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>

#include "pthread_impl.h"

hidden int __mnos_clone(int (*fn)(void *), void *stack, int flags, void *arg, int *ptid, void *tls, int *ctid);

int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
    va_list more;

    va_start(more, arg);
    int *ptid = va_arg(more, int *);
    void *tls = va_arg(more, void *);
    int *ctid = va_arg(more, int *);
    va_end(more);
    return __mnos_clone(fn, stack, flags, arg, ptid, tls, ctid);
}
