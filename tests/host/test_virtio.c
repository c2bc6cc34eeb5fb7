/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/virtio/ lib/pci/ tests/host/fake_pci.c */
/* virtio against a device made here: one that works, and ones that answer what no device may. */
#include "host_test.h"

#include "fake_pci.h"

#include <virtio.h>

/* A device behind its registers. */
struct fake {
    bool modern;
    uint64_t offered, chosen;
    uint32_t status, half, chosen_half, selected;
    uint16_t queue_size[4], vector[4], notify_off[4];
    bool enabled[4];
    uint64_t part[4][3];
    uint32_t page[4];
    unsigned kicks, resets;
    bool stuck, refuses, no_vectors;
    uint8_t config[64];
};

static struct fake fake;
static unsigned char *memory; /* what the device sees, from physical address BASE on */
#define BASE  0x10000000ull
#define BYTES (1u << 20)

static uint32_t common_read(uint32_t offset)
{
    switch (offset) {
    case 4:
        return fake.half < 2 ? (uint32_t)(fake.offered >> 32 * fake.half) : 0;
    case 20:
        return fake.stuck ? 0x40 : fake.status;
    case 24:
        return fake.queue_size[fake.selected & 3];
    case 26:
        return fake.no_vectors ? 0xffff : fake.vector[fake.selected & 3];
    case 30:
        return fake.notify_off[fake.selected & 3];
    default:
        return 0xdeadbeef;
    }
}

static void status_write(uint32_t value)
{
    if (value == 0)
        fake.resets++;
    fake.status = value;
    if (fake.refuses)
        fake.status &= ~8u;
}

static void common_write(uint32_t offset, uint32_t value)
{
    uint32_t q = fake.selected & 3;

    if (offset == 0)
        fake.half = value;
    else if (offset == 8)
        fake.chosen_half = value;
    else if (offset == 12)
        fake.chosen |= (uint64_t)value << 32 * fake.chosen_half;
    else if (offset == 20)
        status_write(value);
    else if (offset == 22)
        fake.selected = value;
    else if (offset == 24)
        fake.queue_size[q] = (uint16_t)value;
    else if (offset == 26)
        fake.vector[q] = (uint16_t)value;
    else if (offset == 28)
        fake.enabled[q] = value == 1;
    else if (offset >= 32 && offset < 56)
        fake.part[q][(offset - 32) / 8] |= (uint64_t)value << (offset % 8 * 8);
    else
        fail_msg("a write to common offset %u", offset);
}

static uint32_t bus_read(void *context, enum virtio_region region, uint32_t offset, unsigned width)
{
    (void)context;
    if (region == VIRTIO_COMMON)
        return common_read(offset);
    if (region == VIRTIO_CONFIG || (region == VIRTIO_LEGACY && offset >= 24)) {
        uint32_t value = 0;
        memcpy(&value, fake.config + (region == VIRTIO_LEGACY ? offset - 24 : offset), width);
        return value;
    }
    assert_int_equal(region, VIRTIO_LEGACY);
    switch (offset) {
    case 0:
        return (uint32_t)fake.offered;
    case 12:
        return fake.queue_size[fake.selected & 3];
    case 18:
        return fake.stuck ? 0x40 : fake.status;
    case 22:
        return fake.vector[fake.selected & 3];
    default:
        return 0;
    }
}

static void bus_write(void *context, enum virtio_region region, uint32_t offset, unsigned width, uint32_t value)
{
    (void)context;
    (void)width;
    if (region == VIRTIO_COMMON) {
        common_write(offset, value);
    } else if (region == VIRTIO_NOTIFY) {
        assert_int_equal(value, offset / 4);
        fake.kicks++;
    } else if (offset == 4) {
        fake.chosen = value;
    } else if (offset == 8) {
        fake.page[fake.selected & 3] = value;
    } else if (offset == 14) {
        fake.selected = value;
    } else if (offset == 16) {
        fake.kicks++;
    } else if (offset == 18) {
        status_write(value);
    } else if (offset == 22) {
        fake.vector[fake.selected & 3] = (uint16_t)value;
    }
}

