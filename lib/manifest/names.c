/* SPDX-License-Identifier: BSD-2-Clause */
#include <manifest.h>
#include <mnos/memory.h>
#include <mnos/object.h>

#define RW    (MNOS_RIGHT_READ | MNOS_RIGHT_WRITE)
#define GRANT MNOS_RIGHT_GRANT
#define BACK  (MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)
#define SEND  MNOS_RIGHT_SEND
#define RECV  MNOS_RIGHT_RECV

const struct manifest_source_info manifest_sources[MANIFEST_SOURCES] = {
    [MANIFEST_POOL] = {"pool", RW | BACK, MNOS_RIGHT_WRITE, 0, 0, false},
    [MANIFEST_LOG] = {"log", SEND | GRANT, SEND, 0, 0, false},
    [MANIFEST_IRQ] = {"irq", RECV | BACK, RECV, 256, 1, true},
    [MANIFEST_PORTS] = {"ports", RW | BACK, RW, 65536, 1, true},
    [MANIFEST_PACKAGE] = {"package", MNOS_RIGHT_READ | GRANT, MNOS_RIGHT_READ, 0, 0, false},
    [MANIFEST_FRAMEBUFFER] = {"framebuffer", RW | BACK, RW, 0, 0, false},
    [MANIFEST_ACPI] = {"acpi", MNOS_RIGHT_READ | GRANT, MNOS_RIGHT_READ, 0, 0, false},
    [MANIFEST_SYSTEM] = {"system", MNOS_RIGHT_READ | GRANT, MNOS_RIGHT_READ, 0, 0, false},
    [MANIFEST_MMIO] = {"mmio", RW | BACK, RW, UINT64_C(1) << 46, MNOS_PAGE_SIZE, true},
    [MANIFEST_DIRECTORY] = {"directory", SEND, SEND, 0, 0, false},
    [MANIFEST_SPAWNER] = {"spawner", SEND, SEND, 0, 0, false},
    [MANIFEST_CONTROL] = {"control", SEND, SEND, 0, 0, false},
    [MANIFEST_SERVICE] = {"service", SEND | GRANT, SEND, 0, 0, false},
    [MANIFEST_ENDPOINT] = {"endpoint", SEND | RECV | BACK, SEND | RECV | BACK, 0, 0, false},
    [MANIFEST_NOTIFICATION] = {"notification", SEND | RECV | BACK, SEND | RECV | BACK, 0, 0, false},
    [MANIFEST_MEMORY] = {"memory", RW | BACK, RW | BACK, UINT64_C(1) << 40, MNOS_PAGE_SIZE, false},
    [MANIFEST_EVENTS] = {"events", RECV, RECV, 0, 0, false},
};

static const struct {
    const char *name, *demand;
} rules[MANIFEST_RULE_COUNT] = {
#define X(id, name, demand) {name, demand},
    MANIFEST_RULES(X)
#undef X
};

const char *manifest_rule_name(enum manifest_rule rule)
{
    return (unsigned)rule < MANIFEST_RULE_COUNT ? rules[rule].name : "?";
}

const char *manifest_rule_demand(enum manifest_rule rule)
{
    return (unsigned)rule < MANIFEST_RULE_COUNT ? rules[rule].demand : "?";
}

const char *manifest_restart_name(unsigned restart)
{
    static const char *const names[MANIFEST_RESTARTS] = {"never", "on-failure", "always"};

    return restart < MANIFEST_RESTARTS ? names[restart] : "?";
}

const char *manifest_readiness_name(unsigned readiness)
{
    static const char *const names[MANIFEST_READINESSES] = {"registered", "explicit"};

    return readiness < MANIFEST_READINESSES ? names[readiness] : "?";
}

bool manifest_name_ok(const char *name)
{
    unsigned length = 0;

    for (; name[length] != '\0'; length++)
        if (length == MANIFEST_NAME_MAX || name[length] <= ' ' || name[length] > '~')
            return false;
    return length > 0;
}
