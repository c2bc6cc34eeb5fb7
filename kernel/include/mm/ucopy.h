/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one place that touches user memory.  Addresses are checked against user space, faults are recovered:
 * anonymous and copy-on-write pages are resolved on the charge of their owner, a page that a pager has to supply is
 * not waited for.
 *
 * Locks: none may be held with a rank at or above RANK_ASPACE.
 */
#pragma once

#include <arch/usercopy.h>
#include <mnos/memory.h>
#include <range.h>

struct aspace;

/* The current thread's memory.  0, or -FAULT (nothing or a part was copied). */
MUST_CHECK status_t ucopy_in(void *to, uaddr_t from, u64 length);
MUST_CHECK status_t ucopy_out(uaddr_t to, const void *from, u64 length);
/* Either of them in line, as far as that goes: false, and nothing or a part was copied, if a page is missing or nothing may be
 * there.  user: the one of the two that is the program's. */
MUST_CHECK static ALWAYS_INLINE bool ucopy_try(void *to, const void *from, uaddr_t user, u64 length)
{
    u64 fault;

    return likely(user_range_ok(user.value, length, MNOS_USER_END) && user_copy(to, from, length, &fault) == 0);
}
MUST_CHECK status_t ucopy_read_u32(uaddr_t from, u32 *value);
/* The same under any lock; false: the page is not there now, or never will be. */
MUST_CHECK bool ucopy_peek_u32(uaddr_t from, u32 *value);
MUST_CHECK status_t ucopy_write_u32(uaddr_t to, u32 value);

/* Which side stopped a copy, and why. */
enum ucopy_stop { UCOPY_DONE, UCOPY_LOCAL_FAULT, UCOPY_REMOTE_FAULT, UCOPY_LOCAL_PAGER, UCOPY_REMOTE_PAGER };

/*
 * Copies between the current thread's memory (near) and another address space, straight, in one copy; out: into the other one.
 * At most `length` bytes, and at most 32 KiB in one call (the caller loops, with preemption points).  Returns the bytes
 * copied; *stop tells why it is fewer than asked (UCOPY_DONE: only the limit, which is lower by the pages that had to be made
 * for it).  The other side's pages are reached through the direct map, page by page, under its aspace lock.  Cost: the
 * copy (8 bytes an instruction) and at most 100 instructions a page.
 */
u64 ucopy_other(struct aspace *other, u64 remote, u64 near, u64 length, bool out, enum ucopy_stop *stop);
