/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ProcessSpawner: from an entry of the manifest to a process that holds what the entry lists and nothing else.
 *
 * The child is built while it is suspended.  Capabilities that init makes for it alone are deleted here once the child has
 * its own, so that the child's are the last: when it dies, whoever serves them learns it.
 */
#include <libmnos/clock.h>
#include <libmnos/faults.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/thread.h>
#include <module_memory.h>
#include <str.h>

#include "init.h"

/* The capabilities that a child will get, and those among them that init made for it alone. */
struct endowment {
    struct spawn_cap cap[MNOS_CAPSET_MAX];
    unsigned count;
    mnos_handle_t made[MNOS_CAPSET_MAX + 2];
    unsigned made_count;
    int64_t error; /* the first one */
    const char *what;
};

static mnos_handle_t made(struct endowment *e, int64_t handle)
{
    if (handle < 0) {
        e->error = e->error < 0 ? e->error : handle;
        return MNOS_NONE;
    }
    e->made[e->made_count++] = (mnos_handle_t)handle;
    return (mnos_handle_t)handle;
}

static void endow(struct endowment *e, const char *name, mnos_handle_t handle, uint32_t rights, uint64_t interface)
{
    if (e->error == 0 && e->count < MNOS_CAPSET_MAX)
        e->cap[e->count++] =
            (struct spawn_cap){.name = name, .handle = handle, .rights = rights, .interface = interface};
    else if (!e->what)
        e->what = name;
}

static int64_t badged(const struct child *child, enum role role)
{
    return mnos_cap_create(MNOS_CREATE_MINT, init.endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT,
                           BADGE(child->serial, child - init.child, role), 0);
}

static int64_t object_make(const struct child *child, enum mnos_create what)
{
    return mnos_cap_create(what, child->pool, 0, 0, 0);
}

/* A part of a boot capability; count 0: the capability itself. */
static mnos_handle_t part(struct endowment *e, const struct manifest_cap *cap, const char *boot, enum mnos_create what)
{
    mnos_handle_t all = mnos_cap(boot);

    if (cap->count == 0)
        return all;
    if (what == MNOS_CREATE_MEMORY_RANGE)
        return made(e, mnos_cap_create(what, all, cap->first, cap->count, cap->rights | MNOS_RIGHT_GRANT));
    return made(e, mnos_cap_create(what, all, cap->first, cap->count, 0));
}

static mnos_handle_t events_make(struct endowment *e, struct child *child)
{
    int64_t handle = child->events == MNOS_NONE ? object_make(child, MNOS_CREATE_NOTIFICATION) : (int64_t)child->events;

    if (handle < 0)
        return made(e, handle);
    child->events = (mnos_handle_t)handle;
    return child->events;
}

/* The handle to transfer; MNOS_NONE without an error: the machine has no such thing. */
static mnos_handle_t source_get(struct endowment *e, struct child *child, const struct manifest_cap *cap)
{
    switch ((enum manifest_source)cap->source) {
    case MANIFEST_POOL:
        return child->pool;
    case MANIFEST_LOG:
        return mnos_cap("log");
    case MANIFEST_IRQ:
        return part(e, cap, "irq", MNOS_CREATE_INTERRUPT);
    case MANIFEST_PORTS:
        return part(e, cap, "ioport", MNOS_CREATE_IOPORT);
    case MANIFEST_MMIO:
        return part(e, cap, "mmio", MNOS_CREATE_MEMORY_RANGE);
    case MANIFEST_PACKAGE:
        return mnos_cap("package");
    case MANIFEST_FRAMEBUFFER:
        return mnos_cap("framebuffer");
    case MANIFEST_ACPI:
        return mnos_cap("acpi");
    case MANIFEST_SYSTEM:
        return mnos_cap("system");
    case MANIFEST_DIRECTORY:
        return made(e, badged(child, ROLE_NAMES));
    case MANIFEST_SPAWNER:
        return made(e, badged(child, ROLE_SPAWN));
    case MANIFEST_CONTROL:
        return made(e, badged(child, ROLE_CONTROL));
    case MANIFEST_SERVICE:
        if (cap->late || cap->provided == MANIFEST_NOBODY)
            return MNOS_NONE;
        return made(e, directory_mint(child, cap->provided, cap->rights | MNOS_RIGHT_GRANT));
    case MANIFEST_ENDPOINT:
        return made(e, object_make(child, MNOS_CREATE_ENDPOINT));
    case MANIFEST_NOTIFICATION:
        return made(e, object_make(child, MNOS_CREATE_NOTIFICATION));
    case MANIFEST_MEMORY:
        return made(e, mnos_mem_alloc(child->pool, cap->count, MNOS_MEM_ANON, 0));
    case MANIFEST_EVENTS:
        return events_make(e, child);
    case MANIFEST_SOURCES:
        break;
    }
    return MNOS_NONE;
}

