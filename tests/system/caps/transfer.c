/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities that go to other processes. */
#include "caps.h"

/* The child of "one delegated capability": it works, and nothing else does. */
static int role_delegate(int argc, char **argv)
{
    mnos_handle_t note = mnos_cap("note");
    int failed = 0;

    (void)argc;
    (void)argv;
    failed |= mnos_ipc_notify(note, 4) == 0 ? 0 : 1;
    failed |=
        mnos_cap_create(MNOS_CREATE_MINT, note, MNOS_RIGHT_SEND | MNOS_RIGHT_RECV, 0, 0) == -MNOS_E_NO_RIGHTS ? 0 : 2;
    failed |= mnos_cap_transfer(MNOS_SELF, note, MNOS_RIGHT_SEND, MNOS_NONE) == -MNOS_E_NO_RIGHTS ? 0 : 4;
    failed |= mnos_mem_alloc(note, MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0) == -MNOS_E_BADTYPE ? 0 : 8;
    return failed;
}

static int widens(mnos_handle_t cap, uint32_t rights)
{
    struct mnos_cap_info info = {0};

    if (mnos_cap_inspect(cap, &info, sizeof info) < 0 || info.rights != rights)
        return 1;
    return mnos_cap_create(MNOS_CREATE_MINT, cap, rights | MNOS_RIGHT_RECV, 0, 0) == -MNOS_E_NO_RIGHTS ? 0 : 2;
}

static int64_t pass_on(mnos_handle_t cap)
{
    struct mnos_msg msg = {.label = 1};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_caps = 1;
    ext.send_cap[0] = cap;
    return mnos_ipc_call(mnos_cap("to_c"), &msg, &ext);
}

/*
 * B: holds one narrowed copy without GRANT, and is sent another with it by A.  It can widen neither, and pass on only the
 * second.  Status: what went wrong.
 */
static int role_middle(int argc, char **argv)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t reply = (mnos_handle_t)mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0);
    mnos_handle_t plain = mnos_cap("plain");
    int failed = widens(plain, MNOS_RIGHT_SEND);

    (void)argc;
    (void)argv;
    failed |= pass_on(plain) == -MNOS_E_NO_RIGHTS ? 0 : 4;
    ext.recv_caps = 1;
    if (mnos_ipc_recv(mnos_cap("to_b"), &msg, &ext, reply) < 0 || MNOS_INFO_CAPS(msg.info) != 1)
        return 64;
    mnos_handle_t got = ext.recv_cap[0];
    failed |= widens(got, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT) << 3;
    failed |= pass_on(got) == 0 ? 0 : 32;
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    return failed;
}

/* C: uses what it is sent. */
static int role_last(int argc, char **argv)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t reply = (mnos_handle_t)mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0);

    (void)argc;
    (void)argv;
    ext.recv_caps = 1;
    if (mnos_ipc_recv(mnos_cap("to_c"), &msg, &ext, reply) < 0 || MNOS_INFO_CAPS(msg.info) != 1 || msg.label != 1)
        return 64;
    int64_t status = mnos_ipc_notify(ext.recv_cap[0], 16);
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    return status == 0 ? 0 : 1;
}

/* Holds nothing at all: whatever it tries, it gains nothing. */
static int role_nothing(int argc, char **argv)
{
    struct mnos_msg msg = {0};
    struct mnos_cap_info info;
    char buffer[64];
    unsigned gained = 0;

    (void)argc;
    (void)argv;
    for (mnos_handle_t h = 0; h < 200; h++) {
        gained += mnos_cap_inspect(h, &info, sizeof info) >= 0;
        gained += mnos_ipc_send(h, &msg, NULL) >= 0;
        gained += mnos_ipc_call(h, &msg, NULL) >= 0;
        gained += mnos_ipc_recv(h, &msg, NULL, MNOS_NONE) >= 0;
        gained += mnos_ipc_reply(MNOS_NONE, &msg, NULL, h) >= 0;
        gained += mnos_ipc_notify(h, 1) >= 0;
        gained += mnos_ipc_copy(h, 0, 0, buffer, 1) >= 0;
        gained += mnos_mem_alloc(h, MNOS_PAGE_SIZE, 0, 0) >= 0;
        gained += mnos_mem_map(MNOS_SELF, h, 0x500000000000, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ) >= 0;
        gained += mnos_mem_unmap(h, 0x500000000000, MNOS_PAGE_SIZE) >= 0;
        gained += mnos_mem_control(h, 0, 0, MNOS_PAGE_SIZE, 0) >= 0;
        gained += mnos_mem_grant(h, h, 0, MNOS_PAGE_SIZE, 1, 0) >= 0;
        gained += mnos_cap_transfer(MNOS_SELF, h, 1, MNOS_NONE) >= 0;
        gained += mnos_cap_delete(h) >= 0;
        gained += mnos_cap_revoke(h) >= 0;
        for (uint64_t what = 0; what < MNOS_CREATE_COUNT; what++)
            gained += mnos_cap_create(what, h, 1, 1, 1) >= 0;
        gained += mnos_proc_create(h, 64, MNOS_NONE, "x", 1, 0) >= 0;
        gained += mnos_proc_destroy(h, 0) >= 0;
        gained += mnos_thread_destroy(h) >= 0;
        gained += mnos_thread_wake(h, 1, 0, 0, MNOS_WAIT_PARK) >= 0;
        gained += mnos_port_in(h, 0x80, 1) >= 0;
        gained += mnos_port_out(h, 0x80, 1, 0) >= 0;
        gained += mnos_irq_bind(h, MNOS_IRQ_BIND, h, 1) >= 0;
        gained += mnos_system_info(h, 0, 0, buffer, sizeof buffer) >= 0;
        gained += mnos_debug_write(h, "x", 1) >= 0;
    }
    return (int)gained;
}

