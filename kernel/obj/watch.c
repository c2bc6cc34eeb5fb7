/* SPDX-License-Identifier: BSD-2-Clause */
/* A notification that is signalled when a thread or process dies. */
#include <obj.h>

static void set(struct watch *w, struct notification *n, u64 bits)
{
    struct notification *old = w->ntf;

    if (n != NULL)
        object_get(&n->object);
    w->bits = bits;
    w->ntf = n;
    if (old != NULL)
        object_put(&old->object);
}

static void fire(struct watch *w)
{
    if (w->ntf != NULL)
        notification_signal(w->ntf, w->bits);
    set(w, NULL, 0);
}

void watch_set(struct watch *w, struct notification *n, u64 bits, const u8 *state)
{
    spin_lock(&cap_lock);
    set(w, n, bits);
    if (*state == MNOS_STATE_DEAD)
        fire(w);
    spin_unlock(&cap_lock);
}

void watch_fire(struct watch *w)
{
    spin_lock(&cap_lock);
    fire(w);
    spin_unlock(&cap_lock);
}
