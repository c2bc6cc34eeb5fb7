/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/authority/ lib/fmt/ */
/* The authority graph against a manifest of three services: what is sound, and each way in which it is not. */
#include "host_test.h"

#include <authority.h>
#include <mnos/object.h>
#include <mnos/startup.h>

#define SEND   MNOS_RIGHT_SEND
#define RECV   MNOS_RIGHT_RECV
#define READ   MNOS_RIGHT_READ
#define WRITE  MNOS_RIGHT_WRITE
#define GRANT  MNOS_RIGHT_GRANT
#define REVOKE MNOS_RIGHT_REVOKE

enum { INIT = 1, SERVER = 2, CLIENT = 3, DRIVER = 4, BELOW = 5 };
enum { POOL = 100, LOG, LINES, PORTS, OWN = 200, DOOR, SERVER_POOL, CLIENT_POOL, BUFFER = 300 };

#define CAPABILITY(p, s, t, r, b, o, z, n, from)                                                                       \
    (struct mnos_info_cap)                                                                                             \
    {                                                                                                                  \
        .pid = (p), .slot = (s), .type = MNOS_TYPE_##t, .rights = (r), .badge = (b), .object = (o), .size = (z),       \
        .node = (n), .parent = (from)                                                                                  \
    }

/* ---- The manifest ---- */

static struct manifest_cap server_caps[] = {
    {.name = "pool", .source = MANIFEST_POOL, .rights = WRITE, .provider = MANIFEST_NOBODY},
    {.name = "log", .source = MANIFEST_LOG, .rights = SEND, .provider = MANIFEST_NOBODY},
};
static struct manifest_cap client_caps[] = {
    {.name = "pool", .source = MANIFEST_POOL, .rights = WRITE, .provider = MANIFEST_NOBODY},
    {.name = "init", .source = MANIFEST_DIRECTORY, .rights = SEND, .provider = MANIFEST_NOBODY},
    {.name = "server", .source = MANIFEST_SERVICE, .rights = SEND, .late = true, .provider = 0},
};
static struct manifest_cap driver_caps[] = {
    {.name = "line", .source = MANIFEST_IRQ, .first = 4, .count = 1, .rights = RECV, .provider = MANIFEST_NOBODY},
    {.name = "ports",
     .source = MANIFEST_PORTS,
     .first = 0x300,
     .count = 8,
     .rights = READ | WRITE | GRANT,
     .provider = MANIFEST_NOBODY},
};
static struct manifest_provided provided[] = {{.name = "server", .capability = "door", .rights = SEND | GRANT}};
static struct manifest_service services[] = {
    {.name = "server", .caps = server_caps, .cap_count = 2, .provides = provided, .provided_count = 1},
    {.name = "client", .caps = client_caps, .cap_count = 3},
    {.name = "driver", .caps = driver_caps, .cap_count = 2},
};
static const struct manifest manifest = {.services = services, .count = 3, .provided = provided, .provided_count = 1};

uint32_t manifest_find_service(const struct manifest *m, const char *name)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->services[i].name, name) == 0)
            return i;
    return MANIFEST_NOBODY;
}

/* ---- The system ---- */

#define ROOM 64u

static struct {
    struct authority a;
    struct authority_process processes[ROOM];
    struct authority_cap caps[ROOM];
    uint32_t index[2 * ROOM];
    struct mnos_info_cap cap[ROOM];
    unsigned count;
    uint32_t bad;
    char said[1024];
} t;

static void hold(struct mnos_info_cap cap)
{
    assert_true(t.count < ROOM);
    t.cap[t.count++] = cap;
}

static void let_go(uint64_t node)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < t.count; i++)
        if (t.cap[i].node != node)
            t.cap[kept++] = t.cap[i];
    assert_int_equal(kept, t.count - 1);
    t.count = kept;
}

