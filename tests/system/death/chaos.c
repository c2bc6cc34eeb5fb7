/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes of all trades are killed at random moments, while they call, fault, map, mint and revoke on all cores. */
#include "death.h"

#define TRADES 10u

static mnos_handle_t service, root, bell;
static uint64_t served, wrong;
static uint32_t stopping;

/* Servers answer whoever calls; calls of the dead must not hurt them. */
static void serve(void *arg)
{
    mnos_handle_t reply = new_reply();
    struct mnos_msg msg = {0};

    (void)arg;
    while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.deadline = clock_ns() + 20 * MNOS_MS;
        int64_t status = mnos_ipc_recv(service, &msg, &ext, reply);
        if (status == -MNOS_E_TIMED_OUT || status == -MNOS_E_INTERRUPTED)
            continue;
        if (status < 0) {
            __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
            continue;
        }
        if (MNOS_INFO_KIND(msg.info) != MNOS_KIND_CALL)
            continue;
        status = mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
        if (status != 0 && status != -MNOS_E_PEER_GONE)
            __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
        __atomic_add_fetch(&served, 1, __ATOMIC_RELAXED);
    }
    mnos_cap_delete(reply);
}

struct victim {
    mnos_handle_t process, memory, minted;
};

static struct victim victim_start(unsigned trade, uint64_t n)
{
    static const enum tiny_program program[TRADES] = {TINY_CALL,    TINY_CALL,   TINY_TOUCH, TINY_MINT,  TINY_MAP,
                                                      TINY_THREADS, TINY_NOTIFY, TINY_SPIN,  TINY_CRASH, TINY_EXIT};
    struct victim v = {.minted = MNOS_NONE};
    struct tiny t = {.program = program[trade], .priority = 40, .data_size = 16 * MNOS_PAGE_SIZE, .keep_revoke = true};

    v.memory = must(mnos_mem_alloc(mnos_pool(), 16 * MNOS_PAGE_SIZE, MNOS_MEM_ANON | MNOS_MEM_LAZY, 0), "memory");
    t.data = v.memory;
    switch (t.program) {
    case TINY_CALL:
        v.minted =
            (mnos_handle_t)mnos_cap_create(MNOS_CREATE_MINT, service, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, n + 1, 0);
        t.caps = 1;
        t.cap[0] = v.minted;
        break;
    case TINY_MINT:
        v.minted = mint(root, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE, 0);
        t.caps = 1;
        t.cap[0] = v.minted;
        break;
    case TINY_TOUCH:
        t.arg[0] = TINY_DATA;
        t.arg[1] = TINY_DATA + t.data_size;
        break;
    case TINY_MAP:
        t.caps = 1;
        t.cap[0] = v.memory;
        t.arg[1] = 0x700000000000;
        break;
    case TINY_THREADS: {
        struct mnos_thread_args *args = map_memory(v.memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
        *args = (struct mnos_thread_args){.entry = tiny_entry(TINY_EXIT), .stack = 0x1000};
        unmap_memory(args, MNOS_PAGE_SIZE);
        t.arg[0] = TINY_DATA;
        break;
    }
    case TINY_NOTIFY:
        t.caps = 1;
        t.cap[0] = bell;
        break;
    default:
        break;
    }
    v.process = must(tiny_start(&t, NULL), "a victim");
    return v;
}

static void victim_end(struct victim *v, struct tally *tally)
{
    tally_status(tally, mnos_proc_destroy(v->process, 0), MNOS_OK, "a kill", 0);
    tally_check(tally, inspect(v->process).state == MNOS_STATE_DEAD, "dead at once", inspect(v->process).state);
    mnos_cap_delete(v->process);
    if (v->minted != MNOS_NONE)
        mnos_cap_delete(v->minted);
    mnos_cap_delete(v->memory);
}

void chaos_tests(void)
{
    const uint64_t rounds = machine_option("full") ? 5000 : 300;
    struct mnos_info_ledger before = ledger_now();
    struct mnos_thread *server[2];
    struct victim victim[TRADES];
    struct tally tally = {0};
    uint64_t seed = 0xdeadull;

    service = new_endpoint();
    root = new_endpoint();
    bell = new_notification();
    tap_diag("seed 0x%lx", seed);
    for (unsigned i = 0; i < 2; i++)
        server[i] = thread_start(serve, NULL, NULL, NULL);
    for (unsigned i = 0; i < TRADES; i++)
        victim[i] = victim_start(i, i);
    for (uint64_t n = TRADES; n < rounds; n++) {
        unsigned i = (unsigned)(random_next(&seed) % TRADES);
        sleep_ns(random_next(&seed) % 300000);
        if (n % 16 == 0)
            tally_status(&tally, mnos_cap_revoke(root), MNOS_OK, "a revocation from above", n);
        victim_end(&victim[i], &tally);
        victim[i] = victim_start(i, n);
    }
    for (unsigned i = 0; i < TRADES; i++)
        victim_end(&victim[i], &tally);
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 2; i++)
        thread_join(server[i]);
    tally_check(&tally, wrong == 0 && served > 0, "the servers saw nothing but calls and their ends", wrong);
    tally_done(&tally,
               machine_cores() > 1
                   ? "processes of ten trades are killed at random moments and are dead when the call returns [M064]"
                   : "processes of ten trades are killed at random moments");
    tap_diag("%lu kills, %lu calls served, %lu wrong", rounds, served, wrong);
    /* What the dead left in the queue of the endpoint. */
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    struct mnos_msg msg = {0};
    ext.flags = MNOS_EXT_NONBLOCK;
    while (mnos_ipc_recv(service, &msg, &ext, MNOS_NONE) == 0)
        ;
    mnos_cap_delete(service);
    mnos_cap_delete(root);
    mnos_cap_delete(bell);
    ledger_same(&before, "and nothing of them is left");
}
