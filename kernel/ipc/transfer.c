/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rendezvous: bytes are copied once, straight from one address space to the other, then capabilities move.
 *
 * It is done by the thread that came second, `t`; its peer is in no queue meanwhile and belongs to `t`.  A long copy has
 * preemption points: the continuation goes on, and `done` ends the call in either case.
 */

#include "rendezvous.h"

#define CHUNK 32768u

enum { ARG_PEER, ARG_BYTES, ARG_TO_PEER, ARG_DONE };

/* While interrupts are let in, only what is referenced stays. */
static void transfer_hold(struct thread *t)
{
    if (t->ipc.preempted)
        return;
    t->ipc.preempted = true;
    if (t->ipc.pending != NULL)
        object_get(&t->ipc.pending->object);
    if (t->ipc.pending_ep != NULL)
        object_get(&t->ipc.pending_ep->object);
}

/* What was referenced stays until this core leaves the kernel. */
void transfer_release(struct thread *t)
{
    if (t->ipc.pending != NULL)
        object_put(&t->ipc.pending->object);
    if (t->ipc.pending_ep != NULL)
        object_put(&t->ipc.pending_ep->object);
}

/* At most CHUNK bytes from where `bytes` says. */
static inline u64 copy_part(struct thread *t, struct thread *peer, bool to_peer, u64 bytes, u64 part,
                            enum ucopy_stop *stop)
{
    const struct mnos_ipc_ext *x = &t->ipc.ext, *y = &peer->ipc.ext;

    return ucopy_other(&peer->process->aspace, (to_peer ? y->recv_buf : y->send_buf) + bytes,
                       (to_peer ? x->send_buf : x->recv_buf) + bytes, part, to_peer, stop);
}

static void copy_run(struct thread *t);

/* What is left, with a preemption point before each part; paused: it comes from one. */
static void copy_rest(struct thread *t, bool paused)
{
    struct thread *peer = (struct thread *)t->cont_arg[ARG_PEER];
    transfer_done_fn *done = (transfer_done_fn *)t->cont_arg[ARG_DONE];
    bool to_peer = t->cont_arg[ARG_TO_PEER] != 0;
    u64 total = to_peer ? transfer_total(t, peer) : transfer_total(peer, t), bytes = t->cont_arg[ARG_BYTES];
    enum ucopy_stop stop = UCOPY_DONE;

    do {
        if (!paused) {
            /* Who is being killed does not wait for the rest. */
            if (((t->signals | peer->signals) & THREAD_KILLED) != 0)
                break;
            transfer_hold(t);
            if (preempt_point()) {
                t->cont_arg[ARG_BYTES] = bytes;
                t->cont = copy_run;
                this_core()->resched |= RESCHED_NO_RESULT;
                return;
            }
        }
        paused = false;
        bytes += copy_part(t, peer, to_peer, bytes, min_u64(total - bytes, CHUNK), &stop);
    } while (bytes < total && stop == UCOPY_DONE);
    this_core()->copied_bytes += bytes;
    done(t, peer, bytes, stop);
}

static void copy_run(struct thread *t)
{
    copy_rest(t, true);
}

struct transfer transfer_bytes(struct thread *t, struct thread *peer, u64 total, bool to_peer, transfer_done_fn *done)
{
    struct transfer got = {0};
    enum ucopy_stop stop;

    got.bytes = copy_part(t, peer, to_peer, 0, min_u64(total, CHUNK), &stop);
    got.stop = (u32)stop;
    if (likely(got.bytes == total || stop != UCOPY_DONE)) {
        this_core()->copied_bytes += got.bytes;
        return got;
    }
    t->cont_arg[ARG_PEER] = (u64)peer;
    t->cont_arg[ARG_BYTES] = got.bytes;
    t->cont_arg[ARG_TO_PEER] = to_peer;
    t->cont_arg[ARG_DONE] = (u64)done;
    copy_rest(t, false);
    got.later = true;
    return got;
}

