/* SPDX-License-Identifier: BSD-2-Clause */
#include "services.h"

#include <mnos/thread.h>

static _Noreturn int idle(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (;;)
        sleep_ns(1000 * MNOS_S);
}

static int ready(int argc, char **argv)
{
    return names_ready(mnos_cap("init")) == 0 ? idle(argc, argv) : 1;
}

static int leave(int argc, char **argv)
{
    (void)argc, (void)argv;
    return 0;
}

static int crash(int argc, char **argv)
{
    (void)argc, (void)argv;
    __asm__ volatile("movl $1, 8");
    return 0;
}

static mnos_handle_t object(enum mnos_create what)
{
    int64_t made = mnos_cap_create(what, mnos_pool(), 0, 0, 0);

    if (made < 0)
        mnos_exit(90);
    return (mnos_handle_t)made;
}

/* On the endpoint of this name, or on one that it registers under it. */
static int serve(int argc, char **argv)
{
    mnos_handle_t reply = object(MNOS_CREATE_REPLY), endpoint = argc > 2 ? mnos_cap(argv[2]) : MNOS_NONE;

    if (endpoint == MNOS_NONE) {
        endpoint = object(MNOS_CREATE_ENDPOINT);
        if (names_register(mnos_cap("init"), argv[2], endpoint) != 0)
            return 91;
    }
    for (uint64_t closed = 0;;) {
        struct mnos_msg msg = {0};
        if (mnos_ipc_recv(endpoint, &msg, NULL, reply) < 0)
            return 92;
        closed += MNOS_INFO_KIND(msg.info) == MNOS_KIND_CLOSED;
        if (MNOS_INFO_KIND(msg.info) != MNOS_KIND_CALL)
            continue;
        if (msg.label == SERVE_END)
            return 0;
        msg.word[0] = msg.badge;
        msg.word[1] = mnos_pid;
        msg.word[2] = closed;
        (void)mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    }
}

/* Tries to be somebody else, and to reach what its entry does not list. */
static int intrude(int argc, char **argv)
{
    mnos_handle_t init = mnos_cap("init"), endpoint = object(MNOS_CREATE_ENDPOINT), found;
    struct init_status status;

    (void)argc, (void)argv;
    if (names_register(init, "vfs_service", endpoint) != -NAMES_ERROR_FORBIDDEN ||
        names_register(init, "network_stack", endpoint) != -NAMES_ERROR_FORBIDDEN ||
        names_register(init, "a_new_name", endpoint) != -NAMES_ERROR_FORBIDDEN)
        return 1;
    if (names_lookup(init, "vfs_service", &found) != -MNOS_E_NOT_FOUND ||
        names_lookup(init, "nobody", &found) != -MNOS_E_NOT_FOUND)
        return 2;
    if (init_stop(init, "vfs_service") != -MNOS_E_NO_RIGHTS ||
        init_run(init, "never", sizeof "never") != -MNOS_E_NO_RIGHTS ||
        init_find(init, "never", &status) != -MNOS_E_NO_RIGHTS || init_kill(init, 2) != -MNOS_E_NO_RIGHTS ||
        init_power_off(init) != -MNOS_E_NO_RIGHTS)
        return 3;
    return INTRUDED;
}

/* Asks for capabilities that it does not take: they would be left with init. */
static bool leave_behind(mnos_handle_t init)
{
    for (unsigned i = 0; i < 5000; i++) {
        struct mnos_msg msg = {.label = DIR_LABEL_lookup};
        if (!idl_pack(msg.word, 4, "network_stack") || mnos_ipc_call(init, &msg, NULL) < 0 ||
            msg.label != IDL_ANSWER(0))
            return false;
    }
    return true;
}

/* Its own name again and again, and as many others as it can think of; then capabilities that nobody wants. */
static int flood(int argc, char **argv)
{
    mnos_handle_t init = mnos_cap("init"), endpoint = object(MNOS_CREATE_ENDPOINT);
    char name[NAMES_MAX + 1];

    (void)argc, (void)argv;
    if (names_register(init, "flooder", endpoint) != 0)
        return 1;
    for (unsigned i = 0; i < 1000; i++) {
        fmt_snprint(name, sizeof name, "flood%u", i);
        if (names_register(init, name, endpoint) != -NAMES_ERROR_FORBIDDEN ||
            names_register(init, "flooder", endpoint) != -NAMES_ERROR_DUPLICATE)
            return 2;
        struct mnos_msg msg = {.label = i};
        struct mnos_call_data data = {.send_cap = endpoint};
        (void)mnos_call_with(init, &msg, &data);
    }
    return leave_behind(init) ? INTRUDED : 3;
}

static int leak(int argc, char **argv)
{
    enum mnos_error error = MNOS_OK;

    (void)argc, (void)argv;
    while (alloc_pages(4, &error))
        continue;
    return error == MNOS_E_NO_MEMORY ? INTRUDED : 1;
}

/* Every port that it has, and then the one behind. */
static int reach(int argc, char **argv)
{
    (void)argc, (void)argv;
    if (mnos_mem_map(MNOS_SELF, mnos_cap("ports"), 0, 0, 0, MNOS_MAP_PORTS) < 0)
        return 1;
    for (unsigned port = 0x3e8; port <= 0x3f0; port++)
        __asm__ volatile("inb %w0, %%al" : : "d"(port) : "al");
    return 2;
}

static int bind(int argc, char **argv)
{
    int64_t status = mnos_irq_bind(mnos_cap("irq"), MNOS_IRQ_BIND, object(MNOS_CREATE_NOTIFICATION), 1);

    (void)argc, (void)argv;
    return status == 0 ? INTRUDED : (int)-status;
}

static int judge_play(int argc, char **argv)
{
    (void)argc, (void)argv;
    judge();
    int failed = tap_done();
    (void)(failed ? init_fail(mnos_cap("init")) : init_power_off(mnos_cap("init")));
    return failed;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*play)(int argc, char **argv);
    } parts[] = {{"idle", idle},   {"ready", ready},     {"exit", leave},      {"crash", crash},
                 {"serve", serve}, {"intrude", intrude}, {"flood", flood},     {"reach", reach},
                 {"bind", bind},   {"leak", leak},       {"judge", judge_play}};

    for (size_t i = 0; argc > 1 && i < sizeof parts / sizeof parts[0]; i++)
        if (strcmp(parts[i].name, argv[1]) == 0)
            return parts[i].play(argc, argv);
    return 99;
}
