/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's life, as a table of contents. */
#include <arch/clock.h>
#include <arch/kmap.h>
#include <arch/lapic.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <boot/boot_info.h>
#include <debug/log.h>
#include <debug/panic.h>
#include <mm/frame.h>
#include <mnos/syscall.h>
#include <sched.h>

struct boot_info boot_info;

__attribute__((section(".text.start"))) _Noreturn void kmain(void);

void boot_refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    klog_args("", format, args);
    arch_halt_exit(HALT_PANIC);
}

/* On the first core's own stack, with guard pages. */
static _Noreturn void go_on(void)
{
    cpu_report();
    acpi_start(&boot_info);
    lapic_init();
    clock_init(boot_info.unix_time);
    smp_start(&boot_info);
    pool_reclaim_boot(); /* nobody is on the loader's stacks and tables any more */
    for (u32 i = 0; i < core_count; i++)
        sched_init(cores[i]);
    klog("phase 4: can think: descriptor tables, ACPI, LAPIC, I/O APIC, timer, scheduler; %u core%s online", core_count,
         core_count == 1 ? "" : "s");
    selftest_run();

    init_start(&boot_info);
    klog("phase 5: alive: %u system calls, init is about to run in ring 3", MNOS_SYS_COUNT);
    smp_release();
    sched_start(cores[0]);
}

void kmain(void)
{
    clock_page.tsc_base = tsc_read();
    smp_first_init();
    serial_init();
    klog("phase 1: deaf and blind: COM1 at 115200 8N1; MinimalOS NextGen %s", KERNEL_VERSION);
    serial_report();
    limine_check_entry();
    cpu_detect();
    cpu_enable();

    limine_read(&boot_info);
    limine_check_map(&boot_info);
    cmdline_parse(boot_info.command_line);
    fbcon_start(&boot_info);
    klog("phase 2: can see: boot information, %s",
         boot_info.framebuffer.width != 0 ? "framebuffer console" : "no framebuffer");

    frame_init(boot_info.map, boot_info.map_count);
    cpu_patch();
    kmap_init(&boot_info);
    fbcon_remap(&boot_info);
    klog("kmap: page tables at %#lx instead of the loader's at %#lx", kernel_root.value, loader_root);
    smp_prepare(&boot_info);
    pool_init();
    klog("frames: %lu usable, bitmap of %lu bytes", frame_count_total(), frame_bitmap_bytes());
    klog("phase 3: can remember: frames, page tables, pools; %lu KiB free", frame_count_free() << (PAGE_SHIFT - 10));
    stack_run(cores[0]->kstack, go_on);
}
