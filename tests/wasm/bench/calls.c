/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls: recursion in several shapes. */
#include "bench.h"

static __attribute__((noinline)) uint32_t fibonacci(uint32_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) uint32_t tak(uint32_t x, uint32_t y, uint32_t z)
{
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static uint32_t solutions, columns, up, down;

static void queens(int row, int size)
{
    if (row == size) {
        solutions++;
        return;
    }
    for (int c = 0; c < size; c++) {
        uint32_t column = 1u << c, u = 1u << (row + c), d = 1u << (row - c + size);
        if (columns & column || up & u || down & d)
            continue;
        columns |= column;
        up |= u;
        down |= d;
        queens(row + 1, size);
        columns &= ~column;
        up &= ~u;
        down &= ~d;
    }
}

uint32_t work(uint32_t round)
{
    solutions = 0;
    queens(0, 7);
    return fibonacci(20 + (round & 1)) + tak(12, 8, 4) + solutions;
}
