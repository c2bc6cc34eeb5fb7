/* SPDX-License-Identifier: BSD-2-Clause */
#include <mnos/errors.h>

#include "core.h"

long px_result(int64_t status)
{
    static const uint8_t map[MNOS_ERROR_COUNT] = {
        [MNOS_E_BADCAP] = PX_EBADF,         [MNOS_E_BADTYPE] = PX_EBADF,     [MNOS_E_NO_RIGHTS] = PX_EACCES,
        [MNOS_E_INVALID] = PX_EINVAL,       [MNOS_E_UNALIGNED] = PX_EINVAL,  [MNOS_E_RANGE] = PX_EINVAL,
        [MNOS_E_FAULT] = PX_EFAULT,         [MNOS_E_NO_MEMORY] = PX_ENOMEM,  [MNOS_E_NO_SLOTS] = PX_EMFILE,
        [MNOS_E_BUSY] = PX_EBUSY,           [MNOS_E_NOT_FOUND] = PX_ENOENT,  [MNOS_E_WOULD_BLOCK] = PX_EAGAIN,
        [MNOS_E_TIMED_OUT] = PX_ETIMEDOUT,  [MNOS_E_INTERRUPTED] = PX_EINTR, [MNOS_E_PEER_GONE] = PX_EIO,
        [MNOS_E_NOT_SUPPORTED] = PX_ENOSYS,
    };

    if (status >= 0)
        return (long)status;
    return status > -MNOS_ERROR_COUNT ? -(long)map[-status] : -PX_EIO;
}
