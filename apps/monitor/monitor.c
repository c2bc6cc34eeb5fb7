/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor: a prompt for a person who looks after the system.  It gets the console by name from init, what it shows
 * from the System capability, and what it does by asking init.
 */
#include <libmnos/clock.h>
#include <libmnos/console.h>
#include <libmnos/errors.h>
#include <libmnos/initctl.h>
#include <libmnos/names.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "lineedit.h"
#include "monitor.h"

#define PROMPT  "mnos> "
#define COLUMNS 80

static mnos_handle_t console;

/* To the terminal, whose lines end with a carriage return as well. */
static void terminal_put(void *context, const char *text, size_t length)
{
    char out[2 * PRINT_LINE];
    size_t used = 0;

    (void)context;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            out[used++] = '\r';
        out[used++] = text[i];
        if (used >= sizeof out - 1 || i + 1 == length) {
            (void)console_write(console, out, used);
            used = 0;
        }
    }
}

/* The editor's bytes are gathered, so that a line on the screen changes at once. */
static char pending[1024];
static size_t pending_length;

static void pending_flush(void)
{
    if (pending_length > 0)
        (void)console_write(console, pending, pending_length);
    pending_length = 0;
}

static void editor_put(void *context, const char *text, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++) {
        if (pending_length == sizeof pending)
            pending_flush();
        pending[pending_length++] = text[i];
    }
}

bool system_read(enum mnos_info what, uint64_t index, void *record, uint64_t size)
{
    int64_t status = mnos_system_info(mnos_cap("system"), what, index, record, size);

    if (status < 0 && status != -MNOS_E_NOT_FOUND)
        printf("the kernel does not tell: %s\n", mnos_error_text(status));
    return status >= 0;
}

void process_wait(uint64_t pid)
{
    uint64_t deadline = clock_ns() + MNOS_S;
    struct mnos_info_process p;

    while (clock_ns() < deadline && system_read(MNOS_INFO_PROCESS, pid, &p, sizeof p) && p.pid == pid &&
           p.state != MNOS_STATE_DEAD)
        sleep_ns(10 * MNOS_MS);
}

static void help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (unsigned i = 0; i < command_count; i++)
        printf("  %-9s %-20s %s\n", commands[i].name, commands[i].arguments, commands[i].text);
}

/* The words as init takes them: each terminated. */
static int64_t words_spawn(int argc, char **argv)
{
    char request[INIT_REQUEST_MAX];
    size_t used = 0;

    for (int i = 0; i < argc; i++) {
        size_t length = strlen(argv[i]) + 1;
        if (used + length > sizeof request)
            return -MNOS_E_RANGE;
        memcpy(request + used, argv[i], length);
        used += length;
    }
    return init_run(mnos_cap("init"), request, used);
}

static void spawn(int argc, char **argv)
{
    int64_t pid = words_spawn(argc - 1, argv + 1);

    if (pid >= 0)
        printf("%s: pid %ld\n", argv[1], pid);
    else if (pid == -MNOS_E_NOT_FOUND)
        printf("spawn: there is no program '%s'\n", argv[1]);
    else
        printf("spawn: %s: %s\n", argv[1], mnos_error_text(pid));
}

static void kill(int argc, char **argv)
{
    uint64_t pid;

    (void)argc;
    if (!number_parse(argv[1], &pid)) {
        printf("kill: '%s' is no pid\n", argv[1]);
        return;
    }
    int64_t status = init_kill(mnos_cap("init"), pid);
    if (status == -MNOS_E_NOT_FOUND)
        printf("kill: init has no child %lu; 'ps' lists all processes\n", pid);
    else if (status < 0)
        printf("kill: %s\n", mnos_error_text(status));
}

/* start, stop and restart: the word is the command. */
static void service(int argc, char **argv)
{
    mnos_handle_t init = mnos_cap("init");
    int64_t status = strcmp(argv[0], "start") == 0  ? init_start(init, argv[1])
                     : strcmp(argv[0], "stop") == 0 ? init_stop(init, argv[1])
                                                    : init_restart(init, argv[1]);

    (void)argc;
    if (status == -MNOS_E_NOT_FOUND)
        printf("%s: there is no service '%s'; 'services' lists them\n", argv[0], argv[1]);
    else if (status == -MNOS_E_BUSY)
        printf("%s: %s runs already\n", argv[0], argv[1]);
    else if (status < 0)
        printf("%s: %s: %s\n", argv[0], argv[1], mnos_error_text(status));
    /* init's lines are on their way to the same console: they should stand above the prompt. */
    sleep_ns(20 * MNOS_MS);
}

static void why(int argc, char **argv)
{
    struct init_status s;

    (void)argc;
    int64_t status = init_find(mnos_cap("init"), argv[1], &s);
    if (status == -MNOS_E_NOT_FOUND)
        printf("why: there is no service '%s'; 'services' lists them\n", argv[1]);
    else if (status < 0)
        printf("why: %s\n", mnos_error_text(status));
    else
        printf("%s is %s%s%s\n", s.name, init_state_name(s.state), s.why[0] ? ": " : "", s.why);
}

