/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's teaching device computes factorials and says by interrupt when it is done (QEMU, docs/specs/edu.rst).
 *
 * DRIVES: pci 1234:11e8 as edu
 */
#include <driver/driver.h>
#include <driver/edu.h>

enum edu_register {
    IDENTIFICATION = 0x00, /* 010000edh; the upper half is the version */
    FACTORIAL = 0x08,
    STATUS = 0x20,
    INTERRUPT_STATUS = 0x24,
    INTERRUPT_ACKNOWLEDGE = 0x64
};
#define STATUS_BUSY      0x01u
#define STATUS_INTERRUPT 0x80u /* raise one when a factorial is done */

static struct kept callers; /* each call's word is the number that it asks for */

/* volatile: a register of the device */
static volatile uint32_t *edu(const struct device *device, enum edu_register which)
{
    return (volatile uint32_t *)(volatile void *)(device->memory[0] + which);
}

static int64_t init(struct device *device)
{
    if (!device->memory[0] || (*edu(device, IDENTIFICATION) & 0xffffu) != 0x00edu)
        return -MNOS_E_NOT_FOUND;
    *edu(device, INTERRUPT_ACKNOWLEDGE) = *edu(device, INTERRUPT_STATUS);
    *edu(device, STATUS) = STATUS_INTERRUPT;
    return 0;
}

static void next_start(struct device *device)
{
    if (callers.count > 0)
        *edu(device, FACTORIAL) = (uint32_t)callers.call[0].word;
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    (void)vector;
    *edu(device, INTERRUPT_ACKNOWLEDGE) = *edu(device, INTERRUPT_STATUS);
    if (callers.count == 0 || (*edu(device, STATUS) & STATUS_BUSY) != 0)
        return;
    struct mnos_msg answer = {.word = {*edu(device, FACTORIAL)}};
    (void)kept_answer(device, &callers, 0, &answer, NULL);
    device->stats.requests++;
    next_start(device);
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    (void)ext;
    if (msg->label != EDU_FACTORIAL)
        return driver_answer(msg, MNOS_E_NOT_SUPPORTED);
    if (!kept_add(device, &callers, msg->word[0]))
        return driver_answer(msg, MNOS_E_BUSY);
    if (callers.count == 1)
        next_start(device);
    return MNOS_SERVE_NEXT;
}

static const struct driver driver = {
    .name = "edu",
    .init = init,
    .handle_interrupt = handle_interrupt,
    .handle_message = handle_message,
};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
