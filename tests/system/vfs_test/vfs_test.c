/* SPDX-License-Identifier: BSD-2-Clause */
/* The file server, tested by a native client. */
#include "vfs_test.h"

#include <libmnos/initctl.h>

mnos_handle_t vfs;

int main(int argc, char **argv)
{
    vfs = mnos_cap("vfs");
    if (argc > 1 && strcmp(argv[1], "numbers") == 0) {
        numbers();
    } else if (argc > 1 && strcmp(argv[1], "console") == 0) {
        console_talk();
        (void)init_power_off(mnos_cap("init"));
        return 0;
    } else {
        file_tests();
        pipe_tests();
        tty_tests();
        map_tests();
        hostile_tests();
        restart_tests();
    }
    int failed = tap_done();
    (void)(failed ? init_fail(mnos_cap("init")) : init_power_off(mnos_cap("init")));
    return failed;
}
