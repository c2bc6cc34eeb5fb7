/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on memory. */
#include <mm/frame.h>
#include <mm/phys.h>

#include "sys.h"

#define MEMORY_RIGHTS  (MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_EXEC | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)
#define SIZE_MAX_BYTES (1ull << 46)
#define PROTECTION     (MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_EXEC)
#define CACHE          (MNOS_MAP_NOCACHE | MNOS_MAP_WRITECOMBINE)

_Static_assert(MNOS_RIGHT_READ == MNOS_MAP_READ && MNOS_RIGHT_WRITE == MNOS_MAP_WRITE &&
                   MNOS_RIGHT_EXEC == MNOS_MAP_EXEC,
               "rights are protections");

static status_t memory_view(u64 handle, u8 rights, struct cap_view *v, struct memory **m)
{
    TRY(sys_cap(handle, MNOS_TYPE_MEMORY, rights, v));
    *m = container_of(v->object, struct memory, object);
    return 0;
}

/* The same, referenced: for calls that let interrupts in between their steps. */
static status_t memory_hold(u64 handle, u8 rights, struct cap_view *v, struct memory **m)
{
    spin_lock(&cap_lock);
    status_t s = memory_view(handle, rights, v, m);
    if (s == 0)
        object_get(&(*m)->object);
    spin_unlock(&cap_lock);
    return s;
}

/* A process for such a call; one's own is held by its running thread. */
static inline status_t process_hold(u64 handle, struct process **p)
{
    if (likely(handle == MNOS_SELF)) {
        *p = current_thread()->process;
        return 0;
    }
    spin_lock(&cap_lock);
    status_t s = sys_process(handle, p);
    if (s == 0)
        object_get(&(*p)->object);
    spin_unlock(&cap_lock);
    return s;
}

static void process_drop(u64 handle, struct process *p)
{
    if (handle != MNOS_SELF)
        object_put(&p->object);
}

