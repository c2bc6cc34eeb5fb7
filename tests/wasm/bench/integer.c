/* SPDX-License-Identifier: BSD-2-Clause */
/* Integer arithmetic: greatest common divisors, Collatz lengths, a sieve, 64-bit modular powers. */
#include "bench.h"
#include <string.h>

#define SIEVE 20000

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint32_t collatz(uint64_t n)
{
    uint32_t steps = 0;

    for (; n != 1; steps++)
        n = n & 1 ? 3 * n + 1 : n / 2;
    return steps;
}

static uint32_t primes(void)
{
    static uint8_t composite[SIEVE];
    uint32_t count = 0;

    memset(composite, 0, sizeof composite);
    for (uint32_t i = 2; i < SIEVE; i++) {
        if (composite[i])
            continue;
        count++;
        for (uint32_t k = i * 2; k < SIEVE; k += i)
            composite[k] = 1;
    }
    return count;
}

static uint64_t power(uint64_t base, uint32_t exponent, uint64_t modulus)
{
    uint64_t result = 1;

    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            result = result * base % modulus;
        base = base * base % modulus;
    }
    return result;
}

uint32_t work(uint32_t round)
{
    uint32_t state = round + 1, sum = primes();

    for (int i = 0; i < 1000; i++)
        sum += gcd(next_random(&state) | 1, next_random(&state) | 1);
    for (uint32_t i = 1; i < 1000; i++)
        sum += collatz(i + round * 1000);
    for (int i = 0; i < 500; i++)
        sum ^= (uint32_t)power(next_random(&state), next_random(&state), 4294967291u);
    return sum;
}
