/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/ustar/ */
/*
 * Any bytes as an archive.  The first byte of the input chooses whether checksums are mended, so that the checks behind
 * them are reached; the rest is the archive.  What is returned lies inside it, and walking it ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ustar.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void checksums_mend(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; size - at >= USTAR_BLOCK; at += USTAR_BLOCK) {
        unsigned sum = 0;
        if (memcmp(bytes + at + 257, "ustar", 6) != 0)
            continue;
        memset(bytes + at + 148, ' ', 8);
        for (size_t i = 0; i < USTAR_BLOCK; i++)
            sum += bytes[at + i];
        snprintf((char *)bytes + at + 148, 8, "%06o", sum);
    }
}

static void archive_walk(const uint8_t *bytes, size_t size)
{
    struct ustar_reader reader = ustar_open(bytes, size);
    struct ustar_member member, found;
    size_t before = 0;
    enum ustar_error error;

    while ((error = ustar_next(&reader, &member)) == USTAR_OK) {
        demand(reader.offset > before && reader.offset <= size);
        demand(member.data >= bytes && member.size <= size);
        demand((size_t)(member.data - bytes) + member.size <= reader.offset);
        demand(strlen(member.name) >= 1 && strlen(member.name) <= USTAR_NAME_MAX);
        demand(member.name[0] != '/' && strstr(member.name, "//") == NULL && strncmp(member.name, "../", 3) != 0);
        demand(strstr(member.name, "/../") == NULL);
        demand(ustar_find(bytes, size, member.name, &found) == USTAR_OK);
        demand(strcmp(found.name, member.name) == 0 && found.data <= member.data);
        before = reader.offset;
    }
    uint64_t length = 0;
    const uint8_t *file = ustar_file(bytes, size, "sbin/init", &length);
    demand(file == NULL || (file >= bytes + USTAR_BLOCK && length <= size && (size_t)(file - bytes) <= size - length));
    demand((ustar_check(bytes, size, &member) == USTAR_OK) == (error == USTAR_END));
    demand(strlen(ustar_error_text(error)) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *copy = malloc(size);
    if (copy == NULL)
        return 0;
    memcpy(copy, data + 1, size - 1);
    if ((data[0] & 1) != 0)
        checksums_mend(copy, size - 1);
    uint8_t *exact = realloc(copy, size - 1 + (size == 1));
    archive_walk(exact, size - 1);
    free(exact);
    return 0;
}
