/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls of IPC.  The general paths; ipc/fast.c comes before them. */
#include <ipc.h>

#include "sys.h"

status_t sys_ipc_recv(u64 from, u64 unused, u64 ext, u64 reply)
{
    (void)unused; /* the label's register */
    return ipc_receive(current_thread(), from, ext, reply, false);
}

status_t sys_ipc_notify(u64 notification, u64 bits)
{
    struct notification *n;
    struct object *object;

    if (unlikely(cap_find(sys_table(), notification, CAP_WANT(MNOS_TYPE_NOTIFICATION, MNOS_RIGHT_SEND), &object) ==
                 NULL)) {
        TRY(sys_notification(notification, &n));
        object = &n->object;
    }
    notification_signal_last(container_of(object, struct notification, object), bits, false);
    return 0;
}

/* ipc_copy in parts: the caller is ours as long as it stays bound to the Reply. */
static status_t copy_part(struct reply *rp, u64 direction, u64 offset, u64 address, u64 length, enum ucopy_stop *stop)
{
    struct endpoint *ep = rp->ep;

    REFUSE_IF(ep == NULL, NOT_FOUND);
    spin_lock(&ep->lock);
    struct thread *caller = rp->ep == ep ? rp->caller : NULL;
    status_t s = caller != NULL ? 0 : rp->dead_caller ? ERR(PEER_GONE) : ERR(NOT_FOUND);
    struct process *p = caller != NULL ? caller->process : NULL;
    struct mnos_ipc_ext x = {0};
    if (p != NULL) {
        object_get(&p->object);
        if (caller->ipc.ext_addr != 0)
            x = caller->ipc.ext;
    }
    spin_unlock(&ep->lock);
    TRY(s);
    bool to = direction == MNOS_COPY_TO_CALLER;
    u64 buffer = to ? x.recv_buf : x.send_buf, size = to ? x.recv_len : x.send_len;
    if (offset > size || length > size - offset) {
        s = ERR(RANGE);
    } else {
        s = (status_t)ucopy_other(&p->aspace, buffer + offset, address, length, to, stop);
        if (s == 0 && length != 0 && (*stop == UCOPY_LOCAL_FAULT || *stop == UCOPY_REMOTE_FAULT))
            s = ERR(FAULT);
    }
    object_put(&p->object);
    return s;
}

/* A long copy stops at a preemption point with the count so far: the result is a short count anyway. */
status_t sys_ipc_copy(u64 reply, u64 direction, u64 offset, u64 address, u64 length)
{
    struct cap_view v;
    enum ucopy_stop stop = UCOPY_DONE;
    u64 done = 0;
    status_t s;

    TRY(sys_cap(reply, MNOS_TYPE_REPLY, MNOS_RIGHT_WRITE, &v));
    REFUSE_IF(direction > MNOS_COPY_TO_CALLER, INVALID);
    REFUSE_IF(length > MNOS_BUFFER_MAX || offset > MNOS_BUFFER_MAX, RANGE);
    struct reply *rp = container_of(v.object, struct reply, object);
    object_get(v.object);
    do {
        s = copy_part(rp, direction, offset + done, address + done, min_u64(length - done, 32768), &stop);
        if (s > 0)
            done += (u64)s;
    } while (s >= 0 && stop == UCOPY_DONE && done < length && !preempt_point());
    object_put(v.object);
    this_core()->copied_bytes += done;
    return done > 0 || s >= 0 ? (status_t)done : s;
}

status_t sys_debug_write(u64 log, u64 address, u64 length)
{
    struct cap_view v;

    REFUSE_IF(!CONFIG_DEBUG, NOT_SUPPORTED);
    TRY(sys_cap(log, MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, &v));
    REFUSE_IF(!container_of(v.object, struct endpoint, object)->kernel_log, INVALID);
    REFUSE_IF(length > LOG_MESSAGE_MAX, RANGE);
    return ipc_log(address, length);
}
