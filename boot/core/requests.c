/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/requests.h>
#include <stddef.h>
#include <str.h>

static const uint64_t start_marker[4] = LIMINE_REQUESTS_START_MARKER;
static const uint64_t end_marker[2] = LIMINE_REQUESTS_END_MARKER;

/* The part of the image, in words, that requests may lie in. */
struct area {
    uint64_t *words;
    uint64_t begin;
    uint64_t end;
};

static bool match(const struct area *area, uint64_t at, const uint64_t *marker, uint64_t count)
{
    return count <= area->end - at && memcmp(area->words + at, marker, count * sizeof *marker) == 0;
}

/* Narrows the area to what lies between the last start marker and the first end marker. */
static void narrow(struct area *area)
{
    uint64_t begin = 0, end = area->end;
    bool ended = false;
    for (uint64_t at = 0; at < area->end; at++) {
        if (area->words[at] == start_marker[0] && match(area, at, start_marker, 4))
            begin = at + 4;
        if (area->words[at] == end_marker[0] && !ended && match(area, at, end_marker, 2)) {
            end = at;
            ended = true;
        }
    }
    area->begin = begin;
    area->end = end < begin ? begin : end;
}

static const char *find_tag(const struct area *area, struct request_set *set)
{
    for (uint64_t at = area->begin; at + 3 <= area->end; at++) {
        uint64_t *words = area->words + at;
        if (words[0] != LIMINE_BASE_REVISION_TAG_0 || words[1] != LIMINE_BASE_REVISION_TAG_1)
            continue;
        if (set->tag != NULL)
            return "the kernel has two base revision tags";
        set->tag = words;
        set->revision = words[2] <= BASE_REVISION_MAX ? words[2] : BASE_REVISION_MAX;
    }
    return NULL;
}

static bool is_request(const uint64_t *words)
{
    return words[0] == LIMINE_COMMON_MAGIC_0 && words[1] == LIMINE_COMMON_MAGIC_1;
}

static const char *add(struct request_set *set, uint64_t *words)
{
    struct limine_request *request = (struct limine_request *)words;
    for (unsigned i = 0; i < set->count; i++)
        if (memcmp(set->found[i]->id, request->id, sizeof request->id) == 0)
            return "the kernel has the same request twice";
    if (set->count == REQUESTS_MAX)
        return "the kernel has too many requests";
    set->found[set->count++] = request;
    return NULL;
}

static const char *find_by_scan(const struct area *area, struct request_set *set)
{
    const uint64_t words = sizeof(struct limine_request) / sizeof(uint64_t);
    for (uint64_t at = area->begin; at + words <= area->end; at++) {
        const char *error = is_request(area->words + at) ? add(set, area->words + at) : NULL;
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const char *find_by_list(uint64_t *image, uint64_t size, uint64_t base, const uint64_t *list, uint64_t count,
                                struct request_set *set)
{
    for (uint64_t i = 0; i < count && list[i] != 0; i++) {
        uint64_t at = list[i] - base;
        if (at >= size || size - at < sizeof(struct limine_request) || at % sizeof(uint64_t) != 0)
            return "the section .limine_reqs names a request outside the kernel";
        uint64_t *words = image + at / sizeof(uint64_t);
        const char *error = is_request(words) ? add(set, words) : NULL;
        if (error != NULL)
            return error;
    }
    return NULL;
}

const char *requests_find(void *image, uint64_t size, uint64_t base, const uint64_t *list, uint64_t list_count,
                          struct request_set *set)
{
    struct area area = {image, 0, size / sizeof(uint64_t)};
    memset(set, 0, sizeof *set);
    narrow(&area);
    const char *error = find_tag(&area, set);
    if (error != NULL)
        return error;
    if (list != NULL && set->revision == 0)
        return find_by_list(image, size, base, list, list_count, set);
    return find_by_scan(&area, set);
}

void requests_answer_tag(const struct request_set *set)
{
    if (set->tag == NULL)
        return;
    set->tag[1] = set->revision;
    if (set->tag[2] == set->revision)
        set->tag[2] = 0;
}

struct limine_request *requests_get(const struct request_set *set, const void *image, uint64_t image_size, uint64_t id2,
                                    uint64_t id3, uint64_t size)
{
    for (unsigned i = 0; i < set->count; i++) {
        struct limine_request *request = set->found[i];
        uint64_t at = (uint64_t)((const uint8_t *)request - (const uint8_t *)image);
        if (request->id[2] == id2 && request->id[3] == id3)
            return size <= image_size - at ? request : NULL;
    }
    return NULL;
}
