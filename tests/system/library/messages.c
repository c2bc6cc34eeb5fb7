/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages, and the clients of names, console and init: a thread of this program is the server. */
#include <idl/directory_server.h>
#include <idl/init_server.h>
#include <libmnos/console.h>
#include <libmnos/initctl.h>
#include <libmnos/names.h>
#include <libmnos/thread.h>

#include "library.h"

#define STOP 0x57095ull
#define ECHO 0xec40ull
#define KEEP 0x4eeull

static struct {
    mnos_handle_t endpoint, reply, kept, directory_cap;
    char name[NAMES_MAX + 1]; /* the one that is registered; empty: none */
    mnos_handle_t named;
    struct mnos_msg last;
    char taken[256];
    _Alignas(8) char room[256];
    size_t taken_len;
    unsigned answers, one_way;
    int64_t status;
} server;

static void serve_prepare(struct mnos_server *s)
{
    s->ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
    s->ext.recv_buf = (uint64_t)server.room;
    s->ext.recv_len = sizeof server.room;
    s->ext.recv_caps = 1;
}

static void answer(struct mnos_server *s, uint64_t label, uint64_t word)
{
    s->ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
    s->msg.label = label;
    s->msg.word[0] = word;
}

/* A directory of one name, whose interface is 7. */
static int64_t name_provided(void *self, uint64_t badge, struct dir_provide_in *in)
{
    (void)self, (void)badge;
    if (strcmp(in->name, server.name) == 0)
        return -NAMES_ERROR_DUPLICATE;
    memcpy(server.name, in->name, sizeof server.name);
    server.named = idl_take(&in->endpoint);
    return 0;
}

static int64_t name_found(void *self, uint64_t badge, struct dir_lookup_in *in, struct dir_lookup_out *out)
{
    (void)self, (void)badge;
    if (strcmp(in->name, server.name) != 0)
        return -MNOS_E_NOT_FOUND;
    if (in->interface != 0 && in->interface != 7)
        return -NAMES_ERROR_OTHER_INTERFACE;
    int64_t cap = mnos_cap_create(MNOS_CREATE_MINT, server.named, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0, 0);
    out->endpoint = (mnos_handle_t)cap;
    return cap < 0 ? cap : 0;
}

static int64_t told_ready(void *self, uint64_t badge)
{
    (void)self, (void)badge;
    return 0;
}

static const struct dir_server directory = {.provide = name_provided, .lookup = name_found, .ready = told_ready};

/* Takes at most 10 bytes of a write at a time, as a driver with a small queue may. */
static void answer_console(struct mnos_server *s)
{
    static const char input[] = "typed";
    static const struct console_stats stats = {1, 2, 3, 4};
    uint64_t count = s->msg.word[0] < 10 ? s->msg.word[0] : 10;

    if (s->msg.label == CONSOLE_WRITE) {
        memcpy(server.taken + server.taken_len, server.room, count);
        server.taken_len += count;
        answer(s, 0, count);
    } else if (s->msg.label == CONSOLE_READ) {
        answer(s, 0, sizeof input - 1);
        s->ext.send_buf = (uint64_t)input;
        s->ext.send_len = sizeof input - 1;
    } else {
        answer(s, 0, 0);
        memcpy(s->msg.word, &stats, sizeof stats);
    }
}

static int64_t init_spawned(void *self, uint64_t badge, struct init_spawn_in *in, struct init_spawn_out *out)
{
    (void)self, (void)badge;
    out->pid = 4711;
    return in->arguments_length == 9 ? 0 : -MNOS_E_INVALID;
}

static int64_t init_killed(void *self, uint64_t badge, struct init_kill_in *in)
{
    (void)self, (void)badge, (void)in;
    return -MNOS_E_NOT_FOUND;
}

static int64_t init_rebooted(void *self, uint64_t badge)
{
    (void)self, (void)badge;
    return -MNOS_E_INVALID;
}

static const struct init_server init_server = {.spawn = init_spawned, .kill = init_killed, .reboot = init_rebooted};

