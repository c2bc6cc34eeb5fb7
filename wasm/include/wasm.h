/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The WebAssembly engine, as an embedder sees it: load a module from bytes, give it what it imports, call what it
 * exports.  The language is WebAssembly 1.0 with sign extension, saturating conversion, bulk memory, multi-value,
 * reference types, mutable globals, extended constants, tail calls, multi-memory and SIMD 128.
 *
 * In ten lines (hooks and error handling apart):
 *
 *     struct wasm_store *store;
 *     struct wasm_module *module;
 *     struct wasm_instance *instance;
 *     union wasm_value arguments[2] = {{.i32 = 10}, {.i32 = 32}}, result;
 *
 *     wasm_store_new(&hooks, &limits, &store);
 *     wasm_module_load(store, bytes, size, WASM_INTERPRETER, &module, &error);
 *     wasm_instance_new(module, resolver, NULL, &instance, &error);
 *     wasm_func_call(wasm_instance_export(instance, "add", 3).func, arguments, 2, &result, 1);
 *
 * The engine is freestanding: memory comes from the embedder's hooks, block functions from <str.h>.  It trusts the
 * embedder and nothing else: every module is validated, every access of a running module is checked.
 *
 * Contexts.  A store and all that hangs on it is used by one thread at a time; only wasm_store_interrupt may be called
 * from any thread or signal handler.  Calls nest: a host function may call wasm_func_call on the same store.
 *
 * Ownership.  Modules, instances and host objects belong to their store and live until wasm_store_free, because
 * instances refer to each other freely.  A module's bytes are borrowed: they stay readable and unchanged as long as the
 * store lives.  Names are byte strings with a length, not terminated.
 *
 * Sources: WebAssembly Core Specification 2.0 and the proposals tail-call, multi-memory and extended-const.
 */
#ifndef MNOS_WASM_H
#define MNOS_WASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WASM_PAGE         65536u
#define WASM_MAX_PAGES    65536u
#define WASM_NO_OFFSET    SIZE_MAX
#define WASM_FUEL_FOREVER UINT64_MAX

struct wasm_store;
struct wasm_module;
struct wasm_instance;
struct wasm_func;
struct wasm_memory;
struct wasm_table;
struct wasm_global;

/* What became of a request.  Nothing was changed by one that failed, with two exceptions that the specification asks
 * for: what a start function or an active segment wrote before a trap stays written. */
enum wasm_status {
    WASM_OK,
    WASM_NO_MEMORY,  /* the allocator, the address space or a limit of the store is exhausted */
    WASM_MALFORMED,  /* the bytes are no module: error.offset says where */
    WASM_INVALID,    /* a module that breaks a rule of validation: error.offset says where */
    WASM_UNLINKABLE, /* an import is unknown or of another type */
    WASM_BAD_CALL,   /* number of arguments or results differs from the function's type */
    WASM_TRAPPED,    /* wasm_store_trap says why and where */
    WASM_EXITED,     /* a host function asked to exit: wasm_store_exit_status has the number */
};

/* Why a module was refused.  The text is one line without a full stop, in the specification's words where it has
 * some. */
struct wasm_error {
    enum wasm_status status;
    size_t offset; /* byte of the module that is wrong, or WASM_NO_OFFSET */
    char text[160];
};

enum wasm_type {
    WASM_I32 = 0x7f,
    WASM_I64 = 0x7e,
    WASM_F32 = 0x7d,
    WASM_F64 = 0x7c,
    WASM_V128 = 0x7b,
    WASM_FUNCREF = 0x70,
    WASM_EXTERNREF = 0x6f,
};

/* A value; its type is known from the context.  Floating-point numbers may also be read and written as their bits in
 * i32 and i64.  References are null when `ref` is NULL; a function reference is a struct wasm_func *, an external one
 * whatever the embedder takes it for. */
union wasm_value {
    uint32_t i32;
    uint64_t i64;
    float f32;
    double f64;
    uint8_t v128[16];
    void *ref;
};

