/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: a stencil, a product of matrices, a walk along a shuffled list. */
#include "bench.h"

#define SIDE  96
#define NODES 16384

static uint8_t life[2][SIDE][SIDE];
static int32_t a[64][64], b[64][64], c[64][64];
static uint32_t next[NODES];

static uint32_t generation(int from)
{
    uint32_t alive = 0;

    for (int y = 1; y < SIDE - 1; y++) {
        for (int x = 1; x < SIDE - 1; x++) {
            int around = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    around += life[from][y + dy][x + dx];
            life[from ^ 1][y][x] = around == 3 || (around == 4 && life[from][y][x]);
            alive += life[from ^ 1][y][x];
        }
    }
    return alive;
}

static int32_t product(uint32_t seed)
{
    int32_t trace = 0;

    for (int i = 0; i < 64; i++) {
        for (int k = 0; k < 64; k++) {
            a[i][k] = (int32_t)(next_random(&seed) >> 20);
            b[i][k] = (int32_t)(next_random(&seed) >> 20);
        }
    }
    for (int i = 0; i < 64; i++) {
        for (int k = 0; k < 64; k++) {
            int32_t sum = 0;
            for (int j = 0; j < 64; j++)
                sum += a[i][j] * b[j][k];
            c[i][k] = sum;
        }
    }
    for (int i = 0; i < 64; i++)
        trace ^= c[i][i];
    return trace;
}

static uint32_t walk(uint32_t seed)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < NODES; i++)
        next[i] = i;
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t k = (next_random(&seed) >> 8) % i, kept = next[i];
        next[i] = next[k];
        next[k] = kept;
    }
    for (uint32_t i = 0; i < NODES * 4; i++)
        at = next[at];
    return at;
}

uint32_t work(uint32_t round)
{
    uint32_t seed = round + 1, sum = 0;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            life[0][y][x] = next_random(&seed) >> 31 & 1;
    for (int i = 0; i < 8; i++)
        sum += generation(i & 1);
    return sum ^ (uint32_t)product(round) ^ walk(round);
}
