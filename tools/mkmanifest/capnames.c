/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Short names for capabilities: each stands for the concrete ones behind it.  docs/manifest.md has the same table.
 *
 * A system that knows only permissions by name is served by the CAP_ ones: what the permission allows is what these
 * capabilities reach, and who does not have them cannot do it.
 */
#include <mnos/object.h>
#include <string.h>

#include "mkmanifest.h"

#define READ  MNOS_RIGHT_READ
#define WRITE MNOS_RIGHT_WRITE
#define SEND  MNOS_RIGHT_SEND

#define CAP(title, from_what, what_rights)                                                                             \
    {                                                                                                                  \
        .name = (title), .from = "", .source = (from_what), .rights = (what_rights)                                    \
    }
/* Looked up when it is needed; a system in which nobody provides it is sound. */
#define LOOKUP(title, of)                                                                                              \
    {                                                                                                                  \
        .name = (title), .from = (of), .source = MANIFEST_SERVICE, .rights = SEND | MNOS_RIGHT_GRANT, .late = true,    \
        .optional = true                                                                                               \
    }
#define DIRECTORY CAP("init", MANIFEST_DIRECTORY, SEND)

const struct short_name short_names[] = {
    {"pool", false, {CAP("pool", MANIFEST_POOL, WRITE)}},
    {"log", false, {CAP("log", MANIFEST_LOG, SEND)}},
    {"package", false, {CAP("package", MANIFEST_PACKAGE, READ)}},
    {"framebuffer", false, {CAP("framebuffer", MANIFEST_FRAMEBUFFER, READ | WRITE)}},
    {"acpi", false, {CAP("acpi", MANIFEST_ACPI, READ)}},
    {"system", false, {CAP("system", MANIFEST_SYSTEM, READ)}},
    {"directory", false, {DIRECTORY}},
    {"spawner", false, {CAP("init", MANIFEST_SPAWNER, SEND)}},
    {"control", false, {CAP("init", MANIFEST_CONTROL, SEND)}},
    {"events", false, {CAP("events", MANIFEST_EVENTS, MNOS_RIGHT_RECV)}},
    {"CAP_IPC_CREATE", true, {CAP("pool", MANIFEST_POOL, WRITE), DIRECTORY}},
    {"CAP_FS_MOUNT", false, {CAP("package", MANIFEST_PACKAGE, READ), LOOKUP("block", "block"), DIRECTORY}},
    {"CAP_NET_ADMIN", false, {LOOKUP("net_admin", "net.admin"), DIRECTORY}},
    {"CAP_NET_RAW", false, {LOOKUP("net_raw", "net.raw"), DIRECTORY}},
};
const unsigned short_name_count = sizeof short_names / sizeof short_names[0];

const struct short_name *short_name_find(const char *name)
{
    for (unsigned i = 0; i < short_name_count; i++)
        if (strcmp(short_names[i].name, name) == 0)
            return &short_names[i];
    return NULL;
}
