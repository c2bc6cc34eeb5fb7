/* SPDX-License-Identifier: BSD-2-Clause */
/* Does what no program should: writes to address 0. */
#include <libmnos/start.h>
#include <stdint.h>

int main(int argc, char **argv)
{
    /* volatile: a write through a null pointer would else be the compiler's to leave out. */
    volatile uint32_t *nowhere = (volatile uint32_t *)(uint64_t)(argc > 1 && argv[1][0] == 'k' ? 1ull << 63 : 0);

    *nowhere = 0x6d6e6f73;
    return 1;
}
