/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: mmap and its kin.
 *
 *   ARENA                                                    ARENA + ARENA_BYTES
 *     | [mapped] ..free.. [mapped, PROT_NONE] ..free..          |        one Memory, pages made at first touch
 *
 * A private anonymous mapping is a piece of the arena: address - ARENA is its offset in the Memory for ever.  So mmap is one system
 * call, protection can come back after PROT_NONE, and a fork has one Memory to make a copy-on-write child of.  Files and shared memory
 * have a Memory each, and lie over free addresses of the arena (views.h).
 */
#include <libmnos/va.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/startup.h>
#include <str.h>

#include "file.h"
#include "views.h"

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
enum msync { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };
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
static bool unknown; /* what is mapped is not known any more: there was no room for an odd range */

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

/* Under the lock. */
static bool view_inside(uint64_t address, uint64_t bytes)
{
    const struct view *v = view_from(address);

    return v && v->start < address + bytes;
}

static bool has_view(uint64_t address, uint64_t bytes)
{
    if (!views_any())
        return false;
    mutex_lock(&lock);
    bool found = view_inside(address, bytes);
    mutex_unlock(&lock);
    return found;
}

/* Under the lock: these addresses are the caller's; what was there is not any more. */
static long fixed_claim(uint64_t address, uint64_t bytes, bool replace)
{
    if ((address & (PAGE - 1)) != 0)
        return -PX_EINVAL;
    if (!in_arena(address, bytes))
        return -PX_ENOMEM;
    nodes_fill();
    bool taken = !range_is_free(address, bytes);
    if (taken && !replace)
        return -PX_EEXIST;
    if (view_inside(address, bytes) && !views_room())
        return -PX_ENOMEM;
    range_claim(address, bytes);
    if (taken) {
        mnos_mem_unmap(MNOS_SELF, address, bytes);
        mnos_mem_control(arena, MNOS_MEMCTL_DECOMMIT, address - ARENA, bytes, 0);
        views_cut(address, address + bytes);
        prot_note(address, bytes, PROT_READ | PROT_WRITE);
    }
    return 0;
}

static long map_fixed(uint64_t address, uint64_t bytes, long prot, bool replace)
{
    mutex_lock(&lock);
    long result = fixed_claim(address, bytes, replace);
    if (result == 0 && prot != 0 && piece_map(address, bytes, map_flags(prot)) < 0)
        result = -PX_ENOMEM;
    if (result == 0)
        prot_note(address, bytes, prot);
    mutex_unlock(&lock);
    return result < 0 ? result : (long)address;
}

/* ---- Files, and memory that is shared ---- */

struct wanted {
    uint64_t address, bytes, offset;
    long prot, flags;
};

static long map_error(int64_t status)
{
    return status == -MNOS_E_NO_RIGHTS ? -PX_EACCES : status == -MNOS_E_RANGE ? -PX_ENXIO : -PX_ENOMEM;
}

static int64_t view_map(const struct view *v, uint64_t address, uint64_t bytes, long prot, uint64_t flags)
{
    uint64_t offset = v->offset + (address - v->start);
    int64_t status = mnos_mem_map(MNOS_SELF, v->backing->memory, address, offset, bytes,
                                  flags | (prot == 0 ? MNOS_MAP_READ : map_flags(prot)));

    /* The mapping stays, so that a protection can come back. */
    return status < 0 || prot != 0 ? status : mnos_mem_map(MNOS_SELF, MNOS_NONE, address, 0, bytes, MNOS_MAP_PROTECT);
}

