/* SPDX-License-Identifier: BSD-2-Clause */
#include "process.h"

#include "test.h"

enum { CAP_POOL, CAP_LOG, CAP_ROOT, CAPS };

static uint32_t string_add(struct process_request *r, const char *text)
{
    size_t length = strlen(text) + 1;

    must(length <= sizeof r->strings - r->head.strings_size ? 0 : -MNOS_E_INVALID, "strings of a request");
    memcpy(r->strings + r->head.strings_size, text, length);
    r->head.strings_size += (uint32_t)length;
    return 1;
}

void process_fill(struct process_request *r, const struct process_start *start, const struct ustar_member *image)
{
    *r = (struct process_request){.head = {.umask = 022,
                                           .strings = offsetof(struct process_request, strings),
                                           .fds = offsetof(struct process_request, fd),
                                           .fd_count = 3,
                                           .pool = CAP_POOL,
                                           .root = start->root == MNOS_NONE ? PROC_NO_CAP : CAP_ROOT,
                                           .cwd = start->root == MNOS_NONE ? PROC_NO_CAP : CAP_ROOT,
                                           .image = MNOS_PAGE_SIZE,
                                           .image_size = image->size}};
    memcpy(r->head.name, start->name, strnlen(start->name, sizeof r->head.name - 1));
    const char *const standard[] = {start->name, "one", "two words", NULL};
    for (const char *const *word = start->argv ? start->argv : standard; *word; word++)
        r->head.argc += string_add(r, *word);
    r->head.envc = string_add(r, "A=1") + string_add(r, "B=two words") + string_add(r, "PATH=/nowhere:/");
    r->fd[0] = (struct posix_start_fd){.fd = 0, .handle = PROC_NO_CAP, .kind = POSIX_FD_NULL, .shared = 0};
    r->fd[1] = (struct posix_start_fd){.fd = 1, .handle = CAP_LOG, .kind = POSIX_FD_LOG, .shared = 1};
    r->fd[2] = (struct posix_start_fd){.fd = 2, .handle = CAP_LOG, .kind = POSIX_FD_LOG, .shared = 1};
}

int64_t process_send(const struct process_start *start, uint64_t label, const struct process_request *r,
                     const struct ustar_member *image)
{
    size_t pages = 1 + (image->size + MNOS_PAGE_SIZE - 1) / MNOS_PAGE_SIZE;
    char *bytes = alloc_pages(pages, NULL);
    struct mnos_msg msg = {.label = label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    must(bytes ? 0 : -MNOS_E_NO_MEMORY, "a request");
    memcpy(bytes, r, sizeof *r);
    memcpy(bytes + MNOS_PAGE_SIZE, image->data, image->size);
    ext.send_buf = (uint64_t)bytes;
    ext.send_len = MNOS_PAGE_SIZE + image->size;
    ext.send_cap[CAP_POOL] = start->pool;
    ext.send_cap[CAP_LOG] = start->log;
    ext.send_cap[CAP_ROOT] = start->root;
    ext.send_caps = start->root == MNOS_NONE ? CAP_ROOT : CAPS;
    must(mnos_ipc_call(start->proc, &msg, &ext), "a request");
    free_pages(bytes, pages);
    return msg.label == PROC_OK ? (int64_t)msg.word[0] : -(int64_t)msg.label;
}

int64_t process_start(const struct process_start *start, const struct ustar_member *image)
{
    struct process_request r;

    process_fill(&r, start, image);
    return process_send(start, PROC_SPAWN, &r, image);
}

int64_t process_wait(mnos_handle_t proc, int64_t pid)
{
    struct mnos_msg msg = {.label = PROC_WAIT, .word = {(uint64_t)pid, PROC_WEXITED}};

    must(mnos_ipc_call(proc, &msg, NULL), "WAIT");
    return msg.label == PROC_OK ? (int64_t)msg.word[1] : -(int64_t)msg.label;
}

bool process_output(mnos_handle_t log, uint64_t deadline, void (*take)(const char *text, size_t length))
{
    static char piece[8192];

    for (;;) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = {.deadline = deadline, .recv_buf = (uint64_t)piece, .recv_len = sizeof piece};
        if (mnos_ipc_recv(log, &msg, &ext, MNOS_NONE) < 0)
            return false;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_NOTIFICATION)
            return true;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_SEND)
            take(piece, MNOS_INFO_BYTES(msg.info));
    }
}
