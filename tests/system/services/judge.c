/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory, control, and what a service is told. */
#include "services.h"

#define PATIENCE (5 * MNOS_S)

mnos_handle_t init_cap(void)
{
    return mnos_cap("init");
}

struct init_status service(const char *name)
{
    struct init_status status = {.state = INIT_STATE_COUNT};

    (void)init_find(init_cap(), name, &status);
    return status;
}

bool service_reaches(const char *name, enum init_state state, struct init_status *status)
{
    uint64_t deadline = clock_ns() + PATIENCE;

    do {
        *status = service(name);
        if (status->state == state)
            return true;
        sleep_ns(2 * MNOS_MS);
    } while (clock_ns() < deadline);
    tap_diag("%s is %s (%s), %lu restarts, status %lx", name, init_state_name(status->state), status->why,
             status->restarts, status->exit);
    return false;
}

bool service_plays(const char *name, enum init_state state, struct init_status *status)
{
    int64_t result = init_start(init_cap(), name);

    if (result < 0) {
        tap_diag("%s: %s", name, mnos_error_name(result));
        return false;
    }
    return service_reaches(name, state, status);
}

bool server_answers(mnos_handle_t endpoint, uint64_t *badge, uint64_t *pid)
{
    struct mnos_msg msg = {.label = SERVE_BADGE};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + PATIENCE;
    if (mnos_ipc_call(endpoint, &msg, &ext) < 0)
        return false;
    *badge = msg.word[0];
    *pid = msg.word[1];
    return true;
}

static void directory_list(void)
{
    static const char *const wanted[] = {"serial_driver", "vfs_service", "network_stack"};
    struct init_status status;
    uint64_t owner, endpoint;
    unsigned found = 0;
    char name[32];

    /* Nothing says that they have registered before this one is started. */
    for (unsigned k = 0; k < 3; k++)
        (void)service_reaches(wanted[k], INIT_STATE_RUNNING, &status);
    for (uint64_t i = 0; init_name(init_cap(), i, name, &owner, &endpoint) >= 0; i++) {
        for (unsigned k = 0; k < 3; k++)
            found += strcmp(name, wanted[k]) == 0 && owner == service(name).pid && endpoint != 0;
        printf("# directory: %s endpoint_%lu of pid %lu\n", name, endpoint, owner);
    }
    tap_eq(found, 3, "the directory lists three services with their owners and endpoints [M086 M091]");
}

static void lookups(void)
{
    mnos_handle_t init = init_cap(), serial = MNOS_NONE, net = MNOS_NONE, none = MNOS_NONE;
    uint64_t badge = 0, net_badge = 0, given_badge = 0, pid = 0;
    struct mnos_cap_info info = {0};

    tap_eq(names_lookup(init, "serial_driver", &serial), 0, "a name that the entry lists is found [M087]");
    (void)mnos_cap_inspect(serial, &info, sizeof info);
    tap_ok(info.type == MNOS_TYPE_ENDPOINT && info.rights == (MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT),
           "the capability sends and does not receive [M090]");
    tap_ok(server_answers(serial, &badge, &pid) && pid == service("serial_driver").pid,
           "the server behind it answers [M087]");
    tap_ok(names_lookup(init, "network_stack", &net) == 0 && server_answers(net, &net_badge, &pid) &&
               server_answers(mnos_cap("vfs"), &given_badge, &pid) && badge != 0 && badge == net_badge &&
               badge == given_badge,
           "all that one client holds has one badge [M090]");
    tap_eq(names_lookup(init, "nobody", &none), -MNOS_E_NOT_FOUND, "a name that there is not is not found [M087]");
    tap_eq(names_lookup(init, "holder", &none), -MNOS_E_NOT_FOUND, "a name that the entry does not list is not found");
    tap_eq(names_lookup_as(init, "serial_driver", 0x8000000000000002, &none), -NAMES_ERROR_OTHER_INTERFACE,
           "another interface than the endpoint's is refused [M141]");
    tap_ok(names_lookup_as(init, "serial_driver", 0x8000000000000001, &none) == 0 ||
               names_lookup_as(init, "serial_driver", 0x8000000000000001, &none) == -MNOS_E_BUSY,
           "its own is accepted");
    (void)mnos_cap_delete(serial);
    (void)mnos_cap_delete(none);
    tap_eq((int64_t)mnos_cap_entry("vfs")->interface, 0, "the CapSet tells interfaces");
}

/* BUSY: the server has yet to hear that this client let go a moment ago. */
static int64_t look_up(const char *name, mnos_handle_t *found)
{
    uint64_t deadline = clock_ns() + PATIENCE;
    int64_t status;

    while ((status = names_lookup(init_cap(), name, found)) == -MNOS_E_BUSY && clock_ns() < deadline)
        sleep_ns(MNOS_MS);
    return status;
}

