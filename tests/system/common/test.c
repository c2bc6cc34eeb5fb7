/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/package.h>

#include "test.h"

const uint64_t bad_pointers[] = {
    0x0, /* never mapped */
    0x8,
    0xfff0,             /* the last bytes below the lowest user address */
    0x300000000000,     /* user space, not mapped */
    0x00007ffffffffff8, /* the end of user space */
    0x0000800000000000, /* the first address that is not canonical */
    0x8000000000000000,
    0xffff800000000000, /* the kernel's half */
    0xffff800000001000, /* RAM, which the kernel has mapped writable there */
    0xffffffff80200000, /* the kernel itself */
    0xfffffffffffffff8, /* wraps round */
};
const unsigned bad_pointer_count = sizeof bad_pointers / sizeof bad_pointers[0];

mnos_handle_t must(int64_t result, const char *what)
{
    if (result >= 0)
        return (mnos_handle_t)result;
    tap_ok(false, "%s: %s", what, mnos_error_name(result));
    tap_done();
    mnos_exit(1);
}

/* From the linker script. */
extern char __data_start[], __data_end[];

/*
 * Pages of the program's own data and stack, and page tables, are given at the first touch: all are touched before anything is counted.
 * volatile: the value does not matter.
 */
static void own_pages_touch(void)
{
    for (volatile char *p = __data_start; p < __data_end; p += MNOS_PAGE_SIZE)
        *p = *p;
    for (uint64_t at = MNOS_STACK_TOP - MNOS_STACK_SIZE; at < MNOS_STACK_TOP; at += MNOS_PAGE_SIZE)
        *(volatile char *)at = *(volatile char *)at;
    volatile char *page = alloc_pages(1, NULL);
    if (page)
        *page = 1;
    free_pages((void *)(uint64_t)page, 1);
    size_t size = 0;
    const volatile char *package = package_bytes(&size);
    for (size_t at = 0; at < size; at += MNOS_PAGE_SIZE)
        (void)package[at];
}

int test_main(int argc, char **argv, const struct role *roles, unsigned count, void (*tests)(void))
{
    for (unsigned i = 0; argc > 0 && i < count; i++)
        if (strcmp(argv[0], roles[i].name) == 0)
            return roles[i].run(argc, argv);
    if (argc > 0)
        return 0x7e57;
    own_pages_touch();
    tests();
    return tap_done();
}

static struct spawn_child image_spawn(const char *role, const struct spawn_cap *caps, unsigned cap_count,
                                      mnos_handle_t fault, mnos_handle_t pool)
{
    static struct ustar_member image;

    if (!image.data && package_find("sbin/init", &image) != USTAR_OK)
        must(-MNOS_E_NOT_FOUND, "the image of this program");
    struct spawn spawn = {.image = image.data,
                          .image_size = image.size,
                          .name = role,
                          .pool = pool,
                          .fault = fault,
                          .caps = caps,
                          .cap_count = cap_count,
                          .args = role,
                          .args_len = strlen(role) + 1};
    struct spawn_child child;
    enum mnos_error error = mnos_spawn(&spawn, &child);
    must(-(int64_t)error, role);
    return child;
}

struct spawn_child test_spawn_with(const char *role, const struct spawn_cap *caps, unsigned cap_count,
                                   mnos_handle_t fault, mnos_handle_t pool)
{
    struct spawn_cap all[16] = {{.name = "log", .handle = MNOS_BOOT_LOG, .rights = MNOS_RIGHT_SEND},
                                {.name = "pool", .handle = pool, .rights = MNOS_RIGHT_WRITE}};
    unsigned count = 2;

    for (unsigned i = 0; i < cap_count && count < 16; i++)
        all[count++] = caps[i];
    return image_spawn(role, all, count, fault, pool);
}

struct spawn_child test_spawn_empty(const char *role)
{
    return image_spawn(role, NULL, 0, MNOS_NONE, mnos_pool());
}

struct spawn_child test_spawn(const char *role, const struct spawn_cap *caps, unsigned cap_count)
{
    return test_spawn_with(role, caps, cap_count, MNOS_NONE, mnos_pool());
}

uint64_t test_status(const struct spawn_child *child)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t death = new_notification();

    must(mnos_thread_control(child->process, MNOS_THREADCTL_WATCH, death, 1), "watch");
    ext.deadline = clock_ns() + 60 * MNOS_S;
    int64_t status = mnos_ipc_recv(death, &msg, &ext, MNOS_NONE);
    mnos_cap_delete(death);
    struct mnos_cap_info info = inspect(child->process);
    return status < 0 || info.state != MNOS_STATE_DEAD ? TEST_TIMEOUT : info.status;
}

uint64_t test_wait(struct spawn_child *child)
{
    uint64_t status = test_status(child);

    spawn_drop(child);
    return status;
}

mnos_handle_t new_endpoint(void)
{
    return must(mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0), "an endpoint");
}

