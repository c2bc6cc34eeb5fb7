/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's capability tables against the manifest in the boot package. */
#include <manifest.h>
#include <ustar.h>

#include "services.h"

static const uint32_t types[MANIFEST_SOURCES] = {
    [MANIFEST_POOL] = MNOS_TYPE_POOL,
    [MANIFEST_LOG] = MNOS_TYPE_ENDPOINT,
    [MANIFEST_IRQ] = MNOS_TYPE_INTERRUPT,
    [MANIFEST_PORTS] = MNOS_TYPE_IOPORT,
    [MANIFEST_PACKAGE] = MNOS_TYPE_MEMORY,
    [MANIFEST_FRAMEBUFFER] = MNOS_TYPE_MEMORY,
    [MANIFEST_ACPI] = MNOS_TYPE_MEMORY,
    [MANIFEST_SYSTEM] = MNOS_TYPE_SYSTEM,
    [MANIFEST_MMIO] = MNOS_TYPE_MEMORY,
    [MANIFEST_DIRECTORY] = MNOS_TYPE_ENDPOINT,
    [MANIFEST_SPAWNER] = MNOS_TYPE_ENDPOINT,
    [MANIFEST_CONTROL] = MNOS_TYPE_ENDPOINT,
    [MANIFEST_SERVICE] = MNOS_TYPE_ENDPOINT,
    [MANIFEST_ENDPOINT] = MNOS_TYPE_ENDPOINT,
    [MANIFEST_NOTIFICATION] = MNOS_TYPE_NOTIFICATION,
    [MANIFEST_MEMORY] = MNOS_TYPE_MEMORY,
    [MANIFEST_EVENTS] = MNOS_TYPE_NOTIFICATION,
};

static void report(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    (void)context, (void)m, (void)line;
    tap_diag("%s: %s", manifest_rule_name(rule), text);
}

/* CRC-32 (ISO-HDLC). */
static uint32_t crc(const uint8_t *bytes, uint64_t size)
{
    uint32_t value = ~0u;

    for (uint64_t i = 0; i < size; i++) {
        value ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ ((value & 1) != 0 ? 0xedb88320u : 0);
    }
    return ~value;
}

static void members_list(const void *package, size_t size)
{
    struct ustar_reader reader = ustar_open(package, size);
    struct ustar_member member;

    while (ustar_next(&reader, &member) == USTAR_OK)
        printf("# member %s %lu %08x\n", member.name, member.size, crc(member.data, member.size));
}

static bool manifest_read(struct manifest *m)
{
    struct mnos_cap_info info = {0};
    struct ustar_member member;
    struct manifest_env env = {0};

    (void)mnos_cap_inspect(mnos_cap("package"), &info, sizeof info);
    const void *package = map_memory(mnos_cap("package"), 0, info.size, MNOS_MAP_READ, NULL);
    if (package)
        members_list(package, info.size);
    if (!package || ustar_find(package, info.size, MANIFEST_PATH, &member) != USTAR_OK)
        return false;
    size_t room = manifest_arena_size(member.size);
    void *arena = malloc(room);
    return arena && manifest_decode(m, member.data, member.size, arena, room, report, NULL) &&
           manifest_check(m, &env, report, NULL) == 0;
}

/* One that the entry lists and nobody has claimed yet. */
static bool claim(const struct manifest_service *s, uint64_t *claimed, const struct mnos_info_cap *c)
{
    for (uint32_t i = 0; i < s->cap_count + s->provided_count; i++) {
        bool cap = i < s->cap_count;
        uint32_t type = cap ? types[s->caps[i].source] : (uint32_t)MNOS_TYPE_ENDPOINT;
        uint32_t rights = cap ? s->caps[i].rights : MNOS_RIGHT_RECV;
        if ((*claimed >> i & 1) == 0 && type == c->type && rights == c->rights) {
            *claimed |= 1ull << i;
            return true;
        }
    }
    return false;
}

