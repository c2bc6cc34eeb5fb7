/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls: what the files of this room share.
 *
 * Each sys_NAME decodes and checks everything first and changes something only then.  Arguments come from registers
 * that user space chose: none is trusted.  The result is what user space gets in RAX.
 */
#pragma once

#include <cap_lookup.h>
#include <mm/ucopy.h>
#include <obj.h>
#include <syscalls.h>

/* The caller's capabilities. */
static inline struct cap_table *sys_table(void)
{
    return &current_thread()->process->table;
}

/* cap_lookup there. */
MUST_CHECK static inline status_t sys_cap(u64 handle, u8 type, u8 rights, struct cap_view *v)
{
    return cap_lookup(sys_table(), handle, type, rights, v);
}

/* The object that a handle names, with the right to use it (notifications: SEND, others: WRITE); where the call allows it,
 * MNOS_SELF: the caller's own. */
MUST_CHECK status_t sys_process(u64 handle, struct process **out);
MUST_CHECK status_t sys_thread(u64 handle, struct thread **out);
MUST_CHECK status_t sys_pool(u64 handle, struct pool **out);
MUST_CHECK status_t sys_notification(u64 handle, struct notification **out);
/* Are these rights, and has the capability all of them? */
MUST_CHECK status_t sys_check_rights(u64 rights, const struct cap_view *v);
/* A new object's first capability; on failure the object's reference is dropped. */
MUST_CHECK status_t sys_give(struct cap_table *t, struct object *o, u8 rights, u64 length);
/* [address, address+length): page aligned, in user space, not empty. */
MUST_CHECK static inline status_t sys_check_range(u64 address, u64 length)
{
    REFUSE_IF(((address | length) & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF(length == 0 || address < MNOS_USER_MIN || address >= MNOS_USER_END || length > MNOS_USER_END - address,
              RANGE);
    return 0;
}
/* A record for the user's buffer of `room` bytes, cut to it; returns the bytes written. */
MUST_CHECK status_t sys_write_record(u64 buffer, u64 room, const void *record, u64 size);

/* A call that takes long: `step` is called, now and in a continuation, until it is DONE, and interrupts are let in between; after
 * WAIT others run first, the less important ones, too.  The call's result is then 0. */
enum step { STEP_DONE, STEP_MORE, STEP_WAIT };
typedef enum step step_fn(u64 arg[2]);
status_t sys_in_steps(step_fn *step, void *arg);
