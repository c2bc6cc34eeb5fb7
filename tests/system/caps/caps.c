/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities: handles, types, rights, derivation, transfer, revocation.  Adversarial throughout. */
#include <libmnos/thread.h>
#include <mnos/system.h>
#include <mnos/thread.h>

#include "caps.h"

/* The kernel keeps a small part for page tables and per-core stocks that nobody pays for. */
static bool all_but_a_reserve(uint64_t frames, uint64_t total)
{
    return frames <= total && total - frames <= total / 64;
}

static void boot_caps(void)
{
    struct mnos_cap_info pool = inspect(MNOS_BOOT_POOL), log = inspect(MNOS_BOOT_LOG), self = inspect(MNOS_BOOT_SELF),
                         irq = inspect(MNOS_BOOT_IRQ), port = inspect(MNOS_BOOT_IOPORT);
    struct mnos_info_ledger ledger = ledger_now();
    const uint32_t rwg = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT;

    tap_ok(pool.type == MNOS_TYPE_POOL && (pool.rights & rwg) == rwg &&
               all_but_a_reserve(pool.size / MNOS_PAGE_SIZE, ledger.frames_total),
           "slot 0 is the pool of all usable memory [M080]");
    tap_diag("pool of %lu bytes, %lu frames", pool.size, ledger.frames_total);
    tap_ok(log.type == MNOS_TYPE_ENDPOINT && (log.rights & MNOS_RIGHT_SEND), "slot 1 is the kernel log");
    struct mnos_msg msg = {0};
    tap_status(mnos_ipc_recv(MNOS_BOOT_LOG, &msg, NULL, MNOS_NONE), MNOS_E_NO_RIGHTS,
               "the kernel log cannot be received from [M081]");
    tap_ok(self.type == MNOS_TYPE_PROCESS && self.rights == MNOS_RIGHTS_ALL && self.id == mnos_pid,
           "slot 2 is init's own process, with all rights [M082]");
    tap_ok(irq.type == MNOS_TYPE_INTERRUPT && (irq.rights & MNOS_RIGHT_RECV) && (irq.rights & MNOS_RIGHT_GRANT),
           "slot 3 is all interrupt lines");
    tap_ok(port.type == MNOS_TYPE_IOPORT && port.size == 65536, "slot 4 is all I/O ports");
    tap_ok(mnos_pid == 1, "init is pid 1");
    bool listed = mnos_capset->count > 0;
    for (uint32_t i = 0; i < mnos_capset->count; i++) {
        const struct mnos_capset_entry *e = &mnos_capset->entry[i];
        struct mnos_cap_info info = inspect(e->handle);
        listed &= info.type == e->type && info.rights == e->rights && mnos_cap(e->name) == e->handle;
    }
    tap_ok(listed, "the CapSet page lists what the table holds, found by name without a call [M127]");
}

/* What the System view shows of all capabilities before there is a second process. */
static void one_recipient(void)
{
    struct mnos_info_process p;
    struct mnos_info_cap c;
    unsigned processes = 0, others = 0, underived = 0, boot = 0;

    for (uint64_t pid = 0; mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_PROCESS, pid, &p, sizeof p) >= 0;
         pid = p.pid + 1)
        processes++;
    for (uint64_t at = 0; mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CAP, at, &c, sizeof c) >= 0;
         at = (c.pid << 32 | c.slot) + 1) {
        others += c.pid != mnos_pid;
        boot += c.pid == mnos_pid && c.slot < MNOS_BOOT_CAPS;
        underived += c.slot < MNOS_BOOT_CAPS && c.parent == 0;
    }
    tap_ok(processes == 1 && others == 0 && boot == mnos_capset->count && underived == boot,
           "the kernel has given capabilities to init alone: %u, each a root, in the boot slots [M079]", boot);
}

static uint64_t steps;
static uint32_t finish;

static void count_steps(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&finish, __ATOMIC_ACQUIRE))
        __atomic_add_fetch(&steps, 1, __ATOMIC_RELEASE);
}