/* Types of function; `types` has the parameters first, the results behind them. */
struct wasm_func_type {
    uint32_t params;
    uint32_t results;
    const uint8_t *types; /* enum wasm_type, one a byte */
};

/* --- What the engine needs from its embedder --- */

/* alloc      `size` bytes, aligned to 16, contents undefined; NULL when there are none
 * free       a block of alloc, with its size
 * reserve    address space without memory, a multiple of 4096 bytes and aligned to it; NULL when there is none
 * commit     makes [at, at + size) of a reservation readable, writable and zero; multiples of 4096; false when refused
 * release    gives a whole reservation back
 * now        nanoseconds from any fixed instant, ascending; asked when a deadline is set.  May be NULL: then there are
 *            no deadlines
 * code_map   `size` bytes (a multiple of 4096) twice: writable at *write, executable at *execute.  May be NULL: then
 *            every module is interpreted
 * code_unmap gives both back
 * catches_faults
 *            the embedder catches accesses to reserved pages that are not committed and asks wasm_code_fault about them:
 *            memories then get so much address space that compiled code needs no checks */
struct wasm_hooks {
    void *user;
    void *(*alloc)(void *user, size_t size);
    void (*free)(void *user, void *block, size_t size);
    void *(*reserve)(void *user, size_t size);
    bool (*commit)(void *user, void *at, size_t size);
    void (*release)(void *user, void *at, size_t size);
    uint64_t (*now)(void *user);
    bool (*code_map)(void *user, size_t size, void **write, void **execute);
    void (*code_unmap)(void *user, void *write, void *execute, size_t size);
    bool catches_faults;
};

/* A thread that ran code of code_map (the registers must be of such an instruction) touched `address`, where nothing is
 * mapped.  True: that was an access beyond a module's memory, and the thread goes on with the changed registers, which
 * trap.  False: it was something else.  Any context, also that of a signal handler. */
struct wasm_registers {
    uint64_t rip, rdi, rcx, r15;
};
bool wasm_code_fault(struct wasm_registers *registers, uint64_t address);

/* What a store may use.  Zero means the default in parentheses. */
struct wasm_limits {
    uint64_t memory_pages;   /* 64 KiB pages of all memories together (65536) */
    uint64_t table_elements; /* of all tables together (10,000,000) */
    size_t stack_bytes;      /* values and frames of running functions (1 MiB) */
    uint32_t host_depth;     /* calls into a module from a host function that one called, and so on (64) */
};

/* Reserves the stack.  `limits` may be NULL.  Both are copied. */
enum wasm_status wasm_store_new(const struct wasm_hooks *hooks, const struct wasm_limits *limits,
                                struct wasm_store **store);
/* Frees everything that belongs to the store.  No call may be running in it. */
void wasm_store_free(struct wasm_store *store);

/* --- Limits on running code ---
 *
 * One unit of fuel is one call or one jump backwards.  When there is none left, the code traps with
 * WASM_TRAP_OUT_OF_FUEL; it starts with WASM_FUEL_FOREVER.  The deadline is in the embedder's `now`; 0 is none.  Deadline
 * and interrupt are looked at every 4,096 units, and end the call with WASM_TRAP_DEADLINE and WASM_TRAP_INTERRUPTED. */
void wasm_store_set_fuel(struct wasm_store *store, uint64_t fuel);
uint64_t wasm_store_fuel(const struct wasm_store *store);
void wasm_store_set_deadline(struct wasm_store *store, uint64_t deadline);
/* Ends the outermost running call soon, from any thread; stays set until wasm_store_resume. */
void wasm_store_interrupt(struct wasm_store *store);
void wasm_store_resume(struct wasm_store *store);

/* --- Modules --- */

enum wasm_backend {
    WASM_INTERPRETER,
    WASM_COMPILER, /* the interpreter runs it where the store has no code_map or the build no compiler */
};

