/* SPDX-License-Identifier: BSD-2-Clause */
/* First touches of pages, and mappings. */
#include "bench.h"

#define PAGES       (WARM_UP + ROUNDS + 1) /* the first one is touched beforehand: page tables are there */
#define BYTES       (PAGES * MNOS_PAGE_SIZE)
#define PLACE       0x30000000ull /* each at the start of a page table */
#define PLACE_COW   0x34000000ull
#define PLACE_FULL  0x40000000000ull
#define HOLE        80u
#define SPARE       16u
#define SEED_SERVER 3u
#define RW          (MNOS_MAP_READ | MNOS_MAP_WRITE)

static unsigned char *page_at(uint64_t place, uint64_t page)
{
    return (unsigned char *)(place + page * MNOS_PAGE_SIZE);
}

static bool all_zero_but_first(const unsigned char *page)
{
    for (unsigned i = 1; i < MNOS_PAGE_SIZE; i++)
        if (page[i] != 0)
            return false;
    return page[0] == 1;
}

static void work_page_fault(struct series *s)
{
    *(volatile unsigned char *)page_at(PLACE, 0) = 1;
    for (uint64_t page = 1; !series_full(s); page++) {
        s->path.target = PLACE + page * MNOS_PAGE_SIZE;
        take(s, time_page_fault(&s->path));
        expect(s, all_zero_but_first(page_at(PLACE, page)));
    }
}

/* The page has been read in the child before, so that the fault is that of a page mapped read-only. */
static void work_cow_fault(struct series *s)
{
    for (uint64_t page = 1; !series_full(s); page++) {
        volatile unsigned char *own = page_at(PLACE_COW, page);
        volatile unsigned char *source = page_at(PLACE, page);
        unsigned char mark = (unsigned char)(0x40 + page);
        expect(s, own[0] == mark && own[4095] == mark);
        s->path.target = (uint64_t)own;
        take(s, time_cow_fault(&s->path));
        expect(s, own[0] == 1 && own[1] == mark && own[4095] == mark && source[0] == mark);
    }
}

static void work_paged_fault(struct series *s)
{
    for (uint64_t page = 0; !series_full(s); page++) {
        s->path.target = PLACE + page * MNOS_PAGE_SIZE;
        take(s, time_paged_fault(&s->path));
        expect(s, buffer_holds(page_at(PLACE, page), MNOS_PAGE_SIZE, SEED_SERVER));
    }
}

static void work_map_unmap(struct series *s)
{
    while (!series_full(s)) {
        take(s, time_map_unmap(&s->path));
        expect(s, s->path.out[0] == 0x5ca1ab1e);
    }
    expect(s, mnos_mem_unmap(MNOS_SELF, s->path.ext, MNOS_PAGE_SIZE) == 0);
}

static mnos_handle_t map_new(uint64_t kind, uint64_t arg, uint64_t bytes, uint64_t place)
{
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), bytes, kind, arg), "a Memory");

    must(mnos_mem_map(MNOS_SELF, memory, place, 0, bytes, RW), "a mapping");
    return memory;
}

static void unmap(mnos_handle_t memory, uint64_t bytes, uint64_t place)
{
    must(mnos_mem_unmap(MNOS_SELF, place, bytes), "unmap");
    mnos_cap_delete(memory);
}

static void bench_cow(void)
{
    static struct series s = {.name = "cow_fault"};
    mnos_handle_t source = map_new(MNOS_MEM_ANON, 0, BYTES, PLACE);

    for (uint64_t page = 0; page < PAGES; page++)
        for (unsigned i = 0; i < MNOS_PAGE_SIZE; i++)
            page_at(PLACE, page)[i] = (unsigned char)(0x40 + page);
    mnos_handle_t copy = map_new(MNOS_MEM_COW, source, BYTES, PLACE_COW);
    measure(&s, work_cow_fault);
    unmap(copy, BYTES, PLACE_COW);
    unmap(source, BYTES, PLACE);
}

