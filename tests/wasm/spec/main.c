/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs scripts of the WebAssembly specification as wast2json wrote them, and prints TAP: one line a script.
 *
 * usage: spec [--interp|--jit] [--checked] [--outdated FILE] FOLDER [NAME]...       without names: all that FOLDER/list.txt has
 *
 * The file of outdated expectations has lines `NAME:LINE REASON`; such a command must not come out as the script says.
 */
#include "../../../wasm/host/hooks.h"
#include "spec.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTDATED_MAX 256

struct outdated {
    char where[96];
    bool met;
};

static struct outdated outdated[OUTDATED_MAX];
static unsigned outdated_count;

static bool failed(struct spec_script *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool failed(struct spec_script *script, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(script->why, sizeof script->why, format, arguments);
    va_end(arguments);
    return false;
}

static uint8_t *file_read(const char *folder, const char *name, size_t *size)
{
    char path[512];
    FILE *file;
    long length;
    uint8_t *bytes = NULL;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        /* Exactly as long as the file, so that reading behind its end is found. */
        bytes = malloc(length > 0 ? (size_t)length : 1);
        *size = bytes == NULL ? 0 : fread(bytes, 1, (size_t)length, file);
    }
    fclose(file);
    return bytes;
}

/* --- modules --- */

static enum wasm_status module_load(struct spec_script *script, const struct json *command, struct wasm_module **module,
                                    struct wasm_error *error)
{
    size_t size;
    uint8_t *bytes = file_read(script->folder, json_text(command, "filename", ""), &size);

    *error = (struct wasm_error){.status = WASM_NO_MEMORY, .offset = WASM_NO_OFFSET, .text = "no such file"};
    if (bytes == NULL || script->block_count == sizeof script->blocks / sizeof script->blocks[0]) {
        free(bytes);
        return WASM_NO_MEMORY;
    }
    script->blocks[script->block_count++] = bytes;
    return wasm_module_load(script->store, bytes, size, script->backend, module, error);
}

static enum wasm_status module_start(struct spec_script *script, const struct json *command,
                                     struct wasm_instance **instance, struct wasm_error *error)
{
    struct wasm_module *module;
    enum wasm_status status = module_load(script, command, &module, error);

    return status != WASM_OK ? status : wasm_instance_new(module, spec_imports_resolve, script, instance, error);
}

static bool name_add(struct spec_script *script, const char *name, bool registered, struct wasm_instance *instance)
{
    if (script->name_count == NAMES_MAX)
        return failed(script, "too many names");
    script->names[script->name_count++] = (struct spec_name){name, registered, instance};
    return true;
}

static struct wasm_instance *instance_named(struct spec_script *script, const char *name)
{
    if (name == NULL)
        return script->current;
    for (unsigned i = script->name_count; i-- > 0;)
        if (!script->names[i].registered && strcmp(script->names[i].name, name) == 0)
            return script->names[i].instance;
    return NULL;
}

static bool run_module(struct spec_script *script, const struct json *command)
{
    struct wasm_error error;
    struct wasm_instance *instance = NULL;
    enum wasm_status status = module_start(script, command, &instance, &error);
    const char *name = json_text(command, "name", NULL);

    script->current = instance;
    if (status == WASM_TRAPPED)
        return failed(script, "the module trapped: %s", wasm_store_trap(script->store).text);
    if (status != WASM_OK)
        return failed(script, "the module was refused: %s", error.text);
    return name == NULL || name_add(script, name, false, instance);
}

static bool run_register(struct spec_script *script, const struct json *command)
{
    struct wasm_instance *instance = instance_named(script, json_text(command, "name", NULL));

    if (instance == NULL)
        return failed(script, "there is no such module");
    return name_add(script, json_text(command, "as", ""), true, instance);
}

/* A text that describes a trap begins with the script's, or the other way round; some scripts have words of their own. */
static bool text_agrees(const char *ours, const char *wanted)
{
    static const char *const own[][2] = {
        {"uninitialized table element", "uninitialized element"},
        {"callIndirect: function signatures don't match", "indirect call type mismatch"},
        {"uninitialized", "undefined element"},
    };
    size_t a = strlen(ours), b = strlen(wanted);

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(wanted, own[i][0]) == 0 && strcmp(ours, own[i][1]) == 0)
            return true;
    return strncmp(ours, wanted, a < b ? a : b) == 0;
}