/* Its Thread capability is made out of slot 2, not taken from who started it. */
static void own_thread(void)
{
    const struct mnos_thread_options low = {.priority = 50};
    struct mnos_thread *thread = thread_start(count_steps, NULL, &low, NULL);
    struct mnos_cap_info info = {0};

    advances(&steps);
    (void)mnos_cap_inspect(thread_handle(thread), &info, sizeof info);
    int64_t own = mnos_cap_create(MNOS_CREATE_THREAD, MNOS_BOOT_SELF, info.id, 0, 0);
    bool stopped = own >= 0 && mnos_thread_control((mnos_handle_t)own, MNOS_THREADCTL_SUSPEND, 0, 0) == 0 &&
                   becomes((mnos_handle_t)own, MNOS_STATE_SUSPENDED);
    uint64_t before = __atomic_load_n(&steps, __ATOMIC_ACQUIRE);
    sleep_ns(20 * MNOS_MS);
    tap_ok(stopped && __atomic_load_n(&steps, __ATOMIC_ACQUIRE) == before,
           "by slot 2, init suspends a thread of its own, which stands still [M082]");
    tap_ok(mnos_thread_control((mnos_handle_t)own, MNOS_THREADCTL_RESUME, 0, 0) == 0 && advances(&steps),
           "and goes on when it is resumed [M082]");
    __atomic_store_n(&finish, 1, __ATOMIC_RELEASE);
    thread_join(thread);
    mnos_cap_delete((mnos_handle_t)own);
}

static void flipped_bits(void)
{
    struct tally tally = {0};
    mnos_handle_t cap = new_endpoint();
    struct mnos_cap_info info;

    for (unsigned bit = 0; bit < 64; bit++) {
        mnos_handle_t wrong = cap ^ 1ull << bit;
        bool other = false; /* the low bits may name another slot that is in use, at its own generation */
        if (mnos_cap_inspect(wrong, &info, sizeof info) >= 0)
            other = info.id != inspect(cap).id;
        tally_check(&tally, other || mnos_cap_inspect(wrong, &info, sizeof info) == -MNOS_E_BADCAP, "flipped bit", bit);
    }
    tally_status(&tally, mnos_cap_inspect(cap, &info, sizeof info), MNOS_OK, "unflipped", 0);
    tally_status(&tally, mnos_cap_inspect(MNOS_NONE, &info, sizeof info), MNOS_E_BADCAP, "none", 0);
    mnos_cap_delete(cap);
    tally_done(&tally, "a handle with any bit flipped names nothing, or something else [M208]");
}

static void stale_handles(void)
{
    struct tally tally = {0};
    struct mnos_cap_info info;
    mnos_handle_t old = new_notification();
    uint32_t slot = (uint32_t)old;

    for (unsigned i = 0; i < 200; i++) {
        tally_status(&tally, mnos_cap_delete(old), MNOS_OK, "delete", i);
        tally_status(&tally, mnos_cap_inspect(old, &info, sizeof info), MNOS_E_BADCAP, "stale", i);
        tally_status(&tally, mnos_cap_delete(old), MNOS_E_BADCAP, "deleted twice", i);
        mnos_handle_t now = new_notification();
        tally_check(&tally, now != old, "the same handle again", now);
        tally_check(&tally, (uint32_t)now == slot, "another slot, though this one is free", now);
        tally_status(&tally, mnos_ipc_notify(old, 1), MNOS_E_BADCAP, "stale notify", i);
        old = now;
    }
    mnos_cap_delete(old);
    tally_done(&tally, "a stale handle names nothing, though its slot is used again [M208 M225]");
}

static void slot_reuse(void)
{
    struct mnos_info_ledger before = ledger_now();
    bool all = true;

    for (unsigned i = 0; i < 100000 && all; i++) {
        int64_t cap = mnos_cap_create(MNOS_CREATE_MINT, MNOS_BOOT_LOG, MNOS_RIGHT_SEND, 0, 0);
        all = cap >= 0 && mnos_cap_delete((mnos_handle_t)cap) == 0;
    }
    tap_ok(all, "a slot is filled and emptied 100,000 times [M240]");
    ledger_same(&before, "and no count has changed");
}

