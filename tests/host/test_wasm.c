/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: wasm/engine/ */
#include "host_test.h"

#include <sys/mman.h>
#include <wasm.h>

/* --- An embedder whose resources can run out and are counted --- */

struct world {
    size_t blocks, bytes, reservations;
    size_t most_bytes; /* alloc refuses above */
    uint64_t now;
    struct wasm_store *store;
};

static void *world_alloc(void *user, size_t size)
{
    struct world *world = user;

    if (world->bytes + size > world->most_bytes)
        return NULL;
    world->blocks++;
    world->bytes += size;
    return malloc(size);
}

static void world_free(void *user, void *block, size_t size)
{
    struct world *world = user;

    world->blocks--;
    world->bytes -= size;
    free(block);
}

static void *world_reserve(void *user, size_t size)
{
    struct world *world = user;
    void *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    world->reservations++;
    return at;
}

static bool world_commit(void *user, void *at, size_t size)
{
    (void)user;
    return mprotect(at, size, PROT_READ | PROT_WRITE) == 0;
}

static void world_release(void *user, void *at, size_t size)
{
    struct world *world = user;

    world->reservations--;
    munmap(at, size);
}

static uint64_t world_now(void *user)
{
    struct world *world = user;

    return world->now += 1000;
}

static void world_start(struct world *world, const struct wasm_limits *limits)
{
    struct wasm_hooks hooks = {.user = world,
                               .alloc = world_alloc,
                               .free = world_free,
                               .reserve = world_reserve,
                               .commit = world_commit,
                               .release = world_release,
                               .now = world_now};

    if (world->most_bytes == 0)
        world->most_bytes = SIZE_MAX / 2;
    assert_int_equal(wasm_store_new(&hooks, limits, &world->store), WASM_OK);
}

static void world_end(struct world *world)
{
    wasm_store_free(world->store);
    assert_int_equal(world->blocks, 0);
    assert_int_equal(world->reservations, 0);
}

/* --- Modules, assembled by hand --- */

#define HEAD 0, 'a', 's', 'm', 1, 0, 0, 0

/* Builds a module: sections are appended as (id, contents). */
struct build {
    uint8_t bytes[512];
    size_t size;
};

static void build_start(struct build *build)
{
    static const uint8_t head[] = {HEAD};

    memcpy(build->bytes, head, sizeof(head));
    build->size = sizeof(head);
}

static void build_section(struct build *build, uint8_t id, const uint8_t *contents, size_t size)
{
    assert_true(size < 128);
    build->bytes[build->size++] = id;
    build->bytes[build->size++] = (uint8_t)size;
    memcpy(build->bytes + build->size, contents, size);
    build->size += size;
}

#define SECTION(build, id, ...)                                                                                        \
    do {                                                                                                               \
        static const uint8_t contents_[] = {__VA_ARGS__};                                                              \
        build_section(build, id, contents_, sizeof(contents_));                                                        \
    } while (0)

enum { FUNC_HOST, FUNC_ADD, FUNC_DIVIDE, FUNC_LOAD, FUNC_FOREVER, FUNC_DOWN, FUNC_ASK };

/* Exports of the sample: add, div, load (offset 4), forever, down (calls itself), ask (the host), mem. */
static void sample_build(struct build *build)
{
    build_start(build);
    /* types: (i32 i32) -> i32, (i32) -> i32, () -> () */
    SECTION(build, 1, 3, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0);
    SECTION(build, 2, 1, 1, 'h', 1, 'f', 0, 1);
    SECTION(build, 3, 6, 0, 0, 1, 2, 2, 1);
    SECTION(build, 5, 1, 1, 1, 2);
    SECTION(build, 7, 7, 3, 'a', 'd', 'd', 0, FUNC_ADD, 3, 'd', 'i', 'v', 0, FUNC_DIVIDE, 4, 'l', 'o', 'a', 'd', 0,
            FUNC_LOAD, 7, 'f', 'o', 'r', 'e', 'v', 'e', 'r', 0, FUNC_FOREVER, 4, 'd', 'o', 'w', 'n', 0, FUNC_DOWN, 3,
            'a', 's', 'k', 0, FUNC_ASK, 3, 'm', 'e', 'm', 2, 0);
    SECTION(build, 10, 6, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b, /* add */
            7, 0, 0x20, 0, 0x20, 1, 0x6d, 0x0b,               /* div */
            7, 0, 0x20, 0, 0x28, 2, 4, 0x0b,                  /* load, offset 4 */
            7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b,            /* forever */
            4, 0, 0x10, FUNC_DOWN, 0x0b,                      /* down */
            6, 0, 0x20, 0, 0x10, FUNC_HOST, 0x0b);            /* ask */
    SECTION(build, 11, 1, 0, 0x41, 8, 0x0b, 4, 0x78, 0x56, 0x34, 0x12);
}

