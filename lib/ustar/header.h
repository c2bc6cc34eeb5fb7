/* SPDX-License-Identifier: BSD-2-Clause */
/* The header block of a member, for both readers. */
#pragma once

#include <ustar_file.h>

/* One 512-byte block (POSIX.1-2017, pax, "ustar Header Block").  Text fields end with a NUL or with the field. */
struct ustar_header {
    uint8_t name[100];
    uint8_t mode[8];
    uint8_t uid[8];
    uint8_t gid[8];
    uint8_t size[12];
    uint8_t mtime[12];
    uint8_t checksum[8];
    uint8_t type;
    uint8_t link[100];
    uint8_t magic[6];
    uint8_t version[2];
    uint8_t uname[32];
    uint8_t gname[32];
    uint8_t devmajor[8];
    uint8_t devminor[8];
    uint8_t prefix[155];
    uint8_t pad[12];
};
_Static_assert(sizeof(struct ustar_header) == USTAR_BLOCK, "ustar header block");

bool ustar_magic_ok(const struct ustar_header *header);
bool ustar_checksum_ok(const struct ustar_header *header);
