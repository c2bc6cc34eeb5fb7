/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/errors.h>
#include <libmnos/names.h>

const char *names_status_text(int64_t status)
{
    uint64_t own = status < 0 ? (uint64_t)-status : 0;

    return own >= NAMES_ERROR_FORBIDDEN && own <= NAMES_ERROR_OTHER_INTERFACE ? names_error_text(own)
                                                                              : mnos_error_text(status);
}

int64_t names_register(mnos_handle_t directory, const char *name, mnos_handle_t endpoint)
{
    return dir_provide(directory, name, endpoint);
}

int64_t names_lookup_as(mnos_handle_t directory, const char *name, uint64_t interface, mnos_handle_t *endpoint)
{
    *endpoint = MNOS_NONE;
    return dir_lookup(directory, name, interface, endpoint);
}

int64_t names_lookup(mnos_handle_t directory, const char *name, mnos_handle_t *endpoint)
{
    return names_lookup_as(directory, name, 0, endpoint);
}

int64_t names_ready(mnos_handle_t directory)
{
    return dir_ready(directory);
}