/* All as init makes it. */
static void world(void)
{
    memset(&t, 0, sizeof t);
    hold(CAPABILITY(INIT, MNOS_BOOT_POOL, POOL, READ | WRITE | GRANT | REVOKE, 0, POOL, 0, 1, 0));
    hold(CAPABILITY(INIT, MNOS_BOOT_LOG, ENDPOINT, SEND | GRANT, 0, LOG, 0, 2, 0));
    hold(CAPABILITY(INIT, MNOS_BOOT_IRQ, INTERRUPT, RECV | GRANT | REVOKE, 0, LINES, 256, 3, 0));
    hold(CAPABILITY(INIT, MNOS_BOOT_IOPORT, IOPORT, READ | WRITE | GRANT | REVOKE, 0, PORTS, 65536, 4, 0));
    hold(CAPABILITY(INIT, 20, ENDPOINT, SEND | RECV | GRANT | REVOKE, 0, OWN, 0, 10, 0));
    hold(CAPABILITY(INIT, 21, ENDPOINT, SEND | RECV | GRANT | REVOKE, 0, DOOR, 0, 11, 0));
    hold(CAPABILITY(INIT, 22, POOL, READ | WRITE | GRANT | REVOKE, 0, SERVER_POOL, 0, 12, 0));
    hold(CAPABILITY(INIT, 23, POOL, READ | WRITE | GRANT | REVOKE, 0, CLIENT_POOL, 0, 13, 0));
    hold(CAPABILITY(SERVER, 1, POOL, WRITE, 0, SERVER_POOL, 0, 20, 12));
    hold(CAPABILITY(SERVER, 2, ENDPOINT, SEND, 0, LOG, 0, 21, 2));
    hold(CAPABILITY(SERVER, 3, ENDPOINT, RECV, 0, DOOR, 0, 22, 11));
    hold(CAPABILITY(CLIENT, 1, POOL, WRITE, 0, CLIENT_POOL, 0, 30, 13));
    hold(CAPABILITY(CLIENT, 2, ENDPOINT, SEND, 0x20011, OWN, 0, 31, 10));
    hold(CAPABILITY(CLIENT, 3, ENDPOINT, SEND | GRANT, 2, DOOR, 0, 32, 11));
    hold(CAPABILITY(DRIVER, 1, INTERRUPT, RECV, 4, LINES, 1, 40, 3));
    hold(CAPABILITY(DRIVER, 2, IOPORT, READ | WRITE | GRANT, 0x300, PORTS, 8, 41, 4));
}

static int by_holder(const void *left, const void *right)
{
    const struct mnos_info_cap *l = left, *r = right;

    if (l->pid != r->pid)
        return l->pid < r->pid ? -1 : 1;
    return (l->slot > r->slot) - (l->slot < r->slot);
}

static void report(void *context, const char *text)
{
    size_t length = strlen(t.said);

    assert_ptr_equal(context, &t);
    snprintf(t.said + length, sizeof t.said - length, "%s\n", text);
}

/* Why the graph contradicts itself; NULL: it does not. */
static const char *linked(void)
{
    t.a = (struct authority){.processes = t.processes,
                             .caps = t.caps,
                             .index = t.index,
                             .process_room = ROOM,
                             .cap_room = ROOM,
                             .index_room = 2 * ROOM};
    t.said[0] = '\0';
    assert_true(authority_add_process(&t.a, INIT, 0, "init"));
    assert_true(authority_add_process(&t.a, SERVER, INIT, "server"));
    assert_true(authority_add_process(&t.a, CLIENT, INIT, "client"));
    assert_true(authority_add_process(&t.a, DRIVER, INIT, "driver"));
    assert_true(authority_add_process(&t.a, BELOW, CLIENT, "anything"));
    qsort(t.cap, t.count, sizeof t.cap[0], by_holder);
    for (unsigned i = 0; i < t.count; i++)
        assert_true(authority_add_cap(&t.a, &t.cap[i]));
    return authority_link(&t.a, &t.bad);
}

static unsigned differences(void)
{
    assert_null(linked());
    return authority_compare(&t.a, &manifest, report, &t);
}

/* One difference more than none, which names this process and slot. */
static void one_at(const char *where)
{
    unsigned found = differences();

    if (found != 1 || strncmp(t.said, where, strlen(where)) != 0)
        print_message("# %u differences:\n%s", found, t.said);
    assert_int_equal(found, 1);
    assert_memory_equal(t.said, where, strlen(where));
}

/* ---- What may be ---- */

