/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds of Memory: windows, copy-on-write children, contiguous, lazily charged, resized, granted. */
#include "memory.h"

#define PAGE MNOS_PAGE_SIZE
#define AT   0x520000000000ull
#define BT   0x521000000000ull
#define RW   (MNOS_MAP_READ | MNOS_MAP_WRITE)

static volatile uint64_t *word_at(uint64_t address)
{
    return (volatile uint64_t *)address;
}

static void windows(void)
{
    mnos_handle_t memory = new_memory(8 * PAGE);
    struct tally tally = {0};

    must(map_at(memory, AT, 8 * PAGE, RW), "map");
    for (unsigned i = 0; i < 8; i++)
        *word_at(AT + i * PAGE) = i;
    int64_t window = mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, memory, 2 * PAGE, 3 * PAGE, MNOS_RIGHT_READ);
    must(window, "window");
    tap_eq((int64_t)inspect((mnos_handle_t)window).size, 3 * (int64_t)PAGE, "a window of a Memory has its own size");
    must(map_at((mnos_handle_t)window, BT, 3 * PAGE, MNOS_MAP_READ), "map");
    tap_ok(*word_at(BT) == 2 && *word_at(BT + 2 * PAGE) == 4, "and shows the middle of it [M018]");
    *word_at(AT + 2 * PAGE) = 77;
    tap_eq((int64_t)*word_at(BT), 77, "as it is now");
    mnos_mem_unmap(MNOS_SELF, BT, 3 * PAGE);
    tally_status(&tally,
                 mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, (mnos_handle_t)window, 2 * PAGE, 2 * PAGE, MNOS_RIGHT_READ),
                 MNOS_E_RANGE, "beyond the window", 0);
    tally_status(&tally, mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, (mnos_handle_t)window, 0, PAGE, MNOS_RIGHT_WRITE),
                 MNOS_E_NO_RIGHTS, "with WRITE", 0);
    tally_status(&tally,
                 mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, memory, UINT64_MAX & ~(PAGE - 1), 2 * PAGE, MNOS_RIGHT_READ),
                 MNOS_E_RANGE, "wraps", 0);
    tally_status(&tally, mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, memory, 0, 0, MNOS_RIGHT_READ), MNOS_E_RANGE,
                 "empty", 0);
    tally_status(&tally, mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, memory, 1, PAGE, MNOS_RIGHT_READ), MNOS_E_UNALIGNED,
                 "offset", 1);
    tally_done(&tally, "outside of it nothing can be had [M018]");
    mnos_cap_delete((mnos_handle_t)window);
    mnos_mem_unmap(MNOS_SELF, AT, 8 * PAGE);
    mnos_cap_delete(memory);
}

static void copy_on_write(void)
{
    mnos_handle_t parent = new_memory(4 * PAGE);

    must(map_at(parent, AT, 4 * PAGE, RW), "map");
    for (unsigned i = 0; i < 3; i++)
        *word_at(AT + i * PAGE) = 100 + i;
    mnos_handle_t child = must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, parent), "child");
    must(map_at(child, BT, 4 * PAGE, RW), "map");
    tap_ok(*word_at(BT) == 100 && *word_at(BT + PAGE) == 101 && *word_at(BT + 3 * PAGE) == 0,
           "a copy-on-write child has the content of its source");
    *word_at(BT) = 1;
    *word_at(AT + PAGE) = 2;
    *word_at(AT + 3 * PAGE) = 3;
    tap_ok(*word_at(AT) == 100 && *word_at(BT + PAGE) == 101 && *word_at(BT + 3 * PAGE) == 0 && *word_at(BT) == 1 &&
               *word_at(AT + PAGE) == 2,
           "a write to either is not seen by the other");
    mnos_handle_t grandchild = must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, child), "grandchild");
    mnos_mem_unmap(MNOS_SELF, BT, 4 * PAGE);
    mnos_cap_delete(child);
    must(map_at(grandchild, BT, 4 * PAGE, RW), "map");
    tap_ok(*word_at(BT) == 1 && *word_at(BT + PAGE) == 101 && *word_at(BT + 2 * PAGE) == 102,
           "a grandchild keeps its content when the child is gone");
    mnos_mem_unmap(MNOS_SELF, AT, 4 * PAGE);
    mnos_cap_delete(parent);
    tap_ok(*word_at(BT + 2 * PAGE) == 102, "and when the source is gone");
    mnos_mem_unmap(MNOS_SELF, BT, 4 * PAGE);
    mnos_cap_delete(grandchild);
}

static void contiguous(void)
{
    mnos_handle_t memory =
        must(mnos_mem_alloc(mnos_pool(), 8 * PAGE, MNOS_MEM_CONTIG, UINT32_MAX), "contiguous memory");
    int64_t first = mnos_mem_control(memory, MNOS_MEMCTL_PHYS, 0, 0, 0);
    bool follow = first > 0;

    for (unsigned i = 1; i < 8; i++)
        follow &= mnos_mem_control(memory, MNOS_MEMCTL_PHYS, i * PAGE, 0, 0) == first + (int64_t)(i * PAGE);
    tap_ok(follow && first < INT64_C(0x100000000), "contiguous memory is contiguous, and below the limit");
    mnos_handle_t view = mint(memory, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE, 0);
    tap_status(mnos_mem_control(view, MNOS_MEMCTL_PHYS, 0, 0, 0), MNOS_E_NO_RIGHTS,
               "only who holds it with GRANT learns its physical address");
    mnos_handle_t plain = new_memory(PAGE);
    tap_status(mnos_mem_control(plain, MNOS_MEMCTL_PHYS, 0, 0, 0), MNOS_E_NOT_SUPPORTED, "ordinary memory tells none");
    mnos_cap_delete(plain);
    mnos_cap_delete(view);
    mnos_cap_delete(memory);
}

