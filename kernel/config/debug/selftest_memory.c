/* SPDX-License-Identifier: BSD-2-Clause */
/* Each part of the kernel allows what it should and nothing else: tried, by instructions that fault, and read from the
 * page tables. */
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <arch/paging.h>
#include <boot/boot_info.h>
#include <debug/log.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <str.h>

#include "../../arch/x86_64/arch.h"
#include "selftest.h"

#define PF_PRESENT 1u
#define PF_WRITE   2u
#define PF_FETCH   16u

static struct {
    u64 count, address, error, vector;
    u64 resume; /* where a faulting access goes on; 0: back to who called the faulting address */
} fault;

static bool fault_catch(struct regs *regs, u64 address)
{
    if (regs->vector != 13 && regs->vector != 14)
        return false;
    fault.count++;
    fault.vector = regs->vector;
    fault.address = address;
    fault.error = regs->error;
    if (fault.resume != 0) {
        regs->rip = fault.resume;
    } else {
        regs->rip = *(u64 *)regs->rsp;
        regs->rsp += 8;
    }
    return true;
}

static bool faulted(u64 address, u64 error)
{
    return fault.count == 1 && fault.vector == 14 && fault.address == address && (fault.error & 0x1f) == error;
}

static void try_write(u64 address)
{
    fault.count = 0;
    exception_probe = fault_catch;
    __asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; movb $0x5a, (%1); 1:"
                     : "=m"(fault.resume)
                     : "r"(address)
                     : "rax", "memory");
    exception_probe = NULL;
}

static u8 try_read(u64 address)
{
    u8 value = 0;

    fault.count = 0;
    exception_probe = fault_catch;
    __asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; movb (%2), %1; 1:"
                     : "=m"(fault.resume), "+q"(value)
                     : "r"(address)
                     : "rax", "memory");
    exception_probe = NULL;
    return value;
}

static void try_call(u64 address)
{
    fault.count = 0;
    fault.resume = 0;
    exception_probe = fault_catch;
    __asm__ volatile("call *%0" : : "r"(address) : "rax", "rcx", "rdx", "memory");
    exception_probe = NULL;
}

static const u8 a_constant[] = {0xc3};
static u8 a_variable[] = {0xc3};
static u8 zeroed[4096];

static void image(void)
{
    extern char text_start[], rodata_start[];

    try_write((u64)text_start);
    selftest_ok(faulted((u64)text_start, PF_PRESENT | PF_WRITE), ".text cannot be written [M029]");
    try_write((u64)rodata_start);
    bool write = faulted((u64)rodata_start, PF_PRESENT | PF_WRITE);
    try_call((u64)a_constant);
    selftest_ok(write && faulted((u64)a_constant, PF_PRESENT | PF_FETCH),
                ".rodata cannot be written nor executed [M030]");
    try_call((u64)a_variable);
    selftest_ok(faulted((u64)a_variable, PF_PRESENT | PF_FETCH), ".data cannot be executed [M031]");
    bool zero = true;
    for (unsigned i = 0; i < sizeof(zeroed); i++)
        zero = zero && zeroed[i] == 0;
    zeroed[0] = 0xc3;
    try_call((u64)zeroed);
    selftest_ok(zero && faulted((u64)zeroed, PF_PRESENT | PF_FETCH), ".bss is zero and cannot be executed [M032]");
}

static void guard(void)
{
    u64 last = ~0ull - 7;

    try_read(last);
    bool hit = faulted(last, 0) && kmap_is_guard(fault.address);
    log_line("# access to %#lx: %s", last, hit ? "guard hit" : "no guard");
    selftest_ok(hit, "the top of the address space is a guard [M028]");
    u64 below = this_core()->kstack - 5 * PAGE_SIZE;
    try_write(below);
    selftest_ok(faulted(below, PF_WRITE) && kmap_is_guard(below), "the page below the kernel stack is a guard");
}

static bool pattern_holds(paddr_t frame)
{
    volatile u64 *at = phys_to_virt(frame); /* what is read is what memory holds */
    u64 old = *at, size;

    *at = 0x5aa55aa5c33cc33cull;
    bool good = *at == 0x5aa55aa5c33cc33cull;
    *at = old;
    return good && (kmap_walk((u64)at, &size) & (PTE_WRITE | PTE_NX)) == (PTE_WRITE | PTE_NX);
}

