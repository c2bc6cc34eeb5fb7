/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/names.h>
#include <str.h>

const char *names_status_text(enum names_status status)
{
    static const char *const texts[] = {
        [NAMES_OK] = "done",
        [NAMES_DUPLICATE] = "the name is taken",
        [NAMES_TOO_LONG] = "the name is longer than 31 bytes",
        [NAMES_NO_CAPABILITY] = "no endpoint that may be passed on came with the request",
        [NAMES_NOT_FOUND] = "nobody serves this name",
        [NAMES_BAD_NAME] = "the name is empty or has an unprintable byte",
        [NAMES_FULL] = "the directory is full",
        [NAMES_UNREACHABLE] = "the directory does not answer",
        [NAMES_FORBIDDEN] = "the manifest does not let the caller provide this name",
        [NAMES_WRONG_INTERFACE] = "the endpoint has another interface",
        [NAMES_BUSY] = "the server has yet to hear that the caller let go",
    };

    return (unsigned)status < sizeof texts / sizeof texts[0] ? texts[status] : "unknown status";
}

void names_pack(uint64_t word[5], const char *name)
{
    char *text = (char *)word;
    size_t length = 0;

    word[0] = word[1] = word[2] = word[3] = 0;
    for (; length < NAMES_MAX && name[length] != '\0'; length++)
        text[length] = name[length];
    word[4] = length < NAMES_MAX ? length : strlen(name);
}

enum names_status names_unpack(const uint64_t word[5], char *name)
{
    if (word[4] > NAMES_MAX)
        return NAMES_TOO_LONG;
    memcpy(name, word, NAMES_MAX + 1);
    name[NAMES_MAX] = '\0';
    if (word[4] == 0 || strlen(name) != word[4])
        return NAMES_BAD_NAME;
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c > '~')
            return NAMES_BAD_NAME;
    return NAMES_OK;
}
