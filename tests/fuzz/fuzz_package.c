/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/ustar/ lib/manifest/ lib/capnp/ lib/fmt/ lib/elf/ */
/*
 * Any bytes as a boot package, read the way init does: the archive, its manifest, the programs that it names.  The first
 * byte chooses whether the archive's checksums are mended, so that what lies behind them is reached.
 */
#include <elf64.h>
#include <manifest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ustar.h>

#define LOW  0x10000u
#define HIGH 0x7ffe00000000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct package {
    const uint8_t *bytes;
    size_t size;
};

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void checksums_mend(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; size - at >= USTAR_BLOCK; at += USTAR_BLOCK) {
        unsigned sum = 0;
        if (memcmp(bytes + at + 257, "ustar", 6) != 0)
            continue;
        memset(bytes + at + 148, ' ', 8);
        for (size_t i = 0; i < USTAR_BLOCK; i++)
            sum += bytes[at + i];
        snprintf((char *)bytes + at + 148, 8, "%06o", sum);
    }
}

static void report(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    (void)m, (void)line;
    demand(strlen(text) > 0 && (unsigned)rule < MANIFEST_RULE_COUNT);
    ++*(unsigned *)context;
}

static bool program_known(void *context, const char *path)
{
    const struct package *p = context;
    struct ustar_member member;
    struct elf_image image;

    if (ustar_find(p->bytes, p->size, path, &member) != USTAR_OK)
        return false;
    return elf_parse(member.data, member.size, (struct elf_limits){.low = LOW, .high = HIGH}, &image) == ELF_OK;
}

static void package_read(struct package *p)
{
    struct manifest_env env = {.context = p, .program = program_known, .memory = 64 << 20};
    struct ustar_member member;
    struct manifest m;
    unsigned breaches = 0;

    if (ustar_check(p->bytes, p->size, &member) != USTAR_OK ||
        ustar_find(p->bytes, p->size, MANIFEST_PATH, &member) != USTAR_OK)
        return;
    void *arena = malloc(manifest_arena_size(member.size));
    demand(arena != NULL);
    bool decoded =
        manifest_decode(&m, member.data, member.size, arena, manifest_arena_size(member.size), report, &breaches);
    demand(decoded == (breaches == 0));
    if (decoded && manifest_check(&m, &env, report, &breaches) == 0)
        for (uint32_t i = 0; i < m.count; i++)
            demand(program_known(p, m.services[i].program));
    free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *copy = malloc(size);
    demand(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    struct package p = {copy, size - 1};
    if (data[0] & 1)
        checksums_mend(copy, p.size);
    package_read(&p);
    free(copy);
    return 0;
}
