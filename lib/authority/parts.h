/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef AUTHORITY_PARTS_H
#define AUTHORITY_PARTS_H

#include <authority.h>

#define INIT_PID 1u

/* graph.c: number of the process that started this one, or MANIFEST_NOBODY. */
uint32_t parent_of(const struct authority *a, const struct authority_process *p);
const struct authority_process *holder_of(const struct authority *a, const struct authority_cap *c);

/* listed.c: does this capability of a service stand for entry `number`: of its capabilities, and then of what it provides? */
bool entry_stands(const struct authority *a, const struct manifest *m, const struct authority_cap *c, uint32_t number);
static inline uint32_t entry_count(const struct manifest_service *s)
{
    return s->cap_count + s->provided_count;
}

#endif