/* Decodes and validates the whole module.  `error` may be NULL. */
enum wasm_status wasm_module_load(struct wasm_store *store, const uint8_t *bytes, size_t size,
                                  enum wasm_backend backend, struct wasm_module **module, struct wasm_error *error);

enum wasm_kind { WASM_FUNC, WASM_TABLE, WASM_MEMORY, WASM_GLOBAL };

/* An imported or exported thing; one of the four pointers, by `kind`.  All NULL: there is none. */
struct wasm_extern {
    enum wasm_kind kind;
    struct wasm_func *func;
    struct wasm_table *table;
    struct wasm_memory *memory;
    struct wasm_global *global;
};

struct wasm_limits_type {
    uint32_t minimum;
    uint32_t maximum; /* UINT32_MAX: none */
};

/* What a module asks for or offers.  `module` and its length are those of an import. */
struct wasm_entry {
    const char *module, *name;
    uint32_t module_length, name_length;
    enum wasm_kind kind;
    struct wasm_func_type func;     /* of a function */
    enum wasm_type type;            /* of a table's elements or a global */
    bool is_mutable;                /* of a global */
    struct wasm_limits_type limits; /* of a table, in elements; of a memory, in pages */
};

uint32_t wasm_module_import_count(const struct wasm_module *module);
struct wasm_entry wasm_module_import(const struct wasm_module *module, uint32_t index);
uint32_t wasm_module_export_count(const struct wasm_module *module);
struct wasm_entry wasm_module_export(const struct wasm_module *module, uint32_t index);
/* The custom section of that name, the first one, or NULL. */
const uint8_t *wasm_module_custom(const struct wasm_module *module, const char *name, size_t *size);

/* --- Instances --- */

/* Finds one import: an extern made by the functions below or exported by another instance of the same store.  Returns
 * false, or leaves *found empty, when the import is not granted.  The engine compares the types. */
typedef bool (*wasm_resolver)(void *user, const struct wasm_entry *import, struct wasm_extern *found);

/* Links, initialises, and runs the start function: may return WASM_UNLINKABLE, WASM_NO_MEMORY, WASM_TRAPPED,
 * WASM_EXITED.  After a trap *instance is NULL, while its functions that got into a shared table stay callable. */
enum wasm_status wasm_instance_new(struct wasm_module *module, wasm_resolver resolver, void *user,
                                   struct wasm_instance **instance, struct wasm_error *error);
struct wasm_extern wasm_instance_export(struct wasm_instance *instance, const char *name, size_t length);
struct wasm_extern wasm_instance_export_at(struct wasm_instance *instance, uint32_t index);
/* Makes code of all functions that were not called yet, which otherwise happens at the first call.  False: no memory. */
bool wasm_instance_translate(struct wasm_instance *instance);
const struct wasm_module *wasm_instance_module(const struct wasm_instance *instance);
/* The first memory, or NULL. */
struct wasm_memory *wasm_instance_memory(struct wasm_instance *instance);

/* --- Functions --- */

/* How a host function ends.  HOST_TRAP and HOST_EXIT end the whole call from the outside. */
enum wasm_host_result { WASM_HOST_OK, WASM_HOST_TRAP, WASM_HOST_EXIT };

/* What a host function may ask while it runs. */
struct wasm_host_call {
    struct wasm_store *store;
    struct wasm_instance *caller; /* the instance whose code made the call; NULL when the embedder did */
    int32_t exit_status;          /* to be set before WASM_HOST_EXIT */
    const char *trap_text;        /* may be set before WASM_HOST_TRAP; must live as long as the store */
};

/* `arguments` and `results` have as many elements as the type says, and never overlap. */
typedef enum wasm_host_result (*wasm_host_fn)(void *user, struct wasm_host_call *call,
                                              const union wasm_value *arguments, union wasm_value *results);

/* A function of the host.  The type is copied.  NULL: no memory, or a type of more than 1000 values. */
struct wasm_func *wasm_func_new(struct wasm_store *store, const struct wasm_func_type *type, wasm_host_fn function,
                                void *user);