static enum mnos_serve serve_one(struct mnos_server *s)
{
    server.last = s->msg;
    switch (s->msg.label) {
    case STOP:
        answer(s, 0, 0);
        (void)mnos_ipc_reply(MNOS_NONE, &s->msg, &s->ext, s->reply);
        return MNOS_SERVE_STOP;
    case KEEP: /* answered later, by another Reply's owner */
        server.kept = s->reply;
        s->reply = server.reply;
        return MNOS_SERVE_NEXT;
    case CONSOLE_WRITE:
    case CONSOLE_READ:
    case CONSOLE_STATS:
        answer_console(s);
        break;
    case ECHO:
        if (MNOS_INFO_KIND(s->msg.info) != MNOS_KIND_CALL) {
            server.one_way++;
            return MNOS_SERVE_NEXT;
        }
        for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
            s->msg.word[i]++;
        s->ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
        s->ext.send_buf = (uint64_t)server.room;
        s->ext.send_len = 3;
        break;
    default:
        if (dir_serves(&s->msg))
            (void)dir_dispatch(&directory, NULL, &s->msg, &s->ext);
        else
            (void)init_dispatch(&init_server, NULL, &s->msg, &s->ext);
        break;
    }
    server.answers++;
    return MNOS_SERVE_ANSWER;
}

static void serve(void *arg)
{
    struct mnos_server s = {
        .endpoint = server.endpoint, .reply = new_reply(), .prepare = serve_prepare, .handle = serve_one};

    (void)arg;
    server.status = mnos_serve(&s);
    mnos_cap_delete(s.reply);
}

static void calls(void)
{
    struct mnos_msg msg = {.label = ECHO, .word = {1, 2, 3, 4, 5, 6, 7, 8}};
    char back[8] = "";
    struct mnos_call_data data = {
        .send = "xyzzy", .send_len = 5, .recv = back, .recv_len = sizeof back, .send_cap = MNOS_NONE};
    bool words = mnos_call_with(server.endpoint, &msg, &data) == 0;

    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
        words &= msg.word[i] == i + 2;
    tap_ok(words && memcmp(back, "xyz", 4) == 0,
           "IPC: mnos_call_with sends words and bytes, and takes the answer's [M230]");
    struct mnos_fast fast = mnos_fast_call(server.endpoint, ECHO, 10, 20, 30, 40);
    tap_ok(fast.status == 0 && fast.word[0] == 11 && fast.word[1] == 21 && fast.word[2] == 31 && fast.word[3] == 41,
           "IPC: mnos_fast_call gives back four words [M230]");
    fast = mnos_fast_send(server.endpoint, ECHO, 7, 0, 0, 0);
    mnos_fast_call(server.endpoint, ECHO, 0, 0, 0, 0); /* what was sent has been served when this is answered */
    tap_ok(fast.status == 0 && server.one_way == 1,
           "IPC: mnos_fast_send delivers, and mnos_serve goes on without an answer [M230]");
    tap_eq(mnos_fast_call(4000, ECHO, 0, 0, 0, 0).status, -MNOS_E_BADCAP,
           "IPC: an empty slot is an error here as well");
}

static void call_kept(void *arg)
{
    *(int64_t *)arg = mnos_fast_call(server.endpoint, KEEP, 0, 0, 0, 0).word[0] == 99 ? 1 : -1;
}

/* A server that keeps a call, and answers it when it likes. */
static void kept_call(void)
{
    int64_t outcome = 0;
    struct mnos_thread *caller = thread_start(call_kept, &outcome, NULL, NULL);

    while (__atomic_load_n(&server.kept, __ATOMIC_ACQUIRE) == MNOS_NONE)
        sleep_ns(MNOS_MS);
    mnos_fast_call(server.endpoint, ECHO, 0, 0, 0, 0);
    bool before = outcome == 0;
    tap_eq(mnos_fast_reply(MNOS_NONE, server.kept, 0, 99, 0, 0, 0).status, 0, "IPC: mnos_fast_reply answers [M230]");
    thread_join(caller);
    tap_ok(before && outcome == 1, "IPC: mnos_serve lets a handler keep a call and answer it later [M230]");
    mnos_cap_delete(server.kept);
}

