/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects and mappings. */
#include <libmnos/thread.h>

#include "memory.h"

#define PAGE MNOS_PAGE_SIZE
#define AT   0x500000000000ull
#define RW   (MNOS_MAP_READ | MNOS_MAP_WRITE)

int64_t map_at(mnos_handle_t memory, uint64_t address, uint64_t bytes, uint64_t flags)
{
    return mnos_mem_map(MNOS_SELF, memory, address, 0, bytes, flags);
}

/* Whether a read (and with `write` a write) there would fault: the kernel tells it without a crash. */
bool accessible(uint64_t address, bool write)
{
    if (write)
        return mnos_cap_inspect(MNOS_BOOT_POOL, (void *)address, 8) >= 0;
    /* A name is read from user memory. */
    int64_t process = mnos_proc_create(mnos_pool(), 64, MNOS_NONE, (void *)address, 8, 0);
    if (process < 0)
        return false;
    mnos_proc_destroy((mnos_handle_t)process, 0);
    mnos_cap_delete((mnos_handle_t)process);
    return true;
}

static void write_and_read_back(void)
{
    mnos_handle_t memory = new_memory(16 * PAGE);
    volatile uint64_t *words = (volatile uint64_t *)AT;
    bool zero = true, kept = true;

    tap_status(map_at(memory, AT, 16 * PAGE, RW), MNOS_OK, "memory is allocated and mapped [M047 M221]");
    for (unsigned i = 0; i < 16 * 512; i++)
        zero &= words[i] == 0;
    tap_ok(zero, "it comes zeroed [M050]");
    for (unsigned i = 0; i < 16 * 512; i++)
        words[i] = i * 0x9e3779b97f4a7c15ull;
    for (unsigned i = 0; i < 16 * 512; i++)
        kept &= words[i] == i * 0x9e3779b97f4a7c15ull;
    tap_ok(kept, "and keeps what is written [M234]");
    tap_eq((int64_t)inspect(memory).used, 16 * (int64_t)PAGE, "all its pages are resident");
    mnos_cap_delete(memory);
    tap_ok(words[5] == 5 * 0x9e3779b97f4a7c15ull, "the mapping keeps it after its capability is gone");
    tap_status(mnos_mem_unmap(MNOS_SELF, AT, 16 * PAGE), MNOS_OK, "it is unmapped");
    tap_ok(!accessible(AT, true) && !accessible(AT + 15 * PAGE, true), "and is then not there [M048]");
    tap_status(mnos_mem_unmap(MNOS_SELF, AT, 16 * PAGE), MNOS_OK, "holes in what is unmapped are no error");
}