static enum wasm_host_result host_function(void *user, struct wasm_host_call *call, const union wasm_value *arguments,
                                           union wasm_value *results)
{
    struct world *world = user;

    assert_ptr_equal(call->store, world->store);
    assert_non_null(call->caller);
    switch (arguments[0].i32) {
    case 1:
        call->exit_status = 33;
        return WASM_HOST_EXIT;
    case 2:
        call->trap_text = "the host says no";
        return WASM_HOST_TRAP;
    case 3: { /* back into the module */
        struct wasm_func *add = wasm_instance_export(call->caller, "add", 3).func;
        const union wasm_value pair[2] = {{.i32 = 5}, {.i32 = 6}};
        return wasm_func_call(add, pair, 2, results, 1) == WASM_OK ? WASM_HOST_OK : WASM_HOST_TRAP;
    }
    case 4: { /* as deep as the store allows */
        struct wasm_func *ask = wasm_instance_export(call->caller, "ask", 3).func;
        enum wasm_status status = wasm_func_call(ask, arguments, 1, results, 1);
        if (status == WASM_TRAPPED)
            call->trap_text = wasm_store_trap(call->store).text;
        return status == WASM_OK ? WASM_HOST_OK : WASM_HOST_TRAP;
    }
    default:
        results[0].i32 = arguments[0].i32 * 3;
        return WASM_HOST_OK;
    }
}

static bool host_resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found)
{
    struct world *world = user;

    if (import->module_length != 1 || import->module[0] != 'h')
        return false;
    found->func = wasm_func_new(world->store, &import->func, host_function, world);
    return true;
}

static struct wasm_instance *sample_start(struct world *world, struct build *build, const struct wasm_limits *limits)
{
    struct wasm_module *module;
    struct wasm_instance *instance;
    struct wasm_error error;

    world_start(world, limits);
    sample_build(build);
    if (wasm_module_load(world->store, build->bytes, build->size, WASM_INTERPRETER, &module, &error) != WASM_OK)
        fail_msg("%s at %zu", error.text, error.offset);
    if (wasm_instance_new(module, host_resolve, world, &instance, &error) != WASM_OK)
        fail_msg("%s", error.text);
    return instance;
}

static enum wasm_status call_with(struct wasm_instance *instance, const char *name, uint32_t a, uint32_t b,
                                  uint32_t *result)
{
    struct wasm_func *func = wasm_instance_export(instance, name, strlen(name)).func;
    const union wasm_value arguments[2] = {{.i32 = a}, {.i32 = b}};
    union wasm_value results[1] = {{.i32 = 0}};

    assert_non_null(func);
    struct wasm_func_type type = wasm_func_type(func);
    enum wasm_status status = wasm_func_call(func, arguments, type.params, results, type.results);
    *result = results[0].i32;
    return status;
}

/* --- Tests --- */

static void calls_compute(void **state)
{
    struct world world = {0};
    struct build build;
    struct wasm_instance *instance = sample_start(&world, &build, NULL);
    uint32_t result;

    (void)state;
    assert_int_equal(call_with(instance, "add", 10, 32, &result), WASM_OK);
    assert_int_equal(result, 42);
    assert_int_equal(call_with(instance, "div", (uint32_t)-7, 2, &result), WASM_OK);
    assert_int_equal(result, (uint32_t)-3);
    assert_int_equal(call_with(instance, "load", 4, 0, &result), WASM_OK);
    assert_int_equal(result, 0x12345678);
    world_end(&world);
}

