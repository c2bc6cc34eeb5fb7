/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot package as a table, so that its headers are read once, and each program is parsed once. */
#include <libmnos/heap.h>
#include <libmnos/package.h>
#include <str.h>

#include "init.h"

struct entry {
    struct ustar_member member;
    struct program program;
    enum elf_error error;
    bool parsed;
};

static struct entry *entries;
static size_t count, room;

static bool entry_add(const struct ustar_member *member)
{
    if (count == room) {
        room = room ? 2 * room : 16;
        struct entry *more = realloc(entries, room * sizeof *entries);
        if (!more)
            return false;
        entries = more;
    }
    memset(&entries[count], 0, sizeof entries[count]);
    entries[count++].member = *member;
    return true;
}

bool package_open(void)
{
    struct ustar_member member;
    size_t size;
    const void *archive = package_bytes(&size);

    if (!archive) {
        log_line("init: there is no boot package");
        return false;
    }
    struct ustar_reader reader = ustar_open(archive, size);
    enum ustar_error error;
    while ((error = ustar_next(&reader, &member)) == USTAR_OK) {
        log_line("init:   package %-24s %8lu bytes", member.name, member.size);
        if (!entry_add(&member)) {
            log_line("init: there is no memory for the table of the boot package");
            return false;
        }
    }
    if (error != USTAR_END)
        log_line("init: boot package: '%s' %s", member.name, ustar_error_text(error));
    return error == USTAR_END;
}

static struct entry *entry_find(const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].member.name, path) == 0)
            return &entries[i];
    return NULL;
}

const struct ustar_member *package_member(const char *path)
{
    const struct entry *entry = entry_find(path);

    return entry ? &entry->member : NULL;
}

static void entry_parse(struct entry *entry)
{
    entry->parsed = true;
    init.facts.parsed++;
    entry->program.image = entry->member.data;
    entry->program.size = entry->member.size;
    entry->error = elf_parse(entry->member.data, entry->member.size, spawn_elf_limits, &entry->program.elf);
    if (entry->error != ELF_OK)
        log_line("init: program '%s': its file %s", entry->member.name, elf_error_text(entry->error));
}

/* The runner's program, with the module beside it; whether that is sound is the runner's to say. */
static const struct program *module_program(struct entry *entry)
{
    const struct program *runner = package_program(MANIFEST_RUNNER);

    if (!runner) {
        log_line("init: module '%s': the boot package has no " MANIFEST_RUNNER " to run it", entry->member.name);
        return NULL;
    }
    entry->program = *runner;
    entry->program.module = &entry->member;
    return &entry->program;
}

const struct program *package_program(const char *path)
{
    struct entry *entry = entry_find(path);

    if (!entry)
        return NULL;
    if (manifest_is_module(path))
        return module_program(entry);
    if (!entry->parsed)
        entry_parse(entry);
    return entry->error == ELF_OK ? &entry->program : NULL;
}
