/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies of capabilities, and their end. */
#include "bench.h"

#define DESCENDANTS 1000u
#define HOLDERS     4u

static void work_copy(struct series *s)
{
    while (!series_full(s)) {
        s->path.out[0] = 0;
        take(s, time_cap_copy_delete(&s->path));
        expect(s, (int64_t)s->path.out[0] > 0 && mnos_cap_delete(s->path.out[0]) == -MNOS_E_BADCAP);
    }
}

void bench_capabilities(void)
{
    static struct series copy = {.name = "cap_copy_delete"};

    copy.path.target = new_object(MNOS_CREATE_ENDPOINT);
    copy.path.label = MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT;
    measure(&copy, work_copy);
    mnos_cap_delete(copy.path.target);
}

static void work_revoke(struct series *s)
{
    s->sample[s->taken++] = time_revoke_1000(&s->path);
}

/* Handed out in turn, as a service would to its clients. */
static void descend(mnos_handle_t root, const mnos_handle_t *holder)
{
    for (unsigned i = 0; i < DESCENDANTS; i++)
        must(mnos_cap_transfer(holder[i % HOLDERS], root, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, MNOS_NONE),
             "a descendant");
}

void bench_revoke(void)
{
    static struct series s = {.name = "revoke_1000"};
    mnos_handle_t holder[HOLDERS], root = new_object(MNOS_CREATE_ENDPOINT);

    s.path.target = root;
    for (unsigned i = 0; i < HOLDERS; i++)
        holder[i] = must(mnos_proc_create(mnos_pool(), 512, MNOS_NONE, "holder", 6, 0), "a holder");
    for (unsigned round = 0; round < 3; round++) {
        uint64_t before = ledger_now().caps;
        descend(root, holder);
        expect(&s, ledger_now().caps == before + DESCENDANTS);
        (void)irqoff_step("what came before the revocation");
        worker_run(work_revoke, &s);
        uint64_t off = irqoff_step("the revocation");
        revoke_irqoff = off > revoke_irqoff ? off : revoke_irqoff;
        expect(&s, ledger_now().caps == before);
    }
    conclude(&s);
    for (unsigned i = 0; i < HOLDERS; i++) {
        mnos_proc_destroy(holder[i], 0);
        mnos_cap_delete(holder[i]);
    }
    mnos_cap_delete(root);
}
