/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

#define PAT_LOW_SIX 0x0000010500070406u

static uint64_t cr(unsigned which)
{
    uint64_t value;
    if (which == 0)
        __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    else
        __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static bool control_registers_good(void)
{
    uint64_t efer = read_msr(0xc0000080);
    return (cr(0) & 0xe0010001) == 0x80010001 && (cr(4) & 0x1020) == 0x20 && (efer & 0xd00) == 0xd00;
}

static bool pat_good(void)
{
    return (read_msr(0x277) & 0xffffffffffffu) == (PAT_LOW_SIX & 0xffffffffffffu);
}

static void check_gdt(void)
{
    static const uint64_t wanted[7] = {0,
                                       0x00009a000000ffff,
                                       0x000092000000ffff,
                                       0x00cf9a000000ffff,
                                       0x00cf92000000ffff,
                                       0x00209a0000000000,
                                       0x0000920000000000};
    const uint64_t accessed = 1ull << 40;
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } gdtr;
    uint16_t cs, ss;
    __asm__ volatile("sgdt %0\n\tmov %%cs, %1\n\tmov %%ss, %2" : "=m"(gdtr), "=r"(cs), "=r"(ss));
    check(gdtr.limit >= sizeof wanted - 1, "GDT has seven descriptors");
    bool good = true;
    for (unsigned i = 0; i < 7; i++)
        good = good && (((const uint64_t *)gdtr.base)[i] & ~accessed) == wanted[i];
    check(good, "GDT descriptors are the protocol's");
    check(cs == 0x28 && ss == 0x30, "CS and SS are the 64-bit descriptors");
    const struct limine_memmap_entry *entry = memmap_at(gdtr.base - hhdm());
    check(entry && entry->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, "GDT is in reclaimable memory");
}

void check_cpu(void)
{
    bool zero = true;
    for (unsigned i = 0; i < 16; i++)
        zero = zero && (i == 7 || entry_registers[i] == 0);
    check(zero, "general registers are zero at entry");
    check((entry_registers[16] & 0x20600) == 0, "IF, DF and VM are clear at entry");
    check(control_registers_good(), "CR0, CR4 and EFER are as specified");
    check(pat_good(), "PAT is as specified");
    check_gdt();
    check(in8(0x21) == 0xff && in8(0xa1) == 0xff, "PICs are masked");
    uint64_t rsp = entry_registers[7];
    check(*(const uint64_t *)rsp == 0, "return address on the stack is 0");
    const struct limine_memmap_entry *entry = memmap_at(rsp - hhdm());
    check(entry && entry->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE &&
              rsp + 8 - hhdm() - entry->base >= variant.stack_size,
          "stack is in reclaimable memory and large enough");
    check((requested_entry != 0) == variant.requested_entry, "entered where the kernel asked");
}

static volatile uint32_t arrived, arrived_good;

void probe_ap_main(struct limine_mp_info *info, uint64_t rsp, uint64_t registers, uint64_t flags)
{
    bool good = control_registers_good() && pat_good() && registers == 0 && (flags & 0x20600) == 0 &&
                *(const uint64_t *)rsp == 0 && info->extra_argument == 0x1234 + info->lapic_id;
    __atomic_fetch_add(&arrived_good, good, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

void check_mp(void)
{
    const struct limine_mp_response *mp = (const void *)mp_request.head.response;
    if (mp == 0)
        return;
    uint64_t *list = (uint64_t *)mp->cpus;
    uint32_t started = 0;
    bool self = false, zero = true;
    say("cpus = ", hex(mp->cpu_count));
    for (uint64_t i = 0; i < mp->cpu_count; i++) {
        struct limine_mp_info *info = (struct limine_mp_info *)list[i];
        zero = zero && info->goto_address == 0;
        if (info->lapic_id == mp->bsp_lapic_id) {
            self = true;
            continue;
        }
        info->extra_argument = 0x1234 + info->lapic_id;
        __atomic_store_n(&info->goto_address, (uint64_t)probe_ap_start, __ATOMIC_SEQ_CST);
        started++;
    }
    check(self, "the first processor is in the list");
    check(zero, "goto addresses are 0 at entry");
    for (uint64_t i = 0; i < 2000000000u && arrived < started; i++)
        __asm__ volatile("pause");
    check_value(arrived, started, "every processor goes where it is sent");
    check_value(arrived_good, started, "every processor has the specified state");
}