static void direct_map(void)
{
    u64 first = 0, last = 0;

    for (u64 i = 0; i < boot_info.map_count; i++) {
        const struct limine_memmap_entry *e = &boot_info.map[i];
        if (e->type != LIMINE_MEMMAP_USABLE)
            continue;
        if (first == 0)
            first = e->base;
        last = e->base + e->length - PAGE_SIZE;
    }
    log_line("# first usable frame %#lx, last %#lx", first, last);
    selftest_ok(first != 0 && pattern_holds(PADDR(first)) && pattern_holds(PADDR(last)),
                "the direct map reaches the first and the last usable frame [M025]");
    try_write((u64)phys_to_virt(boot_info.kernel_start));
    selftest_ok(fault.count == 1, "the direct map shows the kernel image read-only");
}

struct census {
    u64 pages, writable, executable, both, user, large;
};

static void count_table(struct census *census, const u64 *table, unsigned level, unsigned first, bool write, bool exec)
{
    for (unsigned i = first; i < 512; i++) {
        u64 e = table[i];
        if ((e & PTE_PRESENT) == 0)
            continue;
        bool w = write && (e & PTE_WRITE) != 0, x = exec && (e & PTE_NX) == 0;
        if (level > 1 && (e & PTE_LARGE) == 0) {
            count_table(census, phys_to_virt(PADDR(e & PTE_ADDRESS)), level - 1, 0, w, x);
            continue;
        }
        census->pages++;
        census->large += level > 1;
        census->writable += w;
        census->executable += x;
        census->both += w && x;
        census->user += (e & PTE_USER) != 0;
    }
}

static void page_tables(void)
{
    struct census census = {0};
    u64 size;

    count_table(&census, phys_to_virt(kernel_root), 4, 256, true, true);
    log_line("# %lu pages (%lu large): %lu writable, %lu executable, %lu both, %lu for user mode", census.pages,
             census.large, census.writable, census.executable, census.both, census.user);
    selftest_ok(census.pages != 0 && census.both == 0 && census.user == 0,
                "no page of the kernel is writable and executable, none is the user's [M174 M188]");
    selftest_ok((cr3_read() & PTE_ADDRESS) == kernel_root.value && kernel_root.value != loader_root,
                "the kernel runs on its own page tables [M173]");
    extern char text_start[], data_start[];
    selftest_ok((u64)text_start == KERNEL_LINK && (kmap_walk((u64)text_start, &size) & PTE_NX) == 0 &&
                    (kmap_walk((u64)data_start, &size) & (PTE_NX | PTE_WRITE)) == (PTE_NX | PTE_WRITE),
                "the image lies at the address that it is linked for [M026 M188]");
}

/* A user page at address 0x400000 in the kernel's tables, for a moment. */
static void user_page(void)
{
    enum { TABLES = 4 };
    const u64 address = 0x400000;
    paddr_t frame[TABLES];
    u64 *top = phys_to_virt(kernel_root);

    for (unsigned i = 0; i < TABLES; i++) {
        frame[i] = frame_alloc();
        if (frame[i].value == FRAME_NONE.value) {
            selftest_ok(false, "frames for a user page");
            return;
        }
        memset(phys_to_virt(frame[i]), 0, PAGE_SIZE);
    }
    const u64 flags = PTE_PRESENT | PTE_WRITE | PTE_USER;
    ((u64 *)phys_to_virt(frame[0]))[0] = frame[1].value | flags;
    ((u64 *)phys_to_virt(frame[1]))[address >> 21] = frame[2].value | flags;
    ((u64 *)phys_to_virt(frame[2]))[0] = frame[3].value | flags;
    *(u8 *)phys_to_virt(frame[3]) = 0xc3;
    top[0] = frame[0].value | flags;
    try_call(address);
    selftest_ok(!cpu.smep || faulted(address, PF_PRESENT | PF_FETCH), "the kernel cannot execute user pages (SMEP)");
    try_read(address);
    selftest_ok(!cpu.smap || faulted(address, PF_PRESENT), "the kernel cannot read user pages by accident (SMAP)");
    user_access_begin();
    u8 value = try_read(address);
    user_access_end();
    selftest_ok(fault.count == 0 && value == 0xc3, "it can where it says so");
    top[0] = 0;
    tlb_flush_all();
    for (unsigned i = 0; i < TABLES; i++)
        frame_free(frame[i]);
}

void selftest_memory(void)
{
    image();
    guard();
    direct_map();
    page_tables();
    user_page();
}