static void protection(void)
{
    mnos_handle_t memory = new_memory(4 * PAGE);

    tap_status(map_at(memory, AT, 4 * PAGE, MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_EXEC), MNOS_E_INVALID,
               "writable and executable at once is refused [M047 M222]");
    must(map_at(memory, AT, 4 * PAGE, MNOS_MAP_READ), "map");
    tap_ok(!accessible(AT, true) && accessible(AT, false), "a mapping without WRITE is only read [M222]");
    tap_status(mnos_mem_map(MNOS_SELF, MNOS_NONE, AT + PAGE, 0, PAGE, RW | MNOS_MAP_PROTECT), MNOS_OK,
               "one page of it is made writable");
    tap_ok(!accessible(AT, true) && accessible(AT + PAGE, true) && !accessible(AT + 2 * PAGE, true), "and no other");
    tap_status(mnos_mem_map(MNOS_SELF, MNOS_NONE, AT, 0, PAGE, RW | MNOS_MAP_EXEC | MNOS_MAP_PROTECT), MNOS_E_INVALID,
               "protection cannot be writable and executable either");
    tap_status(mnos_mem_map(MNOS_SELF, MNOS_NONE, AT + 3 * PAGE, 0, 2 * PAGE, RW | MNOS_MAP_PROTECT), MNOS_E_NOT_FOUND,
               "what is not mapped is not protected");
    tap_ok(!accessible(AT + 3 * PAGE, true), "and then nothing has changed");
    tap_status(map_at(memory, AT + 2 * PAGE, PAGE, RW), MNOS_E_BUSY, "a taken address is refused");
    tap_status(map_at(memory, AT + 2 * PAGE, PAGE, RW | MNOS_MAP_REPLACE), MNOS_OK, "unless it is to be replaced");
    mnos_mem_unmap(MNOS_SELF, AT, 4 * PAGE);
    mnos_handle_t view = mint(memory, MNOS_RIGHT_READ | MNOS_RIGHT_GRANT, 0);
    tap_status(map_at(view, AT, PAGE, RW), MNOS_E_NO_RIGHTS,
               "a read-only capability is not mapped writable [M018 M203]");
    tap_status(map_at(view, AT, PAGE, MNOS_MAP_READ | MNOS_MAP_EXEC), MNOS_E_NO_RIGHTS, "nor executable [M018 M203]");
    tap_status(map_at(view, AT, PAGE, MNOS_MAP_READ), MNOS_OK, "but readable");
    tap_status(mnos_mem_map(MNOS_SELF, MNOS_NONE, AT, 0, PAGE, RW | MNOS_MAP_PROTECT), MNOS_E_NO_RIGHTS,
               "nor made writable later");
    mnos_mem_unmap(MNOS_SELF, AT, PAGE);
    mnos_cap_delete(view);
    mnos_cap_delete(memory);
}

static void executable(void)
{
    static const unsigned char code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    mnos_handle_t memory = new_memory(PAGE);
    union {
        uint64_t address;
        int (*function)(void);
    } there = {.address = AT + 0x100000};

    must(map_at(memory, AT, PAGE, RW), "map");
    memcpy((void *)AT, code, sizeof code);
    must(map_at(memory, there.address, PAGE, MNOS_MAP_READ | MNOS_MAP_EXEC), "map");
    tap_eq(there.function(), 42, "the same Memory, mapped twice, is written here and run there");
    mnos_mem_unmap(MNOS_SELF, AT, PAGE);
    mnos_mem_unmap(MNOS_SELF, there.address, PAGE);
    mnos_cap_delete(memory);
}

