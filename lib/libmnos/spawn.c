/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/page.h>
#include <libmnos/spawn.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#define STANDARD_SLOTS 256u

/* One process being built. */
struct build {
    const struct spawn *spawn;
    struct elf_image elf;
    mnos_handle_t pool, process, thread;
    struct mnos_capset *capset; /* mapped here while it is written */
    unsigned kept;
};

static uint64_t page_down(uint64_t address)
{
    return address & ~(MNOS_PAGE_SIZE - 1);
}

static uint64_t page_up(uint64_t address)
{
    return page_down(address + MNOS_PAGE_SIZE - 1);
}

/*
 * Maps fresh memory in the child, with `length` bytes of `content` at `skip` bytes from its start.  Where `keep` is not
 * NULL the memory stays mapped here as well and *keep is where; *kept, if not NULL, gets the capability.
 */
static enum mnos_error memory_add(const struct build *b, uint64_t address, uint64_t bytes, uint64_t flags,
                                  const void *content, uint64_t skip, uint64_t length, void **keep,
                                  struct spawn_region *kept)
{
    enum mnos_error error = MNOS_OK;
    int64_t memory = mnos_mem_alloc(b->pool, bytes, MNOS_MEM_ANON, 0);

    if (memory < 0)
        return (enum mnos_error) - memory;
    if (length > 0 || keep) {
        char *here = map_memory((mnos_handle_t)memory, 0, bytes, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
        if (here) {
            memcpy(here + skip, content, length);
            if (keep)
                *keep = here;
            else
                unmap_memory(here, bytes);
        }
    }
    if (error == MNOS_OK) {
        int64_t status = mnos_mem_map(b->process, (mnos_handle_t)memory, address, 0, bytes, flags);
        error = status < 0 ? (enum mnos_error) - status : MNOS_OK;
    }
    if (error == MNOS_OK && kept)
        *kept = (struct spawn_region){(mnos_handle_t)memory, address, bytes, flags};
    else
        mnos_cap_delete((mnos_handle_t)memory);
    return error;
}

/* Where the next Memory that is kept is noted. */
static struct spawn_region *keep_next(struct build *b)
{
    return b->spawn->keep ? &b->spawn->keep[b->kept] : NULL;
}

static void keep_drop(struct build *b)
{
    while (b->kept > 0)
        mnos_cap_delete(b->spawn->keep[--b->kept].memory);
}

static enum mnos_error regions_add(const struct build *b)
{
    for (unsigned i = 0; i < b->spawn->region_count; i++) {
        const struct spawn_region *r = &b->spawn->regions[i];
        int64_t status = mnos_mem_map(b->process, r->memory, r->address, 0, r->bytes, r->flags);
        if (status < 0)
            return (enum mnos_error) - status;
    }
    return MNOS_OK;
}

static enum mnos_error segments_add(struct build *b)
{
    for (uint32_t i = 0; i < b->elf.segment_count; i++) {
        const struct elf_segment *s = &b->elf.segments[i];
        uint64_t start = page_down(s->address);
        uint64_t flags =
            (s->read ? MNOS_MAP_READ : 0) | (s->write ? MNOS_MAP_WRITE : 0) | (s->execute ? MNOS_MAP_EXEC : 0);
        enum mnos_error error =
            memory_add(b, start, page_up(s->address + s->memory_size) - start, flags,
                       (const char *)b->spawn->image + s->file_offset, s->address - start, s->file_size, NULL,
                       keep_next(b));
        if (error != MNOS_OK)
            return error;
        b->kept += b->spawn->keep != NULL;
    }
    return MNOS_OK;
}

static enum mnos_error time_page_add(const struct build *b)
{
    mnos_handle_t page = mnos_cap("time");

    if (page == MNOS_NONE)
        return MNOS_OK;
    int64_t status = mnos_mem_map(b->process, page, MNOS_TIME_ADDR, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ);
    if (status < 0)
        return (enum mnos_error) - status;
    b->capset->time_page = MNOS_TIME_ADDR;
    return MNOS_OK;
}

static enum mnos_error stack_add(struct build *b)
{
    enum mnos_error error = memory_add(b, MNOS_STACK_TOP - MNOS_STACK_SIZE, MNOS_STACK_SIZE,
                                       MNOS_MAP_READ | MNOS_MAP_WRITE, NULL, 0, 0, NULL, keep_next(b));

    b->kept += error == MNOS_OK && b->spawn->keep;
    return error;
}

static enum mnos_error program_add(struct build *b)
{
    enum mnos_error error = b->spawn->image ? segments_add(b) : MNOS_OK;

    if (error == MNOS_OK && b->spawn->image)
        error = stack_add(b);
    return error == MNOS_OK ? regions_add(b) : error;
}

static enum mnos_error pages_add(struct build *b)
{
    const uint64_t rw = MNOS_MAP_READ | MNOS_MAP_WRITE;
    void *capset = NULL;
    enum mnos_error error = memory_add(b, MNOS_RING_ADDR, MNOS_PAGE_SIZE, rw, NULL, 0, 0, NULL, NULL);

    if (error == MNOS_OK)
        error = memory_add(b, MNOS_CAPSET_ADDR, MNOS_PAGE_SIZE, MNOS_MAP_READ, NULL, 0, 0, &capset, NULL);
    b->capset = capset;
    if (error != MNOS_OK)
        return error;
    *b->capset =
        (struct mnos_capset){.magic = MNOS_CAPSET_MAGIC, .version = MNOS_CAPSET_VERSION, .stack_top = MNOS_STACK_TOP};
    if (b->spawn->args_len > 0) {
        error = memory_add(b, SPAWN_ARGS_ADDR, MNOS_PAGE_SIZE, rw, b->spawn->args, 0, b->spawn->args_len, NULL,
                           NULL);
        if (error != MNOS_OK)
            return error;
        b->capset->args = SPAWN_ARGS_ADDR;
        b->capset->args_len = b->spawn->args_len;
    }
    return time_page_add(b);
}

static enum mnos_error cap_give(struct build *b, const struct spawn_cap *cap)
{
    struct mnos_cap_info info;
    int64_t status = mnos_cap_inspect(cap->handle, &info, sizeof info);

