/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds what a loaded kernel image asks of the loader: base revision tag and request records.  Pure code.
 * Source: Limine boot protocol, "Base Revisions", "Requests Delimiters", "Limine Requests Section".
 */
#ifndef BOOT_REQUESTS_H
#define BOOT_REQUESTS_H

#include <mnos/limine_more.h>
#include <stdbool.h>
#include <stdint.h>

enum { REQUESTS_MAX = 64, BASE_REVISION_MAX = 3 };

struct request_set {
    uint64_t *tag;     /* the base revision tag in the image, or NULL */
    uint64_t revision; /* the base revision in use */
    unsigned count;
    struct limine_request *found[REQUESTS_MAX];
};

/*
 * Scans `size` bytes of an 8-byte aligned image.  `list` is the content of the section .limine_reqs (base revision 0
 * only): list_count addresses of requests in an image whose first byte has the address `base`; NULL where there is none.
 * Returns NULL, or a sentence that says what is wrong (the same request twice, too many, outside the image).
 */
const char *requests_find(void *image, uint64_t size, uint64_t base, const uint64_t *list, uint64_t list_count,
                          struct request_set *set) __attribute__((warn_unused_result));

/* Writes the base revision in use into the tag, and 0 over a wanted revision that is supported. */
void requests_answer_tag(const struct request_set *set);

/*
 * The request with the given last two words of its id, at least `size` bytes of which lie within the image; else NULL.
 */
struct limine_request *requests_get(const struct request_set *set, const void *image, uint64_t image_size, uint64_t id2,
                                    uint64_t id3, uint64_t size);

#endif
