/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's own structures: what a store, a module and an instance are made of.  Everything but the scratch buffers
 * lies in the store's arena and lives as long as the store.
 *
 *     store --- exec            the state of running code: stack, fuel, trap
 *       |
 *       +--- sig, sig, ...      every function type once, so that equal types are equal pointers
 *       |
 *     module -- func_def ...    what the bytes say, validated
 *       |
 *     instance -- func ...      what runs: functions translated when they are called first, memories, tables, globals
 */
#ifndef WASM_TYPES_H
#define WASM_TYPES_H

#include <str.h>
#include <wasm.h>

/* A cell of the stack.  A v128 takes two. */
union code;

union slot {
    const union code *ip;
    union slot *fp;
    uint8_t *mem;
    uint32_t i32;
    uint64_t i64;
    float f32;
    double f64;
    void *ref;
};

struct v128 {
    uint64_t word[2];
};

struct exec;

/* One step of the interpreter; see interp.h. */
typedef void interp_step(const union code *ip, union slot *fp, uint8_t *mem, struct exec *x, uint64_t acc, float fs,
                         double fd);

/* A word of translated code. */
union code {
    interp_step *run;
    void *p;
    uint64_t u64;
    double f64;
    float f[2];
    uint16_t h[4];
    int32_t w[2];
    uint32_t u[2];
};

/* A function type, once in its store. */
struct sig {
    struct sig *next; /* of the same hash; newer ones come first */
    uint32_t serial;
    struct wasm_func_type type;
    uint32_t param_slots, result_slots;
};

struct arena_block;

/* --- Modules --- */

struct func_def {
    struct sig *sig;
    uint32_t body, end; /* offsets of the local declarations and behind the final end; 0: imported */
    uint32_t slots;     /* locals and operands at their highest, without the saved registers */
};

struct table_def {
    uint8_t type;
    struct wasm_limits_type limits;
};

/* A constant expression: offsets of its first instruction and behind its end. */
struct const_expr {
    uint32_t start, end;
};

struct global_def {
    uint8_t type;
    bool is_mutable;
    struct const_expr value;
};

enum segment_mode { SEGMENT_ACTIVE, SEGMENT_PASSIVE, SEGMENT_DECLARED };

struct elem_def {
    uint8_t mode, type;
    bool by_index; /* the items are function indices, not expressions */
    uint32_t table, count;
    struct const_expr offset;
    uint32_t items, items_end; /* where the items stand in the module */
};

struct data_def {
    uint8_t mode;
    uint32_t memory;
    struct const_expr offset;
    uint32_t start, size;
};

struct import_def {
    uint32_t module, module_length, name, name_length;
    uint8_t kind;
    uint32_t index; /* in the index space of its kind */
};

struct export_def {
    uint32_t name, name_length;
    uint8_t kind;
    uint32_t index;
};

struct wasm_module {
    struct wasm_store *store;
    const uint8_t *bytes;
    size_t size;
    enum wasm_backend backend;
    struct sig **types;
    struct import_def *imports;
    struct func_def *funcs;
    struct table_def *tables;
    struct wasm_limits_type *memories;
    struct global_def *globals;
    struct export_def *exports;
    struct elem_def *elems;
    struct data_def *datas;
    uint8_t *declared; /* a bit for each function that ref.func may name inside a body */
    uint32_t type_count, import_count, func_count, table_count, memory_count, global_count, export_count, elem_count,
        data_count;
    uint32_t imported_funcs, imported_tables, imported_memories, imported_globals;
    bool has_start, has_data_count;
    uint32_t start;
};

/* --- Instances --- */

struct wasm_func {
    const union code *code; /* where the interpreter enters it */
    uint8_t *mem;           /* of its instance's first memory */
    struct sig *sig;
    struct wasm_store *store;
    struct wasm_instance *instance; /* NULL: a host function */
    uint32_t index;
    wasm_host_fn host;
    void *user;
    union code stub[2]; /* what `code` points to while it is not translated, or always for a host function */
};

/* The first page of its reservation; the memory itself starts behind it, so that code finds the limits at fixed
 * negative offsets of the base.  `limit_N` is size - N: an access of N bytes at a is inside when a <= limit_N, compared as
 * signed numbers.  At or below `near` there are MEM_NEAR bytes more. */
enum { MEM_NEAR = 65536 };

