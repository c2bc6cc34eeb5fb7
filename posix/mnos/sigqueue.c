/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queued signals.  A slot belongs to whoever has changed its state to BUSY; `number` says in which order those that are FULL were put
 * there.
 */
#include "signal.h"

#define SLOTS 128u

enum state { EMPTY, BUSY, FULL };

struct slot {
    uint32_t state, owner;
    uint64_t number;
    struct px_queued signal;
};

static struct slot slots[SLOTS];
static uint32_t used;   /* slots that are not EMPTY: most programs look no further */
static uint64_t number; /* of the next one */

static bool slot_claim(struct slot *s, uint32_t from)
{
    return __atomic_compare_exchange_n(&s->state, &from, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void slot_empty(struct slot *s)
{
    __atomic_store_n(&s->state, EMPTY, __ATOMIC_RELEASE);
    __atomic_fetch_sub(&used, 1, __ATOMIC_RELAXED);
}

bool px_queue_put(uint32_t owner, const struct px_queued *signal)
{
    for (struct slot *s = slots; s < slots + SLOTS; s++) {
        if (!slot_claim(s, EMPTY))
            continue;
        __atomic_fetch_add(&used, 1, __ATOMIC_RELAXED);
        s->owner = owner;
        s->signal = *signal;
        s->number = __atomic_fetch_add(&number, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&s->state, FULL, __ATOMIC_RELEASE);
        return true;
    }
    return false;
}

static bool slot_fits(const struct slot *s, uint32_t owner, int signo)
{
    return __atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == FULL && (owner == 0 || s->owner == owner) &&
           (signo == 0 || s->signal.signo == signo);
}

static struct slot *oldest(uint32_t owner, int signo)
{
    struct slot *found = NULL;

    if (__atomic_load_n(&used, __ATOMIC_RELAXED) == 0)
        return NULL;
    for (struct slot *s = slots; s < slots + SLOTS; s++)
        if (slot_fits(s, owner, signo) && (!found || s->number < found->number))
            found = s;
    return found;
}

bool px_queue_take(uint32_t owner, int signo, struct px_queued *out)
{
    struct slot *s;

    while ((s = oldest(owner, signo)) != NULL) {
        if (!slot_claim(s, FULL))
            continue; /* a handler has come in between and has taken it */
        *out = s->signal;
        slot_empty(s);
        return true;
    }
    return false;
}

bool px_queue_has(uint32_t owner, int signo)
{
    return oldest(owner, signo) != NULL;
}

void px_queue_drop(uint32_t owner, int signo)
{
    struct px_queued gone;

    while (px_queue_take(owner, signo, &gone))
        ;
}