static void holder_compare(const struct manifest *m, const char *name)
{
    const struct manifest_service *s = &m->services[manifest_find_service(m, name)];
    uint64_t claimed = 0, pid = service(name).pid;
    struct mnos_info_cap c;
    unsigned held = 0, beyond = 0;

    for (uint64_t at = pid << 32;
         mnos_system_info(mnos_cap("system"), MNOS_INFO_CAP, at, &c, sizeof c) >= 0 && c.pid == pid;
         at = (pid << 32 | c.slot) + 1) {
        held++;
        if (!claim(s, &claimed, &c)) {
            beyond++;
            tap_diag("%s holds type %u with rights %x beyond its entry", name, c.type, c.rights);
        }
    }
    tap_ok(pid != 0 && beyond == 0 && held == s->cap_count + s->provided_count,
           "%s holds the %u capabilities of its entry and no other [M085 M118 M301]", name, held);
}

/* The first Interrupt that a process holds. */
static struct mnos_info_cap interrupt_of(uint64_t pid)
{
    struct mnos_info_cap c = {0};

    for (uint64_t at = pid << 32;
         mnos_system_info(mnos_cap("system"), MNOS_INFO_CAP, at, &c, sizeof c) >= 0 && c.pid == pid;
         at = (pid << 32 | c.slot) + 1)
        if (c.type == MNOS_TYPE_INTERRUPT)
            return c;
    return (struct mnos_info_cap){0};
}

static void interrupts_compare(void)
{
    struct mnos_info_cap all = interrupt_of(1), one = interrupt_of(service("holder_a").pid);

    tap_ok(all.slot == MNOS_BOOT_IRQ && all.size >= 16 && one.size == 1 && one.parent == all.node && all.node != 0,
           "init has parted line 4 from all lines, which it keeps [M083]");
}

#define HELD_MAX 1024u
static struct mnos_info_cap held[HELD_MAX];

static const struct mnos_info_cap *node_find(unsigned count, uint64_t node)
{
    for (unsigned i = 0; i < count; i++)
        if (held[i].node == node)
            return &held[i];
    return NULL;
}

/* To an object that init was given at boot. */
static bool is_of_boot(unsigned count, const struct mnos_info_cap *c)
{
    for (unsigned i = 0; i < count; i++)
        if (held[i].pid == 1 && held[i].slot < MNOS_BOOT_CAPS && held[i].type == c->type && held[i].object == c->object)
            return true;
    return false;
}

/* How many others hold such, and how many of these were not derived from init's own. */
static unsigned boot_trace(unsigned *strays)
{
    unsigned count = 0, others = 0;

    for (uint64_t at = 0; count < HELD_MAX && mnos_system_info(mnos_cap("system"), MNOS_INFO_CAP, at, &held[count],
                                                               sizeof held[count]) >= 0;
         count++)
        at = (held[count].pid << 32 | held[count].slot) + 1;
    *strays = count == HELD_MAX;
    for (unsigned i = 0; i < count; i++) {
        if (held[i].pid == 1 || !is_of_boot(count, &held[i]))
            continue;
        const struct mnos_info_cap *root = &held[i];
        for (unsigned steps = 0; root && root->parent != 0 && steps < count; steps++)
            root = node_find(count, root->parent);
        others++;
        *strays += !root || root->pid != 1 || root->slot >= MNOS_BOOT_CAPS;
    }
    return others;
}

/* Services come and go while it is read: what is gone in between is looked at again. */
static void boot_compare(void)
{
    unsigned strays = 1, others = 0;

    for (unsigned i = 0; i < 100 && strays != 0; i++)
        others = boot_trace(&strays);
    tap_ok(others >= 3 && strays == 0,
           "what others hold of the boot capabilities, %u times, was derived from init's [M079]", others);
}

static uint64_t cr3_of(const char *name)
{
    struct mnos_info_process p = {0};
    uint64_t pid = service(name).pid;

    if (mnos_system_info(mnos_cap("system"), MNOS_INFO_PROCESS, pid, &p, sizeof p) < 0 || p.pid != pid)
        return 0;
    return p.cr3;
}

void judge_holders(void)
{
    struct manifest m;

    if (!tap_ok(manifest_read(&m), "the manifest in the package is the one that runs"))
        return;
    holder_compare(&m, "holder_a");
    holder_compare(&m, "holder_b");
    holder_compare(&m, "first");
    interrupts_compare();
    boot_compare();
    tap_ok(cr3_of("holder_a") != 0 && cr3_of("holder_a") != cr3_of("holder_b"),
           "two services of one program have an address space each [M117]");
}