static bool refusal_check(struct spec_script *script, const struct json *command, enum wasm_status status,
                          enum wasm_status wanted, const struct wasm_error *error, size_t size)
{
    const char *kind = wanted == WASM_MALFORMED ? "malformed" : wanted == WASM_INVALID ? "invalid" : "unlinkable";

    if (status == WASM_OK)
        return failed(script, "%s module accepted (%s)", kind, json_text(command, "text", ""));
    /* One pass decodes and validates, so that of two errors the other may be met first. */
    if (status != wanted && (wanted == WASM_UNLINKABLE || (status != WASM_MALFORMED && status != WASM_INVALID)))
        return failed(script, "refused, but not as %s (%s): %s", kind, json_text(command, "text", ""), error->text);
    if (error->text[0] == 0 || (wanted != WASM_UNLINKABLE && error->offset > size))
        return failed(script, "refused as %s without reason or offset", kind);
    return true;
}

static bool run_refused(struct spec_script *script, const struct json *command, enum wasm_status wanted)
{
    struct wasm_error error;
    struct wasm_module *module;
    enum wasm_status status;
    size_t size = 0;

    free(file_read(script->folder, json_text(command, "filename", ""), &size));
    status = module_load(script, command, &module, &error);
    return refusal_check(script, command, status, wanted, &error, size);
}

static bool trap_check(struct spec_script *script, const struct json *command, enum wasm_status status,
                       const char *what)
{
    const char *wanted = json_text(command, "text", "");
    struct wasm_trap_info info;

    if (status != WASM_TRAPPED)
        return failed(script, "%s did not trap (%s)", what, wanted);
    info = wasm_store_trap(script->store);
    return text_agrees(info.text, wanted) || failed(script, "trapped with \"%s\", not \"%s\"", info.text, wanted);
}

/* Segments that do not fit are found when an instance is made; before bulk memory operations that was called linking. */
static bool was_called_linking(const struct json *command)
{
    return strstr(json_text(command, "text", ""), "segment does not fit") != NULL;
}

static bool run_unlinkable(struct spec_script *script, const struct json *command)
{
    struct wasm_error error;
    struct wasm_instance *instance;
    enum wasm_status status = module_start(script, command, &instance, &error);

    if (was_called_linking(command))
        return status == WASM_TRAPPED || failed(script, "did not trap (%s)", json_text(command, "text", ""));
    return refusal_check(script, command, status, WASM_UNLINKABLE, &error, 0);
}

static bool run_uninstantiable(struct spec_script *script, const struct json *command)
{
    struct wasm_error error;
    struct wasm_instance *instance;

    return trap_check(script, command, module_start(script, command, &instance, &error), "the module");
}

/* --- actions --- */

#define VALUES_MAX 64

struct outcome {
    enum wasm_status status;
    uint32_t count;
    uint8_t types[VALUES_MAX];
    union wasm_value values[VALUES_MAX];
};

static bool invoke(struct spec_script *script, const struct json *action, struct wasm_func *func, struct outcome *out)
{
    struct wasm_func_type type = wasm_func_type(func);
    const struct json *list = json_get(action, "args");
    union wasm_value arguments[VALUES_MAX];
    uint32_t count = 0;

    for (const struct json *a = list == NULL ? NULL : list->first; a != NULL && count < VALUES_MAX; a = a->next)
        if (!spec_value(a, &arguments[count++]))
            return failed(script, "an argument is not understood");
    if (type.results > VALUES_MAX)
        return failed(script, "too many results");
    out->count = type.results;
    memcpy(out->types, type.types + type.params, type.results);
    out->status = wasm_func_call(func, arguments, count, out->values, type.results);
    return true;
}

static bool act(struct spec_script *script, const struct json *command, struct outcome *out)
{
    const struct json *action = json_get(command, "action"), *field = json_get(action, "field");
    struct wasm_instance *instance = instance_named(script, json_text(action, "module", NULL));
    struct wasm_extern found;
    bool is_mutable;

    if (instance == NULL || field == NULL)
        return failed(script, "there is no such module");
    found = wasm_instance_export(instance, field->text, field->length);
    if (strcmp(json_text(action, "type", ""), "invoke") == 0 && found.func != NULL)
        return invoke(script, action, found.func, out);
    if (strcmp(json_text(action, "type", ""), "get") == 0 && found.global != NULL) {
        out->status = WASM_OK;
        out->count = 1;
        out->types[0] = (uint8_t)wasm_global_type(found.global, &is_mutable);
        out->values[0] = wasm_global_get(found.global);
        return true;
    }
    return failed(script, "no export \"%s\" of that kind", field->text);
}

