/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's numbers for capabilities.  A number is an index and a generation, so that one that was dropped names
 * nothing. */
#include "guest.h"

#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

/* number = generation << 8 | index; index 0 is never used. */
enum { INDEX_BITS = 8, GENERATIONS = 1 << 22 };

static struct {
    mnos_handle_t cap;
    uint32_t generation;
    bool used, kept;
    const char *name; /* of an initial capability */
} table[HANDLES_MAX];

static uint32_t number_of(uint32_t index)
{
    return table[index].generation << INDEX_BITS | index;
}

uint32_t handle_add(mnos_handle_t cap, bool kept)
{
    for (uint32_t i = 1; i < HANDLES_MAX; i++) {
        if (table[i].used)
            continue;
        table[i].cap = cap;
        table[i].used = true;
        table[i].kept = kept;
        table[i].name = NULL;
        return number_of(i);
    }
    return 0;
}

static uint32_t index_of(uint32_t number)
{
    uint32_t index = number % HANDLES_MAX;

    return table[index].used && number == number_of(index) ? index : 0;
}

mnos_handle_t handle_cap(uint32_t number)
{
    uint32_t index = index_of(number);

    return index == 0 ? MNOS_NONE : table[index].cap;
}

bool handle_drop(uint32_t number)
{
    uint32_t index = index_of(number);

    if (index == 0)
        return false;
    if (!table[index].kept)
        (void)mnos_cap_delete(table[index].cap);
    table[index].used = false;
    table[index].generation = (table[index].generation + 1) % GENERATIONS;
    return true;
}

static bool grant(const struct mnos_capset_entry *entry)
{
    uint32_t number = handle_add(entry->handle, true);

    if (number != 0)
        table[number % HANDLES_MAX].name = entry->name;
    return number != 0;
}

bool handle_grant(const char *name)
{
    const struct mnos_capset_entry *entry = mnos_cap_entry(name);

    return entry != NULL && grant(entry);
}

void handle_grant_all(void)
{
    for (uint32_t i = 0; i < mnos_capset->count; i++)
        if (strcmp(mnos_capset->entry[i].name, "module") != 0)
            (void)grant(&mnos_capset->entry[i]);
}

uint32_t handle_find(const char *name, size_t length)
{
    for (uint32_t i = 1; i < HANDLES_MAX; i++)
        if (table[i].used && table[i].name && strlen(table[i].name) == length &&
            memcmp(table[i].name, name, length) == 0)
            return number_of(i);
    return 0;
}
