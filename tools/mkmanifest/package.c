/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot package: a USTAR archive (POSIX.1-2017, pax) without times or owners, so that it depends on its content alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mkmanifest.h"

#define BLOCK 512u
#define INIT  "sbin/init"

struct archive {
    char *bytes;
    size_t size;
};

static char *blocks_add(struct archive *a, size_t size)
{
    size_t rounded = (size + BLOCK - 1) / BLOCK * BLOCK;

    a->bytes = realloc(a->bytes, a->size + rounded);
    if (!a->bytes)
        abort();
    char *at = a->bytes + a->size;
    memset(at, 0, rounded);
    a->size += rounded;
    return at;
}

static bool program_path(const char *path)
{
    return strncmp(path, "sbin/", 5) == 0 || strncmp(path, "bin/", 4) == 0;
}

static void member_add(struct archive *a, const char *path, const void *bytes, size_t size)
{
    char *header = blocks_add(a, BLOCK);
    unsigned sum = 0;

    snprintf(header, 100, "%s", path);
    snprintf(header + 100, 8, "%07o", program_path(path) ? 0755u : 0644u);
    snprintf(header + 108, 8, "%07o", 0u);
    snprintf(header + 116, 8, "%07o", 0u);
    snprintf(header + 124, 12, "%011o", (unsigned)size);
    snprintf(header + 136, 12, "%011o", 0u);
    header[156] = '0';
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    memset(header + 148, ' ', 8);
    for (unsigned i = 0; i < BLOCK; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    memcpy(blocks_add(a, size), bytes, size);
}

/* A file of the tree, or ("build/...") of the build. */
static char *other_file(const char *build, const char *file)
{
    return strncmp(file, "build/", 6) == 0 ? text_make("%s/%s", build, file + 6) : text_make("%s", file);
}

char *program_file(const char *build, const char *binary)
{
    return strchr(binary, '/') ? other_file(build, binary) : text_make("%s/user/stripped/%s", build, binary);
}

static bool file_add(struct system *system, struct archive *a, unsigned line, const char *member, const char *file)
{
    char *bytes;
    size_t size;

    if (strlen(member) > 99 || strstr(member, "..")) {
        complain(system, line, "package", "a member cannot be named '%s'", member);
        return false;
    }
    if (!file_read(file, &bytes, &size)) {
        complain(system, line, "package", "no file %s", file);
        return false;
    }
    member_add(a, member, bytes, size);
    free(bytes);
    return true;
}

/* Whoever has a module needs what runs it; where a service names the runner itself it is there already. */
static bool runner_add(struct system *system, struct archive *a, const char *build)
{
    const struct manifest *m = &system->manifest;
    bool wanted = false;

    for (uint32_t i = 0; i < m->count; i++) {
        wanted = wanted || manifest_is_module(m->services[i].program);
        if (strcmp(m->services[i].program, MANIFEST_RUNNER) == 0)
            return true;
    }
    for (unsigned i = 0; i < system->file_count; i++)
        if (strcmp(system->files[i].member, MANIFEST_RUNNER) == 0)
            return true;
    return !wanted || file_add(system, a, 0, MANIFEST_RUNNER, program_file(build, "wasm"));
}

/* Each program once; the same path for two different programs is a mistake. */
static bool programs_add(struct system *system, struct archive *a, const char *build, bool checked)
{
    const struct manifest *m = &system->manifest;
    bool good = file_add(system, a, 0, INIT, program_file(build, "init"));

    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t before = 0;
        while (before < i && strcmp(m->services[before].program, m->services[i].program) != 0)
            before++;
        if (before < i && strcmp(system->binary[before], system->binary[i]) != 0) {
            complain(system, m->services[i].line, "package", "'%s' is both %s and %s", m->services[i].program,
                     system->binary[before], system->binary[i]);
            good = false;
        }
        if (before < i || strcmp(m->services[i].program, INIT) == 0)
            continue;
        char *file = program_file(build, system->binary[i]);
        if (checked || access(file, R_OK) == 0)
            good &= file_add(system, a, m->services[i].line, m->services[i].program, file);
        free(file);
    }
    return good;
}

bool package_write(struct system *system, const char *build, const void *manifest, size_t size, const char *out,
                   bool checked)
{
    struct archive a = {0};

    member_add(&a, MANIFEST_PATH, manifest, size);
    bool good = programs_add(system, &a, build, checked);
    if (checked)
        good &= runner_add(system, &a, build);
    for (unsigned i = 0; i < system->file_count; i++) {
        const struct system_file *f = &system->files[i];
        for (unsigned k = 0; k < i; k++)
            if (strcmp(system->files[k].member, f->member) == 0) {
                complain(system, f->line, "package", "'%s' is there twice", f->member);
                good = false;
            }
        good &= file_add(system, &a, f->line, f->member, other_file(build, f->file));
    }
    (void)blocks_add(&a, 2 * BLOCK);
    if (good && !file_write(out, a.bytes, a.size)) {
        complain(system, 0, "package", "cannot write %s", out);
        good = false;
    }
    free(a.bytes);
    return good;
}
