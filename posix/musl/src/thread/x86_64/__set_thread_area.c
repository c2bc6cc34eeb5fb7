/* SPDX-License-Identifier: BSD-2-Clause */
#include "pthread_impl.h"

hidden int __mnos_set_tp(void *tp);

int __set_thread_area(void *tp)
{
    return __mnos_set_tp(tp);
}