static void traps_say_why_and_where(void **state)
{
    static const struct {
        const char *name;
        uint32_t a, b;
        enum wasm_trap trap;
        uint8_t opcode;
    } cases[] = {
        {"div", 1, 0, WASM_TRAP_DIVIDE_BY_ZERO, 0x6d},
        {"div", 0x80000000, 0xffffffff, WASM_TRAP_INTEGER_OVERFLOW, 0x6d},
        {"load", 65536 - 7, 0, WASM_TRAP_MEMORY_BOUNDS, 0x28},
        {"load", 0xffffffff, 0, WASM_TRAP_MEMORY_BOUNDS, 0x28},
        {"down", 0, 0, WASM_TRAP_STACK, 0},
        {"ask", 4, 0, WASM_TRAP_HOST, 0},
    };
    struct world world = {0};
    struct build build;
    struct wasm_instance *instance = sample_start(&world, &build, NULL);
    uint32_t result;

    (void)state;
    assert_int_equal(call_with(instance, "load", 65536 - 8, 0, &result), WASM_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(call_with(instance, cases[i].name, cases[i].a, cases[i].b, &result), WASM_TRAPPED);
        struct wasm_trap_info info = wasm_store_trap(world.store);
        assert_int_equal(info.trap, cases[i].trap);
        if (info.trap != WASM_TRAP_HOST)
            assert_string_equal(info.text, wasm_trap_text(info.trap));
        if (cases[i].opcode != 0) {
            assert_ptr_equal(info.instance, instance);
            assert_int_equal(build.bytes[info.offset], cases[i].opcode);
        }
    }
    /* The store is as good as before. */
    assert_int_equal(call_with(instance, "add", 1, 2, &result), WASM_OK);
    assert_int_equal(result, 3);
    world_end(&world);
}

static void host_functions_answer_trap_and_exit(void **state)
{
    struct world world = {0};
    struct build build;
    struct wasm_instance *instance = sample_start(&world, &build, NULL);
    uint32_t result;

    (void)state;
    assert_int_equal(call_with(instance, "ask", 7, 0, &result), WASM_OK);
    assert_int_equal(result, 21);
    assert_int_equal(call_with(instance, "ask", 1, 0, &result), WASM_EXITED);
    assert_int_equal(wasm_store_exit_status(world.store), 33);
    assert_int_equal(call_with(instance, "ask", 2, 0, &result), WASM_TRAPPED);
    assert_string_equal(wasm_store_trap(world.store).text, "the host says no");
    assert_int_equal(call_with(instance, "ask", 3, 0, &result), WASM_OK);
    assert_int_equal(result, 11);
    world_end(&world);
}

static void running_code_is_limited(void **state)
{
    struct world world = {0};
    struct build build;
    struct wasm_instance *instance = sample_start(&world, &build, NULL);
    uint32_t result;

    (void)state;
    wasm_store_set_fuel(world.store, 100000);
    assert_int_equal(call_with(instance, "forever", 0, 0, &result), WASM_TRAPPED);
    assert_int_equal(wasm_store_trap(world.store).trap, WASM_TRAP_OUT_OF_FUEL);
    assert_int_equal(wasm_store_fuel(world.store), 0);
    /* One call is one unit. */
    wasm_store_set_fuel(world.store, 10);
    assert_int_equal(call_with(instance, "add", 1, 2, &result), WASM_OK);
    assert_int_equal(wasm_store_fuel(world.store), 9);
    wasm_store_set_fuel(world.store, WASM_FUEL_FOREVER);

    wasm_store_set_deadline(world.store, world.now + 50000);
    assert_int_equal(call_with(instance, "forever", 0, 0, &result), WASM_TRAPPED);
    assert_int_equal(wasm_store_trap(world.store).trap, WASM_TRAP_DEADLINE);
    wasm_store_set_deadline(world.store, 0);

    wasm_store_interrupt(world.store);
    assert_int_equal(call_with(instance, "forever", 0, 0, &result), WASM_TRAPPED);
    assert_int_equal(wasm_store_trap(world.store).trap, WASM_TRAP_INTERRUPTED);
    wasm_store_resume(world.store);
    assert_int_equal(call_with(instance, "add", 1, 2, &result), WASM_OK);
    world_end(&world);
}

static void memories_grow_within_their_limits(void **state)
{
    const struct wasm_limits limits = {.memory_pages = 3};
    struct world world = {0};
    struct build build;
    struct wasm_instance *instance = sample_start(&world, &build, &limits);
    struct wasm_memory *memory = wasm_instance_memory(instance);

    (void)state;
    assert_int_equal(wasm_memory_size(memory), WASM_PAGE);
    uint8_t *first = wasm_memory_at(memory, 0, WASM_PAGE);
    assert_non_null(first);
    assert_null(wasm_memory_at(memory, 1, WASM_PAGE));
    assert_null(wasm_memory_at(memory, UINT64_MAX, 2));
    assert_int_equal(wasm_memory_grow(memory, 1), 1);
    assert_ptr_equal(wasm_memory_at(memory, 0, 2 * WASM_PAGE), first);
    /* The module said two pages at most; the store has one left for another memory. */
    assert_int_equal(wasm_memory_grow(memory, 1), UINT32_MAX);
    assert_null(wasm_memory_new(world.store, (struct wasm_limits_type){2, 2}));
    assert_non_null(wasm_memory_new(world.store, (struct wasm_limits_type){1, 9}));
    world_end(&world);
}

