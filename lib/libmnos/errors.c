/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/idl.h>
#include <libmnos/errors.h>

struct error_entry {
    const char *name, *text;
};

static const struct error_entry table[MNOS_ERROR_COUNT] = {[MNOS_OK] = {"OK", "Success."},
#define X(code, name, text) [code] = {#name, text},
                                                           MNOS_ERRORS(X)
#undef X
};

static uint64_t code_of(int64_t error)
{
    return error < 0 ? -(uint64_t)error : (uint64_t)error;
}

const char *mnos_error_name(int64_t error)
{
    uint64_t code = code_of(error);

    return code < MNOS_ERROR_COUNT ? table[code].name : idl_error_name(code);
}

const char *mnos_error_text(int64_t error)
{
    uint64_t code = code_of(error);

    return code < MNOS_ERROR_COUNT ? table[code].text : idl_error_text(code);
}
