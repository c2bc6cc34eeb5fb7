/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/client.h>

#define PAGE 4096u

int64_t idl_why(int64_t status, uint64_t label)
{
    uint64_t error = label & 0x7fffffff;

    if (status < 0)
        return status;
    return error != 0 ? -(int64_t)error : -(int64_t)IDL_E_BAD_ANSWER;
}

int64_t idl_why_dropped(int64_t status, const struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    unsigned caps = status < 0 ? 0 : MNOS_INFO_CAPS(msg->info);

    for (unsigned i = 0; i < caps && i < MNOS_IPC_CAPS; i++)
        idl_cap_drop(ext->recv_cap[i]);
    return idl_why(status, msg->label);
}

void idl_touch(const void *bytes, size_t length)
{
    const volatile unsigned char *at = bytes; /* the access is the point: it faults where a page is missing */

    for (size_t i = 0; i < length; i += PAGE)
        (void)at[i];
    if (length > 0)
        (void)at[length - 1];
}

bool idl_join(struct idl_join *join, const void *bytes, size_t length)
{
    if (length > join->room - join->length)
        return false;
    if (length > 0) /* bytes may be NULL then, which memcpy does not allow */
        memcpy(join->bytes + join->length, bytes, length);
    join->length += length;
    return true;
}