/* How many clients have let go of the serial driver's endpoint, as it says itself; this one lets go again. */
static uint64_t let_go(void)
{
    mnos_handle_t serial = MNOS_NONE;
    struct mnos_msg msg = {.label = SERVE_BADGE};

    if (look_up("serial_driver", &serial) != 0 || mnos_ipc_call(serial, &msg, NULL) < 0)
        msg.word[2] = 0;
    (void)mnos_cap_delete(serial);
    return msg.word[2];
}

/* Who looks up the same name again and again is given copies of what init keeps ready, and not for long. */
static void same_lookups(void)
{
    mnos_handle_t init = init_cap(), found[4], none;
    uint64_t badge[4] = {0}, pid = 0, deadline;
    unsigned good = 0;

    for (unsigned i = 0; i < 4; i++) {
        good += look_up("serial_driver", &found[i]) == 0 && server_answers(found[i], &badge[i], &pid) &&
                badge[i] == badge[0];
        for (unsigned k = 0; k < i; k++)
            good -= found[k] == found[i];
    }
    tap_eq(good, 4, "each of four lookups of one name gives a capability of its own, with the client's badge [M090]");
    struct mnos_cap_info info = {0};
    (void)mnos_cap_inspect(found[3], &info, sizeof info);
    tap_ok(info.type == MNOS_TYPE_ENDPOINT && info.rights == (MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT),
           "the last one, too, sends and does not receive [M090]");
    tap_eq(names_lookup_as(init, "serial_driver", 0x8000000000000002, &none), -NAMES_ERROR_OTHER_INTERFACE,
           "what is kept ready is not given for another interface [M141]");
    (void)let_go();
    uint64_t before = let_go(); /* the second time running: one is kept now */
    for (unsigned i = 0; i < 4; i++)
        (void)mnos_cap_delete(found[i]);
    deadline = clock_ns() + PATIENCE;
    while (let_go() == before && clock_ns() < deadline)
        sleep_ns(100 * MNOS_MS);
    tap_ok(let_go() > before, "the server learns that the client has let go, though init kept one ready");
}

static mnos_handle_t endpoint_new(void)
{
    return (mnos_handle_t)mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0);
}

static mnos_handle_t notification_new(void)
{
    return (mnos_handle_t)mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0);
}

static void registrations(void)
{
    mnos_handle_t init = init_cap();

    tap_eq((int64_t)service("judge").state, INIT_STATE_STARTING,
           "who has not registered all that it provides is not ready");
    tap_eq(names_register(init, "judge.one", MNOS_NONE), -MNOS_E_BADCAP, "register without a capability [M089]");
    tap_eq(names_register(init, "judge.one", notification_new()), -(int64_t)IDL_E_BAD_CAPS,
           "register what is no endpoint");
    tap_eq(names_register(init, "judge.one", endpoint_new()), 0, "register a name that the entry provides [M089]");
    tap_eq(names_register(init, "judge.one", endpoint_new()), -NAMES_ERROR_DUPLICATE, "register it twice [M089]");
    tap_eq(names_register(init, "0123456789012345678901234567890123", endpoint_new()), -(int64_t)IDL_E_LONG,
           "register an over-long name [M089]");
    tap_eq(names_register(init, "judge.three", endpoint_new()), -NAMES_ERROR_FORBIDDEN,
           "register a name that the entry does not provide");
    tap_eq(names_register(init, "judge.two", endpoint_new()), 0, "register the second name");
    tap_eq((int64_t)service("judge").state, INIT_STATE_RUNNING, "with the last name the service is ready");
    struct init_status status;
    tap_ok(service_reaches("explicit", INIT_STATE_RUNNING, &status),
           "one that says when it is ready is so when it says it");
}

static void listing(void)
{
    struct init_system facts = {0};
    struct init_status status;
    uint64_t listed = 0, good = 0;

    while (init_list(init_cap(), listed, &status) >= 0) {
        good += status.number == listed && status.state < INIT_STATE_COUNT && status.name[0] != '\0' &&
                (status.state != INIT_STATE_RUNNING || status.pid != 0);
        listed++;
    }
    tap_ok(init_system(init_cap(), &facts) >= 0 && listed == facts.services && good == listed && listed > 15,
           "status lists all services with their state");
    tap_ok(facts.parsed == 1 && facts.processes >= 9, "many services of one program: %lu started, %lu parsed [M123]",
           facts.processes, facts.parsed);
    tap_ok(facts.ready_ns != 0, "the moment is known at which all were ready");
}

static void order(void)
{
    struct init_status first = service("first"), second = service("second"), third = service("third"),
                       mine = service("judge");

    tap_ok(first.ready_ns <= second.began_ns && second.ready_ns <= third.began_ns && third.ready_ns <= mine.began_ns &&
               first.ready_ns != 0,
           "services start behind those that they depend on [M299]");
}

static uint64_t events_take(void)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + PATIENCE;
    return mnos_ipc_recv(mnos_cap("events"), &msg, &ext, MNOS_NONE) < 0 ? 0 : msg.bits;
}

