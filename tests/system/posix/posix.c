/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the differential programs: the package holds bin/NAME, a program of tests/posix/programs/ for this system, and out/NAME,
 * what the same source printed on Linux with the same libc (then "exit N").  A program writes to the "log" that it is given,
 * which is an endpoint of this test.
 */
#include <libmnos/initctl.h>
#include <libmnos/package.h>
#include <posix/start.h>
#include <proc/protocol.h>
#include <vfs/protocol.h>

#include "../common/machine.h"
#include "../common/test.h"
#include "block.h"
#include "hostile.h"
#include "../common/process.h"
#include <libmnos/thread.h>

#define OUTPUT_MAX    (256u << 10)
#define POOL_BYTES    (48ull << 20)
#define BLOCK_PROGRAM "block"
#define DIED          1ull
#define LIMIT_NS      (60 * MNOS_S)

/* The file server's service capability; MNOS_NONE: this program is init, and the programs get no files. */
static mnos_handle_t vfs = MNOS_NONE;

/* The process server's; MNOS_NONE: the programs are native services. */
static mnos_handle_t proc = MNOS_NONE;

/* What each program shows of docs/promises.md. */
static const struct {
    const char *program, *rows;
} shown[] = {
    {"ends", " [M329]"},       {"files", " [M322 M327 M328 M347]"},
    {"hello", " [M357]"},      {"map_private", " [M350]"},
    {"map_shared", " [M350]"}, {"memory", " [M346]"},
    {"names", " [M321 M323]"}, {"threads", " [M358]"},
};

static char output[OUTPUT_MAX];
static size_t output_size;

/* A member of the package as a file in the program's directory, where there is such a member. */
static void file_put(mnos_handle_t directory, const char *member, const char *name, uint64_t mode)
{
    struct ustar_member script;

    if (package_find(member, &script) != USTAR_OK)
        return;
    struct mnos_msg msg = {.label = VFS_OPEN,
                           .word = {[1] = VFS_O_WRONLY | VFS_O_CREATE, [2] = mode, [7] = strlen(name)}};
    struct mnos_call_data open = {.send = name, .send_len = strlen(name), .send_cap = MNOS_NONE, .recv_caps = 1};
    must(mnos_call_with(directory, &msg, &open), "the script");
    must(-(int64_t)msg.label, "the script");
    struct mnos_call_data data = {.send = script.data, .send_len = script.size, .send_cap = MNOS_NONE};
    msg = (struct mnos_msg){.label = VFS_WRITE, .word = {script.size, VFS_HERE}};
    must(mnos_call_with(open.recv_cap[0], &msg, &data), "the script");
    must(msg.label == 0 && msg.word[0] == script.size ? 0 : -MNOS_E_NO_MEMORY, "the script");
    mnos_cap_delete(open.recv_cap[0]);
}

/* The program's input, as the file `one`, and what it starts, as the file `child`. */
static void files_put(mnos_handle_t directory, const char *name)
{
    char path[64] = "in/";

    memcpy(path + 3, name, strnlen(name, sizeof path - 4));
    file_put(directory, path, "one", 0644);
    file_put(directory, "helper/child", "child", 0755);
}

/* A new directory, as a capability: all that the program will see of the tree. */
static mnos_handle_t directory_make(const char *name)
{
    size_t length = strlen(name);
    struct mnos_msg msg = {.label = VFS_MKDIR, .word = {[2] = 0755, [7] = length}};
    struct mnos_call_data data = {.send = name, .send_len = length, .send_cap = MNOS_NONE, .recv_caps = 1};

    must(mnos_call_with(vfs, &msg, &data), "mkdir");
    must(-(int64_t)msg.label, "mkdir");
    msg = (struct mnos_msg){.label = VFS_OPEN, .word = {[1] = VFS_O_DIRECTORY, [7] = length}};
    must(mnos_call_with(vfs, &msg, &data), "open");
    must(-(int64_t)msg.label, "open");
    files_put(data.recv_cap[0], name);
    return data.recv_cap[0];
}

