/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: mmap and its kin.
 *
 *   ARENA                                                    ARENA + ARENA_BYTES
 *     | [mapped] ..free.. [mapped, PROT_NONE] ..free..          |        one Memory, pages made at first touch
 *
 * An anonymous mapping is a piece of the arena: address - ARENA is its offset in the Memory for ever.  So mmap is one system
 * call, protection can come back after PROT_NONE, and a fork has one Memory to make a copy-on-write child of.
 */
#include <libmnos/va.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/startup.h>

#include "px.h"

#define ARENA       0x100000000000ull
#define ARENA_BYTES (64ull << 30)
#define FIRST_NODES 64u
#define LOW_NODES   8u
#define PAGE        MNOS_PAGE_SIZE

enum prot { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum map {
    MAP_SHARED = 1,
    MAP_PRIVATE = 2,
    MAP_TYPE = 15,
    MAP_FIXED = 0x10,
    MAP_ANONYMOUS = 0x20,
    MAP_FIXED_NOREPLACE = 0x100000
};
enum advice { MADV_DONTNEED = 4, MADV_LAST = 25 };
enum mremap { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2 };

static struct mnos_mutex lock; /* free */
static struct va_space free_space;
static mnos_handle_t arena;

static uint64_t page_up(uint64_t bytes)
{
    return (bytes + PAGE - 1) & ~(PAGE - 1);
}

static bool in_arena(uint64_t address, uint64_t bytes)
{
    return address >= ARENA && bytes <= ARENA_BYTES && address - ARENA <= ARENA_BYTES - bytes;
}

bool px_memory_begin(void)
{
    static struct va_node first[FIRST_NODES];
    int64_t memory = mnos_mem_alloc(px.pool, ARENA_BYTES, MNOS_MEM_ANON | MNOS_MEM_LAZY, 0);

    va_init(&free_space);
    va_add_nodes(&free_space, first, FIRST_NODES);
    va_give(&free_space, ARENA, ARENA_BYTES);
    arena = (mnos_handle_t)memory;
    return true; /* a program without a pool runs, and gets no memory */
}

static int64_t piece_map(uint64_t address, uint64_t bytes, uint64_t flags)
{
    return mnos_mem_map(MNOS_SELF, arena, address, address - ARENA, bytes, flags);
}

/* Before each change under the lock: so many nodes that it cannot fail for want of one. */
static void nodes_fill(void)
{
    if (free_space.spare_count >= LOW_NODES)
        return;
    uint64_t at = va_take(&free_space, PAGE, PAGE);
    if (at == 0)
        return;
    if (piece_map(at, PAGE, MNOS_MAP_READ | MNOS_MAP_WRITE) < 0)
        va_give(&free_space, at, PAGE);
    else
        va_add_nodes(&free_space, (struct va_node *)at, PAGE / sizeof(struct va_node));
}

/* MNOS_MAP_* for PROT_*: what can be written or executed can be read. */
static uint64_t map_flags(long prot)
{
    return ((prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) != 0 ? MNOS_MAP_READ : 0) |
           ((prot & PROT_WRITE) != 0 ? MNOS_MAP_WRITE : 0) | ((prot & PROT_EXEC) != 0 ? MNOS_MAP_EXEC : 0);
}

static bool prot_sound(long prot)
{
    return (prot & ~(long)(PROT_READ | PROT_WRITE | PROT_EXEC)) == 0;
}

static bool write_and_execute(long prot)
{
    return (prot & (PROT_WRITE | PROT_EXEC)) == (PROT_WRITE | PROT_EXEC);
}

static uint64_t range_take(uint64_t bytes)
{
    mutex_lock(&lock);
    nodes_fill();
    uint64_t at = va_take(&free_space, bytes, PAGE);
    mutex_unlock(&lock);
    return at;
}

static void range_give(uint64_t address, uint64_t bytes)
{
    mutex_lock(&lock);
    nodes_fill();
    va_give(&free_space, address, bytes);
    mutex_unlock(&lock);
}

static long map_anywhere(uint64_t bytes, long prot)
{
    uint64_t at = range_take(bytes);

    if (at == 0)
        return -PX_ENOMEM;
    int64_t status = prot == 0 ? 0 : piece_map(at, bytes, map_flags(prot));
    if (status < 0) {
        range_give(at, bytes);
        return -PX_ENOMEM;
    }
    return (long)at;
}

long px_map_anonymous(size_t bytes)
{
    return map_anywhere(page_up(bytes), PROT_READ | PROT_WRITE);
}

/*
 * Takes [address, address + bytes) out of the free ranges, of which parts may be in use.  Pages that are in use have their content
 * thrown away: MAP_FIXED replaces.
 */
static void range_claim(uint64_t address, uint64_t bytes)
{
    for (struct va_node **link = &free_space.free; *link;) {
        struct va_node *n = *link;
        uint64_t from = n->start > address ? n->start : address;
        uint64_t to = n->end < address + bytes ? n->end : address + bytes;
        if (from >= to) {
            link = &n->next;
            continue;
        }
        uint64_t end = n->end, start = n->start;
        *link = n->next;
        n->next = free_space.spare;
        free_space.spare = n;
        free_space.spare_count++;
        if (start < from)
            va_give(&free_space, start, from - start);
        if (to < end)
            va_give(&free_space, to, end - to);
        link = &free_space.free;
    }
}

static bool range_is_free(uint64_t address, uint64_t bytes)
{
    for (struct va_node *n = free_space.free; n; n = n->next)
        if (n->start <= address && address + bytes <= n->end)
            return true;
    return false;
}

static long map_fixed(uint64_t address, uint64_t bytes, long prot, bool replace)
{
    if ((address & (PAGE - 1)) != 0)
        return -PX_EINVAL;
    if (!in_arena(address, bytes))
        return -PX_ENOMEM;
    mutex_lock(&lock);
    nodes_fill();
    bool taken = !range_is_free(address, bytes);
    if (!taken || replace)
        range_claim(address, bytes);
    mutex_unlock(&lock);
    if (taken && !replace)
        return -PX_EEXIST;
    if (taken) {
        mnos_mem_unmap(MNOS_SELF, address, bytes);
        mnos_mem_control(arena, MNOS_MEMCTL_DECOMMIT, address - ARENA, bytes, 0);
    }
    return prot == 0 || piece_map(address, bytes, map_flags(prot)) == 0 ? (long)address : -PX_ENOMEM;
}

/* mmap(address, bytes, prot, flags, fd, offset) */
PX_CALL(mmap)
{
    uint64_t bytes = page_up((uint64_t)b);

    if (b == 0 || !prot_sound(c) || ((d & MAP_TYPE) != MAP_PRIVATE && (d & MAP_TYPE) != MAP_SHARED))
        return -PX_EINVAL;
    if (bytes < (uint64_t)b || bytes > ARENA_BYTES)
        return -PX_ENOMEM;
    if (write_and_execute(c))
        return -PX_EACCES;
    if ((d & MAP_ANONYMOUS) == 0)
        return fd_get(&px.fds, e) ? -PX_ENODEV : -PX_EBADF;
    if ((d & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0)
        return map_fixed((uint64_t)a, bytes, c, (d & MAP_FIXED_NOREPLACE) == 0);
    return map_anywhere(bytes, c);
}

long px_unmap(uint64_t address, size_t length)
{
    uint64_t bytes = page_up(length);

    if ((address & (PAGE - 1)) != 0 || length == 0 || bytes < length)
        return -PX_EINVAL;
    int64_t status = mnos_mem_unmap(MNOS_SELF, address, bytes);
    if (status < 0 || !in_arena(address, bytes))
        return px_result(status);
    mnos_mem_control(arena, MNOS_MEMCTL_DECOMMIT, address - ARENA, bytes, 0);
    mutex_lock(&lock);
    nodes_fill();
    range_claim(address, bytes); /* parts of it may be free already */
    va_give(&free_space, address, bytes);
    mutex_unlock(&lock);
    return 0;
}

PX_CALL(munmap)
{
    return px_unmap((uint64_t)a, (size_t)b);
}

/* A part that was PROT_NONE is not mapped: the whole range is then mapped anew, from the same pages. */
PX_CALL(mprotect)
{
    uint64_t bytes = page_up((uint64_t)b), address = (uint64_t)a;

    if ((address & (PAGE - 1)) != 0 || !prot_sound(c))
        return -PX_EINVAL;
    if (bytes == 0)
        return 0;
    if (write_and_execute(c))
        return -PX_EACCES;
    bool ours = in_arena(address, bytes);
    if (c == 0 && ours)
        return px_result(mnos_mem_unmap(MNOS_SELF, address, bytes));
    int64_t status = mnos_mem_map(MNOS_SELF, MNOS_NONE, address, 0, bytes, MNOS_MAP_PROTECT | map_flags(c));
    if (status < 0 && ours)
        status = piece_map(address, bytes, MNOS_MAP_REPLACE | map_flags(c));
    return status < 0 ? -PX_ENOMEM : 0;
}

PX_CALL(madvise)
{
    uint64_t bytes = page_up((uint64_t)b);

    if ((a & (long)(PAGE - 1)) != 0 || c < 0 || c > MADV_LAST)
        return -PX_EINVAL;
    if (c == MADV_DONTNEED && bytes > 0 && in_arena((uint64_t)a, bytes))
        return px_result(mnos_mem_control(arena, MNOS_MEMCTL_DECOMMIT, (uint64_t)a - ARENA, bytes, 0));
    return 0;
}

/* mremap(old, old bytes, new bytes, flags).  ENOMEM on the first stack is what pthread_getattr_np looks for its end by. */
PX_CALL(mremap)
{
    uint64_t old = page_up((uint64_t)b), new = page_up((uint64_t)c);

    if ((a & (long)(PAGE - 1)) != 0 || new == 0 || (d & ~(long)MREMAP_MAYMOVE) != 0)
        return -PX_EINVAL;
    if (!in_arena((uint64_t)a, old)) {
        bool stack = (uint64_t)a >= MNOS_STACK_TOP - MNOS_STACK_SIZE && (uint64_t)a < MNOS_STACK_TOP;
        return stack ? -PX_ENOMEM : -PX_EFAULT;
    }
    if (new <= old) {
        if (new < old)
            px_unmap((uint64_t)a + new, old - new);
        return a;
    }
    if ((d & MREMAP_MAYMOVE) == 0)
        return -PX_ENOMEM;
    long to = map_anywhere(new, PROT_READ | PROT_WRITE);
    if (to < 0)
        return to;
    __builtin_memcpy((void *)to, (const void *)a, old);
    px_unmap((uint64_t)a, old);
    return to;
}
