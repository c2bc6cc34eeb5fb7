/* SPDX-License-Identifier: BSD-2-Clause */
/* WebAssembly modules as services: called, crashed, restarted, stopped; and as programs, with and without what they want. */
#include <libmnos/clock.h>
#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <libmnos/names.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/system.h>
#include <str.h>

#define PATIENCE (5 * MNOS_S)

enum { ADD = 1, CAPITALS, DOUBLE, SIGNAL, CRASH, END, SPIN };

static mnos_handle_t init_cap(void)
{
    return mnos_cap("init");
}

static bool reaches(const char *name, enum init_state state, uint64_t restarts, struct init_status *status)
{
    uint64_t deadline = clock_ns() + PATIENCE;

    do {
        if (init_find(init_cap(), name, status) >= 0 && status->state == state && status->restarts >= restarts)
            return true;
        sleep_ns(2 * MNOS_MS);
    } while (clock_ns() < deadline);
    tap_diag("%s is %s (%s), %lu restarts, status %lx", name, init_state_name(status->state), status->why,
             status->restarts, status->exit);
    return false;
}

/* --- A service --- */

static int64_t ask(mnos_handle_t service, struct mnos_msg *msg, struct mnos_call_data *data)
{
    data->deadline = clock_ns() + PATIENCE;
    return mnos_call_with(service, msg, data);
}

static int64_t ask_word(mnos_handle_t service, uint64_t label, uint64_t word, struct mnos_msg *msg)
{
    struct mnos_call_data data = {.send_cap = MNOS_NONE};

    *msg = (struct mnos_msg){.label = label, .word = {word}};
    return ask(service, msg, &data);
}

static void service_calls(mnos_handle_t service)
{
    struct mnos_msg msg;
    char text[32] = "";
    struct mnos_call_data data = {
        .send = "wasm speaks", .send_len = 11, .recv = text, .recv_len = 31, .send_cap = MNOS_NONE};

    tap_ok(ask_word(service, ADD, 30, &msg) >= 0 && msg.label == 0 && ask_word(service, ADD, 12, &msg) >= 0 &&
               msg.word[0] == 42 && msg.word[2] == 2,
           "a service that is a module is called over IPC, and keeps its state between calls");
    tap_ok(msg.word[1] != 0, "it knows its caller by the badge");
    msg = (struct mnos_msg){.label = CAPITALS};
    tap_ok(ask(service, &msg, &data) >= 0 && msg.label == 0 && strcmp(text, "WASM SPEAKS") == 0,
           "bytes go to it and come back");
    tap_ok(ask_word(service, 99, 0, &msg) >= 0 && msg.label == MNOS_E_NOT_SUPPORTED,
           "it refuses what it does not know");
}

static void service_caps(mnos_handle_t service)
{
    int64_t memory = mnos_mem_alloc(mnos_pool(), MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0);
    uint64_t *here = map_memory((mnos_handle_t)memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    int64_t bell = mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0);
    struct mnos_msg msg = {.label = DOUBLE};
    struct mnos_call_data data = {.send_cap = (mnos_handle_t)memory};

    *here = 21;
    tap_ok(ask(service, &msg, &data) >= 0 && msg.label == 0 && msg.word[0] == 21 && *here == 42,
           "memory that is granted to it is read and written by it");
    int64_t readable =
        mnos_cap_create(MNOS_CREATE_MINT, (mnos_handle_t)memory, MNOS_RIGHT_READ | MNOS_RIGHT_GRANT, 0, 0);
    msg = (struct mnos_msg){.label = DOUBLE};
    data.send_cap = (mnos_handle_t)readable;
    tap_ok(ask(service, &msg, &data) >= 0 && msg.label != 0 && *here == 42,
           "what is granted to be read cannot be written");
    msg = (struct mnos_msg){.label = SIGNAL, .word = {5}};
    data.send_cap = (mnos_handle_t)bell;
    bool asked = ask(service, &msg, &data) >= 0 && msg.label == 0;
    struct mnos_fast got = mnos_fast_recv((mnos_handle_t)bell, MNOS_NONE);
    tap_ok(asked && got.status >= 0 && MNOS_INFO_KIND(got.info) == MNOS_KIND_NOTIFICATION,
           "a notification that is granted to it is signalled by it");
    unmap_memory(here, MNOS_PAGE_SIZE);
    mnos_cap_delete((mnos_handle_t)memory);
    mnos_cap_delete((mnos_handle_t)readable);
    mnos_cap_delete((mnos_handle_t)bell);
}

