/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client maps a page of a server's file and passes that very page to the server as the buffer of a write.  The copy never waits
 * for the pager: it stops, the server serves on, supplies the page, and the bytes come in a second attempt.
 */
#include "vertical.h"

#define FILE_AT    0x300000000ull
#define FILE_PAGES 8u
#define WRITE      9u
#define DONE       10u

/* The client: sends a page that nobody has touched yet, until all of it went. */
int own_pager_role(int argc, char **argv)
{
    mnos_handle_t server = mnos_cap("server"), file = mnos_cap("file");
    uint64_t partial = 0, calls = 0;

    (void)argc, (void)argv;
    if (mnos_mem_map(MNOS_SELF, file, FILE_AT, 0, FILE_PAGES * MNOS_PAGE_SIZE, MNOS_MAP_READ) < 0)
        return 2;
    for (uint64_t sent = 0; sent < FILE_PAGES * MNOS_PAGE_SIZE && calls < 100; calls++) {
        struct mnos_msg msg = {.label = WRITE, .word = {sent}};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.send_buf = FILE_AT + sent;
        ext.send_len = FILE_PAGES * MNOS_PAGE_SIZE - sent;
        if (mnos_ipc_call(server, &msg, &ext) < 0)
            return 3;
        sent += msg.word[0];
        partial += msg.word[1];
        /* What stopped the copy is fetched by us: the server is free to serve the fault now. */
        if (msg.word[1] != 0)
            (void)*(volatile unsigned char *)(FILE_AT + sent);
    }
    mnos_fast_call(server, DONE, 0, 0, 0, 0);
    return partial >= FILE_PAGES ? 42 : 4;
}

void own_pager_tests(void)
{
    struct mnos_info_ledger before = ledger_now();
    static _Alignas(4096) unsigned char page[MNOS_PAGE_SIZE];
    static unsigned char got[FILE_PAGES * MNOS_PAGE_SIZE];
    mnos_handle_t endpoint = new_endpoint(), reply = new_reply();
    mnos_handle_t asks = mint(endpoint, MNOS_RIGHT_SEND, 0x77),
                  calls = mint(endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0x88);
    mnos_handle_t file = must(mnos_mem_alloc(mnos_pool(), FILE_PAGES * MNOS_PAGE_SIZE, MNOS_MEM_PAGED, asks), "a file");
    const struct spawn_cap caps[] = {{.name = "server", .handle = calls, .rights = MNOS_RIGHT_SEND},
                                     {.name = "file", .handle = file, .rights = MNOS_RIGHT_READ}};
    struct spawn_child client = test_spawn("own_pager", caps, 2);
    uint64_t supplied = 0, partial = 0, limit = clock_ns() + 20 * MNOS_S;
    bool done = false;

    while (!done && clock_ns() < limit) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.recv_buf = (uint64_t)page;
        ext.recv_len = sizeof page;
        /* Half of the faults find a server that can be switched to at once. */
        ext.deadline = supplied % 2 == 0 ? MNOS_FOREVER : limit;
        if (mnos_ipc_recv(endpoint, &msg, &ext, reply) < 0)
            break;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_PAGE) {
            uint64_t offset = msg.word[0] & ~(MNOS_PAGE_SIZE - 1);
            for (unsigned i = 0; i < sizeof page; i++)
                page[i] = (unsigned char)(offset / MNOS_PAGE_SIZE * 31 + i);
            mnos_mem_control(file, MNOS_MEMCTL_SUPPLY, offset, (uint64_t)page, MNOS_PAGE_SIZE);
            supplied++;
            mnos_fast_reply(MNOS_NONE, reply, MNOS_FAULT_RESUME, 0, 0, 0, 0);
        } else if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_CALL && msg.label == WRITE) {
            uint64_t n = MNOS_INFO_BYTES(msg.info), at = msg.word[0];
            bool stopped = (MNOS_INFO_FLAGS(msg.info) & MNOS_INFO_PARTIAL) != 0;
            partial += stopped;
            if (at + n <= sizeof got)
                memcpy(got + at, page, n);
            mnos_fast_reply(MNOS_NONE, reply, 0, n, stopped, 0, 0);
        } else if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_CALL) {
            done = true;
            mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
        }
    }
    unsigned wrong = 0;
    for (unsigned i = 0; i < sizeof got; i++)
        wrong += got[i] != (unsigned char)(i / MNOS_PAGE_SIZE * 31 + i % MNOS_PAGE_SIZE);
    tap_ok(done && wrong == 0 && partial >= FILE_PAGES && supplied == FILE_PAGES,
           "a client passes pages of a server's file to that server: the copy stops, the page is supplied, and no byte "
           "is lost");
    tap_diag("%lu copies stopped, %lu pages supplied, %u wrong bytes", partial, supplied, wrong);
    uint64_t status = test_wait(&client);
    tap_ok(status == 42, "and nobody waits for ever");
    mnos_cap_delete(file);
    mnos_cap_delete(asks);
    mnos_cap_delete(calls);
    mnos_cap_delete(reply);
    mnos_cap_delete(endpoint);
    ledger_same(&before, "nor is anything left of the file");
}
