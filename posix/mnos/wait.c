/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait.h"

#include <mnos/calls.h>
#include <proc/protocol.h>
#include <str.h>

enum number { NUMBER_RECV = 2, NUMBER_CALL = 12 };

/* entry.S.  Both give INTERRUPTED without waiting when px_wake is set. */
int64_t px_ipc_wait(uint64_t number, mnos_handle_t object, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t px_block_wait(const void *word, uint64_t expected, uint64_t deadline, uint64_t flags);

/* Set by px_upcall when there is a signal to be taken. */
__thread uint32_t px_wake;

/* Lets an upcall come that is still to come. */
static void upcall_take(void)
{
    (void)mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL, 0, 0);
}

/* False: there is a signal to be taken.  One that comes from here on sets px_wake. */
static bool wait_begin(void)
{
    __atomic_store_n(&px_wake, 0, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return !px_signal_waits();
}

static int64_t ipc_waiting(uint64_t number, mnos_handle_t object, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    while (wait_begin()) {
        int64_t status = px_ipc_wait(number, object, msg, ext);
        if (status != -MNOS_E_INTERRUPTED)
            return status;
        upcall_take();
    }
    return -MNOS_E_INTERRUPTED;
}

int64_t px_call_waiting(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    const struct mnos_msg again = *msg;

    for (;;) {
        int64_t status = ipc_waiting(NUMBER_CALL, endpoint, msg, ext);
        if (status < 0 || msg->label != PX_EINTR || px_signal_waits())
            return status;
        *msg = again;
    }
}

int64_t px_receive(mnos_handle_t notification, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    return ipc_waiting(NUMBER_RECV, notification, msg, ext);
}

int64_t px_call(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    int64_t status;

    while ((status = mnos_ipc_call(endpoint, msg, ext)) == -MNOS_E_INTERRUPTED)
        upcall_take();
    return status;
}

int64_t px_send(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    int64_t status;

    while ((status = mnos_ipc_send(endpoint, msg, ext)) == -MNOS_E_INTERRUPTED)
        upcall_take();
    return status;
}

int64_t px_block(const void *word, uint64_t expected, uint64_t deadline, uint64_t flags)
{
    while (wait_begin()) {
        int64_t status = px_block_wait(word, expected, deadline, flags);
        if (status != -MNOS_E_INTERRUPTED)
            return status;
        upcall_take();
    }
    return -MNOS_E_INTERRUPTED;
}

long px_proc_call(uint64_t label, uint64_t words[MNOS_IPC_WORDS])
{
    struct mnos_msg msg = {.label = label};

    memcpy(msg.word, words, sizeof msg.word);
    int64_t status = label == PROC_WAIT ? px_call_waiting(px.proc, &msg, NULL) : px_call(px.proc, &msg, NULL);
    if (status < 0)
        return px_result(status);
    memcpy(words, msg.word, sizeof msg.word);
    return msg.label == 0 ? (long)(msg.word[0] & INT64_MAX) : -(long)(msg.label < 4096 ? msg.label : PX_EIO);
}