static void limits(void)
{
    mnos_handle_t memory = new_memory(2 * PAGE);
    struct tally tally = {0};

    tally_status(&tally, map_at(memory, AT + 1, PAGE, RW), MNOS_E_UNALIGNED, "address", AT + 1);
    tally_status(&tally, map_at(memory, AT, PAGE + 1, RW), MNOS_E_UNALIGNED, "length", PAGE + 1);
    tally_status(&tally, mnos_mem_map(MNOS_SELF, memory, AT, 8, PAGE, RW), MNOS_E_UNALIGNED, "offset", 8);
    tally_status(&tally, map_at(memory, 0, PAGE, RW), MNOS_E_RANGE, "page 0", 0);
    tally_status(&tally, map_at(memory, 0xf000, PAGE, RW), MNOS_E_RANGE, "below the lowest", 0xf000);
    tally_status(&tally, map_at(memory, MNOS_USER_END, PAGE, RW), MNOS_E_RANGE, "above the highest", MNOS_USER_END);
    tally_status(&tally, map_at(memory, MNOS_USER_END - PAGE, 2 * PAGE, RW), MNOS_E_RANGE, "across the end", 0);
    tally_status(&tally, map_at(memory, 0xffff800000000000, PAGE, RW), MNOS_E_RANGE, "kernel", 0);
    tally_status(&tally, map_at(memory, AT, UINT64_MAX & ~(PAGE - 1), RW), MNOS_E_RANGE, "length wraps", 0);
    tally_status(&tally, map_at(memory, AT, 0, RW), MNOS_E_RANGE, "length 0", 0);
    tally_status(&tally, map_at(memory, AT, PAGE, 0x8000), MNOS_E_INVALID, "flags", 0x8000);
    tally_status(&tally, mnos_mem_unmap(MNOS_SELF, AT + 1, PAGE), MNOS_E_UNALIGNED, "unmap address", AT + 1);
    tally_status(&tally, mnos_mem_unmap(MNOS_SELF, AT, 1), MNOS_E_UNALIGNED, "unmap length", 1);
    tally_status(&tally, mnos_mem_unmap(MNOS_SELF, 0xffff800000000000, PAGE), MNOS_E_RANGE, "unmap kernel", 0);
    tally_status(&tally, mnos_mem_alloc(mnos_pool(), 100, MNOS_MEM_ANON, 0), MNOS_E_UNALIGNED, "size", 100);
    tally_status(&tally, mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_ANON, 0), MNOS_E_RANGE, "size", 0);
    tally_status(&tally, mnos_mem_alloc(mnos_pool(), PAGE, 99, 0), MNOS_E_INVALID, "kind", 99);
    tally_status(&tally, mnos_mem_alloc(mnos_pool(), 1ull << 60, MNOS_MEM_ANON, 0), MNOS_E_RANGE, "size", 1ull << 60);
    tally_done(&tally, "addresses, lengths and kinds out of range are refused, each by its own error [M023]");

    tap_status(map_at(memory, MNOS_USER_MIN, PAGE, RW), MNOS_OK, "the lowest user page can be mapped [M023]");
    tap_status(map_at(memory, MNOS_USER_END - PAGE, PAGE, RW), MNOS_OK, "and so can the highest [M023]");
    *(volatile uint64_t *)MNOS_USER_MIN = 11;
    tap_eq((int64_t) * (volatile uint64_t *)(MNOS_USER_END - PAGE), 11, "both are the same page");
    mnos_mem_unmap(MNOS_SELF, MNOS_USER_MIN, PAGE);
    mnos_mem_unmap(MNOS_SELF, MNOS_USER_END - PAGE, PAGE);
    mnos_cap_delete(memory);
}

static void quota(void)
{
    struct mnos_info_ledger before = ledger_now();
    uint64_t used = inspect(mnos_pool()).used;
    mnos_handle_t pool = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), 64 * PAGE, 0, 0), "a pool");
    mnos_handle_t memory[80];
    unsigned count = 0;
    int64_t got = 0;

    while (count < 80 && (got = mnos_mem_alloc(pool, PAGE, MNOS_MEM_ANON, 0)) >= 0)
        memory[count++] = (mnos_handle_t)got;
    tap_ok(got == -MNOS_E_NO_MEMORY && count >= 32 && count <= 64,
           "a pool gives what it has and no more [M050 M202 M221]");
    tap_diag("%u pages of 64", count);
    tap_ok(mnos_cap_create(MNOS_CREATE_POOL, pool, 64 * PAGE, 0, 0) == -MNOS_E_NO_MEMORY,
           "what is in use is not split off");
    mnos_handle_t sibling = new_memory(PAGE);
    tap_ok(sibling != MNOS_NONE, "another pool is not affected");
    mnos_cap_delete(sibling);
    for (unsigned i = 0; i < count; i++)
        mnos_cap_delete(memory[i]);
    (void)ledger_now(); /* the reaper is done */
    tap_eq((int64_t)inspect(pool).used, 0, "everything is given back to the pool [M057]");
    mnos_cap_delete(pool);
    ledger_same(&before, "nothing of it is left");
    tap_eq((int64_t)inspect(mnos_pool()).used, (int64_t)used, "and what it had is its parent's again [M056]");
}

