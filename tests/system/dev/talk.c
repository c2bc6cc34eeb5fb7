/* SPDX-License-Identifier: BSD-2-Clause */
/* For the script that plays the host: tells each key, and sends back what comes over the virtio console. */
#include <idl/keyboard.h>
#include <libmnos/console.h>
#include <libmnos/thread.h>

#include "dev.h"

static mnos_handle_t open_running(const char *name)
{
    struct device_record r;
    int64_t index = devmgr_find(devmgr, name, &r);

    must(index, name);
    must(device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r) ? 0 : -MNOS_E_NOT_FOUND, name);
    return must(devmgr_service(devmgr, (uint64_t)index), name);
}

static void echo(void *arg)
{
    mnos_handle_t console = *(mnos_handle_t *)arg;
    static char text[64];

    for (;;) {
        int64_t got = console_read(console, text, sizeof text);
        if (got < 0)
            continue;
        printf("# console: %ld bytes\n", got);
        must(console_write(console, "echo ", 5), "a write");
        must(console_write(console, text, (size_t)got), "a write");
    }
}

_Noreturn void talk(void)
{
    static mnos_handle_t console;
    mnos_handle_t keyboard = open_running("keyboard");

    console = open_running("console0");
    if (!thread_start(echo, &console, NULL, NULL))
        mnos_exit(1);
    printf("# talk: ready\n");
    for (;;) {
        uint8_t code = 0, character = 0;
        bool down = false;
        must(keyboard_read(keyboard, &code, &down, &character), "a key");
        printf("# key 0x%02x %s %u\n", code, down ? "down" : "up", character);
    }
}
