/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the bulk instructions do to memories and tables.  Each checks both ranges first and answers false, with nothing
 * changed, when one is out of bounds.  Copies may overlap.
 */
#ifndef WASM_OBJECTS_H
#define WASM_OBJECTS_H

#include "types.h"

bool table_fill(struct wasm_table *table, uint32_t at, void *ref, uint32_t count);
bool table_copy(struct wasm_table *to, uint32_t at, const struct wasm_table *from, uint32_t start, uint32_t count);
bool table_init(struct wasm_table *to, uint32_t at, const struct elem_segment *from, uint32_t start, uint32_t count);
bool memory_fill(struct wasm_memory *memory, uint32_t at, uint8_t byte, uint32_t count);
bool memory_copy(struct wasm_memory *to, uint32_t at, struct wasm_memory *from, uint32_t start, uint32_t count);
bool memory_init(struct wasm_memory *to, uint32_t at, const struct data_segment *from, uint32_t start, uint32_t count);

#endif
