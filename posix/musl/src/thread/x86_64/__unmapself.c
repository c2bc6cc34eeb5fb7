/* SPDX-License-Identifier: BSD-2-Clause */
#include "pthread_impl.h"

hidden _Noreturn void __mnos_unmapself(void *base, size_t size);

_Noreturn void __unmapself(void *base, size_t size)
{
    __mnos_unmapself(base, size);
}