struct wasm_func_type wasm_func_type(const struct wasm_func *func);

/* Calls and waits.  Counts must be the type's.  `results` is written when WASM_OK is returned. */
enum wasm_status wasm_func_call(struct wasm_func *func, const union wasm_value *arguments, uint32_t argument_count,
                                union wasm_value *results, uint32_t result_count);

/* --- Why a call ended --- */

enum wasm_trap {
    WASM_TRAP_NONE,
    WASM_TRAP_UNREACHABLE,
    WASM_TRAP_DIVIDE_BY_ZERO,
    WASM_TRAP_INTEGER_OVERFLOW,
    WASM_TRAP_INVALID_CONVERSION,
    WASM_TRAP_MEMORY_BOUNDS,
    WASM_TRAP_TABLE_BOUNDS,
    WASM_TRAP_UNDEFINED_ELEMENT,
    WASM_TRAP_UNINITIALIZED_ELEMENT,
    WASM_TRAP_INDIRECT_TYPE,
    WASM_TRAP_STACK,
    WASM_TRAP_OUT_OF_FUEL,
    WASM_TRAP_DEADLINE,
    WASM_TRAP_INTERRUPTED,
    WASM_TRAP_NO_MEMORY, /* a function could not be translated */
    WASM_TRAP_HOST,
};

struct wasm_trap_info {
    enum wasm_trap trap;
    const char *text;                     /* the specification's words, or the host function's */
    const struct wasm_instance *instance; /* whose code trapped, or NULL */
    uint32_t function;                    /* its index in that instance's module */
    size_t offset;                        /* of the instruction in the module, or WASM_NO_OFFSET */
};

/* Of the last call that returned WASM_TRAPPED. */
struct wasm_trap_info wasm_store_trap(const struct wasm_store *store);
const char *wasm_trap_text(enum wasm_trap trap);
/* Of the last call that returned WASM_EXITED. */
int32_t wasm_store_exit_status(const struct wasm_store *store);

/* --- Memories, tables, globals --- */

/* NULL: no memory, above the store's limit, or limits that make no sense. */
struct wasm_memory *wasm_memory_new(struct wasm_store *store, struct wasm_limits_type limits);
uint64_t wasm_memory_size(const struct wasm_memory *memory); /* bytes; it only grows */
struct wasm_limits_type wasm_memory_limits(const struct wasm_memory *memory);
/* Pages before, or UINT32_MAX when refused. */
uint32_t wasm_memory_grow(struct wasm_memory *memory, uint32_t pages);
/* The bytes [address, address + length), or NULL when they are not all inside.  The pointer stays good: a memory never
 * moves. */
uint8_t *wasm_memory_at(struct wasm_memory *memory, uint64_t address, uint64_t length);

struct wasm_table *wasm_table_new(struct wasm_store *store, enum wasm_type element, struct wasm_limits_type limits,
                                  void *initial);
uint32_t wasm_table_size(const struct wasm_table *table);
enum wasm_type wasm_table_type(const struct wasm_table *table);
struct wasm_limits_type wasm_table_limits(const struct wasm_table *table);
/* False: out of bounds. */
bool wasm_table_get(const struct wasm_table *table, uint32_t index, void **ref);
bool wasm_table_set(struct wasm_table *table, uint32_t index, void *ref);
/* Elements before, or UINT32_MAX when refused. */
uint32_t wasm_table_grow(struct wasm_table *table, uint32_t elements, void *ref);

struct wasm_global *wasm_global_new(struct wasm_store *store, enum wasm_type type, bool is_mutable,
                                    union wasm_value value);
enum wasm_type wasm_global_type(const struct wasm_global *global, bool *is_mutable);
union wasm_value wasm_global_get(const struct wasm_global *global);
/* False when it is not mutable. */
bool wasm_global_set(struct wasm_global *global, union wasm_value value);

#endif