/* One capability of each type that can be had. */
static mnos_handle_t sample[MNOS_TYPE_COUNT];

static void samples_make(void)
{
    struct mnos_thread_args args = {.entry = 0x400000, .stack = MNOS_STACK_TOP, .flags = MNOS_THREAD_SUSPENDED};

    sample[MNOS_TYPE_POOL] = MNOS_BOOT_POOL;
    sample[MNOS_TYPE_MEMORY] = new_memory(4 * MNOS_PAGE_SIZE);
    sample[MNOS_TYPE_PROCESS] = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "sample", 6, 0), "a process");
    sample[MNOS_TYPE_THREAD] = must(mnos_thread_create(sample[MNOS_TYPE_PROCESS], &args), "a thread");
    sample[MNOS_TYPE_ENDPOINT] = new_endpoint();
    sample[MNOS_TYPE_NOTIFICATION] = new_notification();
    sample[MNOS_TYPE_REPLY] = new_reply();
    sample[MNOS_TYPE_INTERRUPT] = must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, 5, 1, 0), "an interrupt");
    sample[MNOS_TYPE_IOPORT] = must(mnos_cap_create(MNOS_CREATE_IOPORT, MNOS_BOOT_IOPORT, 0x80, 1, 0), "a port");
    sample[MNOS_TYPE_IOSPACE] = MNOS_NONE;
    sample[MNOS_TYPE_SYSTEM] = MNOS_BOOT_SYSTEM;
}

static void samples_drop(void)
{
    mnos_proc_destroy(sample[MNOS_TYPE_PROCESS], 0);
    for (unsigned type = MNOS_TYPE_MEMORY; type < MNOS_TYPE_IOSPACE; type++)
        mnos_cap_delete(sample[type]);
}

