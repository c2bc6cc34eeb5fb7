/* SPDX-License-Identifier: BSD-2-Clause */
/* Fault messages and upcalls. */
#include <libmnos/ipc.h>

#include "bench.h"

static void work_fault(struct series *s)
{
    struct mnos_msg msg = {0};

    expect(s, mnos_ipc_recv(s->path.target, &msg, NULL, s->path.reply) == 0 &&
                  MNOS_INFO_KIND(msg.info) == MNOS_KIND_FAULT);
    while (!series_full(s)) {
        s->path.out[1] = 0;
        take(s, time_fault_handler(&s->path));
        expect(s,
               s->path.out[MNOS_FAULT_CAUSE] == MNOS_FAULT_PAGE && s->path.out[MNOS_FAULT_ADDRESS] == 0x700000000000);
    }
}

static struct mnos_upcall_area area;

static void work_upcall(struct series *s)
{
    expect(s,
           mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL_AREA, (uint64_t)&area, (uint64_t)upcall_handler) == 0);
    while (!series_full(s)) {
        uint64_t before = SHARED_U64(SHARED_COUNT);
        take(s, time_upcall(&s->path));
        expect(s, SHARED_U64(SHARED_COUNT) == before + 1 && area.bits == 1 && area.hold == 0);
    }
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL_AREA, 0, 0);
}

void bench_faults(void)
{
    static struct series fault = {.name = "fault_handler"}, upcall = {.name = "upcall"};
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);
    struct partner faulter = {.name = "faulter", .entry = child_fault, .fault = endpoint};

    fault.path.target = endpoint;
    fault.path.reply = new_object(MNOS_CREATE_REPLY);
    partner_start(&faulter);
    measure(&fault, work_fault);
    partner_stop(&faulter);
    mnos_cap_delete(fault.path.reply);
    mnos_cap_delete(endpoint);

    measure(&upcall, work_upcall);
}