const struct role caps_roles[] = {
    {"delegate", role_delegate}, {"nothing", role_nothing}, {"middle", role_middle}, {"last", role_last}};
const unsigned caps_role_count = 4;

static void delegation(void)
{
    struct mnos_info_ledger before;
    mnos_handle_t note = new_notification();
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    for (unsigned i = 0; i < 2; i++) {
        if (i == 1)
            before = ledger_now();
        struct spawn_child child =
            test_spawn("delegate", &(struct spawn_cap){.name = "note", .handle = note, .rights = MNOS_RIGHT_SEND}, 1);
        uint64_t status = test_wait(&child);
        if (i == 0)
            tap_eq((int64_t)status, 0,
                   "a child with one delegated capability can use it as given, and no other way "
                   "[M016 M233 M223]");
    }
    ext.flags = MNOS_EXT_NONBLOCK;
    tap_ok(mnos_ipc_recv(note, &msg, &ext, MNOS_NONE) == 0 && msg.bits == 4, "and its use arrives");
    ledger_same(&before, "a child leaves nothing behind [M062]");
    mnos_cap_delete(note);
}

/* A gives to B, and B to C. */
static void chain(void)
{
    mnos_handle_t to_b = new_endpoint(), to_c = new_endpoint(), note = new_notification();
    mnos_handle_t narrow = mint(note, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0);
    const struct spawn_cap b_caps[] = {{.name = "to_b", .handle = to_b, .rights = MNOS_RIGHT_RECV},
                                       {.name = "to_c", .handle = to_c, .rights = MNOS_RIGHT_SEND},
                                       {.name = "plain", .handle = note, .rights = MNOS_RIGHT_SEND}};
    const struct spawn_cap c_caps[] = {{.name = "to_c", .handle = to_c, .rights = MNOS_RIGHT_RECV}};
    struct spawn_child b = test_spawn("middle", b_caps, 3), c = test_spawn("last", c_caps, 1);
    struct tally tally = {0};
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_caps = 1;
    ext.send_cap[0] = narrow;
    tally_status(&tally, mnos_ipc_call(to_b, &msg, &ext), MNOS_OK, "call", 0);
    uint64_t of_b = test_wait(&b), of_c = test_wait(&c);
    tally_check(&tally, of_b == 0, "B", of_b);
    tally_check(&tally, of_c == 0, "C", of_c);
    ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
    ext.flags = MNOS_EXT_NONBLOCK;
    tally_check(&tally, mnos_ipc_recv(note, &msg, &ext, MNOS_NONE) == 0 && msg.bits == 16, "C's use arrives", msg.bits);
    tally_done(&tally,
               "A gives B a narrowed copy over IPC; B cannot widen it, and passes it to C only with GRANT [M016]");
    mnos_cap_delete(narrow);
    mnos_cap_delete(note);
    mnos_cap_delete(to_b);
    mnos_cap_delete(to_c);
}

/* A process to which nothing was given: its first thread only has its registers. */
static void empty_child(void)
{
    struct spawn_child child = test_spawn_empty("nothing");

    tap_eq((int64_t)test_wait(&child), 0, "a process with an empty table gains nothing by any call [M014]");
}

