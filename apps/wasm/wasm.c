/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs WebAssembly modules.
 *
 * With a capability "module" (init gives one to a service whose program is a module) that module is run with the process's
 * arguments, and all that the entry lists is granted to it.  Without one, the command line says what to do with which file
 * of the boot package; nothing is granted then that it does not name.
 */
#include "../../wasm/guest/guest.h"
#include <module_memory.h>

#include <libmnos/names.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>

static const char *env[MNOS_ARGS_MAX];
static struct guest guest = {.backend = WASM_COMPILER, .fuel = WASM_FUEL_FOREVER, .env = env};

static const char usage[] = "usage: wasm run [--dir GUEST=PATH] [--env NAME=VALUE] [--grant CAPABILITY] [--random]\n"
                            "                [--interp|--jit] [--fuel N] [--timeout MS] [--memory PAGES]\n"
                            "                [--invoke EXPORT] FILE [ARGUMENT]...\n"
                            "       wasm validate|inspect|disassemble FILE\n";

static int fail(const char *what, const char *value)
{
    printf("wasm: %s%s\n", what, value);
    return STATUS_BAD;
}

/* --- A service --- */

/* The header is read once; the bytes stay as they are, since nobody else can write them. */
static bool module_map(mnos_handle_t memory)
{
    struct mnos_cap_info info;

    if (mnos_cap_inspect(memory, &info, sizeof info) < 0 || info.size < sizeof(struct module_header))
        return false;
    const struct module_header *header = map_memory(memory, 0, info.size, MNOS_MAP_READ, NULL);
    if (header == NULL || memcmp(header->magic, MODULE_MAGIC, sizeof header->magic) != 0 ||
        header->size > info.size - sizeof *header)
        return false;
    guest.bytes = (const uint8_t *)(header + 1);
    guest.size = header->size;
    return true;
}

static int service_run(mnos_handle_t module, int argc, char **argv)
{
    mnos_handle_t package = mnos_cap("package"), rng = mnos_cap("rng");

    guest.name = argc > 0 ? argv[0] : "module";
    if (!module_map(module))
        return fail("the capability 'module' holds none", "");
    guest.arg_count = (uint32_t)argc;
    guest.args = (const char *const *)argv;
    guest.random = rng != MNOS_NONE;
    random_open(rng);
    handle_grant_all();
    if (package != MNOS_NONE && files_open(package)) {
        guest.dirs[0].guest = "/";
        guest.dirs[0].path = "";
        guest.dir_count = 1;
    }
    return guest_run(&guest);
}

/* --- A command --- */

static bool number_read(const char *text, uint64_t *out)
{
    *out = 0;
    for (const char *c = text; *c != '\0'; c++)
        if (*c < '0' || *c > '9' || __builtin_mul_overflow(*out, 10, out) ||
            __builtin_add_overflow(*out, *c - '0', out))
            return false;
    return *text != '\0';
}

/* Paths of the package are relative to its root. */
static size_t slashes(const char *path)
{
    size_t count = 0;

    while (path[count] == '/')
        count++;
    return count;
}

static bool dir_add(char *value)
{
    char *split = strchr(value, '=');

    if (guest.dir_count == GUEST_DIRS || split == NULL)
        return false;
    *split = '\0';
    guest.dirs[guest.dir_count].guest = value;
    guest.dirs[guest.dir_count++].path = split + 1 + slashes(split + 1);
    return true;
}

static bool env_add(const char *value)
{
    if (guest.env_count == MNOS_ARGS_MAX || strchr(value, '=') == NULL)
        return false;
    env[guest.env_count++] = value;
    return true;
}

/* The source of randomness is a service, which is looked up when it is wanted. */
static bool random_grant(void)
{
    mnos_handle_t rng = MNOS_NONE;

    guest.random = names_lookup(mnos_cap("init"), "rng0", &rng) == 0;
    random_open(rng);
    return guest.random;
}

static bool valued(const char *option, char *value)
{
    if (strcmp(option, "--dir") == 0)
        return dir_add(value);
    if (strcmp(option, "--env") == 0)
        return env_add(value);
    if (strcmp(option, "--grant") == 0)
        return handle_grant(value);
    if (strcmp(option, "--fuel") == 0)
        return number_read(value, &guest.fuel);
    if (strcmp(option, "--timeout") == 0)
        return number_read(value, &guest.timeout_ms);
    if (strcmp(option, "--memory") == 0)
        return number_read(value, &guest.memory_pages) && guest.memory_pages != 0;
    if (strcmp(option, "--invoke") == 0)
        guest.invoke = value;
    return strcmp(option, "--invoke") == 0;
}

/* The place of FILE in argv; 0: a line said what is wrong. */
static int options_read(int argc, char **argv)
{
    int i = 2;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--interp") == 0)
            guest.backend = WASM_INTERPRETER;
        else if (strcmp(argv[i], "--jit") == 0)
            guest.backend = WASM_COMPILER;
        else if (strcmp(argv[i], "--random") == 0) {
            if (!random_grant()) {
                (void)fail("nothing here gives randomness", "");
                return 0;
            }
        } else if (i + 1 >= argc) {
            (void)fail("unknown option, or its value is missing: ", argv[i]);
            return 0;
        } else if (!valued(argv[i], argv[i + 1])) {
            printf("wasm: %s cannot be '%s'\n", argv[i], argv[i + 1]);
            return 0;
        } else
            i++;
    }
    if (i >= argc)
        printf("%s", usage);
    return i < argc ? i : 0;
}

static int show(const char *command)
{
    struct wasm_store *store;
    struct wasm_module *module = guest_load(&guest, &store);

    if (module == NULL)
        return STATUS_BAD;
    if (strcmp(command, "validate") == 0)
        printf("%s: %zu bytes, valid\n", guest.name, guest.size);
    else if (strcmp(command, "inspect") == 0)
        show_module(&guest, module);
    else
        show_code(module);
    wasm_store_free(store);
    return 0;
}

static int command_run(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    bool run = strcmp(command, "run") == 0;

    if (!run && strcmp(command, "validate") != 0 && strcmp(command, "inspect") != 0 &&
        strcmp(command, "disassemble") != 0) {
        printf("%s", usage);
        return STATUS_BAD;
    }
    int file = run ? options_read(argc, argv) : argc == 3 ? 2 : 0;
    if (file == 0) {
        if (!run)
            printf("%s", usage);
        return STATUS_BAD;
    }
    if (!files_open(mnos_cap("package")))
        return fail("there is no boot package to read from", "");
    guest.name = argv[file];
    guest.bytes = files_bytes(argv[file] + slashes(argv[file]), &guest.size);
    if (guest.bytes == NULL)
        return fail("the boot package has no file ", argv[file]);
    guest.arg_count = (uint32_t)(argc - file);
    guest.args = (const char *const *)argv + file;
    return run ? guest_run(&guest) : show(command);
}

static void text_put(void *context, const char *text, size_t length)
{
    struct wasi_span span = {(void *)(uintptr_t)text, length};
    size_t done;

    (void)context;
    (void)streams_write(1, &span, 1, &done);
}

int main(int argc, char **argv)
{
    mnos_handle_t module = mnos_cap("module");

    streams_open(mnos_cap("console"));
    print_to(text_put, NULL);
    int status = module != MNOS_NONE ? service_run(module, argc, argv) : command_run(argc, argv);
    print_flush();
    streams_flush();
    return status;
}
