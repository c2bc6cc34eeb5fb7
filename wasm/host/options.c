/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of wasm-host. */
#include "options.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: wasm-host [--dir GUEST=HOST] [--env NAME=VALUE] [--interp|--jit] [--fuel N] [--timeout MILLISECONDS]\n"
    "                 [--memory PAGES] [--validate|--compile] FILE.wasm [ARGUMENTS]\n";

static bool complain(const char *what, const char *value)
{
    fprintf(stderr, "wasm-host: %s%s\n", what, value);
    return false;
}

static bool add_dir(struct options *options, char *value)
{
    char *split = strchr(value, '=');

    if (options->dir_count == OPTIONS_MAX)
        return complain("too many directories at ", value);
    if (split != NULL)
        *split = 0;
    options->dirs[options->dir_count].guest = value;
    options->dirs[options->dir_count++].host = split != NULL ? split + 1 : value;
    return true;
}

static bool add_env(struct options *options, const char *value)
{
    if (options->env_count == OPTIONS_MAX)
        return complain("too many variables at ", value);
    if (strchr(value, '=') == NULL)
        return complain("--env wants NAME=VALUE, not ", value);
    options->env[options->env_count++] = value;
    return true;
}

static bool number(const char *value, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(value, &end, 10);
    if (errno != 0 || value[0] < '0' || value[0] > '9' || *end != 0)
        return complain("not a number: ", value);
    return true;
}

static bool option_with_value(struct options *options, const char *name, size_t length, char *value)
{
    static const char *const names[] = {"--dir", "--env", "--fuel", "--timeout", "--memory"};
    size_t which = 0;

    while (which < 5 && (strlen(names[which]) != length || strncmp(names[which], name, length) != 0))
        which++;
    if (which == 5)
        return complain("unknown option ", name);
    if (value == NULL)
        return complain("a value is missing behind ", name);
    return which == 0   ? add_dir(options, value)
           : which == 1 ? add_env(options, value)
           : which == 2 ? number(value, &options->fuel)
           : which == 3 ? number(value, &options->timeout_ms)
                        : number(value, &options->memory_pages);
}

bool options_parse(struct options *options, int argc, char **argv)
{
    int i = 1;

    *options = (struct options){.backend = WASM_INTERPRETER, .fuel = WASM_FUEL_FOREVER};
    for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
        char *equals = strchr(argv[i], '=');
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (strcmp(argv[i], "--interp") == 0) {
            options->backend = WASM_INTERPRETER;
        } else if (strcmp(argv[i], "--jit") == 0) {
            options->backend = WASM_COMPILER;
        } else if (strcmp(argv[i], "--validate") == 0) {
            options->validate = true;
        } else if (strcmp(argv[i], "--compile") == 0) {
            options->compile = true;
        } else if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stderr);
            return false;
        } else if (equals != NULL) {
            if (!option_with_value(options, argv[i], (size_t)(equals - argv[i]), equals + 1))
                return false;
        } else {
            if (!option_with_value(options, argv[i], strlen(argv[i]), i + 1 < argc ? argv[i + 1] : NULL))
                return false;
            i++;
        }
    }
    options->first = i;
    if (i >= argc) {
        fputs(usage, stderr);
        return false;
    }
    return true;
}
