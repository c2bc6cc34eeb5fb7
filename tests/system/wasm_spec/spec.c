/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The WebAssembly specification's tests, with the engine as a process in ring 3.  tests/wasm/spec/pack.py writes the file
 * that is read here, and tells what is in it.
 */
#include "../../../wasm/guest/guest.h"
#include "../../wasm/spec/spec.h"

#include <libmnos/heap.h>
#include <libmnos/package.h>
#include <libmnos/print.h>
#include <libmnos/tap.h>
#include <str.h>

/* The module "spectest", and modules that were registered: the same as on the host. */
#include "../../wasm/spec/imports.c" /* NOLINT: one file, two homes */

enum { VALUES_MOST = 64, NAME_ROOM = 256, NAMES_ROOM = NAMES_MAX };

static const uint8_t *at, *end;
static struct spec_script script;
static char names[NAMES_ROOM][NAME_ROOM];

static const uint8_t *take(size_t size)
{
    static const uint8_t nothing[64];
    const uint8_t *bytes = at;

    if (size > (size_t)(end - at)) {
        at = end;
        return nothing;
    }
    at += size;
    return bytes;
}

static uint32_t number(size_t size)
{
    uint32_t value = 0;

    memcpy(&value, take(size), size);
    return value;
}

static void name_take(char name[NAME_ROOM])
{
    size_t length = number(1);

    memcpy(name, take(length), length);
    name[length] = '\0';
}

static struct wasm_instance *instance_named(const char *name)
{
    if (name[0] == '\0')
        return script.current;
    for (unsigned i = script.name_count; i-- > 0;)
        if (!script.names[i].registered && strcmp(script.names[i].name, name) == 0)
            return script.names[i].instance;
    return NULL;
}

static bool name_add(const char *name, bool registered, struct wasm_instance *instance)
{
    if (script.name_count == NAMES_MAX || instance == NULL)
        return false;
    memcpy(names[script.name_count], name, strlen(name) + 1);
    script.names[script.name_count] = (struct spec_name){names[script.name_count], registered, instance};
    script.name_count++;
    return true;
}

static enum wasm_status module_start(enum wasm_backend backend, struct wasm_instance **instance)
{
    size_t size = number(4);
    const uint8_t *bytes = take(size);
    struct wasm_module *module;
    struct wasm_error error;
    enum wasm_status status = wasm_module_load(script.store, bytes, size, backend, &module, &error);

    *instance = NULL;
    return status != WASM_OK ? status : wasm_instance_new(module, spec_imports_resolve, &script, instance, &error);
}

struct outcome {
    bool known;
    enum wasm_status status;
    uint32_t count;
    uint8_t types[VALUES_MOST];
    union wasm_value values[VALUES_MOST];
};

static void act(struct outcome *out)
{
    bool call = number(1) == 'i';
    char name[NAME_ROOM];
    union wasm_value arguments[VALUES_MOST];
    bool is_mutable;

    name_take(name);
    size_t length = number(2);
    const char *field = (const char *)take(length);
    uint32_t count = number(1);
    for (uint32_t i = 0; i < count && i < VALUES_MOST; i++)
        memcpy(&arguments[i], take(16), 16);
    *out = (struct outcome){.known = false};
    struct wasm_instance *instance = instance_named(name);
    if (instance == NULL)
        return;
    struct wasm_extern found = wasm_instance_export(instance, field, length);
    if (call && found.func != NULL) {
        struct wasm_func_type type = wasm_func_type(found.func);
        out->count = type.results;
        memcpy(out->types, type.types + type.params, type.results);
        out->status = wasm_func_call(found.func, arguments, count, out->values, type.results);
        out->known = true;
    } else if (!call && found.global != NULL) {
        out->count = 1;
        out->types[0] = (uint8_t)wasm_global_type(found.global, &is_mutable);
        out->values[0] = wasm_global_get(found.global);
        out->known = true;
    }
}

static bool value_matches(uint8_t type, union wasm_value value, const uint8_t mask[16], const uint8_t wanted[16])
{
    size_t size = type == WASM_V128 ? 16 : type == WASM_I32 || type == WASM_F32 ? 4 : 8;
    uint8_t any = 0;

    for (size_t i = 0; i < 16; i++)
        any |= mask[i];
    if (any == 0 && wanted[0] == 'n')
        return value.ref != NULL;
    for (size_t i = 0; i < size; i++)
        if ((value.v128[i] & mask[i]) != wanted[i])
            return false;
    return true;
}

static bool results_match(const struct outcome *out)
{
    uint32_t count = number(1);
    bool good = out->known && out->status == WASM_OK && count == out->count;

    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *pair = take(32);
        good = good && value_matches(out->types[i], out->values[i], pair, pair + 16);
    }
    return good;
}

static bool command_run(enum wasm_backend backend)
{
    static struct outcome out;
    struct wasm_instance *instance;
    char name[NAME_ROOM], as[NAME_ROOM];
    enum wasm_status status;

    switch (number(1)) {
    case 'M':
        name_take(name);
        status = module_start(backend, &script.current);
        return status == WASM_OK && (name[0] == '\0' || name_add(name, false, script.current));
    case 'G':
        name_take(name);
        name_take(as);
        return name_add(as, true, instance_named(name));
    case 'A':
        act(&out);
        return out.known && out.status == WASM_OK;
    case 'R':
        act(&out);
        return results_match(&out);
    case 'T':
        act(&out);
        return out.known && out.status == WASM_TRAPPED;
    case 'B':
        status = module_start(backend, &instance);
        return status == WASM_MALFORMED || status == WASM_INVALID;
    case 'L':
        return module_start(backend, &instance) == WASM_UNLINKABLE;
    case 'U':
        return module_start(backend, &instance) == WASM_TRAPPED;
    default:
        at = end;
        return false;
    }
}

static void script_run(enum wasm_backend backend, uint32_t *passed, uint32_t *total)
{
    struct wasm_limits limits = {.memory_pages = 262144};
    char name[NAME_ROOM];

    name_take(name);
    uint32_t commands = number(4);
    memset(&script, 0, sizeof script);
    script.name = name;
    bool ready = wasm_store_new(&guest_hooks, &limits, &script.store) == WASM_OK && spec_imports_make(&script);
    for (uint32_t i = 0; i < commands && ready && at < end; i++) {
        ++*total;
        if (command_run(backend))
            ++*passed;
        else
            tap_diag("%s: command %u of %u", name, i, commands);
    }
    wasm_store_free(script.store);
}

static void all_run(enum wasm_backend backend, const char *what)
{
    struct ustar_member member;
    uint32_t passed = 0, total = 0, scripts = 0;

    if (package_find("spec/all", &member) != USTAR_OK || member.size <= 4) {
        tap_skip("the scripts cannot be had here", "the specification's tests, %s [M244]", what);
        return;
    }
    at = member.data;
    end = at + member.size;
    scripts = number(4);
    for (uint32_t i = 0; i < scripts && at < end; i++)
        script_run(backend, &passed, &total);
    tap_diag("score: %u of %u commands of %u scripts, %s", passed, total, scripts, what);
    tap_ok(at == end && total > 10000 && passed == total, "the specification's tests in ring 3, %s [M244]", what);
}

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    all_run(WASM_INTERPRETER, "interpreted");
    all_run(WASM_COMPILER, "compiled");
    return tap_done();
}