static struct virtio_bus bus;
static struct virtio device;
static struct virtq queue;

static void fresh(bool modern, uint64_t offered)
{
    memset(&fake, 0, sizeof fake);
    fake.modern = modern;
    fake.offered = offered | (modern ? VIRTIO_F_VERSION_1 : 0);
    fake.queue_size[0] = 256;
    fake.queue_size[1] = 16;
    fake.notify_off[1] = 1;
    bus = (struct virtio_bus){.read = bus_read,
                              .write = bus_write,
                              .modern = modern,
                              .notify_multiplier = 4,
                              .notify_length = 16,
                              .config_length = 60,
                              .vectors = true};
    free(memory);
    memory = aligned_alloc(4096, BYTES);
    memset(memory, 0, BYTES);
}

static void queue_start(bool modern, uint64_t features, unsigned index)
{
    fresh(modern, features);
    assert_int_equal(virtio_start(&device, &bus, 0, features), VIRTIO_OK);
    unsigned size = virtio_queue_size(&device, index, 16);
    if (!modern)
        size = virtio_queue_size(&device, index, 256);
    assert_true(virtq_bytes(size, true) <= BYTES);
    assert_int_equal(virtio_queue_open(&device, &queue, index, size, memory, BASE, 0), VIRTIO_OK);
    virtio_ready(&device);
}

static void handshake(void **state)
{
    (void)state;
    fresh(true, 0x206 | VIRTIO_F_INDIRECT | VIRTIO_F_EVENT_IDX);
    assert_int_equal(virtio_start(&device, &bus, 0x4, 0x200 | VIRTIO_F_INDIRECT | 0x10000), VIRTIO_OK);
    assert_true(fake.chosen == (0x204 | VIRTIO_F_INDIRECT | VIRTIO_F_VERSION_1) && device.features == fake.chosen);
    assert_int_equal(fake.status, 11);
    virtio_ready(&device);
    assert_int_equal(fake.status, 15);
    fake.config[8] = 0x34;
    fake.config[15] = 0x12;
    assert_int_equal(virtio_config(&device, 8, 8), 0x1200000000000034);
    assert_int_equal(virtio_config(&device, 60, 1), 0);
    assert_int_equal(virtio_config(&device, 57, 4), 0);
    fresh(true, 0);
    fake.offered = 4;
    assert_int_equal(virtio_start(&device, &bus, 0, 4), VIRTIO_NO_FEATURES); /* no VERSION_1 */
    assert_int_equal(fake.status & 128, 128);
    fresh(true, 4);
    assert_int_equal(virtio_start(&device, &bus, 8, 4), VIRTIO_NO_FEATURES);
    fake.refuses = true;
    assert_int_equal(virtio_start(&device, &bus, 0, 4), VIRTIO_NO_FEATURES);
    fake.stuck = true;
    assert_int_equal(virtio_start(&device, &bus, 0, 4), VIRTIO_NO_RESET);
    fresh(false, 4);
    assert_int_equal(virtio_start(&device, &bus, 4, 8), VIRTIO_OK);
    assert_int_equal(fake.chosen, 4);
    assert_int_equal(fake.status, 3);
}

