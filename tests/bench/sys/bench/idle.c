/* SPDX-License-Identifier: BSD-2-Clause */
/* A system with nothing to do, until a key is pressed: the runner looks at QEMU meanwhile. */
#include <libmnos/clock.h>

#include "bench.h"

#define KEYBOARD_LINE 1u /* QEMU's keyboard controller is reset to one that reports keys */

static uint64_t timer_interrupts(uint64_t cores)
{
    struct mnos_info_core info;
    uint64_t sum = 0;

    for (uint64_t core = 0; core < cores; core++) {
        must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CORE, core, &info, sizeof info), "a core's record");
        sum += info.timer_irqs;
    }
    return sum;
}

static mnos_handle_t key_notification(void)
{
    mnos_handle_t pressed = new_object(MNOS_CREATE_NOTIFICATION);
    mnos_handle_t line = must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, KEYBOARD_LINE, 1, 0), "line 1");

    must(mnos_irq_bind(line, MNOS_IRQ_BIND, pressed, 1), "binding it");
    return pressed;
}

/* The one thread waits without a deadline, so that nothing at all may need the timer. */
void bench_idle(void)
{
    struct mnos_info_kernel kernel;
    mnos_handle_t pressed = key_notification();

    must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_KERNEL, 0, &kernel, sizeof kernel), "the kernel's record");
    sleep_ns(500 * MNOS_MS);
    uint64_t before = timer_interrupts(kernel.cores);
    printf("idle begins\n");
    print_flush();
    notification_wait(pressed);
    uint64_t taken = timer_interrupts(kernel.cores) - before;
    printf("idle ends\n");
    tap_eq((int64_t)taken, 0, "%lu idle cores took no timer interrupt until a key came", kernel.cores);
}
