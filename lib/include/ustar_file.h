/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file out of a USTAR archive, for who needs no more than that: the kernel.  ustar.h is the whole reader.
 *
 * Any context; nothing is allocated.  The archive is not vouched for: everything is checked against its size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USTAR_BLOCK 512u

/* The bytes of the first regular file of this name (as it is stored, or with "./" in front), where they lie in the archive;
 * NULL: there is none before the end, or before the first member that is not sound. */
const void *ustar_file(const void *archive, size_t size, const char *name, uint64_t *file_size);

/* A numeric field: blanks, octal digits, then NULs and blanks up to its end.  False if it is anything else. */
bool ustar_octal(const uint8_t *field, size_t length, uint64_t *value);
