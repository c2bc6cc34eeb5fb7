/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user heap over pages of the host.
 * LINK: lib/libmnos/heap_core.c
 */
#include "host_test.h"

#include <setjmp.h>

#include "../../lib/libmnos/heap_core.h"

static size_t taken, limit = SIZE_MAX;
static jmp_buf damaged;
static char damage_text[128];

static void *take(size_t bytes)
{
    if (bytes > limit - taken)
        return NULL;
    void *start = aligned_alloc(HEAP_CHUNK, (bytes + HEAP_CHUNK - 1) & ~(size_t)(HEAP_CHUNK - 1));
    assert_non_null(start);
    memset(start, 0, bytes);
    taken += bytes;
    return start;
}

static void give(void *start, size_t bytes)
{
    taken -= bytes;
    free(start);
}

static void damage(const char *what, const void *where)
{
    (void)where;
    snprintf(damage_text, sizeof damage_text, "%s", what);
    longjmp(damaged, 1);
}

static const struct heap_ops ops = {take, give, damage};

static void fresh(struct heap *heap)
{
    *heap = (struct heap){.ops = &ops};
    taken = 0;
    limit = SIZE_MAX;
}

/* Gives back the chunks that the heap keeps, so that the host sees no leak. */
static void discard(struct heap *heap)
{
    while (heap->all) {
        void *chunk = heap->all;
        memcpy(&heap->all, (char *)chunk + 8, sizeof heap->all);
        free(chunk);
    }
}

static void all_sizes_are_usable_and_aligned(void **state)
{
    static void *pointer[6001];
    struct heap heap;

    (void)state;
    fresh(&heap);
    for (size_t size = 0; size <= 6000; size++) {
        pointer[size] = heap_alloc(&heap, size);
        assert_non_null(pointer[size]);
        assert_int_equal((uintptr_t)pointer[size] % 16, 0);
        assert_true(heap_usable(&heap, pointer[size]) >= size);
        memset(pointer[size], (int)size, size);
    }
    heap_verify(&heap);
    for (size_t size = 0; size <= 6000; size++) {
        for (size_t i = 0; i < size; i++)
            assert_int_equal(((unsigned char *)pointer[size])[i], size & 0xff);
        heap_free(&heap, pointer[size]);
    }
    assert_int_equal(heap.stats.objects, 0);
    assert_int_equal(heap.stats.bytes, 0);
    /* At most one empty chunk of each size stays. */
    assert_true(taken <= HEAP_CLASSES * HEAP_CHUNK);
    discard(&heap);
}

static void exhaustion_changes_nothing(void **state)
{
    void *pointer[200];
    size_t count = 0;
    struct heap heap;

    (void)state;
    fresh(&heap);
    limit = 4 * HEAP_CHUNK;
    while (count < 200 && (pointer[count] = heap_alloc(&heap, 2000)) != NULL)
        count++;
    assert_true(count >= 4 * 7 && count < 40);
    assert_null(heap_alloc(&heap, 1 << 20));
    assert_null(heap_alloc(&heap, SIZE_MAX));
    assert_null(heap_alloc(&heap, SIZE_MAX - 4096));
    heap_verify(&heap);
    heap_free(&heap, pointer[--count]);
    assert_non_null(heap_alloc(&heap, 2000));
    discard(&heap);
}

struct object {
    unsigned char *bytes;
    size_t size;
    unsigned char fill;
};

static void object_check(const struct object *o)
{
    for (size_t i = 0; i < o->size; i++)
        assert_int_equal(o->bytes[i], o->fill);
}

static void random_operations_keep_every_byte(void **state)
{
    static struct object object[500];
    struct rng rng = rng_seeded(4);
    struct heap heap;

    (void)state;
    fresh(&heap);
    memset(object, 0, sizeof object);
    for (int i = 0; i < 200000; i++) {
        struct object *o = &object[rng_below(&rng, 500)];
        if (o->bytes) {
            object_check(o);
            heap_free(&heap, o->bytes);
            o->bytes = NULL;
        } else {
            o->size = rng_below(&rng, rng_below(&rng, 8) == 0 ? 20000 : 300);
            o->fill = (unsigned char)rng_next(&rng);
            o->bytes = heap_alloc(&heap, o->size);
            memset(o->bytes, o->fill, o->size);
        }
        if (i % 5000 == 0)
            heap_verify(&heap);
    }
    for (int i = 0; i < 500; i++)
        if (object[i].bytes)
            heap_free(&heap, object[i].bytes);
    assert_int_equal(heap.stats.objects, 0);
    discard(&heap);
}

#define EXPECT_DAMAGE(text, statement)                                                                                 \
    do {                                                                                                               \
        if (setjmp(damaged) == 0) {                                                                                    \
            statement;                                                                                                 \
            fail_msg("damage went unnoticed: %s", text);                                                               \
        }                                                                                                              \
        assert_string_equal(damage_text, text);                                                                        \
    } while (0)

static void misuse_is_noticed(void **state)
{
    static struct heap heap;
    static char *volatile p, *volatile q;

    (void)state;
    fresh(&heap);
    p = heap_alloc(&heap, 40);
    q = heap_alloc(&heap, 40);
    heap_free(&heap, p);
    EXPECT_DAMAGE("is freed already", heap_free(&heap, p));
    EXPECT_DAMAGE("is not the start of a heap object", heap_free(&heap, q + 8));
    EXPECT_DAMAGE("is freed already", heap_usable(&heap, q + 48));
    p = heap_alloc(&heap, 50000);
    EXPECT_DAMAGE("is not the start of a heap object", heap_free(&heap, p + 16));
    ((uint64_t *)((uintptr_t)p & ~(uintptr_t)(HEAP_CHUNK - 1)))[0] ^= 1;
    EXPECT_DAMAGE("is no heap pointer, or the bytes before it were overwritten", heap_free(&heap, p));
    EXPECT_DAMAGE("is no heap pointer, or the bytes before it were overwritten", heap_verify(&heap));
    ((uint64_t *)((uintptr_t)p & ~(uintptr_t)(HEAP_CHUNK - 1)))[0] ^= 1;
    heap.stats.objects++;
    EXPECT_DAMAGE("is the start of a heap with a wrong count", heap_verify(&heap));
    discard(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("heap: all sizes are usable and aligned", all_sizes_are_usable_and_aligned),
        TEST("heap: exhaustion changes nothing", exhaustion_changes_nothing),
        TEST("heap: random operations keep every byte", random_operations_keep_every_byte),
        TEST("heap: misuse is noticed", misuse_is_noticed),
    };

    return RUN_TESTS(tests);
}
