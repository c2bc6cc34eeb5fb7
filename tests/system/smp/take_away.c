/* SPDX-License-Identifier: BSD-2-Clause */
/* Revocation and unmapping are in effect everywhere when the call returns. */
#include "smp.h"

#define HOLDERS 4u

/* ---- a capability that is revoked while all cores use it ---- */

static mnos_handle_t copy[HOLDERS];
static struct {
    _Alignas(64) uint64_t good, bad, other;
} use[HOLDERS];
static uint32_t phase; /* 1: in use, 2: revoked, 3: over */
static uint64_t late[HOLDERS];

static void use_notification(void *arg)
{
    unsigned i = (unsigned)(uint64_t)arg;

    while (__atomic_load_n(&phase, __ATOMIC_ACQUIRE) != 3) {
        uint32_t before = __atomic_load_n(&phase, __ATOMIC_SEQ_CST);
        int64_t status = mnos_ipc_notify(copy[i], 1);
        if (status == 0) {
            use[i].good++;
            late[i] += before == 2; /* begun after the revocation had returned */
        } else if (status == -MNOS_E_BADCAP) {
            use[i].bad++;
        } else {
            use[i].other++;
        }
    }
}

static void revoked_in_use(void)
{
    struct mnos_thread *thread[HOLDERS];
    struct tally tally = {0};
    uint64_t used = 0;

    for (unsigned round = 0; round < 20; round++) {
        mnos_handle_t root = new_notification();
        for (unsigned i = 0; i < HOLDERS; i++) {
            copy[i] = mint(root, MNOS_RIGHT_SEND, 0);
            use[i].good = use[i].bad = use[i].other = late[i] = 0;
        }
        __atomic_store_n(&phase, 1, __ATOMIC_SEQ_CST);
        for (uint64_t i = 0; i < HOLDERS; i++)
            thread[i] = thread_start(
                use_notification, (void *)i,
                &(struct mnos_thread_options){.priority = 50, .affinity = 1ull << i % machine_cores()}, NULL);
        sleep_ns(10 * MNOS_MS);
        tally_status(&tally, mnos_cap_revoke(root), MNOS_OK, "revoke", round);
        __atomic_store_n(&phase, 2, __ATOMIC_SEQ_CST);
        sleep_ns(3 * MNOS_MS);
        __atomic_store_n(&phase, 3, __ATOMIC_SEQ_CST);
        for (unsigned i = 0; i < HOLDERS; i++) {
            thread_join(thread[i]);
            used += use[i].good;
            tally_check(&tally, late[i] == 0 && use[i].other == 0, "successes after the revocation", late[i]);
            tally_status(&tally, mnos_ipc_notify(copy[i], 1), MNOS_E_BADCAP, "the revoked capability", i);
        }
        tally_status(&tally, mnos_ipc_notify(root, 1), MNOS_OK, "the root stays", round);
        mnos_cap_delete(root);
    }
    tally_check(&tally, used > 1000, "uses before", used);
    tally_done(&tally, machine_cores() >= 4
                           ? "after a revocation has returned, no core succeeds with what it took [M017]"
                           : "after a revocation has returned, nobody succeeds with what it took");
    tap_diag("%lu uses before the revocations", used);
}

