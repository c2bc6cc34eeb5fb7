/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/cpu.h>
#include <boot/handoff.h>
#include <boot/paging.h>
#include <str.h>

/* The descriptors that the protocol lists, in its order. */
static const uint64_t descriptors[7] = {
    0,
    0x00009a000000ffff, /* 16-bit code */
    0x000092000000ffff, /* 16-bit data */
    0x00cf9a000000ffff, /* 32-bit code */
    0x00cf92000000ffff, /* 32-bit data */
    0x00209a0000000000, /* 64-bit code */
    0x0000920000000000, /* 64-bit data */
};

static uint32_t place(uint64_t page, const uint8_t *label)
{
    return (uint32_t)(page + (uint64_t)(label - handoff_blob));
}

void handoff_prepare(uint64_t page, uint64_t root, uint64_t bridge)
{
    struct handoff *handoff = (struct handoff *)(uintptr_t)page;
    const uint16_t limit = sizeof descriptors - 1;
    uint64_t low = page + HANDOFF_GDT, high = low + HHDM_BASE;
    memcpy(handoff, handoff_blob, (size_t)(handoff_blob_end - handoff_blob));
    memcpy(handoff->gdt, descriptors, sizeof descriptors);
    handoff->gdtr_low[0] = limit;
    memcpy(&handoff->gdtr_low[1], &low, sizeof(uint32_t));
    handoff->gdtr_high[0] = limit;
    memcpy(&handoff->gdtr_high[1], &high, sizeof high);
    handoff->far_32[0] = place(page, handoff_ap_32);
    handoff->far_32[1] = SELECTOR_CODE_32;
    handoff->far_64[0] = place(page, handoff_ap_64);
    handoff->far_64[1] = SELECTOR_CODE_64;
    handoff->cr3_bridge = bridge;
    handoff->cr3 = root;
    handoff->efer = EFER_LME | (cpu_has_nx() ? EFER_NXE : 0);
    handoff->cr0 = CR0_ENTRY;
    handoff->cr4 = CR4_PAE;
    handoff->high = page + HHDM_BASE;
}
