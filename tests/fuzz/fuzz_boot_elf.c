/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: boot/core/elf.c boot/core/requests.c */
/* Any bytes as a kernel: what is accepted is loaded and searched for requests inside an image of exactly its size. */
#include <boot/elf.h>
#include <boot/requests.h>
#include <stdlib.h>

enum { IMAGE_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void search(const struct elf_plan *plan, const uint8_t *file, size_t size, uint8_t *image)
{
    struct request_set set;
    uint64_t start, length = 0;
    const uint64_t *list = NULL;
    if (elf_section(file, size, plan, ".limine_reqs", &start, &length) && start % 8 == 0)
        list = (const uint64_t *)(image + start);
    if (requests_find(image, plan->size, plan->base, list, list == NULL ? 0 : length / 8, &set) != NULL)
        return;
    for (unsigned i = 0; i < set.count; i++) {
        const uint8_t *request = (const uint8_t *)set.found[i];
        demand(request >= image && request + sizeof(struct limine_request) <= image + plan->size);
    }
    requests_answer_tag(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_plan plan;
    if (elf_check(data, size, &plan) != NULL)
        return 0;
    demand(plan.base >= ELF_KERNEL_FLOOR && plan.base % 4096 == 0 && plan.size % 4096 == 0);
    demand(plan.base + plan.size > plan.base && elf_inside(&plan, plan.entry, ELF_EXEC));
    if (plan.size > IMAGE_MAX)
        return 0;
    uint8_t *image = malloc(plan.size);
    demand(image != NULL);
    if (elf_load(&plan, data, image) == NULL)
        search(&plan, data, size, image);
    free(image);
    return 0;
}
