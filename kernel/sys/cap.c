/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on capabilities. */
#include <arch/irq.h>
#include <arch/smp.h>

#include "sys.h"

#define POOL_RIGHTS (MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)
#define IPC_RIGHTS  (MNOS_RIGHT_SEND | MNOS_RIGHT_RECV | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)

status_t sys_cap_delete(u64 cap)
{
    return cap_delete(sys_table(), cap);
}

status_t sys_cap_transfer(u64 process, u64 cap, u64 rights, u64 slot)
{
    struct process *p;
    struct cap_view v;

    TRY(sys_process(process, &p));
    TRY(sys_cap(cap, MNOS_TYPE_NONE, MNOS_RIGHT_GRANT, &v));
    TRY(sys_check_rights(rights, &v));
    if (rights == 0)
        return cap_move(sys_table(), cap, &p->table, slot);
    REFUSE_IF(v.type == MNOS_TYPE_REPLY, INVALID);
    return cap_derive(cap, &p->table, (u8)rights, 0, slot, NULL);
}

static status_t mint(u64 handle, u64 rights, u64 badge)
{
    u64 meta = cap_meta(sys_table(), handle);

    REFUSE_IF(meta == 0, BADCAP);
    REFUSE_IF((rights & ~(u64)MNOS_RIGHTS_ALL) != 0 || rights == 0, INVALID);
    REFUSE_IF((rights & ~(u64)META_RIGHTS(meta)) != 0, NO_RIGHTS);
    REFUSE_IF(META_TYPE(meta) == MNOS_TYPE_REPLY, INVALID);
    if (badge != 0) {
        REFUSE_IF(META_TYPE(meta) != MNOS_TYPE_ENDPOINT, BADTYPE);
        REFUSE_IF((META_RIGHTS(meta) & MNOS_RIGHT_RECV) == 0, NO_RIGHTS); /* only the owner says who is who */
        REFUSE_IF((rights & MNOS_RIGHT_RECV) != 0, INVALID);              /* a badge is for those who send */
    }
    return cap_derive(handle, sys_table(), (u8)rights, badge, MNOS_NONE, NULL);
}

/* ---- what is made out of something else ------------------------------------------------------------------------ */

struct creation {
    u64 what, from, a, b, c; /* as in the call */
    struct cap_view v;       /* of `from` */
};

