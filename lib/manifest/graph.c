/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two graphs over the services, walked depth first without recursion.  In the first an edge says "is started after":
 * depends_on, and endpoints that are given at the start.  In the second it says "calls": every endpoint of another
 * service.  Neither may have a cycle; the first gives the order to start in.
 */
#include <fmt.h>
#include <str.h>

#include "manifest.h"

enum { NEW, OPEN, DONE };

struct walk {
    struct check *check;
    bool calls;
    uint8_t *state;
    uint32_t *path, *edge; /* the services that are OPEN, and which edge of each is looked at next */
    uint32_t depth, finished;
};

/* Where edge `i` of a service leads; MANIFEST_NOBODY: nowhere.  False: it has no such edge. */
static bool edge_get(const struct walk *w, const struct manifest_service *s, uint32_t i, uint32_t *to)
{
    *to = MANIFEST_NOBODY;
    if (i < s->depend_count) {
        if (!w->calls)
            *to = s->depends[i];
        return true;
    }
    i -= s->depend_count;
    if (i >= s->cap_count)
        return false;
    if (w->calls || !s->caps[i].late)
        *to = s->caps[i].provider;
    return true;
}

/* The path from the first occurrence of `to` on, and back to it. */
static void cycle_report(const struct walk *w, uint32_t to)
{
    const struct manifest *m = w->check->m;
    char text[256];
    uint32_t first = 0;
    size_t used = 0;

    while (w->path[first] != to)
        first++;
    for (uint32_t i = first; i < w->depth && used < sizeof text; i++)
        used += fmt_snprint(text + used, sizeof text - used, "%s -> ", m->services[w->path[i]].name);
    breach(w->check, w->calls ? MANIFEST_CALL_CYCLE : MANIFEST_DEPENDENCY_CYCLE, m->services[to].line, "%s%s: %s", text,
           m->services[to].name, w->calls ? "each calls the next" : "each waits for the next");
}

static void service_open(struct walk *w, uint32_t service)
{
    w->state[service] = OPEN;
    w->edge[w->depth] = 0;
    w->path[w->depth++] = service;
}

static void walk_from(struct walk *w, uint32_t start)
{
    const struct manifest *m = w->check->m;
    uint32_t to;

    service_open(w, start);
    while (w->depth > 0) {
        uint32_t top = w->path[w->depth - 1];
        if (!edge_get(w, &m->services[top], w->edge[w->depth - 1]++, &to)) {
            w->state[top] = DONE;
            w->depth--;
            if (!w->calls)
                m->order[w->finished++] = top;
        } else if (to != MANIFEST_NOBODY && w->state[to] == NEW) {
            service_open(w, to);
        } else if (to != MANIFEST_NOBODY && w->state[to] == OPEN) {
            cycle_report(w, to);
        }
    }
}

void graph_check(struct check *c)
{
    struct manifest *m = c->m;
    struct walk w = {.check = c};

    w.state = arena_take(m, m->count);
    w.path = arena_take(m, m->count * sizeof *w.path);
    w.edge = arena_take(m, m->count * sizeof *w.edge);
    if (!w.state || !w.path || !w.edge) {
        breach(c, MANIFEST_MESSAGE, 0, "there is no memory to look at %u services", m->count);
        return;
    }
    for (int calls = 0; calls < 2; calls++) {
        w.calls = calls;
        memset(w.state, NEW, m->count);
        for (uint32_t i = 0; i < m->count; i++)
            if (w.state[i] == NEW)
                walk_from(&w, i);
    }
}