/* Calls that want a capability of one type, in a form that would otherwise succeed or fail later. */
static int64_t use_pool(mnos_handle_t c)
{
    return mnos_mem_alloc(c, MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0);
}
static int64_t use_pool_object(mnos_handle_t c)
{
    return mnos_cap_create(MNOS_CREATE_ENDPOINT, c, 0, 0, 0);
}
static int64_t use_pool_process(mnos_handle_t c)
{
    return mnos_proc_create(c, 64, MNOS_NONE, "x", 1, 0);
}
static int64_t use_memory_range(mnos_handle_t c)
{
    return mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, c, 0, MNOS_PAGE_SIZE, MNOS_RIGHT_READ);
}
static int64_t use_memory_map(mnos_handle_t c)
{
    return mnos_mem_map(MNOS_SELF, c, 0x500000000000, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ);
}
static int64_t use_memory_control(mnos_handle_t c)
{
    return mnos_mem_control(c, MNOS_MEMCTL_DECOMMIT, 0, MNOS_PAGE_SIZE, 0);
}
static int64_t use_process_unmap(mnos_handle_t c)
{
    return mnos_mem_unmap(c, 0x500000000000, MNOS_PAGE_SIZE);
}
static int64_t use_process_transfer(mnos_handle_t c)
{
    return mnos_cap_transfer(c, MNOS_BOOT_LOG, MNOS_RIGHT_SEND, MNOS_NONE);
}
static int64_t use_process_map(mnos_handle_t c)
{
    return mnos_mem_map(c, sample[MNOS_TYPE_MEMORY], 0x500000000000, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ);
}
static int64_t use_process_thread(mnos_handle_t c)
{
    struct mnos_thread_args args = {.entry = 0x400000, .stack = MNOS_STACK_TOP, .flags = MNOS_THREAD_SUSPENDED};
    return mnos_thread_create(c, &args);
}
static int64_t use_process_destroy(mnos_handle_t c)
{
    return mnos_proc_destroy(c, 0);
}
static int64_t use_thread_destroy(mnos_handle_t c)
{
    return mnos_thread_destroy(c);
}
static int64_t use_endpoint_recv(mnos_handle_t c)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    ext.flags = MNOS_EXT_NONBLOCK;
    return mnos_ipc_recv(c, &msg, &ext, MNOS_NONE);
}
static int64_t use_interrupt_bind(mnos_handle_t c)
{
    return mnos_irq_bind(c, MNOS_IRQ_BIND, sample[MNOS_TYPE_NOTIFICATION], 1);
}
static int64_t use_ports_out(mnos_handle_t c)
{
    return mnos_port_out(c, 0x80, 1, 0);
}
static int64_t use_thread_wake(mnos_handle_t c)
{
    return mnos_thread_wake(c, 1, 0, 0, MNOS_WAIT_PARK);
}
static int64_t use_endpoint_send(mnos_handle_t c)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    ext.flags = MNOS_EXT_NONBLOCK;
    return mnos_ipc_send(c, &msg, &ext);
}
static int64_t use_endpoint_call(mnos_handle_t c)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    ext.flags = MNOS_EXT_NONBLOCK;
    return mnos_ipc_call(c, &msg, &ext);
}
static int64_t use_notification(mnos_handle_t c)
{
    return mnos_ipc_notify(c, 1);
}
static int64_t use_reply(mnos_handle_t c)
{
    struct mnos_msg msg = {0};
    return mnos_ipc_reply(MNOS_NONE, &msg, NULL, c);
}
static int64_t use_reply_copy(mnos_handle_t c)
{
    char byte[8];
    return mnos_ipc_copy(c, MNOS_COPY_FROM_CALLER, 0, byte, 1);
}
static int64_t use_interrupt(mnos_handle_t c)
{
    return mnos_irq_bind(c, MNOS_IRQ_ACK, MNOS_NONE, 0);
}
static int64_t use_ports(mnos_handle_t c)
{
    return mnos_port_in(c, 0x80, 1);
}
static int64_t use_system(mnos_handle_t c)
{
    struct mnos_info_ledger ledger;
    return mnos_system_info(c, MNOS_INFO_LEDGER, 0, &ledger, sizeof ledger);
}

static const struct {
    const char *name;
    uint32_t type;
    int64_t (*use)(mnos_handle_t);
    bool alone; /* with MNOS_NONE it is about oneself, or needs nothing */
} uses[] = {
    {"mem_alloc", MNOS_TYPE_POOL, use_pool, false},
    {"cap_create endpoint", MNOS_TYPE_POOL, use_pool_object, false},
    {"proc_create", MNOS_TYPE_POOL, use_pool_process, false},
    {"cap_create range", MNOS_TYPE_MEMORY, use_memory_range, false},
    {"mem_map", MNOS_TYPE_MEMORY, use_memory_map, false},
    {"mem_control", MNOS_TYPE_MEMORY, use_memory_control, false},
    {"mem_unmap", MNOS_TYPE_PROCESS, use_process_unmap, true},
    {"cap_transfer", MNOS_TYPE_PROCESS, use_process_transfer, true},
    {"mem_map into", MNOS_TYPE_PROCESS, use_process_map, true},
    {"thread_create in", MNOS_TYPE_PROCESS, use_process_thread, true},
    {"proc_destroy", MNOS_TYPE_PROCESS, use_process_destroy, true},
    {"thread_destroy", MNOS_TYPE_THREAD, use_thread_destroy, true},
    {"thread_wake", MNOS_TYPE_THREAD, use_thread_wake, true},
    {"ipc_send", MNOS_TYPE_ENDPOINT, use_endpoint_send, false},
    {"ipc_call", MNOS_TYPE_ENDPOINT, use_endpoint_call, false},
    {"ipc_notify", MNOS_TYPE_NOTIFICATION, use_notification, false},
    {"ipc_reply", MNOS_TYPE_REPLY, use_reply, false},
    {"ipc_copy", MNOS_TYPE_REPLY, use_reply_copy, false},
    {"irq_bind acknowledge", MNOS_TYPE_INTERRUPT, use_interrupt, false},
    {"irq_bind bind", MNOS_TYPE_INTERRUPT, use_interrupt_bind, false},
    {"port_out", MNOS_TYPE_IOPORT, use_ports_out, false},
    {"port_in", MNOS_TYPE_IOPORT, use_ports, false},
    {"system_info", MNOS_TYPE_SYSTEM, use_system, false},
};

