/* SPDX-License-Identifier: BSD-2-Clause */
/* An address that user space gave cannot be dereferenced.
 * ERROR: invalid type argument|indirection requires
 * SHOWS: M159
 */
#include <types.h>

u64 pointer_for_user(uaddr_t user);
u64 pointer_for_user(uaddr_t user)
{
#ifdef MISTAKE
    return *user;
#else
    return user.value;
#endif
}
