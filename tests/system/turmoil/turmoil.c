/* SPDX-License-Identifier: BSD-2-Clause */
#include "turmoil.h"

uint64_t turmoil_random(void)
{
    static uint64_t state = 0x2545f4914f6cdd1d;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

struct init_status turmoil_status(const char *name)
{
    struct init_status status = {.state = INIT_STATE_COUNT};

    (void)init_find(mnos_cap("init"), name, &status);
    return status;
}

bool turmoil_reaches(const char *name, enum init_state state)
{
    uint64_t deadline = clock_ns() + PATIENCE;

    while (turmoil_status(name).state != state)
        if (clock_ns() > deadline)
            return false;
        else
            sleep_ns(MNOS_MS);
    return true;
}

static void difference_print(void *context, const char *text)
{
    (void)context;
    printf("# difference: %s\n", text);
}

static void difference_hide(void *context, const char *text)
{
    (void)context, (void)text;
}

int64_t turmoil_differences(bool settle)
{
    uint64_t deadline = clock_ns() + PATIENCE;
    mnos_handle_t system = mnos_cap("system"), package = mnos_cap("package");

    while (settle && authority_check(system, package, difference_hide, NULL) != 0 && clock_ns() < deadline)
        sleep_ns(MNOS_MS);
    return authority_check(system, package, difference_print, NULL);
}

/* ---- The parts ---- */

static mnos_handle_t object(enum mnos_create what)
{
    int64_t made = mnos_cap_create(what, mnos_pool(), 0, 0, 0);

    if (made < 0)
        mnos_exit(90);
    return (mnos_handle_t)made;
}

/* Some tens of microseconds of work, so that callers queue up. */
static void work(struct mnos_msg *msg)
{
    uint64_t until = clock_ns() + 30000;

    while (clock_ns() < until)
        continue;
    msg->word[0] = turmoil_work(msg->word[0]);
}

static uint64_t pass_on(mnos_handle_t cap)
{
    struct mnos_msg msg = {.label = TURMOIL_TAKE};
    struct mnos_call_data data = {.send_cap = cap};
    mnos_handle_t taker = MNOS_NONE;

    if (names_lookup(mnos_cap("init"), "taker", &taker) != 0)
        return 1;
    return mnos_call_with(taker, &msg, &data) < 0 || msg.word[0] != 1;
}

static mnos_handle_t alpha_find(void)
{
    mnos_handle_t alpha = MNOS_NONE;

    (void)names_lookup(mnos_cap("init"), "alpha", &alpha);
    return alpha;
}

static void answer_make(struct mnos_msg *msg)
{
    uint64_t taken = MNOS_INFO_CAPS(msg->info);

    switch (msg->label) {
    case TURMOIL_WORK:
        work(msg);
        break;
    case TURMOIL_TAKE:
        msg->word[0] = taken;
        break;
    case TURMOIL_GIVE_OWN:
        msg->word[0] = pass_on(object(MNOS_CREATE_NOTIFICATION));
        break;
    case TURMOIL_GIVE_PORTS:
        msg->word[0] = pass_on(mnos_cap("ports"));
        break;
    case TURMOIL_GIVE_ALPHA:
        msg->word[0] = pass_on(alpha_find());
        break;
    default:
        msg->word[0] = UINT64_MAX;
        break;
    }
}

/* On the endpoint that init keeps, or on one that it registers under this name. */
static int serve(const char *name)
{
    mnos_handle_t reply = object(MNOS_CREATE_REPLY), endpoint = mnos_cap("door");

    if (endpoint == MNOS_NONE) {
        endpoint = object(MNOS_CREATE_ENDPOINT);
        if (names_register(mnos_cap("init"), name, endpoint) != 0)
            return 91;
    }
    for (;;) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.recv_caps = 1;
        if (mnos_ipc_recv(endpoint, &msg, &ext, reply) < 0)
            return 92;
        if (MNOS_INFO_KIND(msg.info) != MNOS_KIND_CALL)
            continue;
        answer_make(&msg);
        (void)mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    }
}

static int judge(unsigned count)
{
    tap_eq(turmoil_differences(true), 0, "after the start nobody holds anything beyond the manifest's closure");
    behind_back_judge();
    kills_judge(count);
    cycles_judge(count);
    int failed = tap_done();
    (void)(failed ? init_fail(mnos_cap("init")) : init_power_off(mnos_cap("init")));
    return failed;
}

static unsigned number(const char *text)
{
    unsigned value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return value;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "judge") == 0)
        return judge(number(argv[2]));
    if (argc > 2 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    for (;;)
        sleep_ns(1000 * MNOS_S);
}
