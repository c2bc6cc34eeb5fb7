/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/idl.h>

static const struct {
    uint64_t code;
    const char *name, *text;
} errors[] = {
#define X(code, name, text) {code, #name, text},
    IDL_ERRORS(X)
#undef X
};
#define ERRORS (sizeof errors / sizeof errors[0])

const char *idl_error_name(uint64_t code)
{
    for (size_t i = 0; i < ERRORS; i++)
        if (errors[i].code == code)
            return errors[i].name;
    return "?";
}

const char *idl_error_text(uint64_t code)
{
    for (size_t i = 0; i < ERRORS; i++)
        if (errors[i].code == code)
            return errors[i].text;
    return "unknown error";
}

bool idl_unpack(const uint64_t *words, unsigned count, char *text)
{
    size_t room = 8 * (size_t)count;

    memcpy(text, words, room);
    size_t length = strnlen(text, room);
    if (length == room)
        return false;
    for (size_t i = length; i < room; i++)
        if (text[i] != '\0')
            return false;
    return true;
}
