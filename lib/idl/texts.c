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