/* Memory: the mappings made through a revoked capability are gone everywhere; who touches them faults. */
static void revoked_mappings(void)
{
    mnos_handle_t root = new_memory(MNOS_PAGE_SIZE), faults = new_endpoint(), reply = new_reply();
    volatile uint64_t *word = map_memory(root, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    mnos_handle_t process[HOLDERS], lent[HOLDERS];
    struct tally tally = {0};
    struct mnos_msg msg = {0};

    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < HOLDERS; i++) {
            lent[i] = mint(root, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT, 0);
            const struct tiny t = {.program = TINY_COUNT,
                                   .data = lent[i],
                                   .data_size = MNOS_PAGE_SIZE,
                                   .arg = {TINY_DATA + 64 + 8 * i},
                                   .fault = faults,
                                   .priority = 50,
                                   .affinity = 1ull << i % machine_cores()};
            word[8 + i] = 0;
            process[i] = must(tiny_start(&t, NULL), "a process that counts");
        }
        for (unsigned i = 0; i < HOLDERS; i++)
            for (unsigned n = 0; n < 2000 && word[8 + i] == 0; n++)
                sleep_ns(MNOS_MS);
        tally_status(&tally, mnos_cap_revoke(root), MNOS_OK, "revoke", round);
        uint64_t after[HOLDERS];
        for (unsigned i = 0; i < HOLDERS; i++)
            after[i] = word[8 + i];
        sleep_ns(3 * MNOS_MS);
        for (unsigned i = 0; i < HOLDERS; i++)
            tally_check(&tally, after[i] > 0 && word[8 + i] == after[i], "no write after the revocation", i);
        for (unsigned i = 0; i < HOLDERS; i++) {
            int64_t status = mnos_ipc_recv(faults, &msg, NULL, reply);
            tally_check(&tally,
                        status == 0 && msg.word[MNOS_FAULT_CAUSE] == MNOS_FAULT_PAGE &&
                            (msg.word[MNOS_FAULT_ADDRESS] & ~4095ull) == TINY_DATA,
                        "the holder faults", msg.word[MNOS_FAULT_ADDRESS]);
            msg.label = MNOS_FAULT_DESTROY;
            mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
        }
        for (unsigned i = 0; i < HOLDERS; i++) {
            mnos_proc_destroy(process[i], 0);
            mnos_cap_delete(process[i]);
        }
    }
    tally_done(&tally, machine_cores() >= 4
                           ? "mappings through a revoked capability are gone on all cores when the call returns [M017]"
                           : "mappings through a revoked capability are gone when the call returns");
    unmap_memory((void *)word, MNOS_PAGE_SIZE);
    mnos_cap_delete(root);
    mnos_cap_delete(faults);
    mnos_cap_delete(reply);
}

/* One process with a thread on each core; a page of it is unmapped under them. */
static void unmapped_in_use(void)
{
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE), faults = new_endpoint();
    volatile uint64_t *word = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    struct tally tally = {0};
    unsigned faulted = 0;

    for (unsigned round = 0; round < 10; round++) {
        mnos_handle_t reply[HOLDERS];
        struct tiny t = {.program = TINY_COUNT,
                         .data = memory,
                         .data_size = MNOS_PAGE_SIZE,
                         .arg = {TINY_DATA + 64},
                         .fault = faults,
                         .priority = 50,
                         .affinity = 1};
        for (unsigned i = 0; i < HOLDERS; i++)
            word[8 * (i + 1)] = 0;
        mnos_handle_t process = must(tiny_start(&t, NULL), "a process");
        for (unsigned i = 1; i < HOLDERS; i++) {
            t.arg[0] = TINY_DATA + 64 * (i + 1);
            t.affinity = 1ull << i % machine_cores();
            mnos_cap_delete(must(tiny_thread(process, &t), "a thread"));
        }
        for (unsigned i = 0; i < HOLDERS; i++)
            for (unsigned n = 0; n < 2000 && word[8 * (i + 1)] == 0; n++)
                sleep_ns(MNOS_MS);
        tally_status(&tally, mnos_mem_unmap(process, TINY_DATA, MNOS_PAGE_SIZE), MNOS_OK, "unmap", round);
        uint64_t after[HOLDERS];
        for (unsigned i = 0; i < HOLDERS; i++)
            after[i] = word[8 * (i + 1)];
        sleep_ns(3 * MNOS_MS);
        for (unsigned i = 0; i < HOLDERS; i++)
            tally_check(&tally, after[i] > 0 && word[8 * (i + 1)] == after[i], "no write after the unmapping", i);
        for (unsigned i = 0; i < HOLDERS; i++) {
            struct mnos_msg msg = {0};
            reply[i] = new_reply();
            faulted +=
                mnos_ipc_recv(faults, &msg, NULL, reply[i]) == 0 && msg.word[MNOS_FAULT_CAUSE] == MNOS_FAULT_PAGE;
        }
        mnos_proc_destroy(process, 0);
        mnos_cap_delete(process);
        for (unsigned i = 0; i < HOLDERS; i++)
            mnos_cap_delete(reply[i]);
    }
    tally_check(&tally, faulted == 10 * HOLDERS, "every thread faults", faulted);
    tally_done(&tally, machine_cores() >= 4 ? "an unmapped page faults on every core at once [M048]"
                                            : "an unmapped page faults at once");
    unmap_memory((void *)word, MNOS_PAGE_SIZE);
    mnos_cap_delete(memory);
    mnos_cap_delete(faults);
}

void take_away_tests(void)
{
    revoked_in_use();
    revoked_mappings();
    unmapped_in_use();
}
