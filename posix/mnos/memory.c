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
#include <str.h>

#include "memory.h"

#define ARENA       0x100000000000ull
#define ARENA_BYTES (64ull << 30)
#define ODD_BYTES   (1ull << 20)
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

/* A range that is in use and is not mapped READ | WRITE. */
struct odd {
    uint64_t start, end;
    long prot;
};

static struct mnos_mutex lock; /* free, and the odd ranges */
static struct va_space free_space;
static mnos_handle_t arena;
static struct odd *odd; /* ascending, in a piece of the arena; NULL: none yet */
static uint32_t odd_count;
static bool unknown; /* what is mapped is not known any more: there was no room for an odd range, or it is shared */

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

/* Room for ODD_BYTES of them; pages that are not touched cost nothing. */
static bool odd_begin(void)
{
    uint64_t at = odd ? 0 : va_take(&free_space, ODD_BYTES, PAGE);

    if (at == 0)
        return odd != NULL;
    if (piece_map(at, ODD_BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE) < 0) {
        va_give(&free_space, at, ODD_BYTES);
        return false;
    }
    odd = (struct odd *)at;
    return true;
}

/* One more before number i. */
static void odd_insert(uint32_t i, struct odd what)
{
    memmove(&odd[i + 1], &odd[i], (odd_count - i) * sizeof odd[0]);
    odd[i] = what;
    odd_count++;
}

/* Nothing of [start, end) is odd any more. */
static void odd_cut(uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < odd_count;) {
        struct odd o = odd[i];
        if (o.end <= start || end <= o.start) {
            i++;
            continue;
        }
        memmove(&odd[i], &odd[i + 1], (--odd_count - i) * sizeof odd[0]);
        if (o.start < start)
            odd_insert(i++, (struct odd){o.start, start, o.prot});
        if (end < o.end)
            odd_insert(i++, (struct odd){end, o.end, o.prot});
    }
}

/* Under the lock: how [address, address + bytes) is mapped from now on; READ | WRITE also for what is free. */
static void prot_note(uint64_t address, uint64_t bytes, long prot)
{
    const long usual = PROT_READ | PROT_WRITE;
    uint32_t i = 0;

    if (odd_count + 2 > ODD_BYTES / sizeof(struct odd) || (prot != usual && !odd_begin())) {
        unknown = true;
        return;
    }
    odd_cut(address, address + bytes);
    if (prot == usual || prot == PROT_WRITE)
        return;
    while (i < odd_count && odd[i].start < address)
        i++;
    if (i > 0 && odd[i - 1].end == address && odd[i - 1].prot == prot)
        odd[i - 1].end += bytes;
    else
        odd_insert(i, (struct odd){address, address + bytes, prot});
}

static void prot_set(uint64_t address, uint64_t bytes, long prot)
{
    mutex_lock(&lock);
    nodes_fill();
    prot_note(address, bytes, prot);
    mutex_unlock(&lock);
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
    if (prot != (PROT_READ | PROT_WRITE))
        prot_set(at, bytes, prot);
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
    if (prot != 0 && piece_map(address, bytes, map_flags(prot)) < 0)
        return -PX_ENOMEM;
    prot_set(address, bytes, prot);
    return (long)address;
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
    if ((d & MAP_TYPE) == MAP_SHARED)
        unknown = true; /* a fork would not share it */
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
    prot_note(address, bytes, PROT_READ | PROT_WRITE);
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
    if (c == 0 && ours) {
        prot_set(address, bytes, c);
        return px_result(mnos_mem_unmap(MNOS_SELF, address, bytes));
    }
    int64_t status = mnos_mem_map(MNOS_SELF, MNOS_NONE, address, 0, bytes, MNOS_MAP_PROTECT | map_flags(c));
    if (status < 0 && ours)
        status = piece_map(address, bytes, MNOS_MAP_REPLACE | map_flags(c));
    if (ours && status >= 0)
        prot_set(address, bytes, c);
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

/* ---- Fork ---- */

/* [start, end), which is in use, as one piece, and what of it is odd as others, or none. */
static bool pieces_add(struct proc_piece *piece, uint32_t *count, uint64_t start, uint64_t end)
{
    uint32_t i = 0;

    while (start < end) {
        while (i < odd_count && odd[i].end <= start)
            i++;
        bool inside = i < odd_count && odd[i].start <= start;
        uint64_t stop = inside ? odd[i].end : i < odd_count ? odd[i].start : end;
        long prot = inside ? odd[i].prot : PROT_READ | PROT_WRITE;
        stop = stop < end ? stop : end;
        if (prot != 0) {
            if (*count == PROC_PIECES_MAX)
                return false;
            piece[(*count)++] = (struct proc_piece){
                start, start - ARENA, stop - start, PROC_ARENA, (uint32_t)map_flags(prot)};
        }
        start = stop;
    }
    return true;
}

long px_memory_fork(struct proc_piece *piece, uint32_t *count)
{
    uint64_t from = ARENA;

    mutex_lock(&lock);
    bool fits = true;
    for (struct va_node *n = free_space.free; n && fits; n = n->next) {
        fits = pieces_add(piece, count, from, n->start);
        from = n->end;
    }
    fits = fits && pieces_add(piece, count, from, ARENA + ARENA_BYTES);
    return unknown ? -PX_ENOSYS : fits ? 0 : -PX_ENOMEM;
}

void px_memory_forked(mnos_handle_t child_arena)
{
    if (child_arena != MNOS_NONE)
        arena = child_arena;
    mutex_unlock(&lock);
}

mnos_handle_t px_memory_arena(void)
{
    return arena;
}