/* So many calls with a capability each that its table of numbers would overflow if it kept them. */
static void service_keeps_none(mnos_handle_t service)
{
    int64_t bell = mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0);
    bool all = bell >= 0;

    for (unsigned i = 0; i < 600 && all; i++) {
        struct mnos_msg msg = {.label = ADD};
        struct mnos_call_data data = {.send_cap = (mnos_handle_t)bell};
        all = ask(service, &msg, &data) >= 0 && msg.label == 0;
    }
    mnos_cap_delete((mnos_handle_t)bell);
    tap_ok(all, "capabilities that it drops leave nothing behind, 600 times");
}

static void service_crashes(mnos_handle_t service)
{
    struct init_status status;
    struct mnos_msg msg;
    bool running = reaches("counter", INIT_STATE_RUNNING, 0, &status);
    uint64_t pid = status.pid;

    tap_status(ask_word(service, CRASH, 0, &msg), MNOS_E_PEER_GONE, "the caller of a module that traps is told");
    tap_ok(running && reaches("counter", INIT_STATE_RUNNING, 1, &status) && status.pid != pid && status.exit == 134,
           "a module that traps is restarted like any other service");
    tap_ok(ask_word(service, ADD, 7, &msg) >= 0 && msg.word[0] == 7 && msg.word[2] == 1,
           "the same capability reaches it again, and it begins anew");
    pid = status.pid;
    (void)ask_word(service, END, 3, &msg);
    tap_ok(reaches("counter", INIT_STATE_RUNNING, 2, &status) && status.pid != pid && status.exit == 3,
           "its exit status is the process's");
}

static bool exact_time(void)
{
    struct mnos_info_kernel kernel = {0};

    (void)mnos_system_info(mnos_cap("system"), MNOS_INFO_KERNEL, 0, &kernel, sizeof kernel);
    return kernel.cores == 1;
}

static uint64_t cpu_ns(uint64_t pid)
{
    struct mnos_info_process process = {0};

    (void)mnos_system_info(mnos_cap("system"), MNOS_INFO_PROCESS, pid, &process, sizeof process);
    return process.pid == pid ? process.cpu_ns : 0;
}

/* An endless loop has its budget, leaves the others their time, and ends when it is told to. */
static void service_spins(void)
{
    struct init_status status;
    mnos_handle_t service = MNOS_NONE;
    struct mnos_msg msg = {.label = SPIN};

    tap_ok(reaches("registrar", INIT_STATE_RUNNING, 0, &status) && names_lookup(init_cap(), "registrar", &service) == 0,
           "a module registers its endpoint itself, and is found by its name");
    uint64_t pid = status.pid, before = clock_ns(), used = cpu_ns(pid);
    int64_t asked = mnos_ipc_send(service, &msg, NULL);
    sleep_ns(200 * MNOS_MS);
    uint64_t share = (cpu_ns(pid) - used) * 100 / (clock_ns() - before);
    /* Only where the machine's time is that of its instructions can a share be judged. */
    if (exact_time())
        tap_ok(asked >= 0 && share < 30 && share > 5, "an endless loop stays within its CPU budget");
    else
        tap_skip("the host's load counts as the loop's time", "an endless loop stays within its CPU budget");
    tap_diag("it used %lu %% of the time", share);
    tap_ok(init_kill(init_cap(), pid) >= 0 && reaches("registrar", INIT_STATE_RUNNING, 1, &status) && status.pid != pid,
           "it is ended from outside, and started again");
    mnos_cap_delete(service);
    tap_ok(names_lookup(init_cap(), "registrar", &service) == 0 && ask_word(service, ADD, 1, &msg) >= 0 &&
               msg.word[0] == 1,
           "and answers again under its name");
}

/* --- Programs --- */

static uint64_t run(const char *service, const char *words, size_t length)
{
    struct init_status status;
    char request[INIT_REQUEST_MAX];
    size_t name = strlen(service) + 1;

    memcpy(request, service, name);
    memcpy(request + name, words, length);
    if (init_run(init_cap(), request, name + length) < 0)
        return 1000;
    do {
        sleep_ns(5 * MNOS_MS);
        if (init_find(init_cap(), service, &status) < 0)
            return 1001;
    } while (status.pid != 0);
    return status.exit;
}

#define RUN(service, words) run(service, words, sizeof(words))
#define HELLO               "bin/hello_wasm.wasm"

