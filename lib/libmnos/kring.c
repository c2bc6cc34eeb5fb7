/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/kring.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

bool kring_submit(const struct mnos_submission *submission)
{
    struct mnos_ring *r = mnos_ring;

    if (r->sq_tail - __atomic_load_n(&r->sq_head, __ATOMIC_ACQUIRE) >= MNOS_RING_SUBMISSIONS)
        return false;
    r->submission[r->sq_tail % MNOS_RING_SUBMISSIONS] = *submission;
    __atomic_store_n(&r->sq_tail, r->sq_tail + 1, __ATOMIC_RELEASE);
    return true;
}

int64_t kring_wait(uint32_t count, uint64_t deadline)
{
    struct mnos_ring *r = mnos_ring;

    for (;;) {
        int64_t status = mnos_ring_enter(r, count, deadline);
        if (status < 0 || __atomic_load_n(&r->cq_tail, __ATOMIC_ACQUIRE) - r->cq_head >= count)
            return status;
    }
}

bool kring_take(struct mnos_completion *completion)
{
    struct mnos_ring *r = mnos_ring;

    if (__atomic_load_n(&r->cq_tail, __ATOMIC_ACQUIRE) == r->cq_head)
        return false;
    *completion = r->completion[r->cq_head % MNOS_RING_COMPLETIONS];
    __atomic_store_n(&r->cq_head, r->cq_head + 1, __ATOMIC_RELEASE);
    return true;
}
