/* SPDX-License-Identifier: BSD-2-Clause */
/* The dispatch table, generated from the one table of system calls, and the checks that many calls share. */
#include <arch/clock.h>

#include "sys.h"

/* For entry.S alone, which has six arguments in registers whatever a call takes. */
typedef void syscall_fn(void);

extern syscall_fn *const syscall_table[MNOS_SYS_COUNT];
syscall_fn *const syscall_table[MNOS_SYS_COUNT] = {
#define SYSCALL(nr, name, group, argc, text) [nr] = (syscall_fn *)sys_##name,
#include <mnos/syscalls.def>
};

#define SYS_OBJECT(name, type, right, self)                                                                            \
    status_t sys_##name(u64 handle, struct name **out)                                                                 \
    {                                                                                                                  \
        struct cap_view v;                                                                                             \
        *out = handle == MNOS_SELF ? (self) : NULL;                                                                    \
        if (*out != NULL)                                                                                              \
            return 0;                                                                                                  \
        TRY(sys_cap(handle, type, right, &v));                                                                         \
        *out = container_of(v.object, struct name, object);                                                            \
        return 0;                                                                                                      \
    }
SYS_OBJECT(process, MNOS_TYPE_PROCESS, MNOS_RIGHT_WRITE, current_thread()->process)
SYS_OBJECT(thread, MNOS_TYPE_THREAD, MNOS_RIGHT_WRITE, current_thread())
SYS_OBJECT(pool, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE, NULL)
SYS_OBJECT(notification, MNOS_TYPE_NOTIFICATION, MNOS_RIGHT_SEND, NULL)

status_t sys_check_rights(u64 rights, const struct cap_view *v)
{
    REFUSE_IF((rights & ~(u64)MNOS_RIGHTS_ALL) != 0, INVALID);
    return (rights & ~(u64)v->rights) != 0 ? ERR(NO_RIGHTS) : 0;
}

status_t sys_give(struct cap_table *t, struct object *o, u8 rights, u64 length)
{
    struct cap_make make = { .object = o, .type = o->type, .rights = rights, .length = length };
    status_t s = cap_insert(t, &make, MNOS_NONE);

    if (s < 0)
        object_put(o);
    return s;
}

status_t sys_write_record(u64 buffer, u64 room, const void *record, u64 size)
{
    size = min_u64(size, room);
    TRY(ucopy_out(UADDR(buffer), record, size));
    return (status_t)size;
}

#define STEP_POLL_NS 20000u

enum { STEP_ARG, STEP_FUNCTION = 2 };

static void steps_run(struct thread *t)
{
    enum step s;

    do {
        s = ((step_fn *)t->cont_arg[STEP_FUNCTION])(&t->cont_arg[STEP_ARG]);
        if (s == STEP_DONE) {
            t->regs.rax = 0;
            this_core()->resched |= RESCHED_NO_RESULT;
            return;
        }
    } while (s != STEP_WAIT && !preempt_point());
    t->cont = steps_run;
    /* Whom it waits for may be less important, and on this core. */
    if (s == STEP_WAIT) {
        timeout_arm(t, clock_now() + STEP_POLL_NS);
        sched_block(t, MNOS_WAIT_BUDGET);
    }
    this_core()->resched |= RESCHED_NO_RESULT | RESCHED_WORK;
}

status_t sys_in_steps(step_fn *step, void *arg)
{
    struct thread *t = current_thread();

    t->cont_arg[STEP_FUNCTION] = (u64)step;
    t->cont_arg[STEP_ARG] = (u64)arg;
    t->cont_arg[STEP_ARG + 1] = 0;
    steps_run(t);
    return 0;
}
