/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <libmnos/package.h>

#include "test.h"

static void kernel_info(struct mnos_info_kernel *out)
{
    must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_KERNEL, 0, out, sizeof *out), "the kernel's record");
}

unsigned machine_cores(void)
{
    static unsigned cores;
    static struct mnos_info_kernel kernel;

    if (cores == 0) {
        kernel_info(&kernel);
        cores = (unsigned)kernel.cores;
    }
    return cores;
}

bool machine_debug(void)
{
    struct mnos_info_kernel kernel;

    kernel_info(&kernel);
    return (kernel.build_flags & 1) != 0;
}

bool machine_option(const char *word)
{
    struct ustar_member file;
    char path[32] = "option/";
    size_t length = strnlen(word, sizeof path - 8);

    memcpy(path + 7, word, length);
    return package_find(path, &file) == USTAR_OK;
}

void machine_warm(void)
{
    static const struct elf_limits limits = {.low = MNOS_USER_MIN, .high = MNOS_STACK_TOP};
    volatile char stack[96 * 1024];
    struct ustar_member file;
    struct elf_image image;

    must(package_find("sbin/init", &file) == USTAR_OK && elf_parse(file.data, file.size, limits, &image) == ELF_OK ? 0
                                                                                                                   : -1,
         "the image of this program");
    for (uint32_t i = 0; i < image.segment_count; i++)
        for (uint64_t at = 0; at < image.segments[i].memory_size && image.segments[i].write; at += 64) {
            volatile char *byte = (volatile char *)(image.segments[i].address + at);
            *byte = *byte;
        }
    for (size_t i = 0; i < file.size; i += 512)
        (void)((const volatile char *)file.data)[i];
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
    char *pages = alloc_pages(1024, NULL);
    for (size_t i = 0; pages && i < 1024; i++)
        pages[i * MNOS_PAGE_SIZE] = 1;
    free_pages(pages, 1024);
    /* libmnos keeps what it needed for the most pieces that there ever were. */
    void *piece[128];
    for (unsigned i = 0; i < 128; i++)
        piece[i] = alloc_pages(1, NULL);
    for (unsigned odd = 0; odd < 2; odd++)
        for (unsigned i = odd; i < 128; i += 2)
            free_pages(piece[i], 1);
}

uint64_t machine_frames_free(void)
{
    struct mnos_info_ledger ledger = {0};

    must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_LEDGER, 0, &ledger, sizeof ledger), "the ledger");
    return ledger.frames_free;
}

struct mnos_info_core core_info(unsigned core)
{
    struct mnos_info_core info = {0};

    must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CORE, core, &info, sizeof info), "a core's record");
    return info;
}

unsigned core_here(void)
{
    static uint8_t index_of[256]; /* core index + 1 by APIC id */
    uint32_t a = 1, b, c = 0, d;

    /* CPUID leaf 1: the initial APIC id is in EBX 31..24. */
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (index_of[b >> 24] == 0)
        for (unsigned i = 0; i < machine_cores(); i++)
            index_of[core_info(i).apic_id & 255] = (uint8_t)(i + 1);
    return index_of[b >> 24] - 1u;
}

bool process_info(uint64_t pid, struct mnos_info_process *out)
{
    return mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_PROCESS, pid, out, sizeof *out) >= 0 && out->pid == pid;
}

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}