static void slots(void)
{
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "slots", 5, 0), "a process");
    mnos_handle_t note = new_notification();
    struct tally tally = {0};

    for (uint64_t slot = 0; slot < 64; slot++) {
        int64_t got = mnos_cap_transfer(process, note, MNOS_RIGHT_SEND, slot);
        tally_check(&tally, got >= 0 && (uint32_t)got == slot, "chosen slot", slot);
    }
    tally_status(&tally, mnos_cap_transfer(process, note, MNOS_RIGHT_SEND, 63), MNOS_E_BUSY, "taken slot", 63);
    tally_status(&tally, mnos_cap_transfer(process, note, MNOS_RIGHT_SEND, 64), MNOS_E_RANGE, "slot beyond", 64);
    tally_status(&tally, mnos_cap_transfer(process, note, MNOS_RIGHT_SEND, 1ull << 32), MNOS_E_RANGE, "slot beyond",
                 1ull << 32);
    tally_status(&tally, mnos_cap_transfer(process, note, MNOS_RIGHT_SEND, MNOS_NONE), MNOS_E_NO_SLOTS, "full", 0);
    tally_status(&tally, mnos_cap_transfer(process, note, MNOS_RIGHT_READ, MNOS_NONE), MNOS_E_NO_RIGHTS, "right added",
                 0);
    tally_status(&tally, mnos_cap_transfer(process, note, 0x80, MNOS_NONE), MNOS_E_INVALID, "unknown right", 0);
    mnos_handle_t stuck = mint(note, MNOS_RIGHT_SEND, 0);
    mnos_handle_t roomy = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "roomy", 5, 0), "a process");
    tally_status(&tally, mnos_cap_transfer(roomy, stuck, MNOS_RIGHT_SEND, 9), MNOS_E_NO_RIGHTS, "without GRANT", 9);
    tally_status(&tally, mnos_cap_transfer(roomy, note, MNOS_RIGHT_SEND, 9), MNOS_OK, "the slot is still free", 9);
    mnos_proc_destroy(roomy, 0);
    mnos_cap_delete(roomy);
    mnos_cap_delete(stuck);
    tally_done(&tally, "64 slots: each can be chosen, a taken one is refused, and there is no 65th, and nothing goes "
                       "without GRANT [M200 M058]");
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    mnos_cap_delete(note);
}

static void limits(void)
{
    struct tally tally = {0};

    tally_status(&tally, mnos_proc_create(mnos_pool(), 63, MNOS_NONE, "x", 1, 0), MNOS_E_RANGE, "slots", 63);
    tally_status(&tally, mnos_proc_create(mnos_pool(), 32769, MNOS_NONE, "x", 1, 0), MNOS_E_RANGE, "slots", 32769);
    tally_status(&tally, mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "x", 32, 0), MNOS_E_RANGE, "name", 32);
    tally_status(&tally, mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "x", 1, 1), MNOS_E_INVALID, "flags", 1);
    tally_status(&tally, mnos_proc_create(mnos_pool(), 64, 4000, "x", 1, 0), MNOS_E_BADCAP, "fault endpoint", 4000);
    tally_status(&tally, mnos_proc_create(mnos_pool(), 64, MNOS_BOOT_POOL, "x", 1, 0), MNOS_E_BADTYPE, "fault endpoint",
                 0);
    for (unsigned i = 0; i < bad_pointer_count; i++)
        tally_status(&tally, mnos_proc_create(mnos_pool(), 64, MNOS_NONE, (void *)bad_pointers[i], 8, 0), MNOS_E_FAULT,
                     "name pointer", bad_pointers[i]);
    tally_done(&tally, "proc_create refuses each wrong argument by its own error [M061]");
}

/* It has no thread that could end it: nobody can ever use it again. */
static void process_that_never_ran(void)
{
    struct mnos_info_ledger before = ledger_now();

    mnos_cap_delete(must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "never", 5, 0), "a process"));
    ledger_same(&before, "a process that never ran goes with its last capability [M057]");
}

static void move(void)
{
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "move", 4, 0), "a process");
    mnos_handle_t root = new_endpoint();
    mnos_handle_t view = mint(root, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0);
    struct mnos_cap_info info;

    tap_status(mnos_cap_transfer(process, view, 0, MNOS_NONE), MNOS_OK, "a capability is moved");
    tap_status(mnos_cap_inspect(view, &info, sizeof info), MNOS_E_BADCAP, "and its sender has it no more");
    struct mnos_info_cap record = {0};
    uint64_t pid = inspect(process).id;
    tap_ok(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CAP, pid << 32, &record, sizeof record) > 0 &&
               record.pid == pid && record.type == MNOS_TYPE_ENDPOINT,
           "the System view shows it in the receiver's table");
    mnos_cap_revoke(root);
    tap_ok(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CAP, pid << 32, &record, sizeof record) < 0 ||
               record.pid != pid,
           "its origin can still revoke it there [M017]");
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    mnos_cap_delete(root);
}

void transfer_tests(void)
{
    slots();
    limits();
    process_that_never_ran();
    move();
    delegation();
    chain();
    empty_child();
}
