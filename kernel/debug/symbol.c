/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of functions, from the table that the second link adds (tools/mkksyms). */
#include <debug/panic.h>

extern const uint32_t ksym_count, ksym_low[], ksym_name[];
extern const char ksym_names[];

const char *symbol_find(u64 address, u64 *offset)
{
    extern const char text_start[], text_end[];
    u32 low = 0, high = ksym_count;

    if (address < (u64)text_start || address >= (u64)text_end || high == 0 || (u32)address < ksym_low[0])
        return NULL;
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        if (ksym_low[middle] <= (u32)address)
            low = middle;
        else
            high = middle;
    }
    *offset = (u32)address - ksym_low[low];
    return ksym_names + ksym_name[low];
}
