/* SPDX-License-Identifier: BSD-2-Clause */
/* In the place of the teaching device's driver: one that reaches for what is not its device. */
#include "nosy.h"

#include <driver/driver.h>
#include <driver/ports.h>
#include <libmnos/clock.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/thread.h>

#define HANDLES 256u

static int64_t init(struct device *device)
{
    printf("# nosy: registers at %p, %lu bytes\n", (const void *)(uintptr_t)device->memory[0],
           device->info.bar[0].size);
    return device->memory[0] ? 0 : -MNOS_E_NOT_FOUND;
}

/* How many capabilities of this type it has. */
static uint64_t count(uint32_t type)
{
    struct mnos_cap_info info;
    uint64_t found = 0;

    for (mnos_handle_t h = 0; h < HANDLES; h++)
        found += mnos_cap_inspect(h, &info, sizeof info) >= 0 && info.type == type;
    return found;
}

static uint64_t handles_bound(void)
{
    uint64_t bound = 0;

    for (mnos_handle_t h = 0; h < HANDLES; h++)
        bound += h != mnos_cap("irq0") && mnos_irq_bind(h, MNOS_IRQ_BIND, mnos_cap("endpoint"), 1) >= 0;
    return bound;
}

static int64_t map_at(uint64_t offset, uint64_t length)
{
    return mnos_mem_map(MNOS_SELF, mnos_cap("bar0"), 0x700000000000ull, offset, length,
                        MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_NOCACHE);
}

/* Its first and its last page of registers are in the page tables meanwhile. */
static uint64_t spin(const struct device *device)
{
    uint64_t end = clock_ns() + 4 * MNOS_S;
    uint64_t seen = device->memory[0][0] + device->memory[0][device->info.bar[0].size - 1];

    while (clock_ns() < end)
        ;
    return seen;
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    uint64_t size = device->info.bar[0].size, answer = 0;

    (void)ext;
    switch (msg->label) {
    case NOSY_NEXT_PAGE:
        answer = device->memory[0][size];
        break;
    case NOSY_KEYBOARD:
        answer = port_in8(0x60);
        break;
    case NOSY_CONFIG:
        answer = port_in32(0xcfc);
        break;
    case NOSY_MAP_BEHIND:
        answer = (uint64_t)-map_at(size, MNOS_PAGE_SIZE);
        break;
    case NOSY_MAP_LONG:
        answer = (uint64_t)-map_at(0, size + MNOS_PAGE_SIZE);
        break;
    case NOSY_DERIVE_BEHIND:
        answer = (uint64_t)-mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, mnos_cap("bar0"), size, MNOS_PAGE_SIZE,
                                            MNOS_RIGHT_READ);
        break;
    case NOSY_BIND:
        answer = handles_bound();
        break;
    case NOSY_COUNT:
        answer = count((uint32_t)msg->word[0]);
        break;
    case NOSY_SPIN:
        answer = spin(device);
        break;
    default:
        return driver_answer(msg, MNOS_E_NOT_SUPPORTED);
    }
    *msg = (struct mnos_msg){.word = {answer}};
    return MNOS_SERVE_ANSWER;
}

static const struct driver driver = {.name = "nosy", .init = init, .handle_message = handle_message};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
