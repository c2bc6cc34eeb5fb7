/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WASI preview 1 for one process: every call of "wasi_snapshot_preview1", over a back end (wasi_backend.h).
 *
 * A process can do what it was granted and nothing else.  Descriptors, preopened directories included, are granted one
 * by one; clocks and randomness are granted in the configuration; an import of another module name is not found here.
 * A pointer that leaves the module's memory gives EFAULT, a descriptor that was not granted EBADF, a right that the
 * descriptor does not have ENOTCAPABLE, a path that would leave its directory EPERM.
 *
 * Freestanding: nothing is allocated, the caller owns all memory.  One thread at a time.  The module's memory must not
 * change or move while a call runs; it need not be trusted otherwise.
 *
 * Source: WebAssembly/WASI, preview 1, wasi_snapshot_preview1.witx.
 */
#ifndef WASI_H
#define WASI_H

#include "wasi_backend.h"

#define WASI_PATH_MAX 4096
#define WASI_POLL_MAX 128

struct wasi_fd {
    bool used;
    uint8_t type;     /* enum wasi_filetype */
    uint16_t fdflags; /* WASI_FDFLAG_* */
    uint64_t base;
    uint64_t inheriting;
    wasi_handle handle;
    const char *preopen; /* the name under which a directory was granted, or NULL */
};

struct wasi_config {
    const struct wasi_backend *backend;
    struct wasi_fd *fds; /* the descriptor table; its size is the most that may be open */
    uint32_t fd_count;
    uint32_t arg_count;
    const char *const *args;
    uint32_t env_count;
    const char *const *env; /* "NAME=VALUE" */
    uint8_t clocks;         /* bit n: enum wasi_clock n is granted */
    bool random;
};

/* The state of one process.  The configuration's arrays are borrowed. */
struct wasi {
    struct wasi_config config;
    bool exited;
    uint32_t exit_code;
    /* Scratch of the running call. */
    char path[2][WASI_PATH_MAX];
    struct wasi_poll polls[WASI_POLL_MAX];
    uint64_t deadlines[WASI_POLL_MAX];
};

void wasi_init(struct wasi *wasi, const struct wasi_config *config);

/* Grants an open handle as the lowest free descriptor, with those of the rights that fit its type; a directory with a
 * `preopen` name is found by the module's libc.  The handle belongs to the process from then on.  EMFILE: the table is
 * full, and the handle stays the caller's. */
uint16_t wasi_grant(struct wasi *wasi, wasi_handle handle, uint8_t type, uint64_t base, uint64_t inheriting,
                    const char *preopen, uint32_t *fd);

/* Closes what is open. */
void wasi_close_all(struct wasi *wasi);

/* One call: where the module's memory is, and what it passed (32-bit arguments zero-extended). */
struct wasi_call {
    struct wasi *wasi;
    uint8_t *memory;
    uint64_t size;
    const uint64_t *arguments;
};

struct wasi_function {
    const char *name;
    const char *params; /* 'i' for i32, 'I' for i64; all return an i32, the errno, but proc_exit */
    uint16_t (*call)(const struct wasi_call *call);
};

/* All of them, ascending by name.  After proc_exit and a fatal proc_raise wasi->exited is set, and the module's code
 * may not go on. */
extern const struct wasi_function wasi_functions[];
extern const uint32_t wasi_function_count;
/* NULL: there is none of that name. */
const struct wasi_function *wasi_function_find(const char *name, size_t length);

#endif
