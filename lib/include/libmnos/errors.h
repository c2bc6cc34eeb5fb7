/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's errors for people.  System calls and libmnos functions that return int64_t give a value of 0 or more,
 * or a negated enum mnos_error; functions of service interfaces (docs/idl.md) also a negated enum idl_error.
 */
#ifndef LIBMNOS_ERRORS_H
#define LIBMNOS_ERRORS_H

#include <mnos/errors.h>
#include <stdint.h>

/* Both take either sign; what is no error of the table gives "?" and "unknown error". */
const char *mnos_error_name(int64_t error);
const char *mnos_error_text(int64_t error);

/* The error of a result, MNOS_OK for a success. */
static inline enum mnos_error mnos_error_of(int64_t result)
{
    return result < 0 ? (enum mnos_error) - result : MNOS_OK;
}

#endif