static void endow_all(struct endowment *e, struct child *child)
{
    const struct manifest_service *spec = child->service->spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct manifest_cap *cap = &spec->caps[i];
        mnos_handle_t handle = source_get(e, child, cap);
        uint64_t interface = cap->provided == MANIFEST_NOBODY ? 0 : init.manifest.provided[cap->provided].interface;
        if (handle != MNOS_NONE || e->error < 0)
            endow(e, cap->name, handle, cap->rights, interface);
        else if (cap->source != MANIFEST_SERVICE)
            log_line("init: %s: this machine has no %s", spec->name, manifest_sources[cap->source].name);
    }
    for (uint32_t i = 0; i < spec->provided_count; i++) {
        const struct manifest_provided *p = &spec->provides[i];
        const struct name *name = &init.name[p - init.manifest.provided];
        if (name->kept)
            endow(e, p->capability, name->endpoint, MNOS_RIGHT_RECV, p->interface);
    }
}

/* The arguments of the entry: its name and what it lists. */
static size_t args_make(const struct manifest_service *spec, char *args, size_t room)
{
    size_t used = 0;

    if (spec->arg_count == 0)
        return 0;
    for (uint32_t i = 0; i <= spec->arg_count; i++) {
        const char *word = i == 0 ? spec->name : spec->args[i - 1];
        size_t length = strlen(word) + 1;
        if (length > room - used)
            break;
        memcpy(args + used, word, length);
        used += length;
    }
    return used;
}

/* The module for its runner: a copy, paid by the child, that it may only read. */
static mnos_handle_t module_make(struct endowment *e, const struct child *child, const struct ustar_member *module)
{
    const struct module_header header = {.magic = MODULE_MAGIC, .size = module->size};
    uint64_t bytes = (sizeof header + module->size + MNOS_PAGE_SIZE - 1) & ~(MNOS_PAGE_SIZE - 1);
    enum mnos_error error;
    mnos_handle_t memory = made(e, mnos_mem_alloc(child->pool, bytes, MNOS_MEM_ANON, 0));

    if (memory == MNOS_NONE)
        return MNOS_NONE;
    char *here = map_memory(memory, 0, bytes, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
    if (!here)
        return made(e, -(int64_t)error);
    memcpy(here, &header, sizeof header);
    memcpy(here + sizeof header, module->data, module->size);
    unmap_memory(here, bytes);
    return memory;
}

static int64_t child_spawn(struct child *child, const char *args, size_t args_len)
{
    static char own_args[MANIFEST_ARGS_BYTES];
    const struct manifest_service *spec = child->service->spec;
    const struct program *program = package_program(spec->program);
    struct endowment e = {0};

    endow_all(&e, child);
    if (program && program->module)
        endow(&e, "module", module_make(&e, child, program->module), MNOS_RIGHT_READ, 0);
    mnos_handle_t fault = made(&e, badged(child, ROLE_FAULT));
    if (!args) {
        args = own_args;
        args_len = args_make(spec, own_args, sizeof own_args);
    }
    int64_t status = program ? e.error : -MNOS_E_NOT_FOUND;
    if (status == 0) {
        struct spawn spawn = {
            .image = program->image,
            .image_size = program->size,
            .elf = &program->elf,
            .name = spec->name,
            .pool = child->pool,
            .slots = spec->slots,
            .fault = fault,
            .caps = e.cap,
            .cap_count = e.count,
            .args = args,
            .args_len = args_len,
            .priority = spec->priority,
            .suspended = true,
        };
        status = -(int64_t)mnos_spawn(&spawn, &child->process);
    } else if (e.what) {
        log_line("init: %s: cannot make its capability '%s'", spec->name, e.what);
    }
    for (unsigned i = 0; i < e.made_count; i++)
        mnos_cap_delete(e.made[i]);
    return status;
}

int64_t spawner_start(struct child *child, const char *args, size_t args_len)
{
    static uint64_t serials;
    const struct manifest_service *spec = child->service->spec;

    child->serial = ++serials;
    child->began = clock_ns();
    child->process = (struct spawn_child){.process = MNOS_NONE, .thread = MNOS_NONE};
    child->events = MNOS_NONE;
    int64_t pool = mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), spec->memory, 0, 0);
    child->pool = pool < 0 ? MNOS_NONE : (mnos_handle_t)pool;
    int64_t status = pool < 0 ? pool : child_spawn(child, args, args_len);
    if (status == 0)
        status = mnos_thread_control(child->process.process, MNOS_THREADCTL_WATCH, init.deaths,
                                     1ull << ((child - init.child) % DEATH_BITS));
    if (status >= 0 && spec->cpu_ns != 0)
        status = mnos_thread_control(child->process.process, MNOS_THREADCTL_BUDGET, spec->cpu_ns, spec->period_ns);
    if (status >= 0)
        status = mnos_thread_control(child->process.thread, MNOS_THREADCTL_RESUME, 0, 0);
    if (status < 0) {
        spawner_clear(child);
        return status;
    }
    init.facts.processes++;
    return 0;
}

void spawner_clear(struct child *child)
{
    spawn_drop(&child->process);
    if (child->events != MNOS_NONE)
        mnos_cap_delete(child->events);
    if (child->pool != MNOS_NONE)
        mnos_cap_delete(child->pool);
    child->events = MNOS_NONE;
    child->pool = MNOS_NONE;
}
