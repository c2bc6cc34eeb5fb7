/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/package.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

const void *package_bytes(size_t *size)
{
    struct mnos_cap_info info;

    if (mnos_cap_inspect(mnos_cap("package"), &info, sizeof info) < 0)
        return NULL;
    *size = info.size;
    return (const void *)MNOS_INIT_PACKAGE;
}

enum ustar_error package_find(const char *path, struct ustar_member *member)
{
    size_t size;
    const void *archive = package_bytes(&size);

    return archive ? ustar_find(archive, size, path, member) : USTAR_NOT_FOUND;
}
