/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keyboard of a PC, behind an 8042 controller at ports 60h (data) and 64h (status, command).
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller".
 *
 * DRIVES: platform ps2 as keyboard
 */
#include <driver/driver.h>
#include <driver/ports.h>
#include <idl/keyboard_server.h>
#include <libmnos/print.h>

#include "keys.h"

#define STATUS_OUTPUT 0x01u /* a byte is there to be read */
#define STATUS_INPUT  0x02u /* the controller has not taken the last one */
#define STATUS_SECOND 0x20u /* the byte is of the second device */

#define COMMAND_READ_CONFIG  0x20u
#define COMMAND_WRITE_CONFIG 0x60u
#define COMMAND_NO_SECOND    0xa7u
#define COMMAND_NO_FIRST     0xadu
#define COMMAND_FIRST        0xaeu
#define CONFIG_FIRST_IRQ     0x01u
#define CONFIG_SECOND_IRQ    0x02u
#define CONFIG_FIRST_OFF     0x10u
#define CONFIG_TRANSLATE     0x40u /* to scan code set 1 */
#define KEYBOARD_ENABLE      0xf4u
#define KEYBOARD_ACK         0xfau
#define TRIES                100000u
#define FLUSH                64u

static struct keys keys;
static struct key_event event[KEYBOARD_KEPT]; /* a ring */
static unsigned first, count;
static struct kept readers;

static bool status_wait(const struct device *device, uint32_t mask, uint32_t value)
{
    for (unsigned i = 0; i < TRIES; i++)
        if ((port_in8(device->port[1]) & mask) == value)
            return true;
    return false;
}

static bool command(const struct device *device, uint8_t what)
{
    if (!status_wait(device, STATUS_INPUT, 0))
        return false;
    port_out8(device->port[1], what);
    return true;
}

static bool data_write(const struct device *device, uint8_t what)
{
    if (!status_wait(device, STATUS_INPUT, 0))
        return false;
    port_out8(device->port[0], what);
    return true;
}

static bool data_read(const struct device *device, uint8_t *out)
{
    if (!status_wait(device, STATUS_OUTPUT, STATUS_OUTPUT))
        return false;
    *out = (uint8_t)port_in8(device->port[0]);
    return true;
}

static bool controller_start(const struct device *device)
{
    uint8_t config = 0, answer = 0;

    if (!command(device, COMMAND_NO_FIRST) || !command(device, COMMAND_NO_SECOND))
        return false;
    for (unsigned i = 0; i < FLUSH && (port_in8(device->port[1]) & STATUS_OUTPUT) != 0; i++)
        (void)port_in8(device->port[0]);
    if (!command(device, COMMAND_READ_CONFIG) || !data_read(device, &config))
        return false;
    config = (uint8_t)((config | CONFIG_TRANSLATE) & ~(CONFIG_FIRST_IRQ | CONFIG_SECOND_IRQ | CONFIG_FIRST_OFF));
    if (!command(device, COMMAND_WRITE_CONFIG) || !data_write(device, config) || !command(device, COMMAND_FIRST))
        return false;
    if (!data_write(device, KEYBOARD_ENABLE) || !data_read(device, &answer) || answer != KEYBOARD_ACK)
        return false;
    return command(device, COMMAND_WRITE_CONFIG) && data_write(device, config | CONFIG_FIRST_IRQ);
}

static int64_t init(struct device *device)
{
    if (controller_start(device))
        return 0;
    printf("keyboard: the controller does not answer\n");
    return -MNOS_E_NOT_FOUND;
}

static void readers_run(struct device *device)
{
    while (count > 0 && readers.count > 0) {
        const struct key_event *e = &event[first];
        struct keyboard_read_out out = {e->code, e->down, (uint8_t)e->character};
        struct mnos_msg msg = {0};
        keyboard_read_encode(&msg, NULL, &out);
        if (kept_answer(device, &readers, 0, &msg, NULL) < 0)
            continue;
        device->stats.requests++;
        first = (first + 1) % KEYBOARD_KEPT;
        count--;
    }
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    struct key_event e;
    uint32_t status;

    (void)vector;
    /* A controller that always has a byte gets no more time than one that has a few. */
    for (unsigned i = 0; i < FLUSH && ((status = port_in8(device->port[1])) & STATUS_OUTPUT) != 0; i++) {
        uint8_t byte = (uint8_t)port_in8(device->port[0]);
        if ((status & STATUS_SECOND) != 0 || !keys_feed(&keys, byte, &e))
            continue;
        if (count < KEYBOARD_KEPT)
            event[(first + count++) % KEYBOARD_KEPT] = e;
        else
            device->stats.errors++;
    }
    readers_run(device);
}

static int64_t key_give(void *self, uint64_t badge, struct keyboard_read_out *out)
{
    struct device *device = self;

    (void)badge;
    (void)out;
    if (!kept_add(device, &readers, 0))
        return -MNOS_E_BUSY;
    readers_run(device);
    return IDL_LATER;
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    static const struct keyboard_server handlers = {.read = key_give};

    return keyboard_dispatch(&handlers, device, msg, ext);
}

static void handle_cancel(struct device *device, mnos_handle_t reply)
{
    kept_cancel(device, &readers, reply);
}

static const struct driver driver = {
    .name = "ps2",
    .init = init,
    .handle_interrupt = handle_interrupt,
    .handle_message = handle_message,
    .handle_cancel = handle_cancel,
};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