static bool run_return(struct spec_script *script, const struct json *command)
{
    const struct json *list = json_get(command, "expected"), *expected = list == NULL ? NULL : list->first;
    struct outcome out;
    char got[80];

    if (!act(script, command, &out))
        return false;
    if (out.status != WASM_OK)
        return failed(script, "%s instead of returning",
                      out.status == WASM_TRAPPED ? wasm_store_trap(script->store).text : "was refused");
    for (uint32_t i = 0; i < out.count; i++, expected = expected->next) {
        if (expected == NULL)
            return failed(script, "returned %u values, which are too many", out.count);
        if (spec_value_matches(expected, out.types[i], out.values[i]))
            continue;
        spec_value_print(got, sizeof got, out.types[i], out.values[i]);
        return failed(script, "value %u is %s, not %s %s", i, got, json_text(expected, "type", "?"),
                      json_text(expected, "value", "(lanes)"));
    }
    return expected == NULL || failed(script, "returned only %u values", out.count);
}

static bool run_action(struct spec_script *script, const struct json *command)
{
    struct outcome out;

    if (!act(script, command, &out))
        return false;
    return out.status == WASM_OK || failed(script, "did not return");
}

static bool run_trap(struct spec_script *script, const struct json *command)
{
    struct outcome out;

    return act(script, command, &out) && trap_check(script, command, out.status, "the call");
}

/* --- scripts --- */

static bool run_command(struct spec_script *script, const struct json *command, bool *skipped)
{
    const char *type = json_text(command, "type", "");

    *skipped = false;
    if (strcmp(json_text(command, "module_type", "binary"), "text") == 0) {
        *skipped = true;
        return true;
    }
    if (strcmp(type, "module") == 0)
        return run_module(script, command);
    if (strcmp(type, "register") == 0)
        return run_register(script, command);
    if (strcmp(type, "action") == 0)
        return run_action(script, command);
    if (strcmp(type, "assert_return") == 0)
        return run_return(script, command);
    if (strcmp(type, "assert_trap") == 0 || strcmp(type, "assert_exhaustion") == 0)
        return run_trap(script, command);
    if (strcmp(type, "assert_malformed") == 0)
        return run_refused(script, command, WASM_MALFORMED);
    if (strcmp(type, "assert_invalid") == 0)
        return run_refused(script, command, WASM_INVALID);
    if (strcmp(type, "assert_unlinkable") == 0)
        return run_unlinkable(script, command);
    if (strcmp(type, "assert_uninstantiable") == 0)
        return run_uninstantiable(script, command);
    return failed(script, "unknown command %s", type);
}

static bool is_outdated(const struct spec_script *script, const char *line)
{
    char where[96];

    snprintf(where, sizeof where, "%s:%s", script->name, line);
    for (unsigned i = 0; i < outdated_count; i++) {
        if (strcmp(outdated[i].where, where) == 0) {
            outdated[i].met = true;
            return true;
        }
    }
    return false;
}

struct tally {
    unsigned passed, failed, outdated, text;
};

static void commands_run(struct spec_script *script, const struct json *document, struct tally *tally)
{
    const struct json *commands = json_get(document, "commands");

    for (const struct json *c = commands == NULL ? NULL : commands->first; c != NULL; c = c->next) {
        const char *line = json_text(c, "line", "?");
        bool skipped, ok = run_command(script, c, &skipped);
        if (skipped) {
            tally->text++;
        } else if (is_outdated(script, line)) {
            tally->outdated++;
            if (ok) {
                printf("# %s:%s came out as the script says, and is listed as outdated\n", script->name, line);
                tally->failed++;
            }
        } else if (ok) {
            tally->passed++;
        } else {
            tally->failed++;
            printf("# %s:%s %s: %s\n", script->name, line, json_text(c, "type", "?"), script->why);
        }
    }
}

/* Compiled code compares addresses with the memory's size instead of relying on faults. */
static bool checked;

static bool script_open(struct spec_script *script)
{
    struct wasm_limits limits = {.memory_pages = 262144};

    struct wasm_hooks hooks = host_hooks;

    hooks.catches_faults = !checked;
    return wasm_store_new(&hooks, &limits, &script->store) == WASM_OK && spec_imports_make(script);
}

