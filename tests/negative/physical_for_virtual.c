/* SPDX-License-Identifier: BSD-2-Clause */
/* A physical address is no pointer.
 * ERROR: incompatible type|aggregate value used|cannot convert
 * SHOWS: M159
 */
#include <mm/phys.h>

static void *use(paddr_t address)
{
#ifdef MISTAKE
    return address;
#else
    return phys_to_virt(address);
#endif
}

void *physical_for_virtual(paddr_t address);
void *physical_for_virtual(paddr_t address)
{
    return use(address);
}
