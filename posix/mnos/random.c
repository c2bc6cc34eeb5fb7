/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes from the processor's RDRAND (Intel SDM, volume 1, 7.3.17): no system call, and none where it is missing. */
#include <str.h>

#include "px.h"

#define TRIES 32

static bool has_rdrand(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    /* Leaf 1, ECX bit 30. */
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    return (ecx >> 30 & 1) != 0;
}

static bool word_take(uint64_t *word)
{
    for (int i = 0; i < TRIES; i++) {
        unsigned char good;
        /* The carry flag says whether there was a number. */
        __asm__ volatile("rdrand %0; setc %1" : "=r"(*word), "=q"(good)::"cc");
        if (good)
            return true;
    }
    return false;
}

bool px_random(void *bytes, size_t length)
{
    char *at = bytes;
    uint64_t word;

    if (!has_rdrand())
        return false;
    for (; length > 0; length -= length < 8 ? length : 8, at += 8) {
        if (!word_take(&word))
            return false;
        memcpy(at, &word, length < 8 ? length : 8);
    }
    return true;
}

#define GRND_NONBLOCK 1
#define GRND_RANDOM   2
#define GRND_INSECURE 4

PX_CALL(getrandom)
{
    if ((c & ~(long)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0)
        return -PX_EINVAL;
    return px_random((void *)a, (size_t)b) ? b : -PX_ENOSYS;
}