/* `more`: its root directory or its start block, under that name; MNOS_NONE: neither. */
static struct spawn_child program_start(const struct ustar_member *image, const char *name, mnos_handle_t pool,
                                        mnos_handle_t log, const struct spawn_cap *more)
{
    char args[64] = {0};
    size_t length = strlen(name) + 1;
    struct spawn_child child;
    const struct spawn_cap caps[] = {
        {.name = "pool", .handle = pool, .rights = MNOS_RIGHT_WRITE},
        {.name = "log", .handle = log, .rights = MNOS_RIGHT_SEND},
        *more,
    };

    memcpy(args, name, length);
    memcpy(args + length, "one\0two words", 14);
    struct spawn spawn = {.image = image->data,
                          .image_size = image->size,
                          .name = name,
                          .pool = pool,
                          .fault = MNOS_NONE,
                          .caps = caps,
                          .cap_count = more->handle == MNOS_NONE ? 2 : 3,
                          .args = args,
                          .args_len = length + 14};
    must(-(int64_t)mnos_spawn(&spawn, &child), name);
    return child;
}

/* What a program gets beside pool and log. */
static struct spawn_cap more_of(const char *name)
{
    const uint32_t block_rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE;

    if (strcmp(name, BLOCK_PROGRAM) == 0)
        return (struct spawn_cap){
            .name = POSIX_START_NAME, .handle = block_make(name, BLOCK_WHOLE, NULL), .rights = block_rights};
    return (struct spawn_cap){
        .name = "root", .handle = vfs == MNOS_NONE ? MNOS_NONE : directory_make(name), .rights = MNOS_RIGHT_SEND};
}

static void output_add(const char *text, size_t length)
{
    size_t room = sizeof output - output_size;

    memcpy(output + output_size, text, length < room ? length : room);
    output_size += length < room ? length : room;
}

static void exit_add(uint64_t status)
{
    char text[40];
    size_t length = (size_t)fmt_snprint(text, sizeof text, "exit %lu\n", status);

    output_add(text, length);
}

/* Where they part, with some of both. */
static void difference_show(const char *expected, size_t size)
{
    size_t at = 0;

    while (at < size && at < output_size && expected[at] == output[at])
        at++;
    while (at > 0 && at - 1 < size && expected[at - 1] != '\n')
        at--;
    tap_diag("expected: %.*s", (int)(size - at < 160 ? size - at : 160), expected + at);
    tap_diag("printed:  %.*s", (int)(output_size - at < 160 ? output_size - at : 160), output + at);
}

static const char *rows_of(const char *program)
{
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (strcmp(shown[i].program, program) == 0)
            return shown[i].rows;
    return "";
}

/* The program before gives its own back a little after its end. */
static mnos_handle_t pool_new(void)
{
    for (uint64_t end = clock_ns() + LIMIT_NS;; sleep_ns(MNOS_MS)) {
        int64_t pool = mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), POOL_BYTES, 0, 0);
        if (pool != -MNOS_E_NO_MEMORY || clock_ns() >= end)
            return must(pool, "a pool");
    }
}

/* Waits for a process of the process server, beside the thread that takes what it prints. */
struct watcher {
    mnos_handle_t death;
    int64_t pid, status;
};

static void watcher_run(void *arg)
{
    struct watcher *w = arg;

    w->status = process_wait(proc, w->pid);
    must(mnos_ipc_notify(w->death, DIED), "notify");
}

/* As a shell on Linux says it. */
static uint64_t shell_status(int64_t status)
{
    return (status & 0x7f) != 0 ? 128 + (uint64_t)(status & 0x7f) : (uint64_t)status >> 8;
}

static void process_run(const struct ustar_member *image, const char *name, mnos_handle_t pool, mnos_handle_t log,
                        mnos_handle_t death, mnos_handle_t root)
{
    const struct process_start start = {.proc = proc, .pool = pool, .log = log, .root = root, .name = name};
    struct watcher watcher = {.death = death, .pid = process_start(&start, image)};
    enum mnos_error error;

    must(watcher.pid < 0 ? -MNOS_E_INVALID : 0, name);
    struct mnos_thread *thread = thread_start(watcher_run, &watcher, NULL, &error);
    must(-(int64_t)error, "a thread");
    if (process_output(log, clock_ns() + LIMIT_NS, output_add)) {
        thread_join(thread);
        exit_add(shell_status(watcher.status));
    } else {
        output_add("no end\n", 7);
    }
}