static void all_memory(void)
{
    static struct {
        void *start;
        size_t pages;
    } block[4096];
    struct mnos_info_ledger before = ledger_now();
    enum mnos_error error = MNOS_OK;
    uint64_t total = 0;
    unsigned count = 0;

    /* In pieces that get smaller. */
    for (size_t pages = 4096; pages > 0; pages /= 4)
        while (count < 4096 && (block[count].start = alloc_pages(pages, &error)) != NULL) {
            block[count++].pages = pages;
            total += pages;
        }
    tap_ok(count > 0 && error == MNOS_E_NO_MEMORY, "alloc_pages ends with NULL and NO_MEMORY [M096]");
    tap_diag("%lu pages in %u blocks, of %lu frames", total, count, before.frames_free);
    tap_ok(total > before.frames_free / 10 * 9 && total <= before.frames_free, "when all memory is charged");
    for (unsigned i = 0; i < count; i++)
        free_pages(block[i].start, block[i].pages);
    ledger_same(&before, "all of it is given back, and every count is what it was [M096]");
}

static void init_heap(void)
{
    struct mnos_info_ledger before = ledger_now(), during;
    uint64_t base = 0x600040000000;
    bool all = true;

    for (unsigned i = 0; i < 1000 && all; i++) {
        int64_t memory = mnos_mem_alloc(mnos_pool(), PAGE, MNOS_MEM_ANON, 0);
        all = memory >= 0 && map_at((mnos_handle_t)memory, base + i * PAGE, PAGE, RW) == 0 &&
              mnos_cap_delete((mnos_handle_t)memory) == 0;
        *(volatile uint64_t *)(base + i * PAGE) = i;
    }
    during = ledger_now();
    tap_ok(all && during.caps == before.caps, "1000 pages by alloc, map and drop use no slot [M242]");
    for (unsigned i = 0; i < 1000 && all; i++)
        all = *(volatile uint64_t *)(base + i * PAGE) == i;
    tap_ok(all, "and each is its own");
    mnos_mem_unmap(MNOS_SELF, base, 1000 * PAGE);
    ledger_same(&before, "and all are given back");
}

static uint32_t race_stop;

static void race_unmap(void *arg)
{
    mnos_handle_t memory = (mnos_handle_t)arg;

    while (!__atomic_load_n(&race_stop, __ATOMIC_ACQUIRE)) {
        mnos_mem_unmap(MNOS_SELF, AT, PAGE);
        map_at(memory, AT, PAGE, RW);
    }
}

/* A page that another thread unmaps while the kernel writes there. */
static void unmapped_meanwhile(void)
{
    mnos_handle_t memory = new_memory(PAGE);
    struct mnos_thread *thread = thread_start(race_unmap, (void *)memory, NULL, NULL);
    unsigned good = 0, fault = 0, other = 0;
    uint64_t end = clock_ns() + 200 * MNOS_MS;

    while (clock_ns() < end) {
        int64_t status = mnos_cap_inspect(memory, (void *)AT, sizeof(struct mnos_cap_info));
        if (status >= 0)
            good++;
        else if (status == -MNOS_E_FAULT)
            fault++;
        else
            other++;
        mnos_thread_yield();
    }
    __atomic_store_n(&race_stop, 1, __ATOMIC_RELEASE);
    thread_join(thread);
    tap_ok(other == 0 && good > 0, "a buffer that another thread unmaps meanwhile is written or refused");
    tap_diag("%u written, %u refused", good, fault);
    mnos_mem_unmap(MNOS_SELF, AT, PAGE);
    mnos_cap_delete(memory);
}

/* The table of shared frames is a page that the kernel keeps from the first share on. */
static void first_share(void)
{
    mnos_handle_t memory = new_memory(PAGE);

    must(map_at(memory, AT, PAGE, RW), "map");
    *(volatile uint64_t *)AT = 1;
    mnos_cap_delete(must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, memory), "a copy-on-write child"));
    mnos_mem_unmap(MNOS_SELF, AT, PAGE);
    mnos_cap_delete(memory);
}

static void tests(void)
{
    first_share();
    struct mnos_info_ledger before = ledger_now();

    write_and_read_back();
    protection();
    executable();
    limits();
    quota();
    init_heap();
    unmapped_meanwhile();
    object_tests();
    ledger_same(&before, "after all of it every count is what it was");
    all_memory();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
