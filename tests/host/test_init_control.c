/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: servers/init/control.c lib/idl/ lib/idl/host/ */
/* The interface Init: its client against init's own handlers, and every message that does not fit against them. */
#include <idl/init_server.h> /* before cmocka, which has a macro fail() */
#include <idl/loopback.h>
#include <libmnos/start.h>

#include "../../servers/init/init.h"
#include "host_test.h"

struct init init;

/* ---- What the handlers work on ---- */

#define SERVICES 3u

static const char *const names[SERVICES] = {"alpha", "beta", "request"};

static struct {
    struct manifest_service spec[SERVICES];
    struct service service[SERVICES];
    struct manifest_provided provided;
    struct name name;
    struct child child;
    unsigned starts, stops, restarts, spawns;
    char args[64];
    size_t args_length;
    int64_t result;
    struct loopback server;
    _Alignas(8) char room[INIT_BYTES];
} t;

uint32_t manifest_find_service(const struct manifest *m, const char *name)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return MANIFEST_NOBODY;
}

int64_t service_spawn(struct service *service, const char *args, size_t args_len)
{
    assert_ptr_equal(service, &t.service[2]);
    assert_true(args_len <= sizeof t.args);
    memcpy(t.args, args, args_len);
    t.args_length = args_len;
    t.spawns++;
    return t.result < 0 ? t.result : 4711;
}

int64_t service_start(struct service *service)
{
    t.starts += service == &t.service[0];
    return t.result;
}

int64_t service_stop(struct service *service)
{
    t.stops += service == &t.service[0];
    return t.result;
}

int64_t service_restart(struct service *service)
{
    t.restarts += service == &t.service[0];
    return t.result;
}

void service_why(const struct service *service, char *text, size_t size)
{
    snprintf(text, size, "%s", service->why);
}

struct child *child_by_pid(uint64_t pid)
{
    assert_int_equal(pid, 12);
    return NULL;
}

struct child *child_by_serial(uint64_t serial)
{
    return serial == 5 ? &t.child : NULL;
}

/* Only what ends the machine comes here. */
void log_line(const char *format, ...)
{
    (void)format;
    fail();
}

void log_drain(void)
{
}

void power_end(bool again)
{
    (void)again;
}

_Noreturn void mnos_exit(uint64_t status)
{
    (void)status;
    abort();
}

static enum mnos_serve serve(void *self, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    (void)self;
    init.reply = loopback_reply();
    control_message(msg, ext);
    return MNOS_SERVE_NEXT;
}

static mnos_handle_t start_as(enum role role)
{
    memset(&t, 0, sizeof t);
    loopback_reset();
    for (uint32_t i = 0; i < SERVICES; i++) {
        t.spec[i] = (struct manifest_service){.name = names[i], .memory = 4096 * (i + 1), .restart = (uint8_t)i};
        t.service[i] = (struct service){.spec = &t.spec[i], .state = INIT_STATE_RUNNING, .instances = 1};
    }
    t.provided = (struct manifest_provided){.name = "a.name", .capability = ""};
    t.name = (struct name){.endpoint = MNOS_NONE, .owner = 5};
    init = (struct init){.service = t.service, .name = &t.name};
    init.manifest.services = t.spec;
    init.manifest.count = SERVICES;
    init.manifest.provided = &t.provided;
    init.manifest.provided_count = 1;
    t.server = (struct loopback){
        .serve = serve, .recv_buf = t.room, .recv_len = sizeof t.room, .recv_caps = 1, .badge = BADGE(7, 1, role)};
    return loopback_open(&t.server);
}

/* ---- What is asked ---- */

static void services_are_listed(void **state)
{
    mnos_handle_t s = start_as(ROLE_CONTROL);
    struct init_status status;
    uint64_t i = 0;
    (void)state;

    t.child.process.pid = 31;
    t.service[1].child = &t.child;
    strcpy(t.service[1].why, "it is tired");
    for (; init_list(s, i, &status) == 0; i++) {
        assert_true(status.number == i && status.state == INIT_STATE_RUNNING && status.restart == i);
        assert_string_equal(status.name, names[i]);
        assert_int_equal(status.memory, 4096 * (i + 1));
        assert_int_equal(status.pid, i == 1 ? 31 : 0);
    }
    assert_int_equal(i, SERVICES);
    assert_int_equal(init_list(s, UINT64_MAX, &status), -MNOS_E_NOT_FOUND);
    assert_int_equal(init_find(s, "beta", &status), 0);
    assert_string_equal(status.why, "it is tired");
    assert_int_equal(init_find(s, "gamma", &status), -MNOS_E_NOT_FOUND);
    assert_int_equal(init_find(s, "", &status), -MNOS_E_NOT_FOUND);
}

static void names_and_facts(void **state)
{
    mnos_handle_t s = start_as(ROLE_CONTROL);
    struct init_system facts;
    uint64_t owner = 1, endpoint = 1;
    char name[32];
    (void)state;

    assert_int_equal(init_name(s, 0, name, &owner, &endpoint), 0);
    assert_string_equal(name, "a.name");
    assert_true(owner == 0 && endpoint == 0);
    assert_int_equal(init_name(s, 1, name, &owner, &endpoint), -MNOS_E_NOT_FOUND);
    init.facts = (struct init_system){.services = 200, .judge_ns = 5, .ready_ns = UINT64_MAX};
    assert_int_equal(init_system(s, &facts), 0);
    assert_memory_equal(&facts, &init.facts, sizeof facts);
}

