/* SPDX-License-Identifier: BSD-2-Clause */
#include "block.h"

#include <posix/start.h>

#include "../common/test.h"

struct block {
    struct posix_start head;
    struct posix_start_fd fd[3];
    char strings[96];
};

/* One rule each, in a block that is whole otherwise. */
static const char *rule_break(struct block *b, unsigned rule)
{
    switch (rule) {
    case 0:
        b->head.magic++;
        return "magic";
    case 1:
        b->head.version++;
        return "version";
    case 2:
        b->head.size = 2 * MNOS_PAGE_SIZE;
        return "longer than its Memory";
    case 3:
        b->head.size = sizeof b->head - 1;
        return "shorter than its head";
    case 4:
        b->head.argc++;
        return "more arguments than strings";
    case 5:
        b->head.envc = UINT32_MAX;
        return "a number of strings that overflows";
    case 6:
        b->head.strings = b->head.size - 2;
        return "strings behind the end";
    case 7:
        b->head.strings_size--;
        return "a last string without its end";
    case 8:
        b->head.fds += 4;
        return "descriptors unaligned";
    case 9:
        b->head.fd_count = POSIX_FDS_MAX;
        return "descriptors behind the end";
    case 10:
        b->fd[2].fd = POSIX_FDS_MAX;
        return "a descriptor out of range";
    case 11:
        b->fd[2].fd = 1;
        return "a descriptor twice";
    default:
        b->fd[1].shared = 2;
        return "an open file of a later record";
    }
}

static uint32_t string_add(struct block *b, const char *text)
{
    size_t length = strlen(text) + 1;

    memcpy(b->strings + b->head.strings_size, text, length);
    b->head.strings_size += (uint32_t)length;
    return 1;
}

static void block_fill(struct block *b, const char *program)
{
    b->head = (struct posix_start){.magic = POSIX_START_MAGIC,
                                   .version = POSIX_START_VERSION,
                                   .size = sizeof *b,
                                   .strings = offsetof(struct block, strings),
                                   .fds = offsetof(struct block, fd),
                                   .fd_count = 3,
                                   .umask = 022,
                                   .pid = 77,
                                   .root = MNOS_NONE,
                                   .cwd = MNOS_NONE};
    b->head.argc = string_add(b, program) + string_add(b, "one") + string_add(b, "two words");
    b->head.envc = string_add(b, "A=1") + string_add(b, "B=two words");
    b->fd[0] = (struct posix_start_fd){.fd = 0, .handle = MNOS_NONE, .kind = POSIX_FD_NULL, .shared = 0};
    b->fd[1] = (struct posix_start_fd){.fd = 1, .handle = BLOCK_LOG_HANDLE, .kind = POSIX_FD_LOG, .shared = 1};
    b->fd[2] = (struct posix_start_fd){.fd = 2, .handle = BLOCK_LOG_HANDLE, .kind = POSIX_FD_LOG, .shared = 1};
}

mnos_handle_t block_make(const char *program, unsigned broken, const char **what)
{
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE);
    struct block *b = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);

    must(b ? 0 : -MNOS_E_NO_MEMORY, "a start block");
    block_fill(b, program);
    const char *text = broken == BLOCK_WHOLE ? "nothing" : rule_break(b, broken);
    if (what)
        *what = text;
    unmap_memory(b, MNOS_PAGE_SIZE);
    return memory;
}