static void queues_are_checked(void **state)
{
    (void)state;
    fresh(true, 0);
    assert_int_equal(virtio_start(&device, &bus, 0, 0), VIRTIO_OK);
    assert_int_equal(virtio_queue_size(&device, 0, 64), 64);
    assert_int_equal(virtio_queue_size(&device, 0, 100), 64);
    assert_int_equal(virtio_queue_size(&device, 2, 64), 0);
    fake.queue_size[2] = 24;
    assert_int_equal(virtio_queue_size(&device, 2, 64), 0);
    assert_int_equal(virtio_queue_open(&device, &queue, 2, 24, memory, BASE, 0), VIRTIO_NO_QUEUE);
    fake.notify_off[0] = 4; /* behind the area */
    assert_int_equal(virtio_queue_open(&device, &queue, 0, 64, memory, BASE, 0), VIRTIO_NO_QUEUE);
    fake.notify_off[0] = 3;
    assert_int_equal(virtio_queue_open(&device, &queue, 0, 64, memory, BASE, 0), VIRTIO_OK);
    assert_true(fake.enabled[0] && fake.part[0][0] == BASE && fake.part[0][1] == BASE + 1024 &&
                fake.part[0][2] == BASE + 4096);
    fake.no_vectors = true;
    assert_int_equal(virtio_queue_open(&device, &queue, 0, 64, memory, BASE, 0), VIRTIO_NO_VECTOR);
    fresh(false, 0);
    assert_int_equal(virtio_start(&device, &bus, 0, 0), VIRTIO_OK);
    assert_int_equal(virtio_queue_size(&device, 0, 64), 0); /* a legacy queue cannot be made smaller */
    assert_int_equal(virtio_queue_size(&device, 0, 256), 256);
    assert_int_equal(virtio_queue_open(&device, &queue, 0, 256, memory, BASE, 0), VIRTIO_OK);
    assert_int_equal(fake.page[0], BASE / 4096);
}

/* The device's side of the rings. */
static uint16_t device_seen;

static void used_put(uint32_t id, uint32_t length)
{
    uint16_t index = queue.used[1];
    volatile uint32_t *entry = (volatile uint32_t *)(volatile void *)(queue.used + 2) + 2 * (index % queue.size);

    entry[0] = id;
    entry[1] = length;
    queue.used[1] = (uint16_t)(index + 1);
}

/* Follows one request from the available ring; adds up what it could read and write. */
static uint16_t request_get(uint32_t *readable, uint32_t *writable)
{
    uint16_t head = queue.available[2 + device_seen++ % queue.size];
    volatile struct virtq_descriptor *d = queue.descriptor, *table = NULL;
    uint16_t at = head;

    *readable = *writable = 0;
    if (d[head].flags & 4) {
        table = (volatile struct virtq_descriptor *)(volatile void *)(memory + (d[head].address - BASE));
        at = 0;
    }
    for (unsigned steps = 0;; steps++) {
        volatile struct virtq_descriptor *e = table ? &table[at] : &d[at];
        assert_true(steps < queue.size);
        if (e->flags & 2)
            *writable += e->length;
        else
            *readable += e->length;
        if ((e->flags & 1) == 0)
            break;
        at = e->next;
    }
    return head;
}

static void requests_come_back(bool modern, uint64_t features)
{
    struct rng rng = rng_seeded(17);
    struct {
        uint16_t head;
        uint32_t token, writable;
    } with_device[VIRTQ_MAX];
    unsigned count = 0, returned = 0;
    uint32_t next = 0;

    queue_start(modern, features, 0);
    device_seen = 0;
    for (unsigned round = 0; round < 200000; round++) {
        if (rng_below(&rng, 2)) {
            struct virtq_buffer buffer[4];
            unsigned readable = (unsigned)rng_below(&rng, 3), writable = (unsigned)rng_below(&rng, 3);
            uint32_t sum[2] = {0, 0};
            for (unsigned i = 0; i < readable + writable; i++) {
                buffer[i] = (struct virtq_buffer){rng_next(&rng), (uint32_t)rng_below(&rng, 70000)};
                sum[i >= readable] += buffer[i].length;
            }
            enum virtq_result r = virtq_add(&queue, buffer, readable, writable, next);
            if (r != VIRTQ_OK) {
                assert_true(readable + writable == 0 || queue.free < readable + writable);
                continue;
            }
            virtq_kick(&device, &queue);
            uint32_t saw[2];
            with_device[count].head = request_get(&saw[0], &saw[1]);
            assert_true(saw[0] == sum[0] && saw[1] == sum[1]);
            with_device[count].writable = sum[1];
            with_device[count++].token = next++;
        } else if (count > 0) {
            unsigned pick = (unsigned)rng_below(&rng, count);
            uint32_t token, length, claim = (uint32_t)rng_below(&rng, 200000);
            used_put(with_device[pick].head, claim);
            assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_OK);
            assert_int_equal(token, with_device[pick].token);
            assert_int_equal(length, claim < with_device[pick].writable ? claim : with_device[pick].writable);
            assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_EMPTY);
            with_device[pick] = with_device[--count];
            returned++;
        }
        assert_int_equal(virtq_outstanding(&queue), count);
    }
    assert_true(returned > 50000 && fake.kicks > 50000);
    queue.used[0] = 1; /* NO_NOTIFY */
    unsigned kicks = fake.kicks;
    virtq_kick(&device, &queue);
    assert_int_equal(fake.kicks, kicks);
}

