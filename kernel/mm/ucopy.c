/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User copies.
 *
 * A copy runs until it faults; then the page is resolved as for the program itself, and the copy goes on.  Between two
 * address spaces one side is the current one, at its user addresses; the other is walked in software and reached through the
 * direct map, under its lock, so that its pages stay.  While that lock is held no fault is resolved: the copy stops, the lock
 * goes, and only then the page is asked for.  So a core never holds one address space's lock while it wants another's.
 */
#include <arch/paging.h>
#include <mm/aspace.h>
#include <mm/ucopy.h>

#define CHUNK_MAX (32 * 1024ull)

static inline bool in_user_space(u64 address, u64 length)
{
    return user_range_ok(address, length, MNOS_USER_END);
}

/* A page that stopped a copy.  No locks. */
static enum fault_result resolve(struct aspace *as, u64 address, enum fault_access access)
{
    struct fault_info info;

    return as != NULL ? aspace_fault(as, address, access, &info) : FAULT_INVALID;
}

/* ---- the current address space ---------------------------------------------------------------------------------- */

static status_t copy_local(u8 *to, const u8 *from, u64 length, enum fault_access access)
{
    u64 fault, left;

    REFUSE_IF(!in_user_space(access == ACCESS_WRITE ? (u64)to : (u64)from, length), FAULT);
    while (unlikely((left = user_copy(to, from, length, &fault)) != 0)) {
        to += length - left;
        from += length - left;
        length = left;
        REFUSE_IF(resolve(this_core()->aspace, fault, access) != FAULT_RESOLVED, FAULT);
    }
    return 0;
}

status_t ucopy_in(void *to, uaddr_t from, u64 length)
{
    return copy_local(to, (const u8 *)from.value, length, ACCESS_READ);
}

status_t ucopy_out(uaddr_t to, const void *from, u64 length)
{
    return copy_local((u8 *)to.value, from, length, ACCESS_WRITE);
}

/* One access to a word, either way. */
static status_t word_local(u64 address, u32 *value, enum fault_access access)
{
    bool read = access == ACCESS_READ;
    u64 fault;

    REFUSE_IF(!in_user_space(address, sizeof *value), FAULT);
    while (!(read ? user_read_u32(address, value, &fault) : user_write_u32(address, *value, &fault)))
        REFUSE_IF(resolve(this_core()->aspace, fault, access) != FAULT_RESOLVED, FAULT);
    return 0;
}

status_t ucopy_read_u32(uaddr_t from, u32 *value)
{
    return word_local(from.value, value, ACCESS_READ);
}

bool ucopy_peek_u32(uaddr_t from, u32 *value)
{
    u64 fault;

    return in_user_space(from.value, sizeof *value) && user_read_u32(from.value, value, &fault);
}

status_t ucopy_write_u32(uaddr_t to, u32 value)
{
    return word_local(to.value, &value, ACCESS_WRITE);
}

/* ---- another address space -------------------------------------------------------------------------------------- */

static bool is_device(struct aspace *as, u64 address)
{
    u64 flags;

    return aspace_translate(as, address, &flags).value != 0 && (flags & (PTE_PCD | PTE_PWT)) != 0;
}

#define UNCACHED (PTE_PCD | PTE_PWT)

/* What a remote page's entry has to say; dirty, for the Memory's owner may want to know. */
#define PAGE_NEEDS(out) (PTE_PRESENT | PTE_USER | ((out) ? PTE_WRITE | PTE_DIRTY : 0))

/* Where a remote byte is in the direct map, NULL: its page is not there as it is needed.  Its page table is noted. */
static __attribute__((noinline)) u8 *page_walk(struct aspace *as, u64 address, bool out)
{
    u64 *entry, *above, need = PAGE_NEEDS(out) & ~PTE_DIRTY, mask = LARGE_PAGE_SIZE - 1;

    if (paging_walk(as->root, address, 1, &entry, &above) == 1) {
        mask = PAGE_SIZE - 1;
        as->walk_base = address & ~(LARGE_PAGE_SIZE - 1);
        as->walk_table = pt_table(*above);
        as->walk_directory = above;
    }
    if ((*entry & (need | UNCACHED)) != need)
        return NULL;
    if (out)
        __atomic_fetch_or(entry, PTE_DIRTY, __ATOMIC_RELAXED);
    return phys_to_virt(PADDR((*entry & PTE_ADDRESS & ~mask) | (address & mask)));
}

/*
 * Copies page by page of the remote side, which is locked, as far as the pages of both sides are there: returns what is left
 * then, and *fault is where.  What is not ordinary cached memory is never copied.  *far: it is the remote page that is missing.
 */
static ALWAYS_INLINE u64 copy_pages(struct aspace *as, u64 remote, u64 near, u64 left, bool out, bool *far, u64 *fault)
{
    *far = false;
    while (left > 0) {
        u64 offset = remote & ~PAGE_MASK, part = min_u64(left, PAGE_SIZE - offset);
        u64 value = likely((remote ^ as->walk_base) < LARGE_PAGE_SIZE) ? as->walk_table[pt_index(remote, 1)] : 0;
        u8 *there = (u8 *)phys_to_virt(PADDR(value & PTE_ADDRESS)) + offset;
        if (unlikely((value & (PAGE_NEEDS(out) | UNCACHED)) != PAGE_NEEDS(out)))
            there = page_walk(as, remote, out);
        if (unlikely(there == NULL)) {
            *fault = remote;
            *far = true;
            return left;
        }
        u64 rest = user_copy(out ? there : (void *)near, out ? (void *)near : there, part, fault);
        left -= part - rest;
        if (unlikely(rest != 0))
            return left;
        remote += part;
        near += part;
    }
    return 0;
}

u64 ucopy_other(struct aspace *other, u64 remote, u64 near, u64 length, bool out, enum ucopy_stop *stop)
{
    u64 done = 0, fault;

    length = min_u64(length, CHUNK_MAX);
    *stop = !in_user_space(near, length) ? UCOPY_LOCAL_FAULT : !in_user_space(remote, length) ? UCOPY_REMOTE_FAULT : UCOPY_DONE;
    if (unlikely(*stop != UCOPY_DONE))
        return 0;
    for (;;) {
        bool far;
        spin_lock(&other->lock);
        u64 left = out ? copy_pages(other, remote + done, near + done, length - done, true, &far, &fault)
                       : copy_pages(other, remote + done, near + done, length - done, false, &far, &fault);
        spin_unlock(&other->lock);
        done = length - left;
        if (likely(left == 0))
            return done;
        enum fault_result result = resolve(far ? other : this_core()->aspace, fault,
                                           far == out ? ACCESS_WRITE : ACCESS_READ);
        if (far && result == FAULT_RESOLVED && is_device(other, fault))
            result = FAULT_INVALID;
        if (result != FAULT_RESOLVED) {
            *stop = result == FAULT_PAGER ? (far ? UCOPY_REMOTE_PAGER : UCOPY_LOCAL_PAGER)
                                          : (far ? UCOPY_REMOTE_FAULT : UCOPY_LOCAL_FAULT);
            return done;
        }
        /* A page that was made takes as long as one that is copied: the call stays bounded. */
        if (left > PAGE_SIZE)
            length -= PAGE_SIZE;
    }
}