static void programs(void)
{
    tap_eq((int64_t)RUN("wasm", "inspect\0" HELLO), 0, "a module's size, imports and exports are shown");
    tap_eq((int64_t)RUN("wasm", "validate\0" HELLO), 0, "a sound module is told so");
    tap_eq((int64_t)RUN("wasm", "validate\0etc/poem/text"), 2, "a file that is no module is refused [M245]");
    tap_eq((int64_t)RUN("wasm", "disassemble\0" HELLO), 0, "its instructions are shown");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0add\0" HELLO "\0"
                                "10\0"
                                "32"),
           0, "add(10, 32) is called");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--interp\0--invoke\0add\0" HELLO "\0"
                                "-5\0"
                                "3"),
           0, "and by the interpreter, with others");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0" HELLO), 0, "host_print, with the ports");
    tap_eq((int64_t)RUN("wasm", "run\0" HELLO), 2, "host_print does not exist where the ports are not granted [M249]");
    tap_eq((int64_t)RUN("wasm_without", "run\0--grant\0com1\0" HELLO), 2,
           "nor can ports be granted that the process has not [M249]");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0print\0" HELLO "\0"
                                "65530\0"
                                "7"),
           134, "a text that leaves the memory traps the module [M248]");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0print\0" HELLO "\0"
                                "-1\0"
                                "-1"),
           134, "and one that wraps around [M248]");
}

static void limits(void)
{
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0deep\0" HELLO "\0"
                                "1000"),
           0, "a thousand calls deep");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0deep\0" HELLO "\0"
                                "10000000"),
           134, "recursion without an end traps at the stack's [M247]");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--interp\0--invoke\0deep\0" HELLO "\0"
                                "10000000"),
           134, "interpreted as well [M247]");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--fuel\0"
                                "5000\0--invoke\0spin\0" HELLO),
           134, "fuel ends a loop");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--timeout\0"
                                "20\0--invoke\0spin\0" HELLO),
           134, "a deadline ends a loop");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0grow\0" HELLO "\0"
                                "60"),
           0, "memory beyond the process's pool is refused");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--invoke\0grow\0" HELLO "\0"
                                "2"),
           0, "and within it is given");
    tap_eq((int64_t)RUN("wasm", "run\0--grant\0com1\0--memory\0"
                                "2\0--invoke\0grow\0" HELLO "\0"
                                "2"),
           0, "a limit of the command line holds too");
}

static void files(void)
{
    tap_eq((int64_t)RUN("wasm", "run\0--dir\0/data=etc/poem\0bin/count.wasm\0/data/text\0/data/more"), 0,
           "a program compiled from C reads files of a granted directory");
    tap_eq((int64_t)RUN("wasm", "run\0--dir\0/data=etc\0bin/count.wasm\0/data/poem/../poem/text"), 0,
           "also through the directories in it");
    tap_eq((int64_t)RUN("wasm", "run\0--dir\0/data=etc/poem\0bin/count.wasm\0/data/../../sbin/init"), 1,
           "nothing above it is reached");
    tap_eq((int64_t)RUN("wasm", "run\0bin/count.wasm\0/etc/poem/text"), 1, "without a grant there is no file");
    tap_eq((int64_t)RUN("wasm", "run\0--dir\0/data=etc/poem\0bin/count.wasm"), 0, "a directory's entries are told");
    tap_eq((int64_t)RUN("wasm", "run\0--env\0GREETING=hello\0bin/environment.wasm\0one\0two"), 40,
           "arguments and environment are those of the command line");
    tap_eq((int64_t)RUN("wasm", "run\0bin/clocks.wasm"), 0, "clocks tell the time and waiting takes it");
    tap_eq((int64_t)RUN("wasm", "run\0--dir\0/data=none\0bin/count.wasm"), 2, "a directory that is not there is told");
    tap_eq((int64_t)RUN("wasm", "run\0bin/nothing.wasm"), 2, "and a module that is not there");
    tap_eq((int64_t)RUN("wasm", "walk\0bin/count.wasm"), 2, "and a command that is none");
    tap_eq((int64_t)RUN("broken", ""), 2, "a service whose module is none ends with status 2");
}

static uint64_t frames_free(void)
{
    struct mnos_info_ledger ledger = {0};

    (void)mnos_system_info(mnos_cap("system"), MNOS_INFO_LEDGER, 0, &ledger, sizeof ledger);
    return ledger.dead_queue == 0 ? ledger.frames_free : 0;
}

int main(int argc, char **argv)
{
    mnos_handle_t counter = mnos_cap("counter");
    uint64_t before, after = 0;

    (void)argc, (void)argv;
    service_calls(counter);
    service_caps(counter);
    service_keeps_none(counter);
    service_crashes(counter);
    service_spins();
    programs();
    limits();
    before = frames_free();
    files();
    for (unsigned i = 0; i < 200 && after != before; i++) {
        sleep_ns(5 * MNOS_MS);
        after = frames_free();
    }
    tap_eq((int64_t)after, (int64_t)before, "ten modules later all memory is back");
    return tap_done() == 0 ? (int)init_power_off(init_cap()) : (int)init_fail(init_cap());
}