static void crash(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int64_t pid = words_spawn(1, (char *[]){"crash"});

    if (pid < 0)
        printf("crash: %s\n", mnos_error_text(pid));
    else
        process_wait((uint64_t)pid);
    /* init's report is on its way to the same console: it should stand above the prompt. */
    sleep_ns(20 * MNOS_MS);
}

/* The service "wasm" takes the words as they are, and has the console for itself meanwhile. */
static void wasm(int argc, char **argv)
{
    uint64_t deadline = clock_ns() + 5 * MNOS_S;
    struct mnos_info_process p;
    int64_t pid = words_spawn(argc, argv);

    if (pid < 0) {
        printf("wasm: %s\n", mnos_error_text(pid));
        return;
    }
    print_flush();
    while (system_read(MNOS_INFO_PROCESS, (uint64_t)pid, &p, sizeof p) && p.pid == (uint64_t)pid &&
           p.state != MNOS_STATE_DEAD && clock_ns() < deadline)
        sleep_ns(5 * MNOS_MS);
    if (clock_ns() >= deadline)
        printf("wasm: pid %ld goes on; 'kill %ld' ends it\n", pid, pid);
    sleep_ns(20 * MNOS_MS);
}

static void refused(int64_t status)
{
    printf("init refuses: %s\n", mnos_error_text(status));
}

static void reboot(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    refused(init_reboot(mnos_cap("init")));
}

static void poweroff(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    refused(init_power_off(mnos_cap("init")));
}

const struct command commands[] = {
    {"help", "", "this list", 0, 0, help},
    {"mem", "", "memory: usable, free, charged", 0, 0, show_mem},
    {"ps", "", "processes", 0, 0, show_processes},
    {"caps", "PID", "the capabilities of a process", 1, 1, show_caps},
    {"graph", "[check]", "who holds what, derived from whom; check: compared with the manifest", 0, 1, show_graph},
    {"cores", "", "what each core has done", 0, 0, show_cores},
    {"ledger", "", "counts of frames and objects", 0, 0, show_ledger},
    {"names", "", "init's name directory", 0, 0, show_names},
    {"uptime", "", "kernel, loader, command line, time since start", 0, 0, show_uptime},
    {"devices", "[all]", "what the device manager has found, and who drives it", 0, 1, show_devices},
    {"services", "", "the services of the manifest, and how they fare", 0, 0, show_services},
    {"why", "NAME", "why a service does not run", 1, 1, why},
    {"start", "NAME", "start a service", 1, 1, service},
    {"stop", "NAME", "end a service, for good", 1, 1, service},
    {"restart", "NAME", "end a service and start it again", 1, 1, service},
    {"spawn", "NAME [WORD]...", "start a program that is on request", 1, WORDS_MAX - 1, spawn},
    {"kill", "PID", "end a child of init; services start again", 1, 1, kill},
    {"crash", "", "start a program that writes to address 0", 0, 0, crash},
    {"wasm", "run|inspect|... FILE", "run a WebAssembly module, or look at one; 'wasm help' says how", 1, WORDS_MAX - 1,
     wasm},
    {"reboot", "", "start the machine again", 0, 0, reboot},
    {"poweroff", "", "switch the machine off", 0, 0, poweroff},
};
const unsigned command_count = sizeof commands / sizeof commands[0];

static void line_run(char *line)
{
    const struct command *command;
    char *words[WORDS_MAX];
    int count = line_split(line, words);

    switch (command_find(count, words, &command)) {
    case COMMAND_NONE:
        break;
    case COMMAND_UNKNOWN:
        printf("%s: unknown command; 'help' lists the commands\n", words[0]);
        break;
    case COMMAND_MISUSED:
        printf("usage: %s%s%s\n", command->name, command->arguments[0] ? " " : "", command->arguments);
        break;
    case COMMAND_FOUND:
        command->run(count, words);
        break;
    }
}

static void byte_feed(struct lineedit *edit, char byte)
{
    enum lineedit_result result = lineedit_feed(edit, byte);

    if (result == LINEEDIT_MORE)
        return;
    pending_flush();
    if (result == LINEEDIT_LINE)
        line_run(edit->line);
    print_flush();
    lineedit_show(edit);
}

int main(int argc, char **argv)
{
    static struct lineedit edit;
    static char input[256];

    (void)argc;
    (void)argv;
    if (names_lookup(mnos_cap("init"), "serial_driver", &console) != 0)
        return 1;
    print_to(terminal_put, NULL);
    printf("MinimalOS NextGen: 'help' lists the commands\n");
    lineedit_init(&edit, editor_put, NULL, PROMPT, COLUMNS);
    lineedit_show(&edit);
    for (;;) {
        int64_t got = console_exchange(console, pending, pending_length, input, sizeof input);
        pending_length = 0;
        if (got < 0 && got != -MNOS_E_INTERRUPTED)
            return 2;
        for (int64_t i = 0; i < got; i++)
            byte_feed(&edit, input[i]);
    }
}
