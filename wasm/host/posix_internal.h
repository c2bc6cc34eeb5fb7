/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two files of the POSIX back end share: posix_directory.c has the operations that take a name. */
#ifndef POSIX_INTERNAL_H
#define POSIX_INTERNAL_H

#include <errno.h>
#include <sys/stat.h>
#include <wasi_backend.h>

uint16_t posix_error(int error);

static inline uint16_t posix_status(bool failed)
{
    return failed ? posix_error(errno) : WASI_OK;
}

void posix_stat(const struct stat *from, int fd, struct wasi_filestat *out);
void posix_times(uint64_t atim, uint64_t mtim, uint16_t flags, struct timespec times[2]);

uint16_t posix_readdir(void *context, wasi_handle dir, uint64_t cookie, struct wasi_entry *entries, size_t max,
                       size_t *count);
uint16_t posix_walk(void *context, wasi_handle dir, const char *name, wasi_handle *out);
uint16_t posix_open(void *context, wasi_handle dir, const char *name, const struct wasi_open *how, wasi_handle *out);
uint16_t posix_stat_at(void *context, wasi_handle dir, const char *name, struct wasi_filestat *out);
uint16_t posix_set_times_at(void *context, wasi_handle dir, const char *name, uint64_t atim, uint64_t mtim,
                            uint16_t flags);
uint16_t posix_readlink(void *context, wasi_handle dir, const char *name, char *to, size_t size, size_t *length);
uint16_t posix_mkdir(void *context, wasi_handle dir, const char *name);
uint16_t posix_rmdir(void *context, wasi_handle dir, const char *name);
uint16_t posix_unlink(void *context, wasi_handle dir, const char *name);
uint16_t posix_link(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name);
uint16_t posix_rename(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name);
uint16_t posix_symlink(void *context, const char *target, wasi_handle dir, const char *name);

#endif
