/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc, and mmap with its kin: contents, holes, protection, errors. */
#define _GNU_SOURCE
#include "../say.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static uint64_t seed = 12345;

static uint32_t next(void)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(seed >> 33);
}

static void *fresh(size_t bytes, int prot)
{
    return mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void mapping(void)
{
    char *p = fresh(8 * PAGE, PROT_READ | PROT_WRITE);
    int zero = 1;

    for (int i = 0; i < 8 * PAGE; i++)
        zero = zero && p[i] == 0;
    printf("fresh pages are zero: %d\n", zero);
    memset(p, 'x', 8 * PAGE);
    printf("a hole: %d\n", munmap(p + 2 * PAGE, 2 * PAGE));
    printf("beside it: %c %c\n", p[2 * PAGE - 1], p[4 * PAGE]);
    char *q = mmap(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf("fixed in the hole: %d, zero: %d\n", q == p + 2 * PAGE, q[0] == 0);
    char *r = mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf("fixed over what is there: %d, zero: %d\n", r == p, r[0] == 0);
    printf("and its neighbour is as it was: %c\n", p[PAGE]);
    printf("all: %d\n", munmap(p, 8 * PAGE));
    printf("again: %d\n", munmap(p, 8 * PAGE));
}

static void protection(void)
{
    char *p = fresh(3 * PAGE, PROT_NONE);

    SAY("none, then writable", mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE));
    strcpy(p + PAGE, "kept");
    SAY("read only", mprotect(p + PAGE, PAGE, PROT_READ));
    printf("%s\n", p + PAGE);
    printf("none: %d\n", mprotect(p + PAGE, PAGE, PROT_NONE));
    SAY("back", mprotect(p + PAGE, PAGE, PROT_READ));
    printf("%s\n", p + PAGE);
    printf("DONTNEED: %d", madvise(p + PAGE, PAGE, MADV_DONTNEED));
    printf(" %d\n", p[PAGE]);
    munmap(p, 3 * PAGE);
}

static void code(void)
{
    static const unsigned char returns_42[] = {0xb8, 42, 0, 0, 0, 0xc3};
    unsigned char *p = fresh(PAGE, PROT_READ | PROT_WRITE);

    memcpy(p, returns_42, sizeof returns_42);
    printf("executable: %d", mprotect(p, PAGE, PROT_READ | PROT_EXEC));
    printf(" returns %d\n", ((int (*)(void))(uintptr_t)p)());
    munmap(p, PAGE);
}

static void errors(void)
{
    SAY("no bytes", fresh(0, PROT_READ) == MAP_FAILED);
    SAY("too many", fresh(SIZE_MAX / 2, PROT_READ) == MAP_FAILED);
    SAY("unaligned", munmap((void *)0x12345, PAGE));
    SAY("bad descriptor", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED);
    SAY("malloc of too much", malloc(SIZE_MAX / 4) == NULL);
}

static void growth(void)
{
    char *p = fresh(2 * PAGE, PROT_READ | PROT_WRITE);

    strcpy(p, "moved along");
    p = mremap(p, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    printf("larger: %s %d\n", p, p[63 * PAGE]);
    printf("smaller in place: %d\n", mremap(p, 64 * PAGE, PAGE, 0) == p);
    munmap(p, PAGE);
}

#define BLOCKS 2000

static void heap(void)
{
    static struct {
        unsigned char *at;
        size_t size;
    } block[BLOCKS];
    unsigned long bad = 0, aligned = 0, total = 0;

    for (int round = 0; round < 20000; round++) {
        unsigned i = next() % BLOCKS;
        for (size_t k = 0; k < block[i].size; k++)
            bad += block[i].at[k] != (unsigned char)(i + k);
        size_t size = next() % 100 == 0 ? next() % 200000 : next() % 600;
        block[i].at = realloc(block[i].at, size + 1);
        for (size_t k = 0; k < size; k++)
            block[i].at[k] = (unsigned char)(i + k);
        block[i].size = size;
        aligned += ((uintptr_t)block[i].at & 15) == 0;
        total += size;
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        free(block[i].at);
    printf("heap: %lu bytes in all, %lu damaged, %lu of 20000 aligned to 16\n", total, bad, aligned);
}

int main(void)
{
    mapping();
    protection();
    code();
    errors();
    growth();
    heap();
    return 0;
}
