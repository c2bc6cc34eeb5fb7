/* SPDX-License-Identifier: BSD-2-Clause */
#include <range.h>
#include <str.h>
#include <ustar.h>

#include "header.h"

static bool octal32(const uint8_t *field, size_t length, uint32_t limit, uint32_t *value)
{
    uint64_t wide = 0;

    if (!ustar_octal(field, length, &wide) || wide > limit)
        return false;
    *value = (uint32_t)wide;
    return true;
}

static bool block_is_zero(const uint8_t *block)
{
    for (size_t i = 0; i < USTAR_BLOCK; i++)
        if (block[i] != 0)
            return false;
    return true;
}

/* Appends a field's text; the room is known to suffice. */
static size_t field_append(char *to, size_t length, const uint8_t *field, size_t size)
{
    size_t field_length = strnlen((const char *)field, size);

    memcpy(to + length, field, field_length);
    return length + field_length;
}

/* prefix, '/', name, as they stand. */
static size_t name_join(char name[USTAR_NAME_MAX + 1], const struct ustar_header *header)
{
    size_t length = field_append(name, 0, header->prefix, sizeof header->prefix);

    if (length > 0)
        name[length++] = '/';
    length = field_append(name, length, header->name, sizeof header->name);
    name[length] = '\0';
    return length;
}

static const char *skip_root(const char *path)
{
    for (;;) {
        if (path[0] == '/')
            path++;
        else if (path[0] == '.' && path[1] == '/')
            path += 2;
        else
            return path;
    }
}

/* Each component is neither empty nor "." nor "..", and has no control characters. */
static bool name_ok(const char *name)
{
    const char *component = name;

    for (const char *at = name;; at++) {
        if (*at != '/' && *at != '\0') {
            if ((unsigned char)*at < ' ' || *at == 0x7f)
                return false;
            continue;
        }
        size_t length = (size_t)(at - component);
        if (length == 0 || (length == 1 && component[0] == '.') ||
            (length == 2 && component[0] == '.' && component[1] == '.'))
            return false;
        if (*at == '\0')
            return true;
        component = at + 1;
    }
}

/* Makes a control character visible, so that a name can be printed in a message. */
static void name_defuse(char *name)
{
    for (; *name != '\0'; name++)
        if ((unsigned char)*name < ' ' || *name == 0x7f)
            *name = '?';
}

/* "./sbin/" becomes "sbin", "./" becomes ".". */
static bool name_normalise(char name[USTAR_NAME_MAX + 1], size_t length, bool directory)
{
    if (length == 0)
        return false;
    if (directory && strcmp(name, ".") == 0)
        return true;
    const char *start = skip_root(name);
    length -= (size_t)(start - name);
    memmove(name, start, length + 1);
    while (directory && length > 0 && name[length - 1] == '/')
        name[--length] = '\0';
    if (length == 0) {
        memcpy(name, ".", 2);
        return directory;
    }
    if (name_ok(name))
        return true;
    name_defuse(name);
    return false;
}

static bool type_read(uint8_t flag, enum ustar_type *type)
{
    switch (flag) {
    case '0':
    case '\0':
        *type = USTAR_FILE;
        return true;
    case '2':
        *type = USTAR_LINK;
        return true;
    case '5':
        *type = USTAR_DIRECTORY;
        return true;
    default:
        return false;
    }
}

static bool numbers_read(const struct ustar_header *header, struct ustar_member *member)
{
    return octal32(header->mode, sizeof header->mode, 07777, &member->mode) &&
           octal32(header->uid, sizeof header->uid, UINT32_MAX, &member->uid) &&
           octal32(header->gid, sizeof header->gid, UINT32_MAX, &member->gid) &&
           ustar_octal(header->mtime, sizeof header->mtime, &member->mtime) &&
           ustar_octal(header->size, sizeof header->size, &member->size);
}

