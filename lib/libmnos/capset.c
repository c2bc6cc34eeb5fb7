/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/start.h>
#include <str.h>

const struct mnos_capset_entry *mnos_cap_entry(const char *name)
{
    for (uint32_t i = 0; i < mnos_capset->count; i++)
        if (strncmp(mnos_capset->entry[i].name, name, MNOS_CAPSET_NAME) == 0)
            return &mnos_capset->entry[i];
    return NULL;
}

mnos_handle_t mnos_cap(const char *name)
{
    const struct mnos_capset_entry *entry = mnos_cap_entry(name);

    return entry ? entry->handle : MNOS_NONE;
}

mnos_handle_t mnos_pool(void)
{
    return mnos_cap("pool");
}
