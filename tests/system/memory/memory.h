/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_TEST_H
#define MEMORY_TEST_H

#include "../common/test.h"

int64_t map_at(mnos_handle_t memory, uint64_t address, uint64_t bytes, uint64_t flags);
bool accessible(uint64_t address, bool write);

void object_tests(void);

#endif