static enum ustar_error header_read(const struct ustar_header *header, struct ustar_member *member)
{
    if (!ustar_magic_ok(header))
        return USTAR_BAD_MAGIC;
    size_t length = name_join(member->name, header);
    if (!ustar_checksum_ok(header)) {
        name_defuse(member->name);
        return USTAR_BAD_CHECKSUM;
    }
    bool type_known = type_read(header->type, &member->type);
    if (!name_normalise(member->name, length, type_known && member->type == USTAR_DIRECTORY))
        return USTAR_BAD_NAME;
    if (!type_known)
        return USTAR_BAD_TYPE;
    if (!numbers_read(header, member))
        return USTAR_BAD_NUMBER;
    if (member->type != USTAR_FILE && member->size != 0)
        return USTAR_SIZE_NOT_ZERO;
    member->link[field_append(member->link, 0, header->link, sizeof header->link)] = '\0';
    if ((member->type == USTAR_LINK) != (member->link[0] != '\0'))
        return USTAR_BAD_LINK;
    return USTAR_OK;
}

/* A zero block was read: the archive ends with two. */
static enum ustar_error end_check(const struct ustar_reader *reader)
{
    if (reader->size - reader->offset < 2 * USTAR_BLOCK)
        return USTAR_NO_END;
    return block_is_zero(reader->bytes + reader->offset + USTAR_BLOCK) ? USTAR_END : USTAR_BAD_END;
}

enum ustar_error ustar_next(struct ustar_reader *reader, struct ustar_member *member)
{
    struct ustar_header header;
    size_t left = reader->size - reader->offset;

    *member = (struct ustar_member){.name = ""};
    if (left == 0)
        return USTAR_NO_END;
    if (left < USTAR_BLOCK)
        return USTAR_TRUNCATED_HEADER;
    const uint8_t *block = reader->bytes + reader->offset;
    if (block_is_zero(block))
        return end_check(reader);

    memcpy(&header, block, sizeof header);
    enum ustar_error error = header_read(&header, member);
    if (error != USTAR_OK)
        return error;
    left -= USTAR_BLOCK;
    if (member->size > left)
        return USTAR_TRUNCATED_DATA;
    /* size <= left, so that rounding up cannot overflow; the padding must be there too. */
    size_t stored = ((size_t)member->size + USTAR_BLOCK - 1) / USTAR_BLOCK * USTAR_BLOCK;
    if (stored > left)
        return USTAR_TRUNCATED_DATA;
    member->data = block + USTAR_BLOCK;
    reader->offset += USTAR_BLOCK + stored;
    return USTAR_OK;
}

enum ustar_error ustar_find(const void *archive, size_t size, const char *path, struct ustar_member *member)
{
    struct ustar_reader reader = ustar_open(archive, size);
    const char *wanted = skip_root(path);

    for (;;) {
        enum ustar_error error = ustar_next(&reader, member);
        if (error == USTAR_END)
            return USTAR_NOT_FOUND;
        if (error != USTAR_OK || strcmp(member->name, wanted) == 0)
            return error;
    }
}

enum ustar_error ustar_check(const void *archive, size_t size, struct ustar_member *bad)
{
    struct ustar_reader reader = ustar_open(archive, size);
    enum ustar_error error;

    do
        error = ustar_next(&reader, bad);
    while (error == USTAR_OK);
    return error == USTAR_END ? USTAR_OK : error;
}

const char *ustar_error_text(enum ustar_error error)
{
    static const char *const texts[USTAR_ERROR_COUNT] = {
        [USTAR_OK] = "is sound",
        [USTAR_END] = "ends here",
        [USTAR_NOT_FOUND] = "is not in the archive",
        [USTAR_TRUNCATED_HEADER] = "has a header that is cut off",
        [USTAR_BAD_MAGIC] = "has no USTAR header (archives are made with tar --format=ustar)",
        [USTAR_BAD_CHECKSUM] = "has a wrong header checksum",
        [USTAR_BAD_NAME] = "has a name that is empty, or has an empty, '.' or '..' component or a control character",
        [USTAR_BAD_NUMBER] = "has a malformed number in its header",
        [USTAR_BAD_TYPE] = "is neither a file nor a directory nor a symbolic link",
        [USTAR_BAD_LINK] = "has a link target without being a symbolic link, or is one without a target",
        [USTAR_SIZE_NOT_ZERO] = "is no file, but has data",
        [USTAR_TRUNCATED_DATA] = "is cut off",
        [USTAR_NO_END] = "is followed by no end-of-archive mark",
        [USTAR_BAD_END] = "is followed by a broken end-of-archive mark",
    };
    return (unsigned)error < USTAR_ERROR_COUNT ? texts[error] : "has an unknown error";
}
