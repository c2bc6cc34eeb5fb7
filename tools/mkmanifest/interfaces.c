/* SPDX-License-Identifier: BSD-2-Clause */
/* Interfaces that descriptions may call by name, with the ids that both sides of a call agree on. */
#include <string.h>

#include <idl/interfaces.h>

#include "mkmanifest.h"

static const struct {
    const char *name;
    uint64_t id;
} interfaces[] = {
#define X(name, id) {#name, id},
    IDL_INTERFACES(X)
#undef X
};

uint64_t interface_id(const char *name)
{
    for (size_t i = 0; i < sizeof interfaces / sizeof interfaces[0]; i++)
        if (strcmp(interfaces[i].name, name) == 0)
            return interfaces[i].id;
    return 0;
}