static void what_init_gives_is_sound(void **state)
{
    (void)state;
    world();
    assert_int_equal(differences(), 0);
    assert_int_equal(t.processes[4].domain, 1);
    /* A service may let go of what it was given. */
    let_go(40);
    let_go(31);
    assert_int_equal(differences(), 0);
}

static void weaker_copies_are_sound(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(DRIVER, 7, IOPORT, READ, 0x302, PORTS, 2, 50, 41));
    hold(CAPABILITY(CLIENT, 7, ENDPOINT, SEND, 2, DOOR, 0, 51, 32));
    assert_int_equal(differences(), 0);
}

static void what_it_makes_is_its_own(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(CLIENT, 7, MEMORY, READ | WRITE | GRANT, 0, BUFFER, 8192, 50, 0));
    assert_int_equal(differences(), 0);
    /* ... and comes with messages to whom it uses. */
    hold(CAPABILITY(SERVER, 7, MEMORY, READ, 0, BUFFER, 8192, 51, 50));
    assert_int_equal(differences(), 0);
}

static void a_child_has_what_its_parent_gave(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(BELOW, 1, ENDPOINT, SEND, 2, DOOR, 0, 50, 32));
    assert_int_equal(differences(), 0);
}

static void a_server_that_is_away_is_waited_for(void **state)
{
    (void)state;
    world();
    let_go(22);
    assert_int_equal(differences(), 0);
}

/* ---- What may not ---- */

static void more_than_the_entry_says(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(DRIVER, 7, INTERRUPT, RECV, 5, LINES, 1, 50, 3));
    one_at("driver (4) slot 7: nothing lets it have this");
    world();
    hold(CAPABILITY(DRIVER, 7, IOPORT, READ, 0x307, PORTS, 2, 50, 4));
    one_at("driver (4) slot 7: nothing");
    world();
    hold(CAPABILITY(DRIVER, 7, IOPORT, READ, 0x2ff, PORTS, 2, 50, 4));
    one_at("driver (4) slot 7: nothing");
    world();
    hold(CAPABILITY(DRIVER, 7, IOPORT, READ | WRITE | GRANT | REVOKE, 0x300, PORTS, 8, 50, 4));
    one_at("driver (4) slot 7: nothing");
    /* Instead of what it is to have: more rights, or a part of another size. */
    world();
    let_go(40);
    hold(CAPABILITY(DRIVER, 1, INTERRUPT, RECV | GRANT, 4, LINES, 1, 50, 3));
    one_at("driver (4) slot 1: nothing");
    world();
    let_go(41);
    hold(CAPABILITY(DRIVER, 2, IOPORT, READ | WRITE, 0x300, PORTS, 16, 50, 4));
    one_at("driver (4) slot 2: nothing");
}

static void behind_inits_back(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(CLIENT, 7, IOPORT, READ, 0x300, PORTS, 8, 50, 41));
    one_at("client (3) slot 7: nothing lets it have this: type");
    assert_non_null(strstr(t.said, "from init (1)"));
    /* Memory, but of nobody that it has to do with. */
    world();
    hold(CAPABILITY(CLIENT, 7, MEMORY, READ | WRITE | GRANT, 0, BUFFER, 8192, 50, 0));
    hold(CAPABILITY(DRIVER, 7, MEMORY, READ, 0, BUFFER, 8192, 51, 50));
    one_at("driver (4) slot 7: nothing");
    world();
    hold(CAPABILITY(BELOW, 1, IOPORT, READ, 0x300, PORTS, 8, 50, 41));
    one_at("anything (5) slot 1: nothing");
}

static void anothers_role_pool_or_name(void **state)
{
    (void)state;
    world();
    let_go(31);
    hold(CAPABILITY(CLIENT, 2, ENDPOINT, SEND, 0x20013, OWN, 0, 50, 10)); /* control */
    one_at("client (3) slot 2: nothing");
    world();
    hold(CAPABILITY(DRIVER, 7, POOL, WRITE, 0, CLIENT_POOL, 0, 50, 13));
    assert_int_equal(differences(), 2); /* neither is alone with it now */
    world();
    hold(CAPABILITY(DRIVER, 7, ENDPOINT, RECV, 0, DOOR, 0, 50, 11));
    assert_true(differences() >= 2);
    assert_non_null(strstr(t.said, "driver (4) slot 7"));
    assert_non_null(strstr(t.said, "server (2) slot 3"));
}

