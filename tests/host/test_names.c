/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for errors, types, rights and faults.
 * LINK: lib/libmnos/errors.c lib/libmnos/objects.c lib/idl/texts.c
 */
#include "host_test.h"

#include <libmnos/errors.h>
#include <libmnos/objects.h>

static void every_error_has_a_name(void **state)
{
    (void)state;
#define X(code, name, text)                                                                                            \
    assert_int_equal(MNOS_E_##name, code);                                                                             \
    assert_string_equal(mnos_error_name(-(int64_t)(code)), #name);                                                     \
    assert_string_equal(mnos_error_name(code), #name);                                                                 \
    assert_string_equal(mnos_error_text(-(int64_t)(code)), text);                                                      \
    assert_int_equal(mnos_error_of(-(int64_t)(code)), code);
    MNOS_ERRORS(X)
#undef X
    assert_string_equal(mnos_error_name(0), "OK");
    assert_int_equal(mnos_error_of(42), MNOS_OK);
    assert_string_equal(mnos_error_name(-MNOS_ERROR_COUNT), "?");
    assert_string_equal(mnos_error_text(INT64_MIN), "unknown error");
    for (int code = 1; code < MNOS_ERROR_COUNT; code++)
        assert_string_not_equal(mnos_error_name(code), "?");
}

static void rights_have_letters(void **state)
{
    char text[8];

    (void)state;
    assert_string_equal(mnos_rights_text(MNOS_RIGHTS_ALL, text), "RWXSVGK");
    assert_string_equal(mnos_rights_text(0, text), "-------");
    assert_string_equal(mnos_rights_text(MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, text), "---S-G-");
    assert_string_equal(mnos_type_name(MNOS_TYPE_SYSTEM), "System");
    assert_string_equal(mnos_type_name(MNOS_TYPE_COUNT), "?");
    assert_string_equal(mnos_state_name(MNOS_STATE_DEAD), "dead");
    assert_string_equal(mnos_state_name(MNOS_STATE_DEAD + 1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("errors: every kernel error has its name and text [M094]", every_error_has_a_name),
        TEST("objects: types, rights and states have words", rights_have_letters),
    };

    return RUN_TESTS(tests);
}