static __attribute__((noinline)) u64 handles_slow(struct thread *to, u64 info)
{
    u64 count = MNOS_INFO_CAPS(info), *handles = to->ipc.ext.recv_cap;

    if (ucopy_out(UADDR(to->ipc.ext_addr + offsetof(struct mnos_ipc_ext, recv_cap)), handles,
                  count * sizeof *handles) == 0)
        return info;
    /* Nobody could know them. */
    while (count > 0)
        if (cap_delete(&to->process->table, handles[--count]) < 0)
            continue;
    return (info & ~(0xffull << 48)) | (u64)MNOS_INFO_TRUNCATED << 40;
}

u64 transfer_handles(struct thread *to, u64 info)
{
    const u64 *handles = to->ipc.ext.recv_cap;
    u64 where = to->ipc.ext_addr + offsetof(struct mnos_ipc_ext, recv_cap);

    return ucopy_try((void *)where, handles, UADDR(where), MNOS_INFO_CAPS(info) * sizeof *handles)
               ? info
               : handles_slow(to, info);
}

void transfer_deliver(struct thread *to)
{
    this_core()->resched |= RESCHED_WORK | RESCHED_NO_RESULT;
    to->regs.rdx = transfer_handles(to, to->regs.rdx);
}

static inline bool buffer_ok(u64 address, u64 length)
{
    return length == 0 || (length <= MNOS_BUFFER_MAX && address >= MNOS_USER_MIN && address < MNOS_USER_END &&
                           length <= MNOS_USER_END - address);
}

static inline bool buffers_ok(const struct mnos_ipc_ext *x)
{
    return (x->send_len | x->recv_len) == 0 ||
           (buffer_ok(x->send_buf, x->send_len) && buffer_ok(x->recv_buf, x->recv_len));
}

status_t transfer_read_any(struct thread *t, u64 ext_addr, bool sends)
{
    struct mnos_ipc_ext *x = &t->ipc.ext;
    struct cap_view v;

    t->ipc.ext_addr = 0;
    if (ext_addr == 0)
        return 0;
    REFUSE_IF((ext_addr & 7) != 0, UNALIGNED);
    /* What the kernel writes is not read, nor are the capabilities that nobody sends. */
    TRY(ucopy_in(x, UADDR(ext_addr),
                 sends ? offsetof(struct mnos_ipc_ext, recv_cap) : offsetof(struct mnos_ipc_ext, send_cap)));
    if (!sends)
        x->send_caps = 0;
    REFUSE_IF((x->flags & ~MNOS_EXT_NONBLOCK) != 0 || x->reserved != 0 || x->send_caps > MNOS_IPC_CAPS ||
                  x->recv_caps > MNOS_IPC_CAPS,
              INVALID);
    if (!sends)
        x->send_len = 0;
    REFUSE_IF(!buffers_ok(x), RANGE);
    for (u32 i = 0; i < x->send_caps; i++)
        TRY(cap_lookup(&t->process->table, x->send_cap[i], MNOS_TYPE_NONE, MNOS_RIGHT_GRANT, &v));
    t->ipc.ext_addr = ext_addr;
    return 0;
}

/* Flags, counts of capabilities below 4, any mask of moves. */
#define USUAL_HEAD (MNOS_EXT_NONBLOCK | 3ull << 32 | 3ull << 40 | 0xffull << 48)

/* In line is what is usual; everything else begins anew. */
status_t transfer_read_ext(struct thread *t, u64 ext_addr)
{
    struct mnos_ipc_ext *x = &t->ipc.ext;

    if (unlikely(ext_addr == 0 || (ext_addr & 7) != 0 ||
                 !ucopy_try(x, (const void *)ext_addr, UADDR(ext_addr), offsetof(struct mnos_ipc_ext, recv_cap)) ||
                 (*(const u64 *)(const void *)x & ~USUAL_HEAD) != 0 || !buffers_ok(x)))
        return transfer_read_any(t, ext_addr, true);
    for (u32 i = 0; i < x->send_caps; i++)
        if (unlikely((META_RIGHTS(cap_meta(&t->process->table, x->send_cap[i])) & MNOS_RIGHT_GRANT) == 0))
            return transfer_read_any(t, ext_addr, true);
    t->ipc.ext_addr = ext_addr;
    return 0;
}
