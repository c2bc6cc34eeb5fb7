/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole of the vector registers outlives a handler that comes between any two instructions, and uses them itself. */
#define _GNU_SOURCE
#include "children.h"

#include <cpuid.h>
#include <stdint.h>

static volatile unsigned count;
static int avx;

static int avx_there(void)
{
    unsigned a, b, c = 0, d, low = 0;

    __get_cpuid(1, &a, &b, &c, &d);
    if ((c >> 27 & 1) == 0 || (c >> 28 & 1) == 0)
        return 0;
    __asm__("xgetbv" : "=a"(low), "=d"(d) : "c"(0));
    return (low & 6) == 6;
}

static void handler(int signo)
{
    (void)signo;
    if (avx)
        __asm__ volatile("vzeroall" : : : "xmm0", "xmm1", "xmm7", "xmm15");
    else
        __asm__ volatile("pxor %%xmm1, %%xmm1\n\tpxor %%xmm15, %%xmm15" : : : "xmm1", "xmm15");
    count++;
}

/* Both registers hold `in` until a handler has run. */
static void across(const uint64_t in[4], uint64_t out[8])
{
    const unsigned before = count;

    if (avx)
        __asm__ volatile("vmovdqu (%1), %%ymm1\n\tvmovdqu (%1), %%ymm15\n"
                         "1: cmpl %3, %0\n\tje 1b\n\t"
                         "vmovdqu %%ymm1, (%2)\n\tvmovdqu %%ymm15, 32(%2)\n\tvzeroupper"
                         :
                         : "m"(count), "r"(in), "r"(out), "r"(before)
                         : "memory", "cc", "xmm1", "xmm15");
    else
        __asm__ volatile("movdqu (%1), %%xmm1\n\tmovdqu (%1), %%xmm15\n"
                         "1: cmpl %3, %0\n\tje 1b\n\t"
                         "movdqu %%xmm1, (%2)\n\tmovdqu %%xmm15, 32(%2)"
                         :
                         : "m"(count), "r"(in), "r"(out), "r"(before)
                         : "memory", "cc", "xmm1", "xmm15");
}

int main(void)
{
    const size_t bytes = (avx = avx_there()) ? 32 : 16;
    int lost = 0;

    signal(SIGUSR1, handler);
    pid_t pester = child_start(NULL, NULL, WORDS("pester"));
    for (uint64_t i = 0; i < 50; i++) {
        const uint64_t in[4] = {i + 1, ~i, i << 32 | 7, 0x0123456789abcdef ^ i};
        uint64_t out[8] = {0};
        across(in, out);
        lost += memcmp(in, out, bytes) != 0 || memcmp(in, out + 4, bytes) != 0;
    }
    kill(pester, SIGKILL);
    signal(SIGUSR1, SIG_IGN);
    printf("lost: %d\n", lost);
    child_told("pester", pester);
    return 0;
}