static void wrong_types(void)
{
    struct mnos_info_ledger before;
    struct tally tally = {0}, empty = {0};

    samples_make();
    before = ledger_now();
    for (unsigned u = 0; u < sizeof uses / sizeof uses[0]; u++) {
        for (unsigned type = MNOS_TYPE_POOL; type < MNOS_TYPE_COUNT; type++)
            if (sample[type] != MNOS_NONE && type != uses[u].type)
                tally_status(&tally, uses[u].use(sample[type]), MNOS_E_BADTYPE, uses[u].name, type);
        tally_status(&empty, uses[u].use(4000), MNOS_E_BADCAP, uses[u].name, 4000);
        tally_status(&empty, uses[u].use(1ull << 40), MNOS_E_BADCAP, uses[u].name, 1ull << 40);
        tally_status(&empty, uses[u].use(0xffffffff), MNOS_E_BADCAP, uses[u].name, 0xffffffff);
        if (!uses[u].alone)
            tally_status(&empty, uses[u].use(MNOS_NONE), MNOS_E_BADCAP, uses[u].name, MNOS_NONE);
    }
    /* A notification is received from as well. */
    for (unsigned type = MNOS_TYPE_POOL; type < MNOS_TYPE_COUNT; type++)
        if (sample[type] != MNOS_NONE && type != MNOS_TYPE_ENDPOINT && type != MNOS_TYPE_NOTIFICATION)
            tally_status(&tally, use_endpoint_recv(sample[type]), MNOS_E_BADTYPE, "ipc_recv", type);
    tally_status(&tally, use_endpoint_recv(sample[MNOS_TYPE_ENDPOINT]), MNOS_E_WOULD_BLOCK, "ipc_recv", 0);
    tally_status(&empty, use_endpoint_recv(4000), MNOS_E_BADCAP, "ipc_recv", 4000);
    tally_done(&tally, "every call refuses every other type of capability [M003 M202 M203 M204 M205 M206 M207 M211]");
    tally_done(&empty, "every call refuses empty slots and slots out of range [M003 M208 M211]");
    ledger_same(&before, "and nothing has been made or lost");
    samples_drop();
}