static void requests_come_back_in_any_order(void **state)
{
    (void)state;
    requests_come_back(true, 0);
    requests_come_back(false, 0);
    requests_come_back(true, VIRTIO_F_INDIRECT);
    requests_come_back(false, VIRTIO_F_INDIRECT);
}

static void hostile_answers_are_told(void **state)
{
    struct virtq_buffer buffer[2] = {{0x1000, 16}, {0x2000, 512}};
    uint32_t token, length;

    (void)state;
    queue_start(true, 0, 0);
    assert_int_equal(virtq_add(&queue, buffer, 1, 1, 7), VIRTQ_OK);
    queue.used[1] = 2; /* more answers than requests */
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_BROKEN);
    queue.used[1] = 0xffff;
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_BROKEN);
    queue.used[1] = 0;
    used_put(queue.size, 0); /* an entry that the queue does not have */
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_BROKEN);
    queue.used[1] = 0;
    used_put(0xffffffff, 0);
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_BROKEN);
    queue.used[1] = 0;
    used_put(1, 0); /* the middle of a request */
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_BROKEN);
    queue.used[1] = 0;
    used_put(0, UINT32_MAX); /* more than there was room for */
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_OK);
    assert_true(token == 7 && length == 512);
    assert_int_equal(virtq_add(&queue, buffer, 1, 1, 8), VIRTQ_OK);
    uint16_t head = (uint16_t)(queue.available[2 + 1]);
    used_put(head, 1);
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_OK);
    assert_int_equal(virtq_add(&queue, buffer, 1, 1, 9), VIRTQ_OK);
    used_put((uint32_t)(head == 0 ? 2 : 0), 1); /* one that was answered already, or never asked */
    assert_int_equal(virtq_take(&queue, &token, &length), VIRTQ_BROKEN);
}

/* A device that writes anything anywhere in the memory that it shares: no access outside, no request answered twice. */
static void a_mad_device_harms_nothing(void **state)
{
    struct rng rng = rng_seeded(23);

    (void)state;
    for (unsigned game = 0; game < 300; game++) {
        queue_start(true, game & 1 ? VIRTIO_F_INDIRECT : 0, 0);
        size_t bytes = virtq_bytes(queue.size, true);
        bool with_device[4096] = {false};
        uint32_t next = 0;
        for (unsigned round = 0; round < 500; round++) {
            struct virtq_buffer buffer[3] = {{1, 2}, {3, 4}, {5, 6}};
            uint32_t token, length;
            if (virtq_add(&queue, buffer, 1, 2, next) == VIRTQ_OK)
                with_device[next++] = true;
            virtq_kick(&device, &queue);
            for (unsigned i = 0; i < 8; i++)
                memory[rng_below(&rng, bytes)] = (uint8_t)rng_next(&rng);
            if (rng_below(&rng, 2))
                queue.used[1] = (uint16_t)(queue.taken + rng_below(&rng, 3));
            while (virtq_take(&queue, &token, &length) == VIRTQ_OK) {
                assert_true(token < next && with_device[token] && length <= 10);
                with_device[token] = false;
            }
            assert_true(queue.free <= queue.size);
        }
    }
}

