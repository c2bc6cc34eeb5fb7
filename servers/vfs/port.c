/* SPDX-License-Identifier: BSD-2-Clause */
/* The port to the kernel. */
#include "port.h"

#include <libmnos/clock.h>
#include <libmnos/ipc.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

#include "main.h"
#include "vfs.h"

#define FREE_REPLIES 64u

static mnos_handle_t free_reply[FREE_REPLIES];
static unsigned free_replies;

int64_t port_copy_in(mnos_handle_t reply, uint64_t offset, void *to, size_t bytes)
{
    return mnos_ipc_copy_all(reply, MNOS_COPY_FROM_CALLER, offset, to, bytes);
}

int64_t port_copy_out(mnos_handle_t reply, uint64_t offset, const void *from, size_t bytes)
{
    return mnos_ipc_copy_all(reply, MNOS_COPY_TO_CALLER, offset, (void *)(uintptr_t)from, bytes);
}

int64_t port_mint(uint64_t badge)
{
    return mnos_cap_create(MNOS_CREATE_MINT, endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, badge, 0);
}

void port_drop(mnos_handle_t cap)
{
    mnos_cap_delete(cap);
}

void port_notify(mnos_handle_t notification, uint64_t bits)
{
    (void)mnos_ipc_notify(notification, bits);
}

void answer_fill(const struct call *call, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    msg->label = call->status;
    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
        msg->word[i] = call->out[i];
    for (unsigned i = 0; i < call->out_caps; i++)
        ext->send_cap[i] = call->out_cap[i];
    ext->send_caps = (uint8_t)call->out_caps;
    ext->move_mask = (uint8_t)((1u << call->out_caps) - 1);
}

int64_t port_answer(struct call *call)
{
    static mnos_handle_t before[2] = {MNOS_NONE, MNOS_NONE};
    static struct mnos_ipc_ext ext = {.deadline = MNOS_FOREVER};
    struct mnos_msg msg;

    answer_fill(call, &msg, &ext);
    if (call->out_caps == 0)
        return mnos_ipc_reply(MNOS_NONE, &msg, NULL, call->reply);
    /*
     * A capability that moved has left its slot, which the next one then takes.  One that was not taken keeps it, and is
     * dropped when the next ones are handed out.
     */
    for (unsigned i = 0; i < 2; i++) {
        bool slot_again = false;
        for (unsigned k = 0; k < call->out_caps; k++)
            slot_again |= (uint32_t)before[i] == (uint32_t)call->out_cap[k];
        if (before[i] != MNOS_NONE && !slot_again)
            port_drop(before[i]);
        before[i] = i < call->out_caps ? call->out_cap[i] : MNOS_NONE;
    }
    return mnos_ipc_reply(MNOS_NONE, &msg, &ext, call->reply);
}

int port_alive(mnos_handle_t reply)
{
    char nothing;

    return mnos_ipc_copy(reply, MNOS_COPY_FROM_CALLER, 0, &nothing, 0) != -MNOS_E_PEER_GONE;
}

int64_t port_reply_new(void)
{
    if (free_replies > 0)
        return (int64_t)free_reply[--free_replies];
    return mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0);
}

void port_reply_free(mnos_handle_t reply)
{
    if (free_replies < FREE_REPLIES)
        free_reply[free_replies++] = reply;
    else
        mnos_cap_delete(reply);
}

/* The endpoint's capability is the Memory's alone: nobody but the kernel asks with that badge. */
static int64_t memory_new(uint64_t badge, uint64_t bytes)
{
    int64_t pager = mnos_cap_create(MNOS_CREATE_MINT, endpoint, MNOS_RIGHT_SEND, badge, 0);

    if (pager < 0)
        return pager;
    int64_t memory = mnos_mem_alloc(mnos_pool(), bytes, MNOS_MEM_PAGED, (mnos_handle_t)pager);
    mnos_cap_delete((mnos_handle_t)pager);
    return memory;
}

int64_t port_memory_make(uint64_t badge, uint64_t bytes, size_t span, void **base)
{
    int64_t memory = memory_new(badge, bytes);

    if (memory < 0)
        return memory;
    *base = va_reserve(span, MNOS_PAGE_SIZE);
    int64_t status = !*base ? -MNOS_E_NO_MEMORY
                            : mnos_mem_map(MNOS_SELF, (mnos_handle_t)memory, (uint64_t)*base, 0, span,
                                           MNOS_MAP_READ | MNOS_MAP_WRITE);
    if (status >= 0)
        return memory;
    if (*base)
        va_release(*base, span);
    mnos_cap_delete((mnos_handle_t)memory);
    return status;
}

int64_t port_memory_resize(mnos_handle_t memory, uint64_t bytes)
{
    return mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, bytes, 0, 0);
}

int64_t port_memory_supply(mnos_handle_t memory, uint64_t offset, const void *page)
{
    return mnos_mem_control(memory, MNOS_MEMCTL_SUPPLY, offset, (uint64_t)page, MNOS_PAGE_SIZE);
}

int64_t port_memory_decommit(mnos_handle_t memory, uint64_t bytes)
{
    return mnos_mem_control(memory, MNOS_MEMCTL_DECOMMIT, 0, bytes, 0);
}

int64_t port_memory_share(mnos_handle_t memory, uint32_t rights)
{
    return mnos_cap_create(MNOS_CREATE_MINT, memory, rights, 0, 0);
}

void port_memory_end(mnos_handle_t memory, void *base, size_t span)
{
    (void)mnos_cap_revoke(memory);
    unmap_memory(base, span);
    mnos_cap_delete(memory);
}

/* xorshift64* (Vigna), stirred with the time stamp counter, and with RDRAND where the processor has it. */
uint64_t port_random(void)
{
    static uint64_t state;
    uint32_t low, high, has, leaf = 1, other, more = 0;
    uint64_t hardware = 0;

    /* The instruction is there only if leaf 1 says so. */
    if (state == 0)
        state = 0x9e3779b97f4a7c15u ^ clock_ns();
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)); /* what nobody else reads at this moment */
    static int rdrand = -1;
    if (rdrand < 0) {
        __asm__ volatile("cpuid" : "+a"(leaf), "=b"(other), "+c"(more), "=d"(has)); /* a question to the processor */
        rdrand = (more >> 30 & 1) != 0;
    }
    if (rdrand)
        __asm__ volatile("rdrand %0"
                         : "=r"(hardware)
                         :
                         : "cc"); /* another value each time; 0 if it has none just now */
    state ^= hardware ^ ((uint64_t)high << 32 | low);
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1du;
}