static void lazy(void)
{
    mnos_handle_t pool = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), 64 * PAGE, 0, 0), "a pool");
    mnos_handle_t memory = must(mnos_mem_alloc(pool, 1024 * PAGE, MNOS_MEM_ANON | MNOS_MEM_LAZY, 0), "lazy memory");
    uint64_t used = inspect(pool).used;

    must(map_at(memory, AT, 1024 * PAGE, RW), "map");
    *word_at(AT + 500 * PAGE) = 5;
    tap_ok(inspect(pool).used > used && inspect(memory).used == PAGE, "lazy memory is charged at the first touch");
    for (unsigned i = 0; i < 64; i++)
        if (mnos_cap_inspect(memory, (void *)(AT + i * PAGE), 8) < 0) {
            tap_ok(i > 8, "and what its pool cannot pay is an error to the call that touches it");
            break;
        }
    tap_status(mnos_mem_control(memory, MNOS_MEMCTL_DECOMMIT, 0, 64 * PAGE, 0), MNOS_OK, "pages are given back");
    tap_ok(*word_at(AT + 3 * PAGE) == 0 && *word_at(AT + 500 * PAGE) == 5, "and read as zero, the others as they were");
    mnos_mem_unmap(MNOS_SELF, AT, 1024 * PAGE);
    mnos_cap_delete(memory);
    mnos_cap_delete(pool);
}

static void resize(void)
{
    mnos_handle_t memory = new_memory(2 * PAGE);

    must(map_at(memory, AT, 4 * PAGE, RW), "map");
    tap_ok(accessible(AT + PAGE, true) && !accessible(AT + 2 * PAGE, true),
           "a mapping reaches past the end of its Memory");
    tap_status(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, 4 * PAGE, 0, 0), MNOS_OK, "it grows");
    tap_ok(accessible(AT + 3 * PAGE, true), "and the mapping with it");
    *word_at(AT + 3 * PAGE) = 9;
    tap_status(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, PAGE, 0, 0), MNOS_OK, "it shrinks");
    tap_ok(!accessible(AT + PAGE, true) && accessible(AT, true), "and so does the mapping");
    must(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, 4 * PAGE, 0, 0), "grow");
    tap_eq((int64_t)*word_at(AT + 3 * PAGE), 0, "what comes back is zero");
    tap_status(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, 100, 0, 0), MNOS_E_UNALIGNED, "to whole pages only");
    mnos_mem_unmap(MNOS_SELF, AT, 4 * PAGE);
    mnos_cap_delete(memory);
}

static void grants(void)
{
    struct mnos_info_ledger before = ledger_now();
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "grant", 5, 0), "a process");
    mnos_handle_t memory = new_memory(4 * PAGE);
    uint64_t copied = ledger_now().copied_bytes;

    must(map_at(memory, AT, 4 * PAGE, RW), "map");
    *word_at(AT + PAGE) = 1;
    tap_status(mnos_mem_grant(process, memory, PAGE, PAGE, MNOS_RIGHT_READ, MNOS_GRANT_SHARE), MNOS_OK,
               "a page is shared with another process [M049]");
    tap_ok(accessible(AT + PAGE, true), "and stays");
    tap_status(mnos_mem_grant(process, memory, 2 * PAGE, PAGE, MNOS_RIGHT_READ, MNOS_GRANT_MOVE), MNOS_OK,
               "another page is moved there [M049]");
    tap_eq((int64_t)*word_at(AT + 2 * PAGE), 0, "and is gone from here");
    tap_status(mnos_mem_grant(process, memory, 1, PAGE, MNOS_RIGHT_READ, MNOS_GRANT_SHARE), MNOS_E_UNALIGNED, "offset");
    tap_status(mnos_mem_grant(process, memory, 4 * PAGE, PAGE, MNOS_RIGHT_READ, MNOS_GRANT_SHARE), MNOS_E_RANGE,
               "range");
    tap_status(mnos_mem_grant(process, memory, 0, PAGE, MNOS_RIGHT_READ, 7), MNOS_E_INVALID, "flags");
    tap_eq((int64_t)(ledger_now().copied_bytes - copied), 0, "no byte was copied [M007]");
    mnos_mem_unmap(MNOS_SELF, AT, 4 * PAGE);
    mnos_cap_delete(memory);
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    ledger_same(&before, "and everything is given back");
}

void object_tests(void)
{
    windows();
    copy_on_write();
    struct mnos_info_ledger before = ledger_now();
    copy_on_write();
    ledger_same(&before, "and nothing is left of a copy-on-write child");
    contiguous();
    lazy();
    resize();
    grants();
}
