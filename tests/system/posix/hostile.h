/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_HOSTILE_H
#define TEST_HOSTILE_H

#include <mnos/object.h>
#include <ustar.h>

/* Requests and calls on the process server that break its rules, and what is left when they are over. */
void hostile_tests(mnos_handle_t proc, const struct ustar_member *image);

#endif
