/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a POSIX layer leans on, end to end: copy-on-write fork beside a running thread, an interrupted read that loses no byte,
 * a client whose buffer is a page of the very server it calls, a server that is killed and started again with callers queued,
 * and readiness over two servers.
 */
#include "vertical.h"

static void tests(void)
{
    struct mnos_info_ledger before;

    machine_warm();
    before = ledger_now();
    fork_tests();
    pipe_tests();
    own_pager_tests();
    restart_tests();
    poll_tests();
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    static const struct role roles[] = {
        {"fork", fork_role}, {"own_pager", own_pager_role}, {"restart", restart_role}, {"poll", poll_role}};

    return test_main(argc, argv, roles, sizeof roles / sizeof roles[0], tests);
}