static void capability_put(struct fake_function *f, unsigned at, uint8_t next, uint8_t type, uint8_t bar,
                           uint32_t offset, uint32_t length)
{
    f->space[at] = PCI_CAP_VENDOR;
    f->space[at + 1] = next;
    f->space[at + 2] = type == 2 ? 20 : 16;
    f->space[at + 3] = type;
    f->space[at + 4] = bar;
    fake_set(f, at + 8, 4, offset);
    fake_set(f, at + 12, 4, length);
    if (type == 2)
        fake_set(f, at + 16, 4, 4);
}

static void layouts_are_found(void **state)
{
    static struct fake_pci pci;
    struct pci_access access = fake_access(&pci);
    struct pci_function function;
    struct virtio_pci out;

    (void)state;
    memset(&pci, 0, sizeof pci);
    struct fake_function *f = fake_add(&pci, 0x20, 0x1af4, 0x1001);
    fake_set(f, PCI_STATUS, 2, PCI_STATUS_LIST);
    f->space[PCI_CAPABILITIES] = 0x40;
    fake_bar(f, 0, 0xc001, 128, false);
    fake_bar(f, 4, 0xfe00000c, 16384, true);
    capability_put(f, 0x40, 0x50, 1, 4, 0x4000, 0x1000); /* behind its BAR: passed over */
    capability_put(f, 0x50, 0x60, 1, 4, 0x0000, 0x1000);
    capability_put(f, 0x60, 0x70, 3, 4, 0x1000, 0x1000);
    capability_put(f, 0x70, 0x80, 4, 4, 0x2000, 0x1000);
    capability_put(f, 0x80, 0x00, 2, 4, 0x3000, 0x1000);
    assert_true(pci_function_read(&access, 0x20, &function));
    assert_true(virtio_pci_parse(&access, &function, &out));
    assert_true(out.modern && out.notify_multiplier == 4);
    assert_true(out.area[VIRTIO_COMMON].bar == 4 && out.area[VIRTIO_COMMON].offset == 0);
    assert_true(out.area[VIRTIO_NOTIFY].offset == 0x3000 && out.area[VIRTIO_LEGACY].length == 128);
    f->space[0x53] = 9; /* no common area any more: what is left is the legacy layout */
    assert_true(pci_function_read(&access, 0x20, &function));
    assert_true(virtio_pci_parse(&access, &function, &out));
    assert_false(out.modern);
    f->space[0x53] = 1;
    f->space[0x54] = 6; /* a BAR that there is none of */
    assert_true(pci_function_read(&access, 0x20, &function));
    assert_true(virtio_pci_parse(&access, &function, &out) && !out.modern);
    f->writable[PCI_BAR] = f->writable[PCI_BAR + 1] = 0;
    fake_set(f, PCI_BAR, 4, 0);
    assert_true(pci_function_read(&access, 0x20, &function));
    assert_false(virtio_pci_parse(&access, &function, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("virtio: register layouts are found, impossible ones passed over", layouts_are_found),
        TEST("virtio: handshake, modern and legacy, and every refusal", handshake),
        TEST("virtio: queues that cannot be are refused", queues_are_checked),
        TEST("virtio: requests come back in any order, direct and indirect", requests_come_back_in_any_order),
        TEST("virtio: answers that cannot be are told", hostile_answers_are_told),
        TEST("virtio: a device that writes anything into the shared memory harms nothing", a_mad_device_harms_nothing),
    };
    int status = RUN_TESTS(tests);

    free(memory);
    return status;
}