    if (status < 0)
        return (enum mnos_error) - status;
    uint64_t rights = cap->rights == SPAWN_MOVE ? info.rights : cap->rights;
    int64_t handle = mnos_cap_transfer(b->process, cap->handle, cap->rights, MNOS_NONE);
    if (handle < 0)
        return (enum mnos_error) - handle;
    struct mnos_capset_entry *entry = &b->capset->entry[b->capset->count++];
    size_t length = strnlen(cap->name, MNOS_CAPSET_NAME - 1);
    memcpy(entry->name, cap->name, length);
    entry->handle = (mnos_handle_t)handle;
    entry->interface = cap->interface;
    entry->type = info.type;
    entry->rights = (uint32_t)rights;
    return MNOS_OK;
}

/* Copies first: a capability that is moved cannot be brought back. */
static enum mnos_error caps_give(struct build *b)
{
    for (int moves = 0; moves < 2; moves++)
        for (unsigned i = 0; i < b->spawn->cap_count; i++)
            if ((b->spawn->caps[i].rights == SPAWN_MOVE) == moves) {
                enum mnos_error error = cap_give(b, &b->spawn->caps[i]);
                if (error != MNOS_OK)
                    return error;
            }
    return MNOS_OK;
}

static enum mnos_error thread_add(struct build *b, uint64_t pid)
{
    struct mnos_thread_args args = {
        .entry = b->spawn->entry ? b->spawn->entry : b->elf.entry,
        .stack = b->spawn->stack ? b->spawn->stack : MNOS_STACK_TOP,
        .fs_base = b->spawn->fs_base,
        .arg = {MNOS_RING_ADDR, pid, MNOS_CAPSET_ADDR},
        .priority = b->spawn->priority,
        .affinity = b->spawn->affinity,
        .flags = MNOS_THREAD_SUSPENDED,
    };
    int64_t thread = mnos_thread_create(b->process, &args);

    if (thread < 0)
        return (enum mnos_error) - thread;
    b->thread = (mnos_handle_t)thread;
    return MNOS_OK;
}

static enum mnos_error process_fill(struct build *b, uint64_t *pid)
{
    struct mnos_cap_info info;
    int64_t status = mnos_cap_inspect(b->process, &info, sizeof info);

    if (status < 0)
        return (enum mnos_error) - status;
    *pid = info.id;
    enum mnos_error error = program_add(b);
    if (error == MNOS_OK)
        error = pages_add(b);
    if (error == MNOS_OK)
        error = thread_add(b, info.id);
    if (error == MNOS_OK)
        error = caps_give(b);
    unmap_memory(b->capset, MNOS_PAGE_SIZE);
    if (error == MNOS_OK && !b->spawn->suspended) {
        status = mnos_thread_control(b->thread, MNOS_THREADCTL_RESUME, 0, 0);
        error = status < 0 ? (enum mnos_error) - status : MNOS_OK;
    }
    return error;
}

static enum mnos_error arguments_check(const struct spawn *spawn)
{
    if (spawn->cap_count > MNOS_CAPSET_MAX || spawn->args_len > MNOS_PAGE_SIZE)
        return MNOS_E_RANGE;
    if (!spawn->image && (spawn->entry == 0 || spawn->stack == 0))
        return MNOS_E_INVALID;
    if (spawn->args_len > 0 && spawn->args[spawn->args_len - 1] != '\0')
        return MNOS_E_INVALID;
    return MNOS_OK;
}

const struct elf_limits spawn_elf_limits = {.low = MNOS_USER_MIN, .high = MNOS_STACK_TOP - 2 * MNOS_STACK_SIZE};

enum mnos_error mnos_spawn(const struct spawn *spawn, struct spawn_child *child)
{
    struct build b = {
        .spawn = spawn, .pool = spawn->pool == MNOS_NONE ? mnos_pool() : spawn->pool, .thread = MNOS_NONE};

    *child = (struct spawn_child){.process = MNOS_NONE, .thread = MNOS_NONE};
    enum mnos_error error = arguments_check(spawn);
    if (error != MNOS_OK)
        return error;
    child->elf = ELF_OK;
    if (spawn->elf)
        b.elf = *spawn->elf;
    else if (spawn->image)
        child->elf = elf_parse(spawn->image, spawn->image_size, spawn_elf_limits, &b.elf);
    if (child->elf != ELF_OK)
        return MNOS_E_INVALID;
    int64_t process = mnos_proc_create(b.pool, spawn->slots ? spawn->slots : STANDARD_SLOTS, spawn->fault, spawn->name,
                                       strnlen(spawn->name, 31), 0);
    if (process < 0)
        return (enum mnos_error) - process;
    b.process = (mnos_handle_t)process;
    error = process_fill(&b, &child->pid);
    child->process = b.process;
    child->thread = b.thread;
    if (error != MNOS_OK) {
        keep_drop(&b);
        spawn_drop(child);
    }
    child->kept = b.kept;
    return error;
}

void spawn_drop(struct spawn_child *child)
{
    if (child->process != MNOS_NONE) {
        (void)mnos_proc_destroy(child->process, 0);
        mnos_cap_delete(child->process);
    }
    if (child->thread != MNOS_NONE)
        mnos_cap_delete(child->thread);
    child->process = MNOS_NONE;
    child->thread = MNOS_NONE;
}
