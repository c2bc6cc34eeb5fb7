/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of the boot package, as WASI's back end needs them: read-only.  Handles from FILES on. */
#ifndef WASM_GUEST_FILES_H
#define WASM_GUEST_FILES_H

#include <wasi_backend.h>

enum { FILES = 3, FILES_OPEN_MAX = 64 };

uint16_t files_read(wasi_handle file, const struct wasi_span *to, size_t count, uint64_t offset, size_t *done);
uint16_t files_seek(wasi_handle file, int64_t offset, enum wasi_whence whence, uint64_t *now);
uint16_t files_stat(wasi_handle file, struct wasi_filestat *out);
void files_close(wasi_handle file);

uint16_t files_readdir(void *context, wasi_handle dir, uint64_t cookie, struct wasi_entry *entries, size_t max,
                       size_t *count);
uint16_t files_walk(void *context, wasi_handle dir, const char *name, wasi_handle *out);
uint16_t files_open_at(void *context, wasi_handle dir, const char *name, const struct wasi_open *how, wasi_handle *out);
uint16_t files_stat_at(void *context, wasi_handle dir, const char *name, struct wasi_filestat *out);
uint16_t files_readlink(void *context, wasi_handle dir, const char *name, char *to, size_t size, size_t *length);

#endif
