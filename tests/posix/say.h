/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints a result and its errno, in that order of evaluation. */
#ifndef SAY_H
#define SAY_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SAY(label, expression)                                                                                         \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        long say_result_ = (long)(expression);                                                                         \
        printf("%s: %ld %s\n", label, say_result_, errno ? strerror(errno) : "-");                                     \
    } while (0)

#endif
