/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From bytes to a validated struct wasm_module: sections, constant expressions, function bodies.
 */
#ifndef WASM_DECODE_H
#define WASM_DECODE_H

#include "op.h"

/* A UTF-8 name: its offset in the module and its length. */
uint32_t read_name(struct reader *reader, uint32_t *length);

/* Reads one section's contents into the module; `id` is one of the known ones, and none comes twice. */
bool section_read(struct wasm_module *module, struct reader *reader, uint8_t id);

/* Reads a constant expression of `type` and says where it is.  Functions that it names become declared. */
bool const_read(struct wasm_module *module, struct reader *reader, uint8_t type, struct const_expr *expr);
/* Its value; false when there is no memory. */
bool const_value(struct wasm_instance *instance, struct const_expr expr, union wasm_value *value);

/* Validates every function body.  Source: WebAssembly Core Specification 2.0, appendix 7.3 (validation algorithm). */
bool bodies_validate(struct wasm_module *module, struct wasm_error *error);

/* May ref.func name the function inside a body? */
static inline bool func_is_declared(const struct wasm_module *module, uint32_t index)
{
    return module->declared[index / 8] >> (index % 8) & 1;
}

static inline void func_declare(struct wasm_module *module, uint32_t index)
{
    module->declared[index / 8] = (uint8_t)(module->declared[index / 8] | 1u << (index % 8));
}

#endif