/* False: the script cannot be run at all. */
static bool script_run(const char *folder, const char *name, enum wasm_backend backend, struct tally *tally)
{
    struct spec_script *script = calloc(1, sizeof *script);
    char file[128];
    size_t size = 0, wrong = 0;
    char *text;
    struct json *document;
    bool ok = false;

    snprintf(file, sizeof file, "%s.json", name);
    text = (char *)file_read(folder, file, &size);
    document = text == NULL ? NULL : json_parse(text, size, &wrong);
    if (script != NULL && document != NULL) {
        script->folder = folder;
        script->name = name;
        script->backend = backend;
        ok = script_open(script);
        if (ok)
            commands_run(script, document, tally);
        wasm_store_free(script->store);
        for (unsigned i = 0; i < script->block_count; i++)
            free(script->blocks[i]);
    } else {
        printf("# %s/%s is no JSON at offset %zu\n", folder, file, wrong);
    }
    json_free(document);
    free(text);
    free(script);
    return ok;
}

static bool outdated_load(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (line[0] != '#' && outdated_count < OUTDATED_MAX &&
            sscanf(line, "%95s", outdated[outdated_count].where) == 1)
            outdated_count++;
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

static unsigned number;
static bool all_ok = true;
static struct tally total;

static void script_report(const char *folder, const char *name, enum wasm_backend backend)
{
    struct tally tally = {0};
    bool ok = script_run(folder, name, backend, &tally) && tally.failed == 0 && tally.passed > 0;

    /* A script of nothing but text is about the text format, which the engine does not read. */
    if (tally.passed + tally.failed + tally.outdated == 0 && tally.text > 0)
        printf("# %s: all %u commands are of the text format\n", name, tally.text);
    else
        printf("%s %u - %s: %u of %u commands%s\n", ok ? "ok" : "not ok", ++number, name, tally.passed,
               tally.passed + tally.failed, tally.outdated > 0 ? ", outdated ones apart" : "");
    all_ok = all_ok && (ok || tally.passed + tally.failed + tally.outdated == 0);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.outdated += tally.outdated;
    total.text += tally.text;
    fflush(stdout);
}

static bool list_run(const char *folder, enum wasm_backend backend)
{
    char path[512], line[512], name[96];
    FILE *file;
    unsigned skips = 0;

    snprintf(path, sizeof path, "%s/list.txt", folder);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "none ", 5) == 0)
            printf("ok %u - the specification's tests # SKIP %s\n", ++number, line + 5);
        else if (sscanf(line, "file %95s", name) == 1)
            script_report(folder, name, backend);
        else if (strncmp(line, "skip ", 5) == 0 && ++skips)
            printf("# not converted: %s\n", line + 5);
    }
    if (file != NULL)
        fclose(file);
    for (unsigned i = 0; i < outdated_count && total.passed > 0; i++) {
        if (outdated[i].met)
            continue;
        printf("not ok %u - the outdated expectation %s exists\n", ++number, outdated[i].where);
        all_ok = false;
    }
    printf("# score: %u of %u commands; %u outdated, %u of the text format, %u not converted\n", total.passed,
           total.passed + total.failed, total.outdated, total.text, skips);
    return file != NULL;
}

int main(int argc, char **argv)
{
    enum wasm_backend backend = WASM_INTERPRETER;
    int i = 1;

    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--jit") == 0)
            backend = WASM_COMPILER;
        else if (strcmp(argv[i], "--checked") == 0)
            checked = true;
        else if (strcmp(argv[i], "--outdated") == 0 && i + 1 < argc) {
            if (!outdated_load(argv[++i]))
                return fprintf(stderr, "spec: cannot read %s\n", argv[i]), 2;
        } else if (strcmp(argv[i], "--interp") != 0)
            return fprintf(stderr, "spec: unknown option %s\n", argv[i]), 2;
    }
    if (i >= argc)
        return fprintf(stderr, "usage: spec [--interp|--jit] [--checked] [--outdated FILE] FOLDER [NAME]...\n"), 2;
    if (i + 1 == argc) {
        if (!list_run(argv[i], backend))
            return fprintf(stderr, "spec: there is no %s/list.txt\n", argv[i]), 2;
    } else {
        for (int k = i + 1; k < argc; k++)
            script_report(argv[i], argv[k], backend);
    }
    printf("1..%u\n", number);
    return all_ok ? 0 : 1;
}
