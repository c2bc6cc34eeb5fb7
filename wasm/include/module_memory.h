/* SPDX-License-Identifier: BSD-2-Clause */
/* How a module comes to its runner: a Memory named "module", with this header in front of the module's bytes. */
#ifndef WASM_MODULE_MEMORY_H
#define WASM_MODULE_MEMORY_H

#include <stdint.h>

#define MODULE_MAGIC  "MNMODULE" /* without the terminating NUL */
#define MODULE_RUNNER "bin/wasm" /* the program that runs modules, in the boot package */

struct module_header {
    char magic[8];
    uint64_t size; /* of the module, which follows */
};

#endif