/* Each right that an operation needs, taken away alone. */
static void missing_rights(void)
{
    struct tally tally = {0};
    mnos_handle_t c;

    samples_make();
    static const struct {
        uint32_t type, right;
        int64_t (*use)(mnos_handle_t);
        const char *name;
    } needs[] = {
        {MNOS_TYPE_POOL, MNOS_RIGHT_WRITE, use_pool, "mem_alloc"},
        {MNOS_TYPE_POOL, MNOS_RIGHT_WRITE, use_pool_object, "cap_create"},
        {MNOS_TYPE_POOL, MNOS_RIGHT_WRITE, use_pool_process, "proc_create"},
        {MNOS_TYPE_MEMORY, MNOS_RIGHT_READ, use_memory_map, "mem_map"},
        {MNOS_TYPE_MEMORY, MNOS_RIGHT_WRITE, use_memory_control, "mem_control"},
        {MNOS_TYPE_PROCESS, MNOS_RIGHT_WRITE, use_process_unmap, "mem_unmap"},
        {MNOS_TYPE_PROCESS, MNOS_RIGHT_WRITE, use_process_transfer, "cap_transfer"},
        {MNOS_TYPE_PROCESS, MNOS_RIGHT_WRITE, use_process_map, "mem_map into"},
        {MNOS_TYPE_PROCESS, MNOS_RIGHT_WRITE, use_process_thread, "thread_create in"},
        {MNOS_TYPE_THREAD, MNOS_RIGHT_WRITE, use_thread_wake, "thread_wake"},
        {MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, use_endpoint_send, "ipc_send"},
        {MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, use_endpoint_call, "ipc_call"},
        {MNOS_TYPE_NOTIFICATION, MNOS_RIGHT_SEND, use_notification, "ipc_notify"},
        {MNOS_TYPE_INTERRUPT, MNOS_RIGHT_RECV, use_interrupt, "irq_bind"},
        {MNOS_TYPE_IOPORT, MNOS_RIGHT_READ, use_ports, "port_in"},
        {MNOS_TYPE_SYSTEM, MNOS_RIGHT_READ, use_system, "system_info"},
    };
    for (unsigned i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        uint32_t all = inspect(sample[needs[i].type]).rights;
        tally_check(&tally, (all & needs[i].right) != 0, "the sample lacks the right", i);
        c = mint(sample[needs[i].type], all & ~needs[i].right, 0);
        tally_status(&tally, needs[i].use(c), MNOS_E_NO_RIGHTS, needs[i].name, needs[i].right);
        mnos_cap_delete(c);
    }
    /* With the one right alone, the check passes (and some other error may follow). */
    for (unsigned i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        c = mint(sample[needs[i].type], needs[i].right, 0);
        int64_t got = needs[i].use(c);
        tally_check(&tally, got != -MNOS_E_NO_RIGHTS && got != -MNOS_E_BADTYPE && got != -MNOS_E_BADCAP, needs[i].name,
                    (uint64_t)got);
        if (got > 0 && (needs[i].type == MNOS_TYPE_POOL || needs[i].use == use_process_thread))
            mnos_cap_delete((mnos_handle_t)got);
        mnos_cap_delete(c);
    }
    mnos_mem_unmap(MNOS_SELF, 0x500000000000, MNOS_PAGE_SIZE);
    c = mint(sample[MNOS_TYPE_ENDPOINT], MNOS_RIGHT_SEND, 0);
    struct mnos_msg msg = {0};
    tally_status(&tally, mnos_ipc_recv(c, &msg, NULL, MNOS_NONE), MNOS_E_NO_RIGHTS, "ipc_recv", 0);
    tally_status(&tally, mnos_cap_transfer(sample[MNOS_TYPE_PROCESS], c, MNOS_RIGHT_SEND, MNOS_NONE), MNOS_E_NO_RIGHTS,
                 "transfer without GRANT", 0);
    tally_status(&tally, mnos_cap_transfer(sample[MNOS_TYPE_PROCESS], c, 0, MNOS_NONE), MNOS_E_NO_RIGHTS,
                 "move without GRANT", 0);
    tally_status(&tally, mnos_cap_revoke(c), MNOS_E_NO_RIGHTS, "revoke without REVOKE", 0);
    mnos_cap_delete(c);
    c = mint(sample[MNOS_TYPE_IOPORT], MNOS_RIGHT_READ, 0);
    tally_status(&tally, mnos_port_out(c, 0x80, 1, 0), MNOS_E_NO_RIGHTS, "port_out", 0);
    mnos_cap_delete(c);
    tally_done(&tally, "each right: without it the call fails, with it alone it does not [M015 M019 M201 M211]");
    samples_drop();
}

