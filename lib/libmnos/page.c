/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <libmnos/sync.h>
#include <libmnos/va.h>
#include <mnos/calls.h>

#define FIRST_NODES 64
#define LOW_NODES   8

static struct mnos_mutex lock;
static struct va_space space;
static bool ready;

/* Memory for `bytes` at `start`; the mapping alone keeps it. */
static enum mnos_error back(void *start, size_t bytes)
{
    int64_t memory = mnos_mem_alloc(mnos_pool(), bytes, MNOS_MEM_ANON, 0);
    if (memory < 0)
        return (enum mnos_error) - memory;
    int64_t status =
        mnos_mem_map(MNOS_SELF, (mnos_handle_t)memory, (uint64_t)start, 0, bytes, MNOS_MAP_READ | MNOS_MAP_WRITE);
    mnos_cap_delete((mnos_handle_t)memory);
    return status < 0 ? (enum mnos_error) - status : MNOS_OK;
}

/* Before each change: so many spare nodes that it cannot fail for want of one.  A page of nodes is never given back. */
static void nodes_fill(void)
{
    static struct va_node first[FIRST_NODES];

    if (!ready) {
        va_init(&space);
        va_add_nodes(&space, first, FIRST_NODES);
        va_give(&space, MNOS_VA_BASE, MNOS_VA_END - MNOS_VA_BASE);
        ready = true;
    }
    if (space.spare_count >= LOW_NODES)
        return;
    uint64_t start = va_take(&space, 2 * MNOS_PAGE_SIZE, MNOS_PAGE_SIZE);
    if (start == 0)
        return;
    if (back((void *)start, MNOS_PAGE_SIZE) != MNOS_OK) {
        va_give(&space, start, 2 * MNOS_PAGE_SIZE);
        return;
    }
    va_add_nodes(&space, (struct va_node *)start, MNOS_PAGE_SIZE / sizeof(struct va_node));
}

static size_t page_round(size_t bytes)
{
    return (bytes + MNOS_PAGE_SIZE - 1) & ~(size_t)(MNOS_PAGE_SIZE - 1);
}

void *va_reserve(size_t bytes, size_t align)
{
    if (bytes == 0 || bytes > MNOS_VA_END)
        return NULL;
    mutex_lock(&lock);
    nodes_fill();
    uint64_t start = va_take(&space, page_round(bytes) + MNOS_PAGE_SIZE, align);
    mutex_unlock(&lock);
    return (void *)start;
}

void va_release(void *start, size_t bytes)
{
    mutex_lock(&lock);
    nodes_fill();
    bool given = va_give(&space, (uint64_t)start, page_round(bytes) + MNOS_PAGE_SIZE);
    mutex_unlock(&lock);
    /* Without a node the range stays unused: nothing but addresses is lost. */
    if (!given && space.spare_count > 0)
        mnos_panic("libmnos: address range %p is given back twice", start);
}

static void *fail(enum mnos_error *error, enum mnos_error why)
{
    if (error)
        *error = why;
    return NULL;
}

void *alloc_pages_aligned(size_t count, size_t align, enum mnos_error *error)
{
    if (count == 0 || count > MNOS_VA_END / MNOS_PAGE_SIZE)
        return fail(error, count == 0 ? MNOS_E_INVALID : MNOS_E_NO_MEMORY);
    size_t bytes = count * MNOS_PAGE_SIZE;
    void *start = va_reserve(bytes, align);
    if (!start)
        return fail(error, MNOS_E_NO_MEMORY);
    enum mnos_error why = back(start, bytes);
    if (why != MNOS_OK) {
        va_release(start, bytes);
        return fail(error, why);
    }
    if (error)
        *error = MNOS_OK;
    return start;
}

void *alloc_pages(size_t count, enum mnos_error *error)
{
    return alloc_pages_aligned(count, MNOS_PAGE_SIZE, error);
}

void unmap_memory(void *start, size_t bytes)
{
    if (!start)
        return;
    if (mnos_mem_unmap(MNOS_SELF, (uint64_t)start, page_round(bytes)) < 0)
        mnos_panic("libmnos: %p is no range of pages", start);
    va_release(start, bytes);
}

void free_pages(void *pages, size_t count)
{
    unmap_memory(pages, count * MNOS_PAGE_SIZE);
}

void *map_memory(mnos_handle_t memory, size_t offset, size_t bytes, uint64_t flags, enum mnos_error *error)
{
    void *start = va_reserve(bytes, MNOS_PAGE_SIZE);
    if (!start)
        return fail(error, bytes == 0 ? MNOS_E_INVALID : MNOS_E_NO_MEMORY);
    int64_t status = mnos_mem_map(MNOS_SELF, memory, (uint64_t)start, offset, page_round(bytes), flags);
    if (status < 0) {
        va_release(start, bytes);
        return fail(error, (enum mnos_error) - status);
    }
    if (error)
        *error = MNOS_OK;
    return start;
}
