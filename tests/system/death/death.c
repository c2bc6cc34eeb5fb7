/* SPDX-License-Identifier: BSD-2-Clause */
/* Death: of threads, processes and servers, in any number and at any moment; nothing of it stays behind. */
#include "death.h"

bool dies(mnos_handle_t process)
{
    mnos_handle_t death = new_notification();
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    must(mnos_thread_control(process, MNOS_THREADCTL_WATCH, death, 1), "watch");
    ext.deadline = clock_ns() + 10 * MNOS_S;
    int64_t status = mnos_ipc_recv(death, &msg, &ext, MNOS_NONE);
    mnos_cap_delete(death);
    return status >= 0 && inspect(process).state == MNOS_STATE_DEAD;
}

static void tests(void)
{
    struct mnos_info_ledger before;

    machine_warm();
    tiny_prepare();
    (void)core_here();
    before = ledger_now();
    count_tests();
    server_tests();
    chaos_tests();
    ledger_same(&before, "after all the deaths every count is what it was");
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
