/* SPDX-License-Identifier: BSD-2-Clause */
/* From an embedded node to the structure that embeds it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* `pointer` points at `member` of a `type` and is not NULL. */
#define container_of(pointer, type, member)                                                                            \
    ((type *)(void *)((char *)(uintptr_t)(1 ? (pointer) : &((type *)0)->member) - offsetof(type, member)))
