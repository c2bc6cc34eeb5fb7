/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of USTAR archives (POSIX.1-2017, pax, "ustar Interchange Format") in memory: the boot package.
 *
 * Regular files, directories and symbolic links are supported; every other type, and the GNU and pax extensions, are
 * refused.  Nothing is copied but the name; a member's data is where it lies in the archive, and valid as long as the
 * archive.  The archive is not vouched for: everything is checked against its size.
 *
 * Any context; nothing is allocated.
 */
#ifndef MNOS_USTAR_H
#define MNOS_USTAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ustar_file.h>

#define USTAR_NAME_MAX 256u /* prefix (155), '/', name (100) */
#define USTAR_LINK_MAX 100u

enum ustar_error {
    USTAR_OK,
    USTAR_END,       /* No error: no further member. */
    USTAR_NOT_FOUND, /* By ustar_find alone: the archive is sound. */
    USTAR_TRUNCATED_HEADER,
    USTAR_BAD_MAGIC,
    USTAR_BAD_CHECKSUM,
    USTAR_BAD_NAME,
    USTAR_BAD_NUMBER,
    USTAR_BAD_TYPE,
    USTAR_BAD_LINK,
    USTAR_SIZE_NOT_ZERO,
    USTAR_TRUNCATED_DATA,
    USTAR_NO_END,
    USTAR_BAD_END,
    USTAR_ERROR_COUNT
};

enum ustar_type { USTAR_FILE, USTAR_DIRECTORY, USTAR_LINK };

struct ustar_member {
    /* Relative, without "./" in front and "/" at the end; "." is the root itself.  After an error: the member that it is
     * about, as far as it is known. */
    char name[USTAR_NAME_MAX + 1];
    char link[USTAR_LINK_MAX + 1]; /* The target of a symbolic link. */
    enum ustar_type type;
    uint32_t mode; /* 07777 at most. */
    uint32_t uid, gid;
    uint64_t mtime; /* Seconds since 1970. */
    const uint8_t *data;
    uint64_t size;
};

struct ustar_reader {
    const uint8_t *bytes;
    size_t size;
    size_t offset; /* Of the next header; a multiple of 512. */
};

static inline struct ustar_reader ustar_open(const void *archive, size_t size)
{
    return (struct ustar_reader){.bytes = (const uint8_t *)archive, .size = size, .offset = 0};
}

/* The next member, in the order of the archive.  After USTAR_END or an error the reader stays where it is. */
__attribute__((warn_unused_result)) enum ustar_error ustar_next(struct ustar_reader *reader,
                                                                struct ustar_member *member);

/* The first member of this name (which may begin with "/" or "./").  Members up to it are checked, not those behind. */
__attribute__((warn_unused_result)) enum ustar_error ustar_find(const void *archive, size_t size, const char *path,
                                                                struct ustar_member *member);

/* Reads it all.  USTAR_OK, or an error and the member that it is about. */
__attribute__((warn_unused_result)) enum ustar_error ustar_check(const void *archive, size_t size,
                                                                 struct ustar_member *bad);

/* What is wrong, as a clause that follows the member's name: "has a wrong checksum". */
const char *ustar_error_text(enum ustar_error error);

#endif