static status_t new_pool(const struct creation *n)
{
    struct pool *p;

    REFUSE_IF((n->a & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF(n->a == 0 || n->a > (1ull << 52), RANGE);
    TRY(pool_create(container_of(n->v.object, struct pool, object), n->a, &p));
    return sys_give(sys_table(), &p->object, POOL_RIGHTS, 0);
}

static status_t new_ipc(const struct creation *n)
{
    struct pool *pool = container_of(n->v.object, struct pool, object);
    struct object *o = n->what == MNOS_CREATE_ENDPOINT       ? endpoint_create(pool)
                       : n->what == MNOS_CREATE_NOTIFICATION ? notification_create(pool)
                                                             : object_new(pool, SLAB_REPLY, MNOS_TYPE_REPLY);
    REFUSE_IF(o == NULL, NO_MEMORY);
    return sys_give(sys_table(), o, o->type == MNOS_TYPE_REPLY ? MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT : IPC_RIGHTS, 0);
}

/* A part of a range that a capability covers: ports, lines, bytes of a Memory. */
static status_t sub_range(const struct creation *n)
{
    const struct cap_view *v = &n->v;
    bool memory = v->type == MNOS_TYPE_MEMORY;

    REFUSE_IF(memory && ((n->a | n->b) & ~PAGE_MASK) != 0, UNALIGNED);
    TRY(sys_check_rights(n->c, v));
    /* A Memory's window counts from its own start, ports and lines have global numbers. */
    u64 low = memory ? 0 : v->base;
    REFUSE_IF(n->b == 0 || n->a < low || n->a - low >= v->length || n->b > v->length - (n->a - low), RANGE);
    struct cap_window window = { .base = v->base + (n->a - low), .length = n->b };
    return cap_derive(n->from, sys_table(), (u8)(n->c != 0 ? n->c : v->rights), 0, MNOS_NONE, &window);
}

static status_t new_vector(const struct creation *n)
{
    REFUSE_IF(n->v.length != IRQ_LINES, RANGE); /* only who holds all lines */
    int irq = irq_vector_alloc();
    REFUSE_IF(irq < 0, NO_SLOTS);
    status_t s = cap_derive(n->from, sys_table(), n->v.rights, 0, MNOS_NONE,
                            &(struct cap_window){ .base = (u64)irq, .length = 1, .flags = CAP_VECTOR });
    if (s < 0)
        irq_vector_free((unsigned)irq);
    return s;
}

static status_t thread_of(u64 handle, u64 tid)
{
    struct process *p;
    struct thread *found = NULL;

    TRY(sys_process(handle, &p));
    spin_lock(&p->lock);
    LIST_FOR_EACH(n, &p->threads) {
        struct thread *t = container_of(n, struct thread, process_link);
        if (t->tid == tid && (t->signals & THREAD_RING) == 0) {
            object_get(&t->object);
            found = t;
            break;
        }
    }
    spin_unlock(&p->lock);
    return found != NULL ? sys_give(sys_table(), &found->object, POOL_RIGHTS, 0) : ERR(NOT_FOUND);
}

static const struct {
    status_t (*make)(const struct creation *n);
    u8 type, rights; /* of `from` */
} creations[MNOS_CREATE_COUNT] = {
    [MNOS_CREATE_POOL] = { new_pool, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE },
    [MNOS_CREATE_ENDPOINT] = { new_ipc, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE },
    [MNOS_CREATE_NOTIFICATION] = { new_ipc, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE },
    [MNOS_CREATE_REPLY] = { new_ipc, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE },
    [MNOS_CREATE_MEMORY_RANGE] = { sub_range, MNOS_TYPE_MEMORY, 0 },
    [MNOS_CREATE_INTERRUPT] = { sub_range, MNOS_TYPE_INTERRUPT, 0 },
    [MNOS_CREATE_MSI] = { new_vector, MNOS_TYPE_INTERRUPT, MNOS_RIGHT_RECV },
    [MNOS_CREATE_IOPORT] = { sub_range, MNOS_TYPE_IOPORT, 0 },
};

static __attribute__((noinline)) status_t create(u64 what, u64 from, u64 a, u64 b, u64 c)
{
    struct creation n = { .what = what, .from = from, .a = a, .b = b, .c = c };

    if (what == MNOS_CREATE_THREAD)
        return thread_of(from, a);
    REFUSE_IF(what >= MNOS_CREATE_COUNT, INVALID);
    TRY(sys_cap(from, creations[what].type, creations[what].rights, &n.v));
    return creations[what].make(&n);
}

status_t sys_cap_create(u64 what, u64 from, u64 a, u64 b, u64 c)
{
    return likely(what == MNOS_CREATE_MINT) ? mint(from, a, b) : create(what, from, a, b, c);
}

/* ---- revocation, with preemption points ------------------------------------------------------------------------ */

enum { REVOKE_ROOT, REVOKE_TICKET };

static enum step revoke_step(u64 arg[2])
{
    struct cap_node *root = (struct cap_node *)arg[REVOKE_ROOT];

    if (root != NULL) {
        enum revoke_result r = cap_revoke_step(root);
        if (r != REVOKE_DONE)
            return r == REVOKE_WAIT ? STEP_WAIT : STEP_MORE;
        cap_revoke_end(root);
        /* Another core may be in the middle of a call that looked one of them up. */
        arg[REVOKE_TICKET] = smp_quiesce_start();
        arg[REVOKE_ROOT] = 0;
    }
    return smp_quiesce_done(arg[REVOKE_TICKET]) ? STEP_DONE : STEP_WAIT;
}

status_t sys_cap_revoke(u64 cap)
{
    struct cap_node *root;

    TRY(cap_revoke_begin(sys_table(), cap, &root));
    return sys_in_steps(revoke_step, root);
}

/* ---- inspection ------------------------------------------------------------------------------------------------ */

/* Of type, object, id and length more than cap_inspect knows already. */
static void inspect_object(const struct cap_view *v, struct mnos_cap_info *info)
{
    const struct pool *pool = container_of(v->object, struct pool, object);
    const struct process *p = container_of(v->object, struct process, object);
    const struct thread *t = container_of(v->object, struct thread, object);

    if (v->type == MNOS_TYPE_POOL) {
        info->size = pool->size;
        info->used = pool->used;
    } else if (v->type == MNOS_TYPE_MEMORY) {
        info->used = container_of(v->object, struct memory, object)->resident * PAGE_SIZE;
    } else if (v->type == MNOS_TYPE_PROCESS) {
        info->id = p->pid;
        info->used = p->thread_count;
        info->state = p->state;
        info->status = process_status(p);
    } else if (v->type == MNOS_TYPE_THREAD) {
        info->id = t->tid;
        info->state = t->state;
    } else if (v->type == MNOS_TYPE_ENDPOINT) {
        info->badge = (v->rights & MNOS_RIGHT_RECV) != 0 ? v->badge->value : 0;
    } else if (v->type == MNOS_TYPE_INTERRUPT || v->type == MNOS_TYPE_IOPORT) {
        info->id = v->base;
    }
    if (v->type != MNOS_TYPE_INTERRUPT || v->length != 1)
        return;
    info->state = interrupt_bound((u32)v->base);
    if (v->base >= IRQ_LINES) {
        info->used = irq_msi_address();
        info->extra = irq_msi_data((unsigned)v->base);
    }
}

status_t sys_cap_inspect(u64 cap, u64 buffer, u64 size)
{
    struct cap_view v;

    TRY(sys_cap(cap, MNOS_TYPE_NONE, 0, &v));
    struct mnos_cap_info info = { .type = v.type, .rights = v.rights, .id = v.object->id, .size = v.length };
    inspect_object(&v, &info);
    return sys_write_record(buffer, size, &info, sizeof info);
}
