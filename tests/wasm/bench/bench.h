/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the benchmark programs share.  Each does its work `argv[1]` times and prints a checksum of the results, so that
 * nothing can be left out and both builds can be compared.  With 0 it does nothing: that run's instructions are those of
 * starting, and are taken off.
 */
#ifndef WASM_BENCH_H
#define WASM_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* One round of work; what it returns goes into the checksum. */
uint32_t work(uint32_t round);

/* Numerical Recipes' generator: the same numbers everywhere. */
static inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state;
}

int main(int argc, char **argv)
{
    uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1, sum = 2166136261u;

    for (uint32_t i = 0; i < rounds; i++)
        sum = (sum ^ work(i)) * 16777619u;
    printf("%u rounds, checksum %08x\n", (unsigned)rounds, (unsigned)sum);
    return 0;
}

#endif
