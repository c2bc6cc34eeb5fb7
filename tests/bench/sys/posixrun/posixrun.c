/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs posixbench as a process of the process server, with a tmpfs as its whole world: the program is /posixbench, its files are in
 * /tmp.  What it prints goes to the log line by line; each of its lines is told again as `bench posix_NAME VALUE` in whole
 * instructions.
 */
#include <libmnos/initctl.h>
#include <libmnos/package.h>
#include <libmnos/thread.h>
#include <vfs/protocol.h>

#include "../../../system/common/process.h"
#include "../../../system/common/test.h"

#define PROGRAM    "posixbench"
#define POOL_BYTES (96ull << 20)
#define DIED       1ull
#define PATIENCE   (60 * 60 * MNOS_S)

static mnos_handle_t vfs;

/* A call with a path on the root; the capability that comes back, if the call gives one. */
static mnos_handle_t path_call(uint64_t label, const char *path, uint64_t flags, uint64_t mode)
{
    size_t length = strlen(path);
    struct mnos_msg msg = {.label = label, .word = {[1] = flags, [2] = mode, [7] = length}};
    struct mnos_call_data data = {.send = path, .send_len = length, .send_cap = MNOS_NONE, .recv_caps = 1};

    must(mnos_call_with(vfs, &msg, &data), path);
    must(-(int64_t)msg.label, path);
    return data.recv_cap[0];
}

static void program_put(const struct ustar_member *program)
{
    mnos_handle_t file = path_call(VFS_OPEN, PROGRAM, VFS_O_WRONLY | VFS_O_CREATE, 0755);
    struct mnos_call_data data = {.send = program->data, .send_len = program->size, .send_cap = MNOS_NONE};
    struct mnos_msg msg = {.label = VFS_WRITE, .word = {program->size, VFS_HERE}};

    must(mnos_call_with(file, &msg, &data), PROGRAM);
    must(msg.label == 0 && msg.word[0] == program->size ? 0 : -MNOS_E_NO_MEMORY, PROGRAM);
    mnos_cap_delete(file);
}

/* "name<TAB>ops<TAB>cost.hundredths<TAB>unit": the cost, rounded up. */
static void line_tell(const char *line)
{
    const char *name_end = line, *cost;
    uint64_t value = 0;

    while (*name_end != '\0' && *name_end != '\t')
        name_end++;
    cost = *name_end == '\t' ? name_end + 1 : name_end;
    while (*cost >= '0' && *cost <= '9')
        cost++;
    if (cost == name_end + 1 || *cost++ != '\t')
        return;
    while (*cost >= '0' && *cost <= '9')
        value = value * 10 + (uint64_t)(*cost++ - '0');
    value += cost[0] == '.' && (cost[1] != '0' || cost[2] != '0');
    printf("bench posix_%.*s %lu\n", (int)(name_end - line), line, value);
}

/* Lines, as they come in pieces. */
static void output_take(const char *text, size_t length)
{
    static char line[256];
    static size_t used;

    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\n') {
            line[used] = text[i];
            used += used < sizeof line - 1;
            continue;
        }
        line[used] = '\0';
        used = 0;
        printf("# %s\n", line);
        line_tell(line);
    }
}

/* Its wait status; this thread prints meanwhile what it says. */
struct watcher {
    mnos_handle_t proc, death;
    int64_t pid, status;
};

static void watcher_run(void *arg)
{
    struct watcher *w = arg;

    w->status = process_wait(w->proc, w->pid);
    must(mnos_ipc_notify(w->death, DIED), "notify");
}

static void bench_run(const struct ustar_member *program)
{
    /* No sockets of the Internet's: tcp, udp and socket_ are left out. */
    static const char *const argv[] = {"/" PROGRAM, "-i", "-T",  "30", "-d",      "/tmp", "-x",
                                       "tcp",       "-x", "udp", "-x", "socket_", NULL};
    mnos_handle_t log = new_endpoint(), death = new_notification();
    const struct process_start start = {
        .proc = mnos_cap(PROC_SERVICE_NAME),
        .pool = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), POOL_BYTES, 0, 0), "a pool"),
        .log = log,
        .root = path_call(VFS_OPEN, "/", VFS_O_DIRECTORY, 0),
        .name = PROGRAM,
        .argv = argv};
    struct watcher watcher = {.proc = start.proc, .death = death};
    enum mnos_error error;

    must(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, death, 0), "bind");
    watcher.pid = process_start(&start, program);
    must(watcher.pid < 0 ? -MNOS_E_INVALID : 0, PROGRAM);
    struct mnos_thread *thread = thread_start(watcher_run, &watcher, NULL, &error);
    must(-(int64_t)error, "a thread");
    bool ended = process_output(log, clock_ns() + PATIENCE, output_take);
    if (ended)
        thread_join(thread);
    tap_ok(ended && watcher.status == 0, "posixbench runs to its end");
}

int main(int argc, char **argv)
{
    struct ustar_member program;
    struct mnos_cap_info package = inspect(mnos_cap("package"));

    (void)argc, (void)argv;
    vfs = mnos_cap("vfs");
    must(mnos_mem_map(MNOS_SELF, mnos_cap("package"), MNOS_INIT_PACKAGE, 0, package.size, MNOS_MAP_READ),
         "the package");
    must(package_find(PROGRAM, &program) == USTAR_OK ? 0 : -MNOS_E_NOT_FOUND, PROGRAM);
    program_put(&program);
    (void)path_call(VFS_MKDIR, "tmp", 0, 0755);
    bench_run(&program);
    int failed = tap_done();
    (void)(failed ? init_fail(mnos_cap("init")) : init_power_off(mnos_cap("init")));
    return failed;
}
