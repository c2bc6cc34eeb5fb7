/* SPDX-License-Identifier: BSD-2-Clause */
#include <str.h>

#include "tls.h"

/* From the linker script. */
extern const char __tls_image[], __tls_image_size[], __tls_size[], __tls_align[];

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static uint64_t block_align(void)
{
    uint64_t align = (uint64_t)__tls_align;

    return align > 64 ? align : 64;
}

size_t tls_bytes(void)
{
    return align_up((uint64_t)__tls_size, block_align()) + sizeof(struct tcb) + 2 * block_align();
}

struct tcb *tls_place(void *end, struct mnos_thread *thread)
{
    uint64_t align = block_align();
    uint64_t at = ((uint64_t)end - sizeof(struct tcb)) & ~(align - 1);
    struct tcb *tcb = (struct tcb *)at;
    char *block = (char *)at - align_up((uint64_t)__tls_size, (uint64_t)__tls_align ? (uint64_t)__tls_align : 1);

    memcpy(block, __tls_image, (size_t)__tls_image_size);
    memset(block + (size_t)__tls_image_size, 0, (size_t)__tls_size - (size_t)__tls_image_size);
    tcb->self = tcb;
    tcb->thread = thread;
    return tcb;
}
