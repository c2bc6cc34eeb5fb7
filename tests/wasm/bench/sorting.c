/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting: quicksort and heap sort of numbers, merge sort of strings. */
#include "bench.h"
#include <string.h>

#define COUNT   6000
#define STRINGS 600

static int32_t numbers[COUNT];
static char text[STRINGS][12];
static const char *order[STRINGS], *spare[STRINGS];

static void quick(int32_t *a, int low, int high)
{
    while (low < high) {
        int32_t pivot = a[(low + high) / 2], kept;
        int i = low, k = high;
        while (i <= k) {
            while (a[i] < pivot)
                i++;
            while (a[k] > pivot)
                k--;
            if (i <= k) {
                kept = a[i];
                a[i++] = a[k];
                a[k--] = kept;
            }
        }
        if (k - low < high - i) {
            quick(a, low, k);
            low = i;
        } else {
            quick(a, i, high);
            high = k;
        }
    }
}

static void sift(int32_t *a, int root, int count)
{
    int32_t value = a[root];

    for (;;) {
        int child = 2 * root + 1;
        if (child >= count)
            break;
        if (child + 1 < count && a[child + 1] > a[child])
            child++;
        if (a[child] <= value)
            break;
        a[root] = a[child];
        root = child;
    }
    a[root] = value;
}

static void heap(int32_t *a, int count)
{
    for (int i = count / 2 - 1; i >= 0; i--)
        sift(a, i, count);
    for (int i = count - 1; i > 0; i--) {
        int32_t kept = a[0];
        a[0] = a[i];
        a[i] = kept;
        sift(a, 0, i);
    }
}

static void merge(int low, int high)
{
    int middle = (low + high) / 2, i = low, k = middle, to = low;

    if (high - low < 2)
        return;
    merge(low, middle);
    merge(middle, high);
    while (i < middle || k < high)
        spare[to++] = k == high || (i < middle && strcmp(order[i], order[k]) <= 0) ? order[i++] : order[k++];
    memcpy(&order[low], &spare[low], (size_t)(high - low) * sizeof order[0]);
}

static void fill(uint32_t seed)
{
    for (int i = 0; i < COUNT; i++)
        numbers[i] = (int32_t)next_random(&seed);
}

uint32_t work(uint32_t round)
{
    uint32_t seed = round + 7, sum = 0;

    fill(seed);
    quick(numbers, 0, COUNT - 1);
    for (int i = 0; i < COUNT; i += 97)
        sum = sum * 31 + (uint32_t)numbers[i];
    fill(seed + 1);
    heap(numbers, COUNT);
    for (int i = 1; i < COUNT; i++)
        sum += numbers[i - 1] <= numbers[i];
    for (int i = 0; i < STRINGS; i++) {
        for (int k = 0; k < 11; k++)
            text[i][k] = (char)('a' + (next_random(&seed) >> 24) % 3);
        order[i] = text[i];
    }
    merge(0, STRINGS);
    for (int i = 0; i < STRINGS; i += 13)
        sum = sum * 33 + (uint32_t)(order[i] - text[0]);
    return sum;
}
