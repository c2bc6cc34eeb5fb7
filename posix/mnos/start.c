/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the start contract of mnos to that of the System V ABI.  Runs before thread-local storage exists; everything it believes
 * it has checked, as posix/start.h promises.
 */
#include <elf64.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <proc/protocol.h>
#include <range.h>
#include <str.h>

#include "px.h"

enum auxv {
    AT_NULL = 0,
    AT_PHDR = 3,
    AT_PHENT = 4,
    AT_PHNUM = 5,
    AT_PAGESZ = 6,
    AT_ENTRY = 9,
    AT_UID = 11,
    AT_EUID = 12,
    AT_GID = 13,
    AT_EGID = 14,
    AT_HWCAP = 16,
    AT_SECURE = 23,
    AT_RANDOM = 25,
    AT_EXECFN = 31
};
#define AUXV_PAIRS 16u

/* The ELF header, which the linker maps in front of the program. */
extern const struct {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
} __ehdr_start;

const struct mnos_capset *mnos_capset;
struct px_process px;

static struct {
    const char *strings;
    size_t size;
    uint32_t argc, envc;
    unsigned char random[16];
} begin;

size_t px_begin(void *ring, uint64_t pid, const struct mnos_capset *capset);
void px_vectors(uint64_t *at);

void px_die(uint64_t status)
{
    for (;;)
        mnos_proc_destroy(MNOS_SELF, status);
}

/* As many strings as are said, each with its end, and nothing behind them. */
static bool strings_sound(const char *strings, size_t size, uint64_t count)
{
    uint64_t found = 0;

    for (size_t i = 0; i < size; i++)
        found += strings[i] == '\0';
    return found == count && (size == 0 || strings[size - 1] == '\0');
}

static bool block_sound(const struct posix_start *b, uint64_t mapped)
{
    return b->magic == POSIX_START_MAGIC && b->version == POSIX_START_VERSION && b->size >= sizeof *b &&
           b->size <= mapped && b->argc <= b->size && b->envc <= b->size && b->fd_count <= POSIX_FDS_MAX &&
           range_within(b->strings, b->strings_size, b->size) && b->fds % 8 == 0 &&
           range_within(b->fds, (uint64_t)b->fd_count * sizeof(struct posix_start_fd), b->size) &&
           strings_sound((const char *)b + b->strings, b->strings_size, (uint64_t)b->argc + b->envc);
}

static bool block_take(mnos_handle_t memory)
{
    struct mnos_cap_info info;

    if (mnos_cap_inspect(memory, &info, sizeof info) < 0 || info.type != MNOS_TYPE_MEMORY ||
        info.size < MNOS_PAGE_SIZE || info.size > POSIX_START_MAX ||
        mnos_mem_map(MNOS_SELF, memory, START_ADDR, 0, info.size, MNOS_MAP_READ | MNOS_MAP_WRITE) < 0)
        return false;
    px.block_memory = memory;
    px.block_bytes = info.size;
    const struct posix_start *b = (const struct posix_start *)START_ADDR;
    if (!block_sound(b, info.size))
        return false;
    px.block = b;
    px.proc = mnos_cap(PROC_CAP_NAME);
    px.root = b->root;
    px.cwd = b->cwd;
    px.cwd_number = b->cwd_number;
    px.umask = b->umask & 0777;
    px.pid = b->pid, px.ppid = b->ppid, px.pgid = b->pgid, px.sid = b->sid;
    px.uid = b->uid, px.gid = b->gid;
    begin.strings = (const char *)b + b->strings;
    begin.size = b->strings_size;
    begin.argc = b->argc;
    begin.envc = b->envc;
    return true;
}

/* A native service: CapSet and nothing else. */
static bool service_take(uint64_t pid)
{
    px.proc = MNOS_NONE;
    px.root = mnos_cap("root");
    px.cwd = px.root;
    px.umask = 022;
    px.pid = px.pgid = px.sid = (uint32_t)pid;
    begin.strings = (const char *)mnos_capset->args;
    begin.size = begin.strings ? mnos_capset->args_len : 0;
    for (size_t i = 0; i < begin.size; i++)
        begin.argc += begin.strings[i] == '\0';
    return strings_sound(begin.strings, begin.size, begin.argc);
}

static bool capset_sound(const struct mnos_capset *c)
{
    return c && c->magic == MNOS_CAPSET_MAGIC && c->version == MNOS_CAPSET_VERSION && c->count <= MNOS_CAPSET_MAX;
}

/* Bytes that argc, argv, envp and auxv take. */
size_t px_begin(void *ring, uint64_t pid, const struct mnos_capset *capset)
{
    (void)ring;
    /* Started by another system, as a configure script may try: there is nobody here who could be asked to end it. */
    if (!capset)
        __builtin_trap();
    if (!capset_sound(capset))
        px_die(MNOS_EXIT_BAD_START);
    mnos_capset = capset;
    px.pool = mnos_pool();
    mnos_handle_t block = mnos_cap(POSIX_START_NAME);
    if (!(block == MNOS_NONE ? service_take(pid) : block_take(block)) || !px_memory_begin() || !px_fds_begin())
        px_die(MNOS_EXIT_BAD_START);
    if (!px_random(begin.random, sizeof begin.random))
        memcpy(begin.random, &pid, sizeof pid);
    return ((uint64_t)begin.argc + begin.envc + 3 + 2 * AUXV_PAIRS) * sizeof(uint64_t);
}

static uint64_t *pointers_put(uint64_t *at, const char **string, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        *at++ = (uint64_t)*string;
        *string += strlen(*string) + 1;
    }
    *at++ = 0;
    return at;
}

void px_vectors(uint64_t *at)
{
    const char *string = begin.strings;
    uint32_t eax = 1, ebx, ecx, edx;

    /* AT_HWCAP is what CPUID leaf 1 says in EDX. */
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    *at++ = begin.argc;
    at = pointers_put(at, &string, begin.argc);
    at = pointers_put(at, &string, begin.envc);
    const uint64_t auxv[AUXV_PAIRS][2] = {
        {AT_PHDR, (uint64_t)&__ehdr_start + __ehdr_start.phoff},
        {AT_PHENT, __ehdr_start.phentsize},
        {AT_PHNUM, __ehdr_start.phnum},
        {AT_PAGESZ, MNOS_PAGE_SIZE},
        {AT_ENTRY, __ehdr_start.entry},
        {AT_UID, px.uid},
        {AT_EUID, px.uid},
        {AT_GID, px.gid},
        {AT_EGID, px.gid},
        {AT_HWCAP, edx},
        {AT_SECURE, 0},
        {AT_RANDOM, (uint64_t)begin.random},
        {AT_EXECFN, (uint64_t)(begin.argc > 0 ? begin.strings : "")},
    };
    memcpy(at, auxv, sizeof auxv);
}