/* Under the lock.  Below 0: an errno, and the backing is still the caller's. */
static long view_place(const struct wanted *w, const struct backing *of)
{
    struct backing backing = *of;
    bool fixed = (w->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    struct view v = {.start = w->address, .offset = w->offset, .backing = &backing};

    nodes_fill();
    if (!views_room())
        return -PX_ENOMEM;
    long result = fixed ? fixed_claim(w->address, w->bytes, (w->flags & MAP_FIXED_NOREPLACE) == 0) : 0;
    if (result < 0)
        return result;
    if (!fixed)
        v.start = va_take(&free_space, w->bytes, PAGE);
    if (v.start == 0)
        return -PX_ENOMEM;
    v.end = v.start + w->bytes;
    int64_t status = view_map(&v, v.start, w->bytes, w->prot, 0);
    if (status < 0) {
        mnos_mem_unmap(MNOS_SELF, v.start, w->bytes);
        va_give(&free_space, v.start, w->bytes);
        return map_error(status);
    }
    view_add(v, *of);
    prot_note(v.start, w->bytes, w->prot);
    return (long)v.start;
}

static long view_new(const struct wanted *w, const struct backing *of)
{
    mutex_lock(&lock);
    long result = view_place(w, of);
    mutex_unlock(&lock);
    if (result < 0) {
        mnos_cap_delete(of->memory);
        if (of->file != MNOS_NONE)
            mnos_cap_delete(of->file);
    }
    return result;
}

static long map_shared_anonymous(const struct wanted *w)
{
    int64_t memory = mnos_mem_alloc(px.pool, w->bytes, MNOS_MEM_ANON | MNOS_MEM_LAZY, 0);

    if (memory < 0)
        return -PX_ENOMEM;
    return view_new(w, &(struct backing){.memory = (mnos_handle_t)memory, .file = MNOS_NONE, .shared = true});
}

/* A file that has no Memory, as one of the boot package: its bytes as they are now. */
static long map_copy(const struct px_open *open, const struct wanted *w)
{
    const long usual = PROT_READ | PROT_WRITE;
    bool fixed = (w->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    long at = fixed ? map_fixed(w->address, w->bytes, usual, (w->flags & MAP_FIXED_NOREPLACE) == 0)
                    : map_anywhere(w->bytes, usual);
    long got = 1;

    for (uint64_t done = 0; at >= 0 && got > 0 && done < w->bytes; done += (uint64_t)got)
        got = px_file_read(open->handle, (char *)at + done, w->bytes - done, w->offset + done, 0);
    if (at < 0 || (got >= 0 && w->prot == usual))
        return at;
    long result = got < 0 ? got : px_mprotect(at, (long)w->bytes, w->prot, 0, 0, 0);
    if (result < 0)
        px_unmap((uint64_t)at, w->bytes);
    return result < 0 ? result : at;
}

static long map_file(const struct px_open *open, const struct wanted *w)
{
    bool private = (w->flags & MAP_TYPE) == MAP_PRIVATE;
    uint64_t how = (private ? VFS_MAP_PRIVATE : 0) | ((w->prot & PROT_WRITE) != 0 ? VFS_MAP_WRITE : 0);
    uint64_t words[MNOS_IPC_WORDS] = {w->offset, w->bytes, how};
    struct mnos_call_data data = {.send_cap = MNOS_NONE, .recv_caps = 1};

    if (!open)
        return -PX_EBADF;
    if (open->kind != POSIX_FD_FILE || (open->mode & VFS_S_TYPE) != VFS_S_FILE)
        return -PX_ENODEV;
    long result = px_file_call_with(open->handle, VFS_MAP, words, &data);
    if (result == -PX_ENOSYS)
        return private ? map_copy(open, w) : -PX_ENODEV;
    if (result < 0)
        return result;
    int64_t memory = (int64_t)data.recv_cap[0];
    int64_t file = mnos_cap_create(MNOS_CREATE_MINT, open->handle, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0, 0);
    if (private) {
        memory = mnos_mem_alloc(px.pool, 0, MNOS_MEM_COW, data.recv_cap[0]);
        mnos_cap_delete(data.recv_cap[0]);
    }
    if (memory < 0 || file < 0) {
        if (memory >= 0)
            mnos_cap_delete((mnos_handle_t)memory);
        if (file >= 0)
            mnos_cap_delete((mnos_handle_t)file);
        return -PX_ENOMEM;
    }
    return view_new(
        w, &(struct backing){.memory = (mnos_handle_t)memory, .file = (mnos_handle_t)file, .shared = !private});
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
    const struct wanted wanted = {(uint64_t)a, bytes, (uint64_t)f, c, d};
    if ((d & MAP_ANONYMOUS) == 0)
        return (f & (long)(PAGE - 1)) != 0 || f < 0 ? -PX_EINVAL : map_file(fd_get(&px.fds, e), &wanted);
    if ((d & MAP_TYPE) == MAP_SHARED)
        return map_shared_anonymous(&(struct wanted){wanted.address, bytes, 0, c, d});
    if ((d & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0)
        return map_fixed((uint64_t)a, bytes, c, (d & MAP_FIXED_NOREPLACE) == 0);
    return map_anywhere(bytes, c);
}

long px_unmap(uint64_t address, size_t length)
{
    uint64_t bytes = page_up(length);

    if ((address & (PAGE - 1)) != 0 || length == 0 || bytes < length)
        return -PX_EINVAL;
    if (!in_arena(address, bytes))
        return px_result(mnos_mem_unmap(MNOS_SELF, address, bytes));
    mutex_lock(&lock);
    nodes_fill();
    bool room = !view_inside(address, bytes) || views_room();
    int64_t status = room ? mnos_mem_unmap(MNOS_SELF, address, bytes) : -MNOS_E_NO_MEMORY;
    if (status >= 0) {
        mnos_mem_control(arena, MNOS_MEMCTL_DECOMMIT, address - ARENA, bytes, 0);
        prot_note(address, bytes, PROT_READ | PROT_WRITE);
        views_cut(address, address + bytes);
        range_claim(address, bytes); /* parts of it may be free already */
        va_give(&free_space, address, bytes);
    }
    mutex_unlock(&lock);
    return px_result(status);
}

PX_CALL(munmap)
{
    return px_unmap((uint64_t)a, (size_t)b);
}

/* Under the lock.  A part that was PROT_NONE is not mapped: the whole range is then mapped anew, from the same pages. */
static int64_t part_protect(uint64_t address, uint64_t bytes, long prot, const struct view *v)
{
    if (prot == 0 && !v)
        return mnos_mem_unmap(MNOS_SELF, address, bytes);
    int64_t status = mnos_mem_map(MNOS_SELF, MNOS_NONE, address, 0, bytes, MNOS_MAP_PROTECT | map_flags(prot));
    if (status < 0 && v)
        return view_map(v, address, bytes, prot, MNOS_MAP_REPLACE);
    return status < 0 ? piece_map(address, bytes, MNOS_MAP_REPLACE | map_flags(prot)) : status;
}

/* Of the arena: views, and what lies between them. */
static long range_protect(uint64_t start, uint64_t end, long prot)
{
    while (start < end) {
        const struct view *v = view_from(start);
        bool inside = v && v->start <= start;
        uint64_t stop = inside ? v->end : v ? v->start : end;
        stop = stop < end ? stop : end;
        int64_t status = part_protect(start, stop - start, prot, inside ? v : NULL);
        if (status < 0)
            return status == -MNOS_E_NO_RIGHTS ? -PX_EACCES : -PX_ENOMEM;
        prot_note(start, stop - start, prot);
        start = stop;
    }
    return 0;
}

PX_CALL(mprotect)
{
    uint64_t bytes = page_up((uint64_t)b), address = (uint64_t)a;

    if ((address & (PAGE - 1)) != 0 || !prot_sound(c))
        return -PX_EINVAL;
    if (bytes == 0)
        return 0;
    if (write_and_execute(c))
        return -PX_EACCES;
    if (in_arena(address, bytes)) {
        mutex_lock(&lock);
        nodes_fill();
        long result = range_protect(address, address + bytes, c);
        mutex_unlock(&lock);
        return result;
    }
    int64_t status = mnos_mem_map(MNOS_SELF, MNOS_NONE, address, 0, bytes, MNOS_MAP_PROTECT | map_flags(c));
    return status < 0 ? -PX_ENOMEM : 0;
}

/* What is mapped is the file's own pages: there is nothing to be written back.  msync(address, bytes, flags) */
PX_CALL(msync)
{
    uint64_t bytes = page_up((uint64_t)b), address = (uint64_t)a;
    bool hole = false;

    if ((address & (PAGE - 1)) != 0 || (c & ~(long)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 ||
        (c & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
        return -PX_EINVAL;
    if (bytes < (uint64_t)b)
        return -PX_ENOMEM;
    mutex_lock(&lock);
    for (const struct va_node *n = free_space.free; n && in_arena(address, bytes); n = n->next)
        hole |= n->start < address + bytes && address < n->end;
    mutex_unlock(&lock);
    return hole ? -PX_ENOMEM : 0;
}

PX_CALL(madvise)
{
    uint64_t bytes = page_up((uint64_t)b);

    if ((a & (long)(PAGE - 1)) != 0 || c < 0 || c > MADV_LAST)
        return -PX_EINVAL;
    if (c == MADV_DONTNEED && bytes > 0 && in_arena((uint64_t)a, bytes) && !has_view((uint64_t)a, bytes))
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
    if ((d & MREMAP_MAYMOVE) == 0 || has_view((uint64_t)a, old))
        return -PX_ENOMEM;
    long to = map_anywhere(new, PROT_READ | PROT_WRITE);
    if (to < 0)
        return to;
    __builtin_memcpy((void *)to, (const void *)a, old);
    px_unmap((uint64_t)a, old);
    return to;
}

bool px_memory_shared(uint64_t address)
{
    if (!views_any())
        return false;
    mutex_lock(&lock);
    const struct view *v = view_from(address);
    bool shared = v && v->start <= address && v->backing->shared;
    mutex_unlock(&lock);
    return shared;
}

/* ---- Fork ---- */

/* [start, end), which is in use and of one Memory, as one piece, and what of it is odd as others, or none. */
static bool pieces_add(struct proc_piece *piece, uint32_t *count, uint64_t start, uint64_t end, const struct view *v)
{
    uint32_t memory = v ? view_memory(v) : PROC_ARENA, i = 0;
    uint64_t first = v ? v->start - v->offset : ARENA; /* the Memory's offset 0 would be there */

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
            piece[(*count)++] =
                (struct proc_piece){start, start - first, stop - start, memory, (uint32_t)map_flags(prot)};
        }
        start = stop;
    }
    return true;
}

static bool range_add(struct proc_piece *piece, uint32_t *count, uint64_t start, uint64_t end)
{
    while (start < end) {
        const struct view *v = view_from(start);
        bool inside = v && v->start <= start;
        uint64_t stop = inside ? v->end : v ? v->start : end;
        stop = stop < end ? stop : end;
        if (!pieces_add(piece, count, start, stop, inside ? v : NULL))
            return false;
        start = stop;
    }
    return true;
}

long px_memory_fork(struct plan *plan, struct posix_start_fd *record, uint32_t *records, struct proc_piece *piece,
                    uint32_t *count)
{
    uint64_t from = ARENA;

    mutex_lock(&lock);
    bool fits = views_fork(plan, record, records);
    for (struct va_node *n = free_space.free; n && fits; n = n->next) {
        fits = range_add(piece, count, from, n->start);
        from = n->end;
    }
    fits = fits && range_add(piece, count, from, ARENA + ARENA_BYTES);
    return unknown ? -PX_ENOSYS : fits ? 0 : -PX_ENOMEM;
}

void px_memory_forked(mnos_handle_t child_arena)
{
    if (child_arena != MNOS_NONE)
        arena = child_arena;
    else
        views_fork_end();
    mutex_unlock(&lock);
}

mnos_handle_t px_memory_arena(void)
{
    return arena;
}