/* Every single byte cut off or changed: refused with a reason, or another valid module. */
static void damaged_modules_are_refused(void **state)
{
    struct build build;
    unsigned refused = 0;

    (void)state;
    sample_build(&build);
    for (size_t cut = 0; cut < build.size; cut++) {
        struct world world = {0};
        struct wasm_module *module;
        struct wasm_error error;
        uint8_t *bytes = malloc(cut == 0 ? 1 : cut);

        memcpy(bytes, build.bytes, cut);
        world_start(&world, NULL);
        if (wasm_module_load(world.store, bytes, cut, WASM_INTERPRETER, &module, &error) != WASM_OK) {
            assert_true(error.status == WASM_MALFORMED || error.status == WASM_INVALID);
            assert_true(error.text[0] != 0);
            assert_true(error.offset <= cut);
            refused++;
        }
        world_end(&world);
        free(bytes);
    }
    /* What is left when whole sections are cut off may be a module. */
    assert_true(refused > build.size - 8);
    struct rng rng = rng_seeded(6);
    for (int i = 0; i < 3000; i++) {
        struct world world = {0};
        struct build changed = build;
        struct wasm_module *module;
        struct wasm_error error;

        changed.bytes[rng_below(&rng, build.size)] = (uint8_t)rng_next(&rng);
        world_start(&world, NULL);
        if (wasm_module_load(world.store, changed.bytes, changed.size, WASM_INTERPRETER, &module, &error) != WASM_OK)
            assert_true(error.text[0] != 0);
        world_end(&world);
    }
}

static void exhaustion_changes_nothing(void **state)
{
    struct build build;
    bool succeeded = false;

    (void)state;
    sample_build(&build);
    for (size_t most = 0; !succeeded; most += 4096) {
        struct world world = {0};
        struct wasm_module *module;
        struct wasm_instance *instance;
        uint32_t result;
        struct wasm_hooks hooks = {.user = &world,
                                   .alloc = world_alloc,
                                   .free = world_free,
                                   .reserve = world_reserve,
                                   .commit = world_commit,
                                   .release = world_release};

        world.most_bytes = most;
        if (wasm_store_new(&hooks, NULL, &world.store) != WASM_OK) {
            assert_int_equal(world.blocks, 0);
            continue;
        }
        enum wasm_status status =
            wasm_module_load(world.store, build.bytes, build.size, WASM_INTERPRETER, &module, NULL);
        if (status == WASM_OK)
            status = wasm_instance_new(module, host_resolve, &world, &instance, NULL);
        if (status == WASM_OK)
            succeeded = call_with(instance, "add", 1, 2, &result) == WASM_OK;
        else
            assert_int_equal(status, WASM_NO_MEMORY);
        world_end(&world);
    }
}

static void imports_are_granted_or_the_module_is_refused(void **state)
{
    struct world world = {0};
    struct build build;
    struct wasm_module *module;
    struct wasm_instance *instance;
    struct wasm_error error;

    (void)state;
    world_start(&world, NULL);
    sample_build(&build);
    assert_int_equal(wasm_module_load(world.store, build.bytes, build.size, WASM_INTERPRETER, &module, &error),
                     WASM_OK);
    assert_int_equal(wasm_module_import_count(module), 1);
    assert_int_equal(wasm_module_export_count(module), 7);
    assert_int_equal(wasm_instance_new(module, NULL, NULL, &instance, &error), WASM_UNLINKABLE);
    assert_string_equal(error.text, "unknown import: h.f");
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("calls compute", calls_compute),
        TEST("traps say why and where, and leave the store usable", traps_say_why_and_where),
        TEST("host functions answer, trap, exit and call back", host_functions_answer_trap_and_exit),
        TEST("fuel, deadline and interrupt end code that does not end", running_code_is_limited),
        TEST("memories grow within the module's and the store's limits, and never move",
             memories_grow_within_their_limits),
        TEST("modules cut off or changed anywhere are refused with reason and offset", damaged_modules_are_refused),
        TEST("without memory nothing is changed and nothing is kept", exhaustion_changes_nothing),
        TEST("an import that is not granted refuses the module by name", imports_are_granted_or_the_module_is_refused),
    };

    return RUN_TESTS(tests);
}