static void service_run(const struct ustar_member *image, const char *name, mnos_handle_t pool, mnos_handle_t log,
                        mnos_handle_t death, const struct spawn_cap *more)
{
    struct spawn_child child = program_start(image, name, pool, log, more);

    must(mnos_thread_control(child.process, MNOS_THREADCTL_WATCH, death, DIED), "watch");
    if (process_output(log, clock_ns() + LIMIT_NS, output_add))
        exit_add(inspect(child.process).status);
    else
        output_add("no end\n", 7);
    spawn_drop(&child);
}

static void program_test(const struct ustar_member *image, const char *name)
{
    struct ustar_member expected;
    char path[64] = "out/";
    struct mnos_info_ledger before = {0};

    if (vfs == MNOS_NONE)
        before = ledger_now();
    mnos_handle_t pool = pool_new();
    mnos_handle_t log = new_endpoint(), death = new_notification();

    memcpy(path + 4, name, strnlen(name, sizeof path - 5));
    must(package_find(path, &expected) == USTAR_OK ? 0 : -MNOS_E_NOT_FOUND, path);
    must(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, death, 0), "bind");
    output_size = 0;
    struct spawn_cap more = more_of(name);
    if (proc == MNOS_NONE)
        service_run(image, name, pool, log, death, &more);
    else
        process_run(image, name, pool, log, death, more.handle);
    bool same = output_size == expected.size && memcmp(output, expected.data, expected.size) == 0;
    if (!tap_ok(same, "%s prints here what it prints on Linux with the same libc%s", name, rows_of(name)))
        difference_show((const char *)expected.data, expected.size);
    must(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, MNOS_NONE, 0), "unbind");
    mnos_cap_delete(log);
    mnos_cap_delete(death);
    mnos_cap_delete(pool);
    if (more.handle != MNOS_NONE)
        mnos_cap_delete(more.handle);
    if (vfs == MNOS_NONE)
        ledger_same(&before, "and leaves nothing behind");
}

/* The program says nothing and ends with the status that says why. */
static void broken_block_test(const struct ustar_member *image)
{
    mnos_handle_t log = new_endpoint();
    struct tally tally = {0};

    for (unsigned rule = 0; rule < BLOCK_RULES; rule++) {
        struct spawn_cap block = {.name = POSIX_START_NAME, .rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE};
        const char *what;
        block.handle = block_make(BLOCK_PROGRAM, rule, &what);
        struct spawn_child child = program_start(image, BLOCK_PROGRAM, mnos_pool(), log, &block);
        tally_check(&tally, test_wait(&child) == MNOS_EXIT_BAD_START, what, rule);
        mnos_cap_delete(block.handle);
    }
    mnos_cap_delete(log);
    tally_done(&tally, "a start block that breaks a rule ends the program before it has begun");
}

static void posix_tests(void)
{
    size_t size;
    const void *package = package_bytes(&size);
    struct ustar_reader reader = ustar_open(package, size);
    struct ustar_member member;

    if (vfs == MNOS_NONE)
        machine_warm();
    while (ustar_next(&reader, &member) == USTAR_OK)
        if (strncmp(member.name, "bin/", 4) == 0)
            program_test(&member, member.name + 4);
    if (proc != MNOS_NONE && package_find("helper/child", &member) == USTAR_OK)
        hostile_tests(proc, &member);
    if (vfs == MNOS_NONE && package_find("bin/" BLOCK_PROGRAM, &member) == USTAR_OK)
        broken_block_test(&member);
}

/* As a service: the package has to be mapped first, and init is told the result. */
static int service_main(void)
{
    struct mnos_cap_info package = inspect(mnos_cap("package"));

    must(mnos_mem_map(MNOS_SELF, mnos_cap("package"), MNOS_INIT_PACKAGE, 0, package.size, MNOS_MAP_READ),
         "the package");
    posix_tests();
    int failed = tap_done();
    (void)(failed ? init_fail(mnos_cap("init")) : init_power_off(mnos_cap("init")));
    return failed;
}

int main(int argc, char **argv)
{
    vfs = mnos_cap("vfs");
    proc = mnos_cap(PROC_SERVICE_NAME);
    return vfs == MNOS_NONE ? test_main(argc, argv, NULL, 0, posix_tests) : service_main();
}
