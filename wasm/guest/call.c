/* SPDX-License-Identifier: BSD-2-Clause */
/* A call whose arguments come from a command line: integers in decimal, also negative ones, or as 0x... */
#include "guest.h"

#include <libmnos/print.h>

enum { VALUES_MOST = 8 };

static bool digit(char c, unsigned base, unsigned *value)
{
    *value = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
    return *value < base;
}

static bool integer_read(const char *text, uint64_t *out)
{
    bool negative = *text == '-';
    unsigned base = 10, value;
    uint64_t sum = 0;

    text += negative;
    if (text[0] == '0' && text[1] == 'x') {
        base = 16;
        text += 2;
    }
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!digit(*text, base, &value) || __builtin_mul_overflow(sum, base, &sum) ||
            __builtin_add_overflow(sum, value, &sum))
            return false;
    }
    *out = negative ? 0 - sum : sum;
    return true;
}

static bool arguments_read(const struct guest *guest, const struct wasm_func_type *type, union wasm_value *values)
{
    if (type->params != guest->arg_count - 1) {
        printf("wasm: %s: %s takes %u arguments\n", guest->name, guest->invoke, type->params);
        return false;
    }
    for (uint32_t i = 0; i < type->params; i++) {
        uint64_t value = 0;
        if ((type->types[i] != WASM_I32 && type->types[i] != WASM_I64) || !integer_read(guest->args[i + 1], &value)) {
            printf("wasm: %s: argument %u cannot be '%s'\n", guest->name, i + 1, guest->args[i + 1]);
            return false;
        }
        values[i].i64 = type->types[i] == WASM_I32 ? (uint32_t)value : value;
    }
    return true;
}

static void result_print(uint8_t type, union wasm_value value)
{
    switch (type) {
    case WASM_I32:
        printf(" %d", (int32_t)value.i32);
        break;
    case WASM_I64:
        printf(" %lld", (long long)value.i64);
        break;
    case WASM_F32:
        printf(" f32:0x%08x", value.i32);
        break;
    case WASM_F64:
        printf(" f64:0x%016llx", (unsigned long long)value.i64);
        break;
    default:
        printf(" (a value of type 0x%x)", type);
    }
}

bool call_with_text(const struct guest *guest, struct wasm_func *func, enum wasm_status *status)
{
    struct wasm_func_type type = wasm_func_type(func);
    union wasm_value arguments[VALUES_MOST], results[VALUES_MOST];

    if (type.params > VALUES_MOST || type.results > VALUES_MOST) {
        printf("wasm: %s: %s has too many parameters or results\n", guest->name, guest->invoke);
        return false;
    }
    if (!arguments_read(guest, &type, arguments))
        return false;
    *status = wasm_func_call(func, arguments, type.params, results, type.results);
    streams_flush();
    if (*status != WASM_OK)
        return true;
    printf("%s(", guest->invoke);
    for (uint32_t i = 0; i < type.params; i++)
        printf("%s%s", i == 0 ? "" : ", ", guest->args[i + 1]);
    printf(")%s", type.results == 0 ? "" : " =");
    for (uint32_t i = 0; i < type.results; i++)
        result_print(type.types[type.params + i], results[i]);
    printf("\n");
    return true;
}