/* [offset, offset+length) inside the window of a capability; page aligned. */
static status_t check_window(const struct cap_view *v, u64 offset, u64 length)
{
    REFUSE_IF(((offset | length) & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF(length == 0 || offset >= v->length || length > v->length - offset, RANGE);
    return 0;
}

static status_t alloc_paged(struct pool *pool, u64 pages, u64 handle, struct memory **m)
{
    struct cap_view v;

    TRY(sys_cap(handle, MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, &v));
    TRY(memory_create(pool, MEMORY_PAGED, pages, true, m));
    (*m)->pager = badge_hold(v.badge);
    return 0;
}

static status_t alloc_cow(struct pool *pool, u64 size, u64 handle, struct memory **m)
{
    struct cap_view v;
    struct memory *source = NULL;

    TRY(memory_hold(handle, MNOS_RIGHT_READ, &v, &source));
    if (size == 0)
        size = v.length;
    status_t s = size > v.length ? ERR(RANGE) : memory_create_cow(pool, source, v.base / PAGE_SIZE, size / PAGE_SIZE, m);
    object_put(&source->object);
    return s;
}

status_t sys_mem_alloc(u64 pool_handle, u64 size, u64 flags, u64 arg)
{
    struct pool *pool;
    struct memory *m = NULL;
    u64 kind = flags & MNOS_MEM_KIND;
    bool lazy = (flags & MNOS_MEM_LAZY) != 0;

    TRY(sys_pool(pool_handle, &pool));
    REFUSE_IF((flags & ~(MNOS_MEM_KIND | MNOS_MEM_LAZY)) != 0 || kind > MNOS_MEM_COW || (lazy && kind != MNOS_MEM_ANON),
              INVALID);
    REFUSE_IF((size & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF((size == 0 && kind != MNOS_MEM_COW) || size > SIZE_MAX_BYTES, RANGE);
    if (kind == MNOS_MEM_ANON)
        TRY(memory_create(pool, MEMORY_ANON, size / PAGE_SIZE, lazy, &m));
    else if (kind == MNOS_MEM_CONTIG)
        TRY(memory_create_contiguous(pool, size / PAGE_SIZE, PADDR(arg != 0 ? arg : UINT64_MAX), &m));
    else if (kind == MNOS_MEM_PAGED)
        TRY(alloc_paged(pool, size / PAGE_SIZE, arg, &m));
    else
        TRY(alloc_cow(pool, size, arg, &m));
    return sys_give(sys_table(), &m->object, MEMORY_RIGHTS, m->pages * PAGE_SIZE);
}

/* Under the lock, a capability that may be mapped through: neither it nor the process is about to go. */
static status_t may_map(const struct process *p, const struct cap_view *v, u8 stopped)
{
    REFUSE_IF((v->node->flags & stopped) != 0, BUSY);
    return p->state == MNOS_STATE_DEAD ? ERR(PEER_GONE) : 0;
}

static status_t map_ports(struct process *p, u64 handle)
{
    struct cap_view v;

    spin_lock(&cap_lock);
    status_t s = sys_cap(handle, MNOS_TYPE_IOPORT, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE, &v);
    if (s == 0)
        s = may_map(p, &v, CAP_BUSY | CAP_REVOKING);
    if (s == 0)
        s = ioport_map(p, v.node, (u32)v.base, (u32)v.length);
    spin_unlock(&cap_lock);
    return s;
}

/* May `length` bytes from `offset` of this Memory be mapped like that? */
static status_t map_check(u64 handle, u64 offset, u64 length, u64 flags, struct cap_view *v, struct memory **m)
{
    TRY(memory_view(handle, (u8)(flags & PROTECTION), v, m));
    REFUSE_IF((offset & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF(offset >= v->length || length > SIZE_MAX_BYTES, RANGE);
    /* Past the end is allowed for the whole of a Memory (it may grow), not for a window of it. */
    bool whole = v->base == 0 && v->length >= (*m)->pages * PAGE_SIZE && (*m)->kind != MEMORY_PHYS;
    REFUSE_IF(!whole && length > v->length - offset, RANGE);
    REFUSE_IF((flags & CACHE) != 0 && (*m)->kind != MEMORY_PHYS, INVALID);
    /* Device memory never covers RAM, so that no program maps what the allocator gives to another. */
    bool device = (*m)->kind == MEMORY_PHYS && *m == mmio_memory();
    return device && frame_range_is_ram(PADDR(v->base + offset), length) ? ERR(RANGE) : 0;
}

static status_t map_into(struct process *p, u64 memory, u64 address, u64 offset, u64 length, u64 flags)
{
    u32 prot = (u32)(flags & PROTECTION);
    struct cap_view v;
    struct memory *m = NULL;

    if ((flags & MNOS_MAP_PORTS) != 0) {
        REFUSE_IF((flags & ~(MNOS_MAP_READ | MNOS_MAP_WRITE)) != MNOS_MAP_PORTS || (address | offset | length) != 0,
                  INVALID);
        return map_ports(p, memory);
    }
    REFUSE_IF((flags & ~(PROTECTION | CACHE | MNOS_MAP_PROTECT | MNOS_MAP_REPLACE)) != 0 || (flags & CACHE) == CACHE ||
                  (~flags & (MNOS_MAP_WRITE | MNOS_MAP_EXEC)) == 0,
              INVALID);
    TRY(sys_check_range(address, length));
    /* The last page of user space holds no code: a SYSCALL at its end would return to a non-canonical address. */
    REFUSE_IF((flags & MNOS_MAP_EXEC) != 0 && address + length == MNOS_USER_END, RANGE);
    if ((flags & MNOS_MAP_PROTECT) != 0) {
        REFUSE_IF(memory != MNOS_NONE || (flags & ~(PROTECTION | MNOS_MAP_PROTECT)) != 0, INVALID);
        return aspace_protect(&p->aspace, address, length, prot);
    }
    REFUSE_IF(prot == 0, INVALID);
    if ((flags & MNOS_MAP_REPLACE) != 0) {
        TRY(map_check(memory, offset, length, flags, &v, &m));
        TRY(aspace_unmap(&p->aspace, address, length));
    }
    /* Under the lock: the mapping must not outlive the capability. */
    spin_lock(&cap_lock);
    status_t s = map_check(memory, offset, length, flags, &v, &m);
    if (s == 0)
        s = may_map(p, &v, CAP_BUSY);
    if (s == 0)
        s = aspace_map(&p->aspace, m, address, length, v.base + offset, (u32)(flags & (PROTECTION | CACHE)),
                       v.rights & (u32)PROTECTION, v.node);
    spin_unlock(&cap_lock);
    return s;
}

status_t sys_mem_map(u64 process, u64 memory, u64 address, u64 offset, u64 length, u64 flags)
{
    struct process *p;

    TRY(process_hold(process, &p));
    status_t s = map_into(p, memory, address, offset, length, flags);
    process_drop(process, p);
    return s;
}

status_t sys_mem_unmap(u64 process, u64 address, u64 length)
{
    struct process *p;

    TRY(sys_check_range(address, length));
    TRY(process_hold(process, &p));
    status_t s = aspace_unmap(&p->aspace, address, length);
    process_drop(process, p);
    return s;
}

static status_t grant_move(struct process *p, struct memory *m, u64 offset, u64 length, u8 rights)
{
    struct memory *moved;

    REFUSE_IF(m->kind != MEMORY_ANON, NOT_SUPPORTED);
    TRY(memory_move(p->pool, m, offset / PAGE_SIZE, length / PAGE_SIZE, &moved));
    return sys_give(&p->table, &moved->object, rights, length);
}

static status_t grant_to(struct process *p, u64 handle, const struct cap_view *v, u64 offset, u64 length, u64 rights,
                         u64 flags)
{
    TRY(check_window(v, offset, length));
    REFUSE_IF(rights == 0 || flags > MNOS_GRANT_MOVE, INVALID);
    TRY(sys_check_rights(rights, v));
    if (flags == MNOS_GRANT_SHARE)
        return cap_derive(handle, &p->table, (u8)rights, 0, MNOS_NONE,
                          &(struct cap_window){ .base = v->base + offset, .length = length });
    REFUSE_IF((v->rights & MNOS_RIGHT_WRITE) == 0, NO_RIGHTS);
    return grant_move(p, container_of(v->object, struct memory, object), v->base + offset, length, (u8)rights);
}

status_t sys_mem_grant(u64 process, u64 memory, u64 offset, u64 length, u64 rights, u64 flags)
{
    struct process *p;
    struct cap_view v;
    struct memory *m = NULL;

    TRY(process_hold(process, &p));
    status_t s = memory_hold(memory, MNOS_RIGHT_GRANT, &v, &m);
    if (s == 0) {
        s = grant_to(p, memory, &v, offset, length, rights, flags);
        object_put(&m->object);
    }
    process_drop(process, p);
    return s;
}

/* ---- mem_control ----------------------------------------------------------------------------------------------- */

/* One page at a time, so that the copy from user space happens without locks. */
static status_t supply(struct memory *m, u64 offset, u64 address, u64 length)
{
    u64 done = 0;
    status_t s = 0;

    while (done < length) {
        paddr_t frame = frame_alloc();
        if (frame.value == 0)
            return done > 0 ? (status_t)done : ERR(NO_MEMORY);
        s = ucopy_in(phys_to_virt(frame), UADDR(address + done), PAGE_SIZE);
        if (s == 0)
            s = memory_supply(m, (offset + done) / PAGE_SIZE, frame);
        if (s < 0) {
            frame_free(frame);
            break;
        }
        done += PAGE_SIZE;
        if (done < length && preempt_point())
            break;
    }
    return done > 0 ? (status_t)done : s;
}

#define CLEAN_MAX 64ull /* pages in one call: it is not preemptible */

static status_t clean(struct memory *m, u64 page, u64 pages, u64 address)
{
    REFUSE_IF(pages > CLEAN_MAX, RANGE);
    u64 bits = memory_clean(m, page, pages);
    return ucopy_out(UADDR(address), &bits, (pages + 7) / 8);
}

static status_t resize(struct memory *m, const struct cap_view *v, u64 handle, u64 size)
{
    struct cap_view now;
    struct memory *same = NULL;

    REFUSE_IF((size & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF(size == 0 || size > SIZE_MAX_BYTES || v->base != 0 || v->length < m->pages * PAGE_SIZE, RANGE);
    TRY(memory_resize(m, size / PAGE_SIZE));
    spin_lock(&cap_lock);
    if (memory_view(handle, 0, &now, &same) == 0 && same == m)
        now.node->length = size;
    spin_unlock(&cap_lock);
    return 0;
}

static status_t control(struct memory *m, const struct cap_view *v, u64 handle, u64 op, u64 a, u64 b, u64 c)
{
    if (op == MNOS_MEMCTL_RESIZE)
        return resize(m, v, handle, a);
    if (op == MNOS_MEMCTL_PHYS)
        return a < v->length ? memory_phys(m, v->base + a) : ERR(RANGE);
    /* The others are about a range. */
    u64 length = op == MNOS_MEMCTL_SUPPLY ? c : b;
    TRY(check_window(v, a, length));
    u64 page = (v->base + a) / PAGE_SIZE, pages = length / PAGE_SIZE;
    switch (op) {
    case MNOS_MEMCTL_SUPPLY:
        return supply(m, v->base + a, b, length);
    case MNOS_MEMCTL_DECOMMIT:
        return memory_decommit(m, page, pages);
    case MNOS_MEMCTL_CLEAN:
        return clean(m, page, pages, c);
    default:
        return memory_refuse(m, page, pages);
    }
}

status_t sys_mem_control(u64 memory, u64 op, u64 a, u64 b, u64 c)
{
    struct cap_view v;
    struct memory *m = NULL;

    REFUSE_IF(op > MNOS_MEMCTL_REFUSE, INVALID);
    TRY(memory_hold(memory, op == MNOS_MEMCTL_PHYS ? MNOS_RIGHT_GRANT : MNOS_RIGHT_WRITE, &v, &m));
    bool owner = m->kind != MEMORY_PAGED || op == MNOS_MEMCTL_CLEAN || (v.rights & MNOS_RIGHT_REVOKE) != 0;
    status_t s = owner ? control(m, &v, memory, op, a, b, c) : ERR(NO_RIGHTS);
    object_put(&m->object);
    return s;
}