static void a_badge_is_one_clients(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(DRIVER, 7, ENDPOINT, SEND, 2, DOOR, 0, 50, 32));
    assert_int_equal(differences(), 2);
    assert_non_null(strstr(t.said, "driver (4) slot 7: nothing lets it have this"));
    assert_non_null(strstr(t.said, "client (3) slot 3: another service has this badge too"));
}

static void a_process_of_no_service(void **state)
{
    (void)state;
    world();
    services[2].name = "renamed";
    assert_int_equal(differences(), 1);
    assert_string_equal(t.said, "driver (4) is of no service\n");
    services[2].name = "driver";
}

/* ---- What contradicts itself ---- */

static void a_graph_that_contradicts_itself(void **state)
{
    (void)state;
    world();
    hold(CAPABILITY(9, 1, MEMORY, READ, 0, BUFFER, 8192, 50, 0));
    assert_string_equal(linked(), "a capability of a process that is not there");
    assert_int_equal(t.caps[t.bad].info.node, 50);
    world();
    hold(CAPABILITY(DRIVER, 7, MEMORY, READ, 0, BUFFER, 8192, 41, 0));
    assert_string_equal(linked(), "a capability twice");
    world();
    hold(CAPABILITY(DRIVER, 7, MEMORY, READ, 0, BUFFER, 8192, 50, 51));
    assert_string_equal(linked(), "the origin of a capability is not listed");
    world();
    hold(CAPABILITY(DRIVER, 7, MEMORY, READ, 0, BUFFER, 8192, 50, 41));
    assert_string_equal(linked(), "a capability is of another type than its origin");
    world();
    hold(CAPABILITY(DRIVER, 7, MEMORY, READ, 0, BUFFER, 8192, 50, 51));
    hold(CAPABILITY(DRIVER, 8, MEMORY, READ, 0, BUFFER, 8192, 51, 50));
    assert_string_equal(linked(), "a capability is derived from itself");
}

static void order_and_room_are_kept(void **state)
{
    struct mnos_info_cap cap = CAPABILITY(INIT, 1, MEMORY, READ, 0, BUFFER, 4096, 1, 0);
    (void)state;

    world();
    t.a = (struct authority){.processes = t.processes, .caps = t.caps, .process_room = 2, .cap_room = 2};
    assert_true(authority_add_process(&t.a, 5, 0, "a name that is longer than thirty-one bytes"));
    assert_int_equal(strlen(t.processes[0].name), 31);
    assert_false(authority_add_process(&t.a, 5, 0, "again"));
    assert_false(authority_add_process(&t.a, 4, 0, "before"));
    assert_true(authority_add_process(&t.a, 6, 5, "next"));
    assert_false(authority_add_process(&t.a, 7, 5, "no room"));
    cap.pid = 6;
    assert_true(authority_add_cap(&t.a, &cap));
    cap.pid = 5;
    assert_false(authority_add_cap(&t.a, &cap));
    cap.pid = 6;
    assert_true(authority_add_cap(&t.a, &cap));
    assert_false(authority_add_cap(&t.a, &cap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("what init gives is no difference, nor what is let go of", what_init_gives_is_sound),
        TEST("weaker copies of it are sound", weaker_copies_are_sound),
        TEST("what a service makes is its own, and may go where it has to do", what_it_makes_is_its_own),
        TEST("a process below a service has what its parent gave it", a_child_has_what_its_parent_gave),
        TEST("the endpoint of a server that does not run is waited for", a_server_that_is_away_is_waited_for),
        TEST("a line, a port, a right beyond the entry is a difference", more_than_the_entry_says),
        TEST("what was passed on behind init's back is a difference", behind_inits_back),
        TEST("so is another's role, pool or name", anothers_role_pool_or_name),
        TEST("a badge that two services have is told", a_badge_is_one_clients),
        TEST("a process of no service is told", a_process_of_no_service),
        TEST("a graph that contradicts itself is refused by name", a_graph_that_contradicts_itself),
        TEST("what is out of order or has no room is refused", order_and_room_are_kept),
    };

    return RUN_TESTS(tests);
}
