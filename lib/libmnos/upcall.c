/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/upcall.h>
#include <mnos/calls.h>
#include <mnos/syscall.h>
#include <stddef.h>

_Static_assert(offsetof(struct upcall, handler) == 0xb0, "upcall.S knows where the handler is");
_Static_assert(MNOS_SYS_thread_control == 28 && MNOS_THREADCTL_UPCALL_RETURN == 9, "upcall.S knows these numbers");

void mnos_upcall_enter(void);

int64_t upcall_set(struct upcall *upcall)
{
    return mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL_AREA, (uint64_t)upcall,
                               upcall ? (uint64_t)mnos_upcall_enter : 0);
}
