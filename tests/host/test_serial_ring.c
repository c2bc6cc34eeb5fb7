/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial driver's ring of bytes. */
#include "host_test.h"

#include "../../drivers/serial/ns16550/ring.h"

static void bytes_come_out_in_order(void **state)
{
    static struct ring ring;
    struct rng rng = rng_seeded(3);
    unsigned char in = 0, out = 0;

    (void)state;
    ring.get = ring.put = UINT32_MAX - 1000; /* the counters wrap */
    for (int i = 0; i < 200000; i++) {
        uint32_t length, n = (uint32_t)rng_below(&rng, 300);
        if (rng_below(&rng, 2)) {
            char *space = ring_space(&ring, &length);
            assert_true(length <= ring_room(&ring) && (length > 0 || ring_room(&ring) == 0));
            for (uint32_t k = 0; k < n && k < length; k++) {
                space[k] = (char)in++;
                ring.put++;
            }
        } else if (rng_below(&rng, 2)) {
            const char *content = ring_content(&ring, &length);
            assert_true(length <= ring_used(&ring) && (length > 0 || ring_used(&ring) == 0));
            for (uint32_t k = 0; k < n && k < length; k++) {
                assert_int_equal((unsigned char)content[k], out++);
                ring.get++;
            }
        } else if (ring_used(&ring) > 0) {
            assert_int_equal((unsigned char)ring_get(&ring), out++);
        } else {
            ring_put(&ring, (char)in++);
        }
        assert_int_equal(ring_used(&ring) + ring_room(&ring), RING_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ring: bytes come out in order, across every wrap", bytes_come_out_in_order),
    };

    return RUN_TESTS(tests);
}