struct mem_header {
    int64_t near, limit_16, limit_8, limit_4, limit_2, limit_1;
    uint64_t size;
};

struct wasm_memory {
    struct wasm_store *store;
    uint8_t *base;
    size_t reserved; /* bytes of address space, header included */
    bool guarded;    /* what an i32 and a displacement of up to 2 GiB can reach is reserved */
    struct wasm_limits_type limits;
};

struct wasm_table {
    struct wasm_store *store;
    void **elements;
    uint32_t size, capacity;
    struct wasm_limits_type limits;
    uint8_t type;
};

struct wasm_global {
    struct v128 value; /* first, so that code may use its address as that of the value */
    uint8_t type;
    bool is_mutable;
};

/* An element segment at run time; count 0 when dropped. */
struct elem_segment {
    void **items;
    uint32_t count;
};

struct data_segment {
    const uint8_t *bytes;
    uint32_t size;
};

struct wasm_instance {
    struct wasm_store *store;
    struct wasm_module *module;
    struct wasm_func **funcs; /* index spaces, imports first */
    struct wasm_table **tables;
    struct wasm_memory **memories;
    struct wasm_global **globals;
    struct elem_segment *elems;
    struct data_segment *datas;
};

/* A block of translated code, for finding the function and the place of a trap. */
struct code_block {
    struct code_block *next;
    struct wasm_func *func;
    const union code *start, *end;
    const uint32_t *map; /* pairs: bytes from start, offset in the module; ascending */
    uint32_t map_count;
};

/* --- Running --- */

struct exec {
    int64_t slice; /* units of fuel until somebody looks at fuel, deadline and interrupt */
    union slot *stack_end;
    union slot *sp; /* where a nested call may put its frame */
    enum wasm_trap trap;
    bool exiting;
    int32_t exit_status;
    const char *trap_text;
    const union code *trap_ip;
    uint64_t fuel; /* besides `slice` */
    uint64_t deadline;
    uint32_t depth;
    struct wasm_store *store;
    union slot *stack;
    bool interrupted; /* accessed atomically */
};

/* Growing arrays that translation reuses from function to function. */
struct scratch {
    void *items;
    size_t capacity; /* bytes */
};

enum { SIG_CHAINS = 256 };

enum { SCRATCH_CODE, SCRATCH_MAP, SCRATCH_CONTROL, SCRATCH_STACK, SCRATCH_LOCALS, SCRATCH_FIXUPS, SCRATCH_COUNT };

/* Executable memory, mapped twice. */
struct code_area {
    struct code_area *next;
    uint8_t *write, *execute;
    size_t size, used;
};

struct wasm_store {
    struct exec exec;
    struct wasm_hooks hooks;
    struct wasm_limits limits;
    struct arena_block *arena;
    struct sig *sigs[SIG_CHAINS];
    uint32_t sig_count;
    struct code_block *code;
    struct reservation *reservations;
    struct code_area *code_areas; /* executable memory, the newest first */
    uint64_t pages;
    uint64_t elements;
    struct scratch scratch[SCRATCH_COUNT];
    struct wasm_trap_info trap;
};

/* --- store.c --- */

/* Zeroed, aligned to 16; NULL: none. */
void *store_alloc(struct wasm_store *store, size_t size);
/* Room for `count` items of `size` bytes; NULL when the product wraps.  Never NULL for count 0. */
void *store_array(struct wasm_store *store, size_t count, size_t size);
/* What was allocated since the mark is given back. */
struct store_mark {
    struct arena_block *block;
    size_t used;
    uint32_t sig_count;
};
struct store_mark store_mark_get(const struct wasm_store *store);
void store_mark_restore(struct wasm_store *store, struct store_mark mark);
/* At least `bytes` in the buffer, what is there is kept.  NULL: no memory, buffer unchanged. */
void *scratch_room(struct wasm_store *store, int which, size_t bytes);
/* The one struct sig of this type. */
struct sig *sig_intern(struct wasm_store *store, const struct wasm_func_type *type);
uint32_t type_slots(uint8_t type);
void *store_reserve(struct wasm_store *store, size_t size);
/* Is the address in one of the store's reservations? */
bool store_reserved(const struct wasm_store *store, uint64_t address);
void error_set(struct wasm_error *error, enum wasm_status status, size_t offset, const char *text);
void error_append(struct wasm_error *error, const char *text, size_t length);

#endif
