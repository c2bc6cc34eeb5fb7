/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The longest stretch with interrupts off, which a debug kernel measures: in a revocation alone, and in all paths of the
 * table and operations on much memory and many capabilities.
 */
#include <libmnos/ipc.h>

#include "bench.h"

#define PLACE 0x30000000ull
#define MUCH  (16ull << 20)
#define WIDE  (128ull << 20)
#define DEEP  (1ull << 30)
#define RW    (MNOS_MAP_READ | MNOS_MAP_WRITE)

uint64_t revoke_irqoff;
static uint64_t longest;

/* The longest stretch since the last call. */
uint64_t irqoff_step(const char *what)
{
    struct mnos_info_kernel kernel;

    must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_KERNEL, 0, &kernel, sizeof kernel), "the kernel's record");
    longest = kernel.irqoff_max > longest ? kernel.irqoff_max : longest;
    tap_diag("longest stretch in %s: %lu", what, kernel.irqoff_max);
    return kernel.irqoff_max;
}

static void touch(uint64_t place, uint64_t bytes, uint64_t stride)
{
    for (uint64_t at = 0; at < bytes; at += stride)
        *(volatile unsigned char *)(place + at) = 1;
}

static void much_memory(void)
{
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), MUCH, MNOS_MEM_ANON, 0), "much memory");

    must(mnos_mem_map(MNOS_SELF, memory, PLACE, 0, MUCH, RW), "map");
    touch(PLACE, MUCH, MNOS_PAGE_SIZE);
    irqoff_step("touching 16 MiB");
    mnos_handle_t copy = must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, memory), "a copy");
    irqoff_step("copy-on-write of 16 MiB");
    must(mnos_mem_map(MNOS_SELF, MNOS_NONE, PLACE, 0, MUCH, MNOS_MAP_READ | MNOS_MAP_PROTECT), "protect");
    irqoff_step("protecting 16 MiB");
    mnos_cap_delete(copy);
    must(mnos_mem_control(memory, MNOS_MEMCTL_DECOMMIT, 0, MUCH / 2, 0), "decommit");
    irqoff_step("giving back 8 MiB");
    must(mnos_mem_unmap(MNOS_SELF, PLACE, MUCH), "unmap");
    irqoff_step("unmapping 16 MiB");
    must(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, MNOS_PAGE_SIZE, 0, 0), "resize");
    mnos_cap_delete(memory);
    (void)ledger_now();
    irqoff_step("freeing 16 MiB");
    memory = must(mnos_mem_alloc(mnos_pool(), 1 << 20, MNOS_MEM_CONTIG, 0), "contiguous memory");
    irqoff_step("1 MiB of contiguous memory");
    mnos_cap_delete(memory);
    (void)ledger_now();
    irqoff_step("freeing it");
}

/* A page in each page table. */
static void sparse_memory(void)
{
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), WIDE, MNOS_MEM_ANON | MNOS_MEM_LAZY, 0), "wide memory");

    must(mnos_mem_map(MNOS_SELF, memory, PLACE, 0, WIDE, RW), "map");
    touch(PLACE, WIDE, 2ul << 20);
    irqoff_step("touching a page in each of 64 tables");
    mnos_handle_t copy = must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, memory), "a copy");
    irqoff_step("copy-on-write of them");
    must(mnos_mem_map(MNOS_SELF, MNOS_NONE, PLACE, 0, WIDE, MNOS_MAP_READ | MNOS_MAP_PROTECT), "protect");
    irqoff_step("protecting them");
    must(mnos_mem_unmap(MNOS_SELF, PLACE, WIDE), "unmap");
    irqoff_step("unmapping them");
    must(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, MNOS_PAGE_SIZE, 0, 0), "resize");
    irqoff_step("cutting them off");
    mnos_cap_delete(memory);
    mnos_cap_delete(copy);
    (void)ledger_now();
    irqoff_step("freeing them");
    memory = must(mnos_mem_alloc(mnos_pool(), DEEP, MNOS_MEM_ANON | MNOS_MEM_LAZY, 0), "deep memory");
    must(mnos_mem_map(MNOS_SELF, memory, PLACE, DEEP - MNOS_PAGE_SIZE, MNOS_PAGE_SIZE, RW), "map its end");
    touch(PLACE, MNOS_PAGE_SIZE, MNOS_PAGE_SIZE);
    must(mnos_mem_unmap(MNOS_SELF, PLACE, MNOS_PAGE_SIZE), "unmap");
    copy = must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, memory), "a copy");
    irqoff_step("copy-on-write of 1 GiB with one page");
    must(mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, MNOS_PAGE_SIZE, 0, 0), "resize");
    mnos_cap_delete(memory);
    mnos_cap_delete(copy);
    (void)ledger_now();
    irqoff_step("freeing it");
}

static void many_capabilities(void)
{
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 4096, MNOS_NONE, "many", 4, 0), "a process");
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);

    for (unsigned i = 0; i < 3000; i++)
        must(mnos_cap_transfer(process, endpoint, MNOS_RIGHT_SEND, MNOS_NONE), "a capability");
    irqoff_step("3,000 copies of a capability");
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    (void)ledger_now();
    irqoff_step("the end of a process with 3,000 capabilities");
    mnos_cap_delete(endpoint);
    must(mnos_mem_map(MNOS_SELF, MNOS_BOOT_IOPORT, 0, 0, 0, MNOS_MAP_PORTS), "all ports");
    irqoff_step("the use of all ports");
}

static void long_message(void)
{
    static struct mnos_ipc_ext ext;
    struct mnos_msg msg = {.label = 1};
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);
    struct partner partner = {.name = "buffers", .entry = child_buffers};

    partner_cap(&partner, endpoint, MNOS_RIGHT_RECV);
    partner_start(&partner);
    ext = (struct mnos_ipc_ext){.deadline = MNOS_FOREVER,
                                .send_buf = (uint64_t)send_buffer,
                                .send_len = BUFFER_BYTES,
                                .recv_buf = (uint64_t)recv_buffer,
                                .recv_len = BUFFER_BYTES};
    must(mnos_ipc_call(endpoint, &msg, &ext), "a call");
    irqoff_step("64 KiB sent and 64 KiB received");
    partner_stop(&partner);
    mnos_cap_delete(endpoint);
}

void bench_irqoff(void)
{
    reporting = false;
    irqoff_step("the start");
    bench_revoke();
    long_message();
    bench_ipc();
    irqoff_step("messages");
    bench_scheduling();
    irqoff_step("scheduling");
    bench_memory();
    irqoff_step("page faults and mappings");
    bench_faults();
    bench_capabilities();
    irqoff_step("faults and capabilities");
    bench_lives();
    irqoff_step("lives");
    bench_irq();
    irqoff_step("interrupts");
    much_memory();
    sparse_memory();
    many_capabilities();
    bench_crowd();
    reporting = true;
    if (!tap_ok(longest > 0, "this kernel measures how long interrupts are off"))
        return;
    report("revoke_1000_irqoff", revoke_irqoff);
    report("irqoff_max", longest);
}