static void names(void)
{
    mnos_handle_t thing = new_endpoint(), nobody = new_notification(), found = MNOS_NONE;

    tap_ok(names_register(server.endpoint, "thing", thing) == 0 &&
               names_register(server.endpoint, "thing", thing) == -NAMES_ERROR_DUPLICATE &&
               names_register(server.endpoint, "a name that is a little too long", thing) == -(int64_t)IDL_E_LONG &&
               names_register(server.endpoint, "other", nobody) == -(int64_t)IDL_E_BAD_CAPS,
           "names: names_register registers once [M230]");
    tap_ok(names_lookup(server.endpoint, "thing", &found) == 0 && inspect(found).id == inspect(thing).id,
           "names: names_lookup gives the endpoint that was registered [M230]");
    mnos_cap_delete(found);
    tap_ok(names_lookup(server.endpoint, "another", &found) == -MNOS_E_NOT_FOUND && found == MNOS_NONE &&
               names_lookup(4000, "thing", &found) == -MNOS_E_BADCAP && found == MNOS_NONE &&
               strcmp(names_status_text(-NAMES_ERROR_FORBIDDEN), names_status_text(-MNOS_E_NOT_FOUND)) != 0,
           "names: what is not registered, and a directory that is not there, are told apart [M230]");
    tap_ok(names_lookup_as(server.endpoint, "thing", 7, &found) == 0 && mnos_cap_delete(found) == 0 &&
               names_lookup_as(server.endpoint, "thing", 8, &found) == -NAMES_ERROR_OTHER_INTERFACE &&
               found == MNOS_NONE,
           "names: names_lookup_as asks for an interface [M230]");
    tap_ok(names_ready(server.endpoint) == 0 && server.last.label == DIR_LABEL_ready,
           "names: names_ready tells the directory [M230]");
    mnos_cap_delete(server.named);
    mnos_cap_delete(nobody);
    mnos_cap_delete(thing);
}

static void console(void)
{
    static const char text[] = "twenty-six bytes of output";
    struct console_stats stats = {0};
    char typed[16] = "";
    mnos_handle_t handle = server.endpoint;

    tap_ok(console_write(handle, text, 26) == 26 && server.taken_len == 26 && memcmp(server.taken, text, 26) == 0,
           "console: console_write goes on until all is taken [M230]");
    print_console(&handle, "more", 4);
    tap_ok(server.taken_len == 30 && memcmp(server.taken + 26, "more", 4) == 0,
           "console: print_console is a sink [M230]");
    tap_ok(console_read(handle, typed, sizeof typed) == 5 && strcmp(typed, "typed") == 0,
           "console: console_read gives what was typed [M230]");
    tap_ok(console_stats(handle, &stats) == 0 && stats.interrupts == 1 && stats.lost == 4,
           "console: console_stats gives the driver's counts [M230]");
    tap_eq(console_write(4000, "x", 1), -MNOS_E_BADCAP, "console: no console is an error");
}

static void control(void)
{
    tap_ok(init_run(server.endpoint, "program\0argument", 17) == 4711 &&
               memcmp(server.room, "program\0argument", 17) == 0,
           "init: init_run passes name and arguments, and gives the pid [M230]");
    tap_eq(init_run(server.endpoint, "program", 3), -MNOS_E_INVALID, "init: a name that does not end is no request");
    tap_ok(init_kill(server.endpoint, 12) == -MNOS_E_NOT_FOUND && server.last.word[0] == 12,
           "init: init_kill passes the pid, and gives init's error [M230]");
    tap_ok(init_reboot(server.endpoint) == -MNOS_E_INVALID && server.last.label == INIT_LABEL_reboot,
           "init: init_reboot passes what is to be done [M230]");
}

void message_tests(void)
{
    server.endpoint = new_endpoint();
    server.reply = new_reply();
    server.kept = MNOS_NONE;
    struct mnos_thread *thread = thread_start(serve, NULL, NULL, NULL);
    calls();
    kept_call();
    names();
    console();
    control();
    mnos_fast_call(server.endpoint, STOP, 0, 0, 0, 0);
    thread_join(thread);
    tap_ok(server.status == 0 && server.answers > 15, "IPC: mnos_serve ends when its handler says so [M230]");
    mnos_cap_delete(server.endpoint);
}
