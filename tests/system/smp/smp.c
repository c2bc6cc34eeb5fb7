/* SPDX-License-Identifier: BSD-2-Clause */
/* What several cores do to each other: things taken away in use, messages, words, deadlines and kills that race. */
#include "smp.h"

static void tests(void)
{
    struct mnos_info_ledger before;

    machine_warm();
    tiny_prepare();
    (void)core_here();
    before = ledger_now();
    take_away_tests();
    traffic_tests();
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