/* A server that goes away and comes back. */
static void death(void)
{
    struct init_status before = service("vfs_service"), after;
    struct mnos_msg msg = {.label = SERVE_END};
    mnos_handle_t found = MNOS_NONE;
    uint64_t badge, pid;

    for (unsigned i = 0; i < 3; i++)
        (void)look_up("vfs_service", &found);
    tap_status(mnos_ipc_call(mnos_cap("vfs"), &msg, NULL), MNOS_E_PEER_GONE, "a server's end is told to its caller");
    uint64_t bits = events_take();
    if ((bits & INIT_EVENT_READY) == 0)
        bits |= events_take();
    tap_eq((int64_t)bits, INIT_EVENT_GONE | INIT_EVENT_READY, "a dependent is told that it is gone, and back");
    tap_ok(service_reaches("vfs_service", INIT_STATE_RUNNING, &after) && after.pid != before.pid && after.restarts == 1,
           "it was started again");
    tap_ok(look_up("vfs_service", &found) == 0 && server_answers(found, &badge, &pid) && pid == after.pid,
           "who looked it up before gets the new one's endpoint");
    before = service("network_stack");
    (void)init_restart(init_cap(), "network_stack");
    mnos_handle_t net = MNOS_NONE;
    (void)names_lookup(init_cap(), "network_stack", &net);
    tap_ok(server_answers(net, &badge, &pid) && pid != before.pid,
           "an endpoint that init keeps serves through a restart of its server");
}

static void control(void)
{
    mnos_handle_t init = init_cap();
    struct init_status status;

    tap_status(init_stop(init, "first"), MNOS_OK, "a service is stopped");
    tap_ok(service_reaches("first", INIT_STATE_STOPPED, &status) && status.pid == 0, "it does not run then");
    tap_status(init_restart(init, "second"), MNOS_OK, "one that depends on it is restarted");
    tap_ok(service_reaches("second", INIT_STATE_WAITING, &status) &&
               strcmp(status.why, "it waits for first, which is stopped") == 0,
           "it waits, and init says for whom: %s", status.why);
    tap_ok(service_plays("first", INIT_STATE_RUNNING, &status), "the first is started");
    tap_ok(service_reaches("second", INIT_STATE_RUNNING, &status), "so is the one that waited");
    (void)init_restart(init, "third");
    (void)init_stop(init, "third");
    tap_ok(service_reaches("third", INIT_STATE_STOPPED, &status) && status.pid == 0,
           "what is stopped behind its restart stays stopped");
    (void)service_plays("third", INIT_STATE_RUNNING, &status);
    tap_status(init_start(init, "first"), MNOS_E_BUSY, "what runs is not started");
    tap_status(init_stop(init, "nobody"), MNOS_E_NOT_FOUND, "a service that there is not");
    tap_status(init_run(init, "first", sizeof "first"), MNOS_E_INVALID, "what is not on request is not spawned");
    struct mnos_msg msg = {.label = INIT_LABEL_spawn};
    struct mnos_call_data data = {.send = "first", .send_len = 3, .send_cap = MNOS_NONE};
    tap_ok(mnos_call_with(init, &msg, &data) == 0 && msg.label == IDL_E_BAD_TEXT, "a name without an end is refused");
    msg = (struct mnos_msg){.label = INIT_LABEL_spawn};
    data.send_len = sizeof "first";
    data.send = "many\0x";
    tap_ok(mnos_call_with(init, &msg, &data) == 0 && msg.label == MNOS_E_INVALID, "so is an argument without an end");
    msg = (struct mnos_msg){.label = INIT_LABEL_start + 1};
    tap_ok(mnos_ipc_call(init, &msg, NULL) == 0 && msg.label == IDL_E_LONG, "and a word too many");
}

static void instances(void)
{
    mnos_handle_t init = mnos_cap("init");
    static const char request[] = "many\0idle";
    struct init_status s;
    int64_t pid = 0;

    for (unsigned i = 0; i < 3; i++)
        pid = init_run(init, request, sizeof request);
    tap_status(pid, MNOS_OK, "three processes of one service");
    tap_status(init_run(init, request, sizeof request), MNOS_E_BUSY, "and no fourth");
    sleep_ns(200 * MNOS_MS);
    s = service("many");
    tap_ok(s.instances == 3 && s.state == INIT_STATE_RUNNING, "they stay beyond the time to become ready");
    tap_status(init_kill(init, (uint64_t)pid), MNOS_OK, "one is killed");
    for (unsigned i = 0; i < 1000 && service("many").instances == 3; i++)
        sleep_ns(MNOS_MS);
    tap_eq((int64_t)service("many").instances, 2, "two are left");
    tap_status(init_stop(init, "many"), MNOS_OK, "the service is stopped");
    tap_ok(service_reaches("many", INIT_STATE_STOPPED, &s) && s.instances == 0, "none is left");
}

void judge(void)
{
    directory_list();
    lookups();
    same_lookups();
    registrations();
    listing();
    order();
    judge_holders();
    death();
    control();
    instances();
    judge_policies();
    judge_mischief();
}
