/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities and what they stand for: the imports cap, mint, drop, object_new, memory_*, port_* and time of "mnos", and
 * host_print of "env".
 *
 * A Memory that was granted is read and written by copying: mapped into the module's own memory it could change while WASI
 * looks at it.
 */
#include "guest.h"

#include <libmnos/clock.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#define IMPORT(name)                                                                                                   \
    static enum wasm_host_result name(void *user, struct wasm_host_call *call, const union wasm_value *arguments,      \
                                      union wasm_value *results)

static enum wasm_host_result answer(union wasm_value *results, int64_t status)
{
    results[0].i32 = (uint32_t)status;
    return WASM_HOST_OK;
}

/* A new capability becomes a number; there is none left: NO_SLOTS. */
static enum wasm_host_result answer_cap(union wasm_value *results, int64_t made)
{
    if (made < 0)
        return answer(results, made);
    uint32_t number = handle_add((mnos_handle_t)made, false);
    if (number == 0) {
        (void)mnos_cap_delete((mnos_handle_t)made);
        return answer(results, -MNOS_E_NO_SLOTS);
    }
    return answer(results, number);
}

IMPORT(cap)
{
    uint32_t length = arguments[1].i32;
    const uint8_t *name = guest_bytes(call, arguments[0].i32, length);

    (void)user;
    if (name == NULL)
        return guest_trap_bounds(call);
    uint32_t number = handle_find((const char *)name, length);
    return answer(results, number != 0 ? (int64_t)number : -MNOS_E_NOT_FOUND);
}

IMPORT(mint)
{
    (void)user, (void)call;
    return answer_cap(results, mnos_cap_create(MNOS_CREATE_MINT, handle_cap(arguments[0].i32), arguments[1].i32,
                                               arguments[2].i64, 0));
}

IMPORT(drop)
{
    (void)user, (void)call;
    return answer(results, handle_drop(arguments[0].i32) ? 0 : -MNOS_E_BADCAP);
}

IMPORT(object_new)
{
    mnos_handle_t pool = handle_cap(arguments[0].i32);
    int64_t made = -MNOS_E_INVALID;

    (void)user, (void)call;
    if (arguments[1].i32 == MNOS_TYPE_ENDPOINT)
        made = mnos_cap_create(MNOS_CREATE_ENDPOINT, pool, 0, 0, 0);
    else if (arguments[1].i32 == MNOS_TYPE_NOTIFICATION)
        made = mnos_cap_create(MNOS_CREATE_NOTIFICATION, pool, 0, 0, 0);
    else if (arguments[1].i32 == MNOS_TYPE_MEMORY)
        made = mnos_mem_alloc(pool, arguments[2].i64, MNOS_MEM_ANON, 0);
    return answer_cap(results, made);
}

/* --- Memory --- */

static int64_t memory_bytes(mnos_handle_t memory, uint64_t *size)
{
    struct mnos_cap_info info;
    int64_t status = mnos_cap_inspect(memory, &info, sizeof info);

    if (status < 0)
        return status;
    *size = info.size;
    return info.type == MNOS_TYPE_MEMORY ? 0 : -MNOS_E_BADTYPE;
}

IMPORT(memory_size)
{
    uint64_t size = 0;
    int64_t status = memory_bytes(handle_cap(arguments[0].i32), &size);

    (void)user, (void)call;
    results[0].i64 = status < 0 ? (uint64_t)status : size;
    return WASM_HOST_OK;
}

static int64_t memory_move(mnos_handle_t memory, uint64_t offset, uint8_t *bytes, uint32_t length, bool write)
{
    uint64_t size = 0, start = offset & ~(MNOS_PAGE_SIZE - 1);
    enum mnos_error error;
    int64_t status = memory_bytes(memory, &size);

    if (status < 0)
        return status;
    if (offset > size || length > size - offset)
        return -MNOS_E_RANGE;
    if (length == 0)
        return 0;
    uint64_t span = (offset + length - start + MNOS_PAGE_SIZE - 1) & ~(MNOS_PAGE_SIZE - 1);
    uint8_t *here = map_memory(memory, start, span, MNOS_MAP_READ | (write ? MNOS_MAP_WRITE : 0), &error);
    if (here == NULL)
        return -(int64_t)error;
    if (write)
        memcpy(here + (offset - start), bytes, length);
    else
        memcpy(bytes, here + (offset - start), length);
    unmap_memory(here, span);
    return 0;
}

static enum wasm_host_result memory_import(struct wasm_host_call *call, const union wasm_value *arguments,
                                           union wasm_value *results, bool write)
{
    uint8_t *bytes = guest_bytes(call, arguments[2].i32, arguments[3].i32);

    if (bytes == NULL)
        return guest_trap_bounds(call);
    return answer(results, memory_move(handle_cap(arguments[0].i32), arguments[1].i64, bytes, arguments[3].i32, write));
}

IMPORT(memory_read)
{
    (void)user;
    return memory_import(call, arguments, results, false);
}

IMPORT(memory_write)
{
    (void)user;
    return memory_import(call, arguments, results, true);
}

/* --- Ports and time --- */

IMPORT(port_in)
{
    (void)user, (void)call;
    results[0].i64 = (uint64_t)mnos_port_in(handle_cap(arguments[0].i32), arguments[1].i32, arguments[2].i32);
    return WASM_HOST_OK;
}

IMPORT(port_out)
{
    (void)user, (void)call;
    return answer(results,
                  mnos_port_out(handle_cap(arguments[0].i32), arguments[1].i32, arguments[2].i32, arguments[3].i32));
}

IMPORT(time)
{
    (void)user, (void)call, (void)arguments;
    results[0].i64 = clock_ns();
    return WASM_HOST_OK;
}

const struct guest_import object_imports[] = {
    {"cap", "ii>i", cap},
    {"mint", "iiI>i", mint},
    {"drop", "i>i", drop},
    {"object_new", "iiI>i", object_new},
    {"memory_size", "i>I", memory_size},
    {"memory_read", "iIii>i", memory_read},
    {"memory_write", "iIii>i", memory_write},
    {"port_in", "iii>I", port_in},
    {"port_out", "iiii>i", port_out},
    {"time", ">I", time},
    {NULL, NULL, NULL},
};

/* --- host_print: from the module's memory to the serial line, a byte at a time (16550: data, line status) --- */

enum { COM1 = 0x3f8, LINE_STATUS = 5, TRANSMIT_EMPTY = 0x20, PATIENCE = 100000 };

static const char ports_name[] = "com1";

bool host_print_granted(void)
{
    return handle_find(ports_name, sizeof ports_name - 1) != 0;
}

enum wasm_host_result host_print(void *user, struct wasm_host_call *call, const union wasm_value *arguments,
                                 union wasm_value *results)
{
    mnos_handle_t ports = handle_cap(handle_find(ports_name, sizeof ports_name - 1));
    uint32_t length = arguments[1].i32;
    const uint8_t *text = guest_bytes(call, arguments[0].i32, length);

    (void)user, (void)results;
    if (text == NULL)
        return guest_trap_bounds(call);
    for (uint32_t i = 0; i < length; i++) {
        int64_t status = 0;
        for (unsigned tries = 0; tries < PATIENCE && status >= 0 && !(status & TRANSMIT_EMPTY); tries++)
            status = mnos_port_in(ports, COM1 + LINE_STATUS, 1);
        if (status >= 0)
            status = mnos_port_out(ports, COM1, 1, text[i]);
        if (status < 0) {
            call->trap_text = "the ports of the serial line cannot be used";
            return WASM_HOST_TRAP;
        }
    }
    return WASM_HOST_OK;
}