mnos_handle_t new_reply(void)
{
    return must(mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0), "a Reply");
}

mnos_handle_t new_notification(void)
{
    return must(mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0), "a notification");
}

mnos_handle_t new_memory(uint64_t bytes)
{
    return must(mnos_mem_alloc(mnos_pool(), bytes, MNOS_MEM_ANON, 0), "a Memory");
}

mnos_handle_t mint(mnos_handle_t from, uint32_t rights, uint64_t badge)
{
    return must(mnos_cap_create(MNOS_CREATE_MINT, from, rights, badge, 0), "a narrower capability");
}

struct mnos_cap_info inspect(mnos_handle_t cap)
{
    struct mnos_cap_info info = {0};

    must(mnos_cap_inspect(cap, &info, sizeof info), "inspect");
    return info;
}

#define PATIENCE (10 * MNOS_S)

bool advances(const volatile uint64_t *word)
{
    uint64_t before = *word, end = clock_ns() + PATIENCE;

    while (*word == before && clock_ns() < end)
        sleep_ns(MNOS_MS);
    return *word != before;
}

bool becomes(mnos_handle_t thread, uint64_t state)
{
    uint64_t end = clock_ns() + PATIENCE;

    while (inspect(thread).state != state && clock_ns() < end)
        sleep_ns(MNOS_MS / 2);
    bool is = inspect(thread).state == state;
    if (!is)
        tap_diag("state %lu instead of %lu", inspect(thread).state, state);
    return is;
}

static struct mnos_info_ledger ledger_read(void)
{
    struct mnos_info_ledger ledger = {0};
    mnos_handle_t system = mnos_cap("system"); /* as init, and as a service that has it */

    must(mnos_system_info(system == MNOS_NONE ? MNOS_BOOT_SYSTEM : system, MNOS_INFO_LEDGER, 0, &ledger, sizeof ledger),
         "the ledger");
    return ledger;
}

static bool ledger_differs(const struct mnos_info_ledger *a, const struct mnos_info_ledger *b)
{
    return a->frames_free != b->frames_free || memcmp(a->objects, b->objects, sizeof a->objects) != 0 ||
           a->caps != b->caps || a->badges != b->badges || b->dead_queue != 0;
}

/* The reaper has nothing to do, and two looks in a row agree: the counts of several cores are not read at one instant. */
struct mnos_info_ledger ledger_now(void)
{
    struct mnos_info_ledger last = ledger_read(), ledger;
    uint64_t deadline = clock_ns() + 5 * MNOS_S;

    for (;;) {
        sleep_ns(MNOS_MS);
        ledger = ledger_read();
        if (!ledger_differs(&last, &ledger) || clock_ns() >= deadline)
            return ledger;
        last = ledger;
    }
}

static void diag_count(const char *what, uint64_t before, uint64_t after)
{
    if (before != after)
        tap_diag("%s: %lu before, %lu after", what, before, after);
}

bool ledger_same(const struct mnos_info_ledger *before, const char *name)
{
    struct mnos_info_ledger after = ledger_now();
    uint64_t deadline = clock_ns() + 2 * MNOS_S;

    while (ledger_differs(before, &after) && clock_ns() < deadline) {
        sleep_ns(10 * MNOS_MS);
        after = ledger_now();
    }
    bool same = tap_ok(!ledger_differs(before, &after), "%s", name);
    if (!same) {
        diag_count("free frames", before->frames_free, after.frames_free);
        for (unsigned type = 0; type < MNOS_TYPE_COUNT; type++)
            if (before->objects[type] != after.objects[type])
                tap_diag("objects of type %u: %lu before, %lu after", type, before->objects[type], after.objects[type]);
        diag_count("capabilities", before->caps, after.caps);
        diag_count("badges", before->badges, after.badges);
        diag_count("dead queue", 0, after.dead_queue);
        diag_count("slab frames", before->slab_frames, after.slab_frames);
    }
    return same;
}

void tally_check(struct tally *tally, bool passed, const char *what, uint64_t detail)
{
    tally->checks++;
    if (passed)
        return;
    if (tally->failed++ < 8)
        tap_diag("%s (0x%lx) failed", what, detail);
}

void tally_status(struct tally *tally, int64_t got, int expected, const char *what, uint64_t detail)
{
    bool passed = expected == MNOS_OK ? got >= 0 : got == -expected;

    tally->checks++;
    if (passed)
        return;
    if (tally->failed++ < 8)
        tap_diag("%s (0x%lx): got %ld (%s), expected %s", what, detail, got, got < 0 ? mnos_error_name(got) : "success",
                 expected == MNOS_OK ? "success" : mnos_error_name(expected));
}

bool tally_done(const struct tally *tally, const char *name)
{
    bool passed = tally->failed == 0 && tally->checks > 0;

    tap_ok(passed, "%s", name);
    if (!passed)
        tap_diag("%u of %u checks failed", tally->failed, tally->checks);
    return passed;
}
