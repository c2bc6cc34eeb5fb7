/* SPDX-License-Identifier: BSD-2-Clause */
/* An address that user space gave is no physical address.
 * ERROR: incompatible type
 * SHOWS: M159
 */
#include <mm/phys.h>

u32 user_for_physical(uaddr_t user, paddr_t physical);
u32 user_for_physical(uaddr_t user, paddr_t physical)
{
    (void)user;
    (void)physical;
#ifdef MISTAKE
    return frame_number(user);
#else
    return frame_number(physical);
#endif
}
