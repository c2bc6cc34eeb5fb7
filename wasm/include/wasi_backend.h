/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What WASI needs from the system below: the only way by which the library touches anything outside a module's memory.
 *
 * A back end knows objects by handles of its own making.  An operation on a directory takes one *component*: a name
 * without '/' and without NUL, of 1 to 255 bytes, that is neither "." nor "..".  No operation follows a symbolic link
 * in that component.  So a back end cannot be made to leave the directories that it was given: ".." and links are the
 * library's business (path.c), and nothing in between can be exchanged under it.
 *
 * Every operation returns WASI_OK or an error of wasi_abi.h and then has changed nothing; one that the system below
 * cannot do is a null pointer, and the module sees ENOTSUP.  Operations may block; none keeps a pointer that it got.
 */
#ifndef WASI_BACKEND_H
#define WASI_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wasi_abi.h"

typedef intptr_t wasi_handle;
#define WASI_NO_HANDLE ((wasi_handle)-1)
/* An offset that means the handle's own cursor. */
#define WASI_AT_CURSOR UINT64_MAX
/* A timeout that never comes. */
#define WASI_FOREVER  UINT64_MAX
#define WASI_NAME_MAX 255

struct wasi_span {
    void *base;
    size_t length;
};

struct wasi_filestat {
    uint64_t dev;
    uint64_t ino;
    uint64_t nlink;
    uint64_t size;
    uint64_t atim; /* nanoseconds since 1970 */
    uint64_t mtim;
    uint64_t ctim;
    uint8_t type; /* enum wasi_filetype */
};

struct wasi_entry {
    uint64_t next; /* cookie of the entry behind this one; never 0 */
    uint64_t ino;  /* 0: not told */
    uint8_t type;
    uint8_t name_length;
    char name[WASI_NAME_MAX];
};

struct wasi_open {
    bool read;
    bool write;
    uint16_t oflags;  /* WASI_OFLAG_* */
    uint16_t fdflags; /* WASI_FDFLAG_* */
};

struct wasi_poll {
    wasi_handle handle; /* WASI_NO_HANDLE: not asked for */
    bool write;         /* else read */
    bool ready;         /* out */
    bool hangup;        /* out */
    uint64_t bytes;     /* out: how many could be read or written at least, as far as known */
    uint16_t error;     /* out: enum wasi_errno; then ready is set */
};

struct wasi_backend {
    void *context; /* handed to every operation */

    void (*close)(void *context, wasi_handle file);
    uint16_t (*read)(void *context, wasi_handle file, const struct wasi_span *to, size_t count, uint64_t offset,
                     size_t *done);
    uint16_t (*write)(void *context, wasi_handle file, const struct wasi_span *from, size_t count, uint64_t offset,
                      size_t *done);
    uint16_t (*seek)(void *context, wasi_handle file, int64_t offset, enum wasi_whence whence, uint64_t *now);
    uint16_t (*stat)(void *context, wasi_handle file, struct wasi_filestat *out);
    uint16_t (*set_size)(void *context, wasi_handle file, uint64_t size);
    uint16_t (*set_times)(void *context, wasi_handle file, uint64_t atim, uint64_t mtim, uint16_t fst_flags);
    uint16_t (*set_flags)(void *context, wasi_handle file, uint16_t before, uint16_t fdflags);
    uint16_t (*allocate)(void *context, wasi_handle file, uint64_t offset, uint64_t length);
    uint16_t (*advise)(void *context, wasi_handle file, uint64_t offset, uint64_t length, uint8_t advice);
    uint16_t (*sync)(void *context, wasi_handle file, bool data_only);
    /* Entries from `cookie` on (0: the first), at most `max`; count 0 is the end.  Holds "." and "..". */
    uint16_t (*readdir)(void *context, wasi_handle dir, uint64_t cookie, struct wasi_entry *entries, size_t max,
                        size_t *count);

    /* A handle on a sub-directory only for further operations: ENOTDIR for anything else, also for a link to one.
     * The name "." gives a second handle on the same directory. */
    uint16_t (*walk)(void *context, wasi_handle dir, const char *name, wasi_handle *out);
    /* The name "." opens the directory itself.  A link is refused with ELOOP. */
    uint16_t (*open)(void *context, wasi_handle dir, const char *name, const struct wasi_open *how, wasi_handle *out);
    uint16_t (*stat_at)(void *context, wasi_handle dir, const char *name, struct wasi_filestat *out);
    uint16_t (*set_times_at)(void *context, wasi_handle dir, const char *name, uint64_t atim, uint64_t mtim,
                             uint16_t fst_flags);
    /* Not NUL-terminated; EINVAL where the name is no link, truncated to `size` where it is longer. */
    uint16_t (*readlink)(void *context, wasi_handle dir, const char *name, char *to, size_t size, size_t *length);
    uint16_t (*mkdir)(void *context, wasi_handle dir, const char *name);
    uint16_t (*rmdir)(void *context, wasi_handle dir, const char *name);
    uint16_t (*unlink)(void *context, wasi_handle dir, const char *name);
    uint16_t (*link)(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name);
    uint16_t (*rename)(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name);
    uint16_t (*symlink)(void *context, const char *target, wasi_handle dir, const char *name);

    uint16_t (*clock_resolution)(void *context, enum wasi_clock clock, uint64_t *ns);
    uint16_t (*clock_time)(void *context, enum wasi_clock clock, uint64_t *ns);
    uint16_t (*random)(void *context, void *to, size_t length);
    void (*yield)(void *context);
    /* Waits until an entry is ready or `timeout` nanoseconds have passed; whether anything is ready is in the entries. */
    uint16_t (*poll)(void *context, struct wasi_poll *entries, size_t count, uint64_t timeout);

    uint16_t (*sock_accept)(void *context, wasi_handle socket, uint16_t fdflags, wasi_handle *out);
    uint16_t (*sock_recv)(void *context, wasi_handle socket, const struct wasi_span *to, size_t count, uint16_t flags,
                          size_t *done, bool *truncated);
    uint16_t (*sock_send)(void *context, wasi_handle socket, const struct wasi_span *from, size_t count, size_t *done);
    uint16_t (*sock_shutdown)(void *context, wasi_handle socket, uint8_t how);
};

#endif
