/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the library share. */
#ifndef MANIFEST_PARTS_H
#define MANIFEST_PARTS_H

#include <manifest.h>

/* Zeroed; NULL: the arena is used up. */
void *arena_take(struct manifest *m, size_t bytes);

/* A check under way. */
struct check {
    struct manifest *m;
    const struct manifest_env *env;
    manifest_report_fn *report;
    void *context;
    unsigned breaches;
};
__attribute__((format(printf, 4, 5))) void breach(struct check *c, enum manifest_rule rule, uint32_t line,
                                                  const char *format, ...);

/* index.c: the two name indexes.  False: the arena is used up. */
bool index_make(struct manifest *m);
/* The entry that has this name, after which `number` is entered if there was none: MANIFEST_NOBODY then. */
uint32_t service_index_add(struct manifest *m, uint32_t number);
uint32_t provided_index_add(struct manifest *m, uint32_t number);

/* graph.c: cycles, and the order to start in. */
void graph_check(struct check *c);
/* service.c: what concerns one service alone. */
void service_check(struct check *c, const struct manifest_service *s);
/* caps.c: capabilities, once all names are in the indexes. */
void caps_check(struct check *c, struct manifest_service *s);
/* devices.c: lines and ports that two services would share. */
void devices_check(struct check *c);

#endif
