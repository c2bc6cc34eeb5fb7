/* SPDX-License-Identifier: BSD-2-Clause */
/* A compressor of the Lempel-Ziv kind: matches found through a hash of three bytes, and the way back. */
#include "bench.h"
#include <string.h>

#define SIZE   32768
#define WINDOW 4096
#define HASHES 4096

static uint8_t input[SIZE], packed[SIZE * 2], output[SIZE];
static int32_t head[HASHES], previous[SIZE];

/* Words that come back, with something new between them. */
static void text_make(uint32_t seed)
{
    static const char *const words[] = {"memory ", "capability ", "kernel ", "page ", "thread ", "the ", "of ", "a "};
    size_t at = 0;

    while (at < SIZE) {
        uint32_t r = next_random(&seed);
        const char *word = words[r >> 29];
        for (; *word != 0 && at < SIZE; word++)
            input[at++] = (uint8_t)*word;
        if (r >> 20 & 1 && at < SIZE)
            input[at++] = (uint8_t)(r >> 8);
    }
}

static uint32_t hash3(const uint8_t *p)
{
    return ((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]) * 2654435761u >> 20;
}

static int match_length(int a, int b)
{
    int length = 0;

    while (length < 66 && b + length < SIZE && input[a + length] == input[b + length])
        length++;
    return length;
}

/* A match is 1, length - 3 and the distance; a literal is 0 and the byte. */
static int pack(void)
{
    int to = 0;

    memset(head, 0xff, sizeof head);
    for (int at = 0; at < SIZE;) {
        int best = 0, distance = 0, step = 1;
        if (at + 3 <= SIZE) {
            int candidate = head[hash3(input + at)];
            for (int tries = 0; candidate >= 0 && at - candidate < WINDOW && tries < 16; tries++) {
                int length = match_length(candidate, at);
                if (length > best) {
                    best = length;
                    distance = at - candidate;
                }
                candidate = previous[candidate];
            }
        }
        if (best >= 3) {
            packed[to++] = 1;
            packed[to++] = (uint8_t)(best - 3);
            packed[to++] = (uint8_t)distance;
            packed[to++] = (uint8_t)(distance >> 8);
            step = best;
        } else {
            packed[to++] = 0;
            packed[to++] = input[at];
        }
        for (; step > 0; step--, at++) {
            if (at + 3 <= SIZE) {
                uint32_t h = hash3(input + at);
                previous[at] = head[h];
                head[h] = at;
            }
        }
    }
    return to;
}

static int unpack(int size)
{
    int to = 0;

    for (int at = 0; at < size;) {
        if (packed[at] == 0) {
            output[to++] = packed[at + 1];
            at += 2;
        } else {
            int length = packed[at + 1] + 3, from = to - (packed[at + 2] | packed[at + 3] << 8);
            for (; length > 0; length--)
                output[to++] = output[from++];
            at += 4;
        }
    }
    return to;
}

uint32_t work(uint32_t round)
{
    int size;

    text_make(round + 1);
    size = pack();
    if (unpack(size) != SIZE || memcmp(input, output, SIZE) != 0)
        abort();
    return (uint32_t)size;
}