static void rights_never_grow(void)
{
    struct tally tally = {0};
    mnos_handle_t root = new_endpoint();
    const uint32_t all = MNOS_RIGHT_SEND | MNOS_RIGHT_RECV | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE;

    for (uint32_t have = 1; have <= MNOS_RIGHTS_ALL; have++) {
        int64_t narrow = mnos_cap_create(MNOS_CREATE_MINT, root, have, 0, 0);
        tally_status(&tally, narrow, (have & ~all) ? MNOS_E_NO_RIGHTS : MNOS_OK, "narrow", have);
        if (narrow < 0)
            continue;
        tally_check(&tally, inspect((mnos_handle_t)narrow).rights == have, "rights", have);
        for (uint32_t want = 1; want <= MNOS_RIGHTS_ALL; want++) {
            int64_t again = mnos_cap_create(MNOS_CREATE_MINT, (mnos_handle_t)narrow, want, 0, 0);
            tally_status(&tally, again, (want & ~have) ? MNOS_E_NO_RIGHTS : MNOS_OK, "again", want);
            if (again >= 0)
                mnos_cap_delete((mnos_handle_t)again);
        }
        mnos_cap_delete((mnos_handle_t)narrow);
    }
    tally_status(&tally, mnos_cap_create(MNOS_CREATE_MINT, root, 0, 0, 0), MNOS_E_INVALID, "no rights", 0);
    tally_status(&tally, mnos_cap_create(MNOS_CREATE_MINT, root, 0x80, 0, 0), MNOS_E_INVALID, "unknown right", 0x80);
    tally_status(&tally, mnos_cap_create(MNOS_CREATE_COUNT, root, 1, 0, 0), MNOS_E_INVALID, "unknown object", 0);
    mnos_cap_delete(root);
    tally_done(&tally, "of all rights, a derived capability has only such as its origin has [M016 M201]");
}

static void badges(void)
{
    mnos_handle_t ep = new_endpoint(), note = new_notification();
    mnos_handle_t a = mint(ep, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 77);

    tap_eq((int64_t)inspect(a).badge, 0, "a sender does not see its badge");
    tap_status(mnos_cap_create(MNOS_CREATE_MINT, a, MNOS_RIGHT_SEND, 78, 0), MNOS_E_NO_RIGHTS,
               "a sender cannot change its badge");
    tap_status(mnos_cap_create(MNOS_CREATE_MINT, note, MNOS_RIGHT_SEND, 78, 0), MNOS_E_BADTYPE,
               "only endpoints have badges");
    tap_status(mnos_cap_create(MNOS_CREATE_MINT, ep, MNOS_RIGHT_SEND | MNOS_RIGHT_RECV, 78, 0), MNOS_E_INVALID,
               "a badge is for senders");
    mnos_cap_delete(a);
    mnos_cap_delete(note);
    mnos_cap_delete(ep);
}

static void inspection(void)
{
    struct tally tally = {0};
    mnos_handle_t memory = new_memory(8 * MNOS_PAGE_SIZE);
    struct mnos_cap_info info;
    char bytes[sizeof info];

    tally_check(&tally, inspect(memory).type == MNOS_TYPE_MEMORY && inspect(memory).size == 8 * MNOS_PAGE_SIZE,
                "memory", 0);
    for (uint64_t size = 0; size <= sizeof info + 8; size += 8) {
        memset(bytes, 0x55, sizeof bytes);
        uint64_t expected = size < sizeof info ? size : sizeof info;
        tally_check(&tally, mnos_cap_inspect(memory, bytes, size) == (int64_t)expected, "size", size);
        for (uint64_t i = expected; i < sizeof bytes; i++)
            tally_check(&tally, bytes[i] == 0x55, "written beyond its room", i);
    }
    for (unsigned i = 0; i < bad_pointer_count; i++)
        tally_status(&tally, mnos_cap_inspect(memory, (void *)bad_pointers[i], sizeof info), MNOS_E_FAULT, "pointer",
                     bad_pointers[i]);
    tally_status(&tally, mnos_cap_inspect(memory, (void *)0x400000, sizeof info), MNOS_E_FAULT, "read-only", 0);
    mnos_cap_delete(memory);
    tally_status(&tally, mnos_cap_inspect(memory, &info, sizeof info), MNOS_E_BADCAP, "deleted", 0);
    tally_done(&tally, "cap_inspect tells type, rights and size, into good memory only [M060 M024]");
}

static void tests(void)
{
    struct mnos_info_ledger before = ledger_now();

    one_recipient();
    boot_caps();
    own_thread();
    flipped_bits();
    stale_handles();
    slot_reuse();
    wrong_types();
    missing_rights();
    rights_never_grow();
    badges();
    inspection();
    derivation_tests();
    transfer_tests();
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, caps_roles, caps_role_count, tests);
}