static void orders_are_carried_out(void **state)
{
    mnos_handle_t s = start_as(ROLE_CONTROL);
    (void)state;

    assert_int_equal(init_start(s, "alpha"), 0);
    assert_int_equal(init_stop(s, "alpha"), 0);
    assert_int_equal(init_restart(s, "alpha"), 0);
    assert_true(t.starts == 1 && t.stops == 1 && t.restarts == 1);
    assert_int_equal(init_start(s, "gamma"), -MNOS_E_NOT_FOUND);
    t.result = -MNOS_E_BUSY;
    assert_int_equal(init_start(s, "alpha"), -MNOS_E_BUSY);
    assert_int_equal(init_kill(s, 12), -MNOS_E_NOT_FOUND);
    assert_int_equal(init_start(s, "a name of thirty-one bytes, just"), -IDL_E_LONG);
}

static void a_program_gets_its_words(void **state)
{
    mnos_handle_t s = start_as(ROLE_SPAWN);
    char most[INIT_BYTES] = "";
    uint64_t pid = 0;
    (void)state;

    assert_int_equal(init_spawn(s, "request", NULL, 0, &pid), 0);
    assert_true(pid == 4711 && t.args_length == 8 && memcmp(t.args, "request", 8) == 0);
    assert_int_equal(init_spawn(s, "request", "one\0two", 8, &pid), 0);
    assert_true(t.args_length == 16 && memcmp(t.args, "request\0one\0two", 16) == 0);
    assert_int_equal(init_spawn(s, "request", "one\0two", 7, &pid), -MNOS_E_INVALID);
    assert_int_equal(init_spawn(s, "gamma", NULL, 0, &pid), -MNOS_E_NOT_FOUND);
    assert_int_equal(init_spawn(s, "request", most, sizeof most, &pid), -IDL_E_LONG);
    t.result = -MNOS_E_BUSY;
    assert_int_equal(init_spawn(s, "request", NULL, 0, &pid), -MNOS_E_BUSY);
    assert_int_equal(t.spawns, 3);
}

/* ---- Who may not, and what is no request ---- */

static void roles_are_kept(void **state)
{
    static const enum role below[] = {ROLE_NAMES, ROLE_SPAWN, ROLE_FAULT};
    struct init_status status;
    struct init_system facts;
    uint64_t pid;
    (void)state;

    for (unsigned i = 0; i < 3; i++) {
        mnos_handle_t s = start_as(below[i]);
        int64_t look = below[i] == ROLE_SPAWN ? 0 : -MNOS_E_NO_RIGHTS;
        assert_int_equal(init_list(s, 0, &status), look);
        assert_int_equal(init_find(s, "alpha", &status), look);
        assert_int_equal(init_spawn(s, "request", NULL, 0, &pid), look);
        assert_int_equal(init_start(s, "alpha"), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_stop(s, "alpha"), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_restart(s, "alpha"), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_kill(s, 12), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_system(s, &facts), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_power_off(s), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_reboot(s), -MNOS_E_NO_RIGHTS);
        assert_int_equal(init_fail(s), -MNOS_E_NO_RIGHTS);
        assert_int_equal(t.starts + t.stops + t.restarts, 0);
    }
}

/* As it is sent, without the client that would not. */
static uint64_t sent(mnos_handle_t s, uint64_t label, const void *bytes, size_t length)
{
    struct mnos_msg msg = {.label = label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_buf = (uint64_t)bytes;
    ext.send_len = length;
    assert_int_equal(idl_call(s, &msg, &ext), 0);
    return msg.label;
}

static void what_does_not_fit_reaches_no_handler(void **state)
{
    mnos_handle_t s = start_as(ROLE_CONTROL);
    char most[INIT_BYTES + 8] = "request";
    (void)state;

    assert_int_equal(sent(s, INIT_LABEL_spawn, "req", 3), IDL_E_BAD_TEXT);
    assert_int_equal(sent(s, INIT_LABEL_spawn, "", 0), IDL_E_SHORT);
    assert_int_equal(sent(s, INIT_LABEL_spawn, most, sizeof most), IDL_E_LONG);
    memset(most, 'x', sizeof most);
    most[40] = '\0';
    assert_int_equal(sent(s, INIT_LABEL_spawn, most, 41), IDL_E_BAD_TEXT);
    assert_int_equal(sent(s, INIT_LABEL_start, "alpha", 6), IDL_E_LONG);
    assert_int_equal(sent(s, INIT_LABEL_start - 1, NULL, 0), IDL_E_SHORT);
    assert_int_equal(sent(s, INIT_LABEL_start + 1, NULL, 0), IDL_E_LONG);
    assert_int_equal(sent(s, INIT_LABEL_start + (1 << 16), NULL, 0), IDL_E_WRONG_VERSION);
    assert_int_equal(sent(s, INIT_LABEL_start + (1ull << 32), NULL, 0), IDL_E_WRONG_INTERFACE);
    assert_int_equal(sent(s, INIT_LABEL_fail + 16, NULL, 0), IDL_E_NO_METHOD);
    assert_int_equal(sent(s, 0x4908, NULL, 0), IDL_E_WRONG_INTERFACE);
    assert_int_equal(t.starts + t.spawns, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("the services are listed, and found by name", services_are_listed),
        TEST("the names of the directory, and the facts", names_and_facts),
        TEST("start, stop, restart and kill, with their errors", orders_are_carried_out),
        TEST("a program gets its name and words, and no word without an end", a_program_gets_its_words),
        TEST("each role may what it may, and no more", roles_are_kept),
        TEST("what does not fit the interface reaches no handler", what_does_not_fit_reaches_no_handler),
    };

    (void)argc, (void)argv;
    return RUN_TESTS(tests);
}
