/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole batches: the ring is one thread's from the submission to the last completion. */
#include <libmnos/errors.h>
#include <libmnos/kring.h>
#include <mnos/calls.h>

static uint32_t taken;

static int64_t completions_wait(struct kring_op *op, unsigned count)
{
    struct mnos_completion done;

    for (unsigned left = count; left > 0;) {
        int64_t status = kring_wait(1, MNOS_FOREVER);
        if (status < 0 && status != -MNOS_E_INTERRUPTED)
            return status;
        while (left > 0 && kring_take(&done))
            if (done.user < count) {
                op[done.user].status = done.status;
                left--;
            }
    }
    return 0;
}

int64_t kring_run(struct kring_op *op, unsigned count)
{
    int64_t status = count > MNOS_RING_SUBMISSIONS ? -MNOS_E_RANGE : 0;

    if (status == 0 && __atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE) != 0)
        status = -MNOS_E_WOULD_BLOCK;
    if (status < 0)
        return status;
    for (unsigned i = 0; i < count && status == 0; i++) {
        op[i].submission.user = i;
        if (!kring_submit(&op[i].submission))
            status = -MNOS_E_WOULD_BLOCK;
    }
    if (status == 0)
        status = completions_wait(op, count);
    __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
    return status;
}