static void bench_paged(void)
{
    static struct series s = {.name = "paged_fault"};
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);
    mnos_handle_t memory = map_new(MNOS_MEM_PAGED, endpoint, BYTES, PLACE);
    struct partner pager = {.name = "pager", .entry = child_pager};

    partner_cap(&pager, endpoint, MNOS_RIGHT_RECV);
    partner_cap(&pager, memory, MNOS_RIGHT_WRITE | MNOS_RIGHT_REVOKE); /* the owner's */
    partner_start(&pager);
    measure(&s, work_paged_fault);
    unmap(memory, BYTES, PLACE);
    partner_stop(&pager);
    mnos_cap_delete(endpoint);
}

static uint64_t pool_pages_free(void)
{
    struct mnos_cap_info info;

    must(mnos_cap_inspect(mnos_pool(), &info, sizeof info), "inspect");
    return (info.size - info.used) / MNOS_PAGE_SIZE;
}

/* A page of it is a Memory of its own, which the mapping alone keeps; so are the others together. */
static void fill(uint64_t at, uint64_t pages)
{
    mnos_cap_delete(map_new(MNOS_MEM_ANON, 0, MNOS_PAGE_SIZE, at));
    if (pages > 1)
        mnos_cap_delete(map_new(MNOS_MEM_ANON, 0, (pages - 1) * MNOS_PAGE_SIZE, at + MNOS_PAGE_SIZE));
    for (uint64_t page = 0; page < pages; page++)
        page_at(at, page)[0] = 1;
}

/*
 * 99 % of memory are in use, and what is free lies scattered.  The kernel keeps some frames for itself, in one piece
 * behind those that were given out last: when pages are given back here and there, and as many are taken again, those are
 * among the ones taken, and the scattered ones are free instead.  The largest sample counts: it holds a search in the
 * bitmap.
 */
void bench_full(void)
{
    static struct series s = {.name = "alloc_99_full", .largest = true};
    mnos_handle_t fresh = map_new(MNOS_MEM_ANON, 0, BYTES, PLACE);
    uint64_t at = PLACE_FULL, holes = 0;

    *page_at(PLACE, 0) = 1;
    /* What is paid for is taken, too. */
    for (uint64_t page = MNOS_STACK_TOP - MNOS_STACK_SIZE; page < MNOS_STACK_TOP; page += MNOS_PAGE_SIZE)
        *(volatile unsigned char *)page = *(volatile unsigned char *)page;
    for (; pool_pages_free() > HOLE + SPARE; holes++, at += HOLE * MNOS_PAGE_SIZE)
        fill(at, HOLE);
    for (; pool_pages_free() > SPARE; at += MNOS_PAGE_SIZE)
        fill(at, 1);
    for (uint64_t i = 0; i < holes; i++)
        must(mnos_mem_unmap(MNOS_SELF, PLACE_FULL + i * HOLE * MNOS_PAGE_SIZE, MNOS_PAGE_SIZE), "unmap");
    (void)ledger_now();
    fill(at, pool_pages_free() - SPARE);
    struct mnos_info_ledger before = ledger_now();
    measure(&s, work_page_fault);
    struct mnos_info_ledger after = ledger_now();
    struct mnos_cap_info pool;
    must(mnos_cap_inspect(mnos_pool(), &pool, sizeof pool), "inspect");
    uint64_t all = pool.size / MNOS_PAGE_SIZE, reserve = after.frames_total - all;
    tap_ok(before.frames_free <= reserve + all / 100, "99 %% of what programs can have is in use");
    tap_diag("%lu to %lu frames free of %lu, %lu of them the kernel's reserve", before.frames_free, after.frames_free,
             after.frames_total, reserve);
    unmap(fresh, BYTES, PLACE);
    must(mnos_mem_unmap(MNOS_SELF, PLACE_FULL, at + holes * MNOS_PAGE_SIZE - PLACE_FULL), "unmap");
}

void bench_memory(void)
{
    static struct series fault = {.name = "page_fault"}, map = {.name = "map_unmap"};
    mnos_handle_t memory = map_new(MNOS_MEM_ANON, 0, BYTES, PLACE);

    measure(&fault, work_page_fault);
    *(volatile uint64_t *)PLACE = 0x5ca1ab1e;
    map.path.target = memory;
    map.path.ext = PLACE + BYTES;
    measure(&map, work_map_unmap);
    unmap(memory, BYTES, PLACE);
    bench_cow();
    bench_paged();
}
