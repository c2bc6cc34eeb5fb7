/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The name directory.  Its names are those that the manifest says are provided, and no others: what a service could fill
 * it with is bounded by its entry, and nobody can be in another's place.
 *
 * An endpoint that init made is there from the start and stays while its server is started again; one that a service
 * registered goes when the service does.
 */
#include <mnos/calls.h>
#include <libmnos/heap.h>
#include <libmnos/start.h>
#include <str.h>

#include "init.h"

void directory_make(void)
{
    const struct manifest *m = &init.manifest;

    init.name = calloc(m->provided_count + 1, sizeof *init.name);
    if (!init.name)
        mnos_panic("init: no memory for a directory of %u names", m->provided_count);
    for (uint32_t i = 0; i < m->provided_count; i++) {
        struct name *name = &init.name[i];
        name->endpoint = MNOS_NONE;
        name->kept = name->can_badge = m->provided[i].capability[0] != '\0';
        if (!name->kept)
            continue;
        int64_t endpoint = mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0);
        if (endpoint < 0)
            mnos_panic("init: cannot make the endpoint '%s'", m->provided[i].name);
        name->endpoint = (mnos_handle_t)endpoint;
    }
}

int64_t directory_register(const struct child *child, const char *name, mnos_handle_t endpoint)
{
    const struct manifest_service *spec = child->service->spec;
    struct mnos_cap_info info;
    uint32_t i = 0;

    while (i < spec->provided_count && strcmp(spec->provides[i].name, name) != 0)
        i++;
    if (i == spec->provided_count)
        return -NAMES_ERROR_FORBIDDEN;
    struct name *entry = &init.name[&spec->provides[i] - init.manifest.provided];
    /* One that was revoked serves nobody any more. */
    if (entry->endpoint != MNOS_NONE && mnos_cap_inspect(entry->endpoint, &info, sizeof info) >= 0)
        return -NAMES_ERROR_DUPLICATE;
    if (mnos_cap_inspect(endpoint, &info, sizeof info) < 0 || (info.rights & MNOS_RIGHT_SEND) == 0 ||
        (info.rights & MNOS_RIGHT_GRANT) == 0)
        return -MNOS_E_NO_RIGHTS;
    entry->endpoint = endpoint;
    entry->owner = child->serial;
    entry->can_badge = (info.rights & MNOS_RIGHT_RECV) != 0;
    return 0;
}

void directory_forget(uint64_t serial)
{
    for (uint32_t i = 0; i < init.manifest.provided_count; i++) {
        struct name *name = &init.name[i];
        if (name->kept || name->endpoint == MNOS_NONE || name->owner != serial)
            continue;
        mnos_cap_delete(name->endpoint);
        name->endpoint = MNOS_NONE;
    }
}

/* With the badge of the child where init may mint one: its server can then tell its clients apart, and learns when one has
 * let go. */
int64_t directory_mint(const struct child *child, uint32_t provided, uint32_t rights)
{
    const struct name *name = &init.name[provided];

    if (name->endpoint == MNOS_NONE)
        return -MNOS_E_NOT_FOUND;
    return mnos_cap_create(MNOS_CREATE_MINT, name->endpoint, rights, name->can_badge ? child->serial : 0, 0);
}

/* ---- Lookups ---- */

static uint32_t word_hash(const uint64_t word[4])
{
    uint64_t mixed = (word[0] ^ word[1] ^ word[2] ^ word[3]) * 0x9e3779b97f4a7c15;

    return (uint32_t)(mixed >> 40);
}

static bool word_same(const uint64_t a[4], const uint64_t b[4])
{
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

/* Where this name is, or would be. */
static struct lookup *lookup_find(const struct service *s, const uint64_t word[4])
{
    uint32_t at = word_hash(word) & s->lookup_mask;

    while (s->lookup[at].cap && !word_same(s->lookup[at].word, word))
        at = (at + 1) & s->lookup_mask;
    return &s->lookup[at];
}

static void lookup_add(struct service *s, const struct manifest_cap *cap)
{
    uint64_t word[4];

    if (!idl_pack(word, 4, cap->from)) /* the manifest has none so long */
        return;
    struct lookup *entry = lookup_find(s, word);
    if (entry->cap) /* of several for one name the first holds */
        return;
    memcpy(entry->word, word, sizeof word);
    entry->cap = cap;
}

void directory_lists(struct service *s)
{
    uint32_t size = 2;

    while (size < 2 * s->spec->cap_count)
        size *= 2;
    s->lookup = calloc(size, sizeof *s->lookup);
    if (!s->lookup)
        mnos_panic("init: no memory for the names of '%s'", s->spec->name);
    s->lookup_mask = size - 1;
    for (uint32_t i = 0; i < s->spec->cap_count; i++)
        if (s->spec->caps[i].source == MANIFEST_SERVICE)
            lookup_add(s, &s->spec->caps[i]);
}

int64_t directory_lookup(const struct child *child, const uint64_t word[4], uint64_t interface)
{
    const struct manifest_cap *cap = lookup_find(child->service, word)->cap;
    if (!cap || cap->provided == MANIFEST_NOBODY)
        return -MNOS_E_NOT_FOUND;
    if (interface != 0 && interface != init.manifest.provided[cap->provided].interface)
        return -NAMES_ERROR_OTHER_INTERFACE;
    int64_t handle = directory_mint(child, cap->provided, cap->rights | MNOS_RIGHT_GRANT);
    return handle >= 0 || handle == -MNOS_E_BUSY ? handle : -MNOS_E_NOT_FOUND;
}
