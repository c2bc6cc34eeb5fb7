/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/package.h>
#include <str.h>

#include "bench.h"

/* The clock's base is the counter as the kernel's first function read it. */
void bench_boot(void)
{
    const struct mnos_time_page *page = (const struct mnos_time_page *)mnos_capset->time_page;

    if (!tap_ok(page && page->version == 1 && first_tsc > page->tsc_base, "the time page tells when the kernel began"))
        return;
    report("boot_to_init", first_tsc - page->tsc_base);
}

static void table(void)
{
    bench_boot();
    bench_ipc();
    bench_scheduling();
    bench_memory();
    bench_full();
    bench_faults();
    bench_capabilities();
    bench_lives();
    bench_irq();
    bench_revoke();
}

/* Which of the benches: the package's etc/bench says; without it, the table. */
static bool mode_is(const char *name)
{
    struct ustar_member file;

    return package_find("etc/bench", &file) == USTAR_OK && file.size >= strlen(name) &&
           memcmp(file.data, name, strlen(name)) == 0;
}

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    shared_page = must(mnos_mem_alloc(mnos_pool(), MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0), "the shared page");
    must(mnos_mem_map(MNOS_SELF, shared_page, SHARED, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE),
         "the shared page");
    SHARED_U64(SHARED_COUNT) = 0;
    if (mode_is("smp"))
        bench_smp();
    else if (mode_is("irqoff"))
        bench_irqoff();
    else if (mode_is("idle"))
        bench_idle();
    else
        table();
    return tap_done();
}
