/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler as programs see it: shares, priorities, budgets, states, deadlines, registers, cores. */
#include "sched.h"

struct spinner spinner[SPINNERS];
static uint32_t stopping;

bool exact(void)
{
    return machine_option("exact");
}

static void spin(void *arg)
{
    struct spinner *s = arg;

    while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
        for (unsigned i = 0; i < 1000; i++)
            __atomic_store_n(&s->count, s->count + 1, __ATOMIC_RELAXED);
        s->cores_seen |= 1ull << core_here();
    }
}

void spin_start(unsigned index, uint32_t priority, uint64_t affinity)
{
    const struct mnos_thread_options options = {.priority = priority, .affinity = affinity};

    spinner[index] = (struct spinner){0};
    spinner[index].thread = thread_start(spin, &spinner[index], &options, NULL);
    must(spinner[index].thread ? 0 : -MNOS_E_NO_MEMORY, "a spinning thread");
}

void spin_stop(void)
{
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < SPINNERS; i++)
        if (spinner[i].thread) {
            thread_join(spinner[i].thread);
            spinner[i].thread = NULL;
        }
    __atomic_store_n(&stopping, 0, __ATOMIC_SEQ_CST);
}

uint64_t spin_count(unsigned index)
{
    return __atomic_load_n(&spinner[index].count, __ATOMIC_RELAXED);
}

static void tests(void)
{
    struct mnos_info_ledger before;

    machine_warm();
    (void)core_here();
    tiny_prepare();
    spin_start(0, SPIN_PRIORITY, 0);
    spin_stop();
    mnos_handle_t endpoint = new_endpoint();
    many_copies(endpoint);
    mnos_cap_revoke(endpoint);
    mnos_cap_delete(endpoint);
    before = ledger_now();
    time_tests();
    share_tests();
    inherit_tests();
    turn_tests();
    state_tests();
    torture_tests();
    core_tests();
    ledger_same(&before, "after the scheduler's tests every count is what it was");
}

static int vector_role(int argc, char **argv)
{
    struct torture t = {.pattern = 0x5a5a5a5a00000000, .rounds = 20000};

    (void)argc, (void)argv;
    torture_vector(&t);
    return t.errors == 0 && t.yields == 20000 ? 42 : 1;
}

int main(int argc, char **argv)
{
    static const struct role roles[] = {{"vector", vector_role}};

    return test_main(argc, argv, roles, 1, tests);
}
