/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as wast2json writes them: numbers are the unsigned decimal of their bits. */
#include "spec.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Host references are numbers of the script; this makes them pointers that are not null. */
static void *host_reference(const char *text)
{
    return (void *)(uintptr_t)(strtoull(text, NULL, 10) + 0x1000);
}

static unsigned lane_bytes(const char *type)
{
    return strcmp(type, "i8") == 0 ? 1 : strcmp(type, "i16") == 0 ? 2 : type[1] == '3' ? 4 : 8;
}

static bool vector_read(const struct json *json, uint8_t to[16])
{
    const struct json *lanes = json_get(json, "value");
    unsigned size = lane_bytes(json_text(json, "lane_type", "i32")), at = 0;

    if (lanes == NULL || lanes->kind != JSON_ARRAY)
        return false;
    for (const struct json *lane = lanes->first; lane != NULL && at < 16; lane = lane->next, at += size) {
        uint64_t bits = strtoull(lane->text, NULL, 10);
        memcpy(to + at, &bits, size);
    }
    return at == 16;
}

bool spec_value(const struct json *json, union wasm_value *out)
{
    const char *type = json_text(json, "type", ""), *text = json_text(json, "value", "");

    memset(out, 0, sizeof *out);
    if (strcmp(type, "v128") == 0)
        return vector_read(json, out->v128);
    if (strcmp(type, "i32") == 0 || strcmp(type, "f32") == 0)
        out->i32 = (uint32_t)strtoull(text, NULL, 10);
    else if (strcmp(type, "i64") == 0 || strcmp(type, "f64") == 0)
        out->i64 = strtoull(text, NULL, 10);
    else if (strcmp(type, "externref") == 0 || strcmp(type, "funcref") == 0)
        out->ref = strcmp(text, "null") == 0 ? NULL : host_reference(text);
    else
        return false;
    return true;
}

/* A canonical NaN has only the top bit of its fraction; an arithmetic one at least that. */
static bool float_matches(const char *text, uint64_t bits, unsigned bytes)
{
    uint64_t quiet = bytes == 4 ? 0x7fc00000 : 0x7ff8000000000000;
    uint64_t sign = (uint64_t)1 << (bytes * 8 - 1);

    if (strcmp(text, "nan:canonical") == 0)
        return (bits & ~sign) == quiet;
    if (strcmp(text, "nan:arithmetic") == 0)
        return (bits & quiet) == quiet;
    return strtoull(text, NULL, 10) == bits;
}

static bool vector_matches(const struct json *expected, const uint8_t value[16])
{
    const struct json *lanes = json_get(expected, "value");
    unsigned size = lane_bytes(json_text(expected, "lane_type", "i32")), at = 0;

    if (lanes == NULL || lanes->kind != JSON_ARRAY)
        return false;
    for (const struct json *lane = lanes->first; lane != NULL && at < 16; lane = lane->next, at += size) {
        uint64_t bits = 0, wanted;
        memcpy(&bits, value + at, size);
        wanted = strtoull(lane->text, NULL, 10);
        if (size < 8)
            wanted &= ((uint64_t)1 << size * 8) - 1;
        if (strncmp(lane->text, "nan:", 4) == 0 ? !float_matches(lane->text, bits, size) : wanted != bits)
            return false;
    }
    return at == 16;
}

static const char *type_name(uint8_t type)
{
    return type == WASM_I32         ? "i32"
           : type == WASM_I64       ? "i64"
           : type == WASM_F32       ? "f32"
           : type == WASM_F64       ? "f64"
           : type == WASM_V128      ? "v128"
           : type == WASM_FUNCREF   ? "funcref"
           : type == WASM_EXTERNREF ? "externref"
                                    : "?";
}

bool spec_value_matches(const struct json *expected, uint8_t type, union wasm_value value)
{
    const char *text = json_text(expected, "value", NULL);

    if (strcmp(json_text(expected, "type", ""), type_name(type)) != 0)
        return false;
    switch (type) {
    case WASM_V128:
        return vector_matches(expected, value.v128);
    case WASM_I32:
    case WASM_F32:
        return text != NULL && float_matches(text, value.i32, 4);
    case WASM_I64:
    case WASM_F64:
        return text != NULL && float_matches(text, value.i64, 8);
    case WASM_FUNCREF:
        /* A script can only ask for null or for any function. */
        return text == NULL || strcmp(text, "null") != 0 ? value.ref != NULL : value.ref == NULL;
    default:
        return text == NULL                ? value.ref != NULL
               : strcmp(text, "null") == 0 ? value.ref == NULL
                                           : value.ref == host_reference(text);
    }
}

void spec_value_print(char *to, size_t size, uint8_t type, union wasm_value value)
{
    uint64_t halves[2];

    memcpy(halves, value.v128, sizeof halves);
    if (type == WASM_V128)
        snprintf(to, size, "v128 0x%016" PRIx64 "%016" PRIx64, halves[1], halves[0]);
    else if (type == WASM_I32 || type == WASM_F32)
        snprintf(to, size, "%s 0x%08" PRIx32, type_name(type), value.i32);
    else
        snprintf(to, size, "%s 0x%" PRIx64, type_name(type), value.i64);
}
