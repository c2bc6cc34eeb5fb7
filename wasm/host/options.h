/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of wasm-host. */
#ifndef WASM_HOST_OPTIONS_H
#define WASM_HOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <wasm.h>

#define OPTIONS_MAX 64

struct options {
    enum wasm_backend backend;
    bool validate; /* load the module, run nothing */
    bool compile;  /* as well, and make code of all its functions */
    uint64_t fuel;
    uint64_t timeout_ms;   /* 0: none */
    uint64_t memory_pages; /* 0: the engine's default */
    uint32_t dir_count;
    struct {
        const char *guest;
        const char *host;
    } dirs[OPTIONS_MAX];
    uint32_t env_count;
    const char *env[OPTIONS_MAX];
    int first; /* index of FILE in argv; the module's arguments follow it */
};

/* False: what is wrong has been said on stderr.  Strings stay argv's, which is changed ('=' between the directories). */
bool options_parse(struct options *options, int argc, char **argv);

#endif
