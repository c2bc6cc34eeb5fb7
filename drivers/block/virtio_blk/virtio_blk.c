/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk behind virtio (Virtual I/O Device 1.1, section 5.2).
 *
 * DRIVES: pci 1af4:1001 as block dma=64K
 * DRIVES: pci 1af4:1042 as block dma=64K
 */
#include <driver/block.h>
#include <driver/virtio_device.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <range.h>
#include <str.h>

#define SLOTS 128u /* requests with the device */

#define F_SIZE_MAX (1ull << 1)
#define F_SEG_MAX  (1ull << 2)
#define F_RO       (1ull << 5)
#define F_BLK_SIZE (1ull << 6)
#define F_FLUSH    (1ull << 9)
#define F_DISCARD  (1ull << 13)

#define CONFIG_CAPACITY        0u
#define CONFIG_SIZE_MAX        8u
#define CONFIG_DISCARD_SECTORS 36u

enum { TYPE_IN = 0, TYPE_OUT = 1, TYPE_FLUSH = 4, TYPE_DISCARD = 11 };
enum { STATUS_OK = 0, STATUS_UNSUPPORTED = 2 };

#define MOST_BYTES (1u << 20)
#define NO_SLOT    0xffu

/* What the device reads and writes of one request beside its data. */
struct slot_shared {
    uint32_t type, reserved;
    uint64_t sector;
    uint64_t discard_sector; /* one entry of the list that DISCARD carries */
    uint32_t discard_count, discard_flags;
    uint8_t status, pad[15];
};
_Static_assert(sizeof(struct slot_shared) == 48, "a slot crosses no page more often than it must");

struct slot {
    struct session *session;
    uint32_t tag, bytes;
    uint8_t next; /* free */
};

static struct {
    struct virtio_device v;
    struct virtq queue;
    uint64_t sectors;
    uint32_t most_bytes;
    bool flush, discard, read_only;
} blk;
static struct slot slot[SLOTS];
static uint8_t slot_free;
static struct slot_shared *slot_shared;
static uint64_t slot_physical;

static unsigned buffers_fill(const struct session *session, const struct session_request *r, uint64_t at,
                             struct slot_shared *shared, struct virtq_buffer buffer[3], unsigned *readable)
{
    unsigned count = 0;

    buffer[count++] = (struct virtq_buffer){at, 16};
    *readable = 1;
    if (r->op == BLOCK_READ || r->op == BLOCK_WRITE) {
        buffer[count++] = (struct virtq_buffer){session->physical + SESSION_DATA + r->offset, (uint32_t)r->bytes};
        *readable += r->op == BLOCK_WRITE;
    } else if (r->op == BLOCK_DISCARD) {
        shared->discard_sector = r->place;
        shared->discard_count = (uint32_t)(r->bytes / BLOCK_SECTOR);
        shared->discard_flags = 0;
        buffer[count++] = (struct virtq_buffer){at + 16, 16};
        *readable = 2;
    }
    buffer[count++] = (struct virtq_buffer){at + 32, 1};
    return count;
}

static bool room(void)
{
    return slot_free != NO_SLOT && blk.queue.free >= 3;
}

static void submit(struct session *session, const struct session_request *r)
{
    static const uint32_t type[] = {
        [BLOCK_READ] = TYPE_IN, [BLOCK_WRITE] = TYPE_OUT, [BLOCK_FLUSH] = TYPE_FLUSH, [BLOCK_DISCARD] = TYPE_DISCARD};
    struct virtq_buffer buffer[3];
    unsigned readable;
    uint8_t index = slot_free;

    struct slot_shared *shared = &slot_shared[index];
    shared->type = type[r->op];
    shared->reserved = 0;
    shared->sector = r->op == BLOCK_READ || r->op == BLOCK_WRITE ? r->place : 0;
    shared->status = 0xff;
    unsigned count = buffers_fill(session, r, slot_physical + index * sizeof *shared, shared, buffer, &readable);
    (void)virtq_add(&blk.queue, buffer, readable, count - readable, index); /* there is room */
    slot_free = slot[index].next;
    slot[index].session = session;
    slot[index].tag = r->tag;
    slot[index].bytes = r->op == BLOCK_READ || r->op == BLOCK_WRITE ? (uint32_t)r->bytes : 0;
}

static void kick(void)
{
    virtq_kick(&blk.v.virtio, &blk.queue);
}

static enum mnos_error check(const struct session *session, const struct session_request *r)
{
    if (r->op > BLOCK_DISCARD)
        return MNOS_E_NOT_SUPPORTED;
    if (r->op == BLOCK_FLUSH)
        return blk.flush ? MNOS_OK : MNOS_E_NOT_SUPPORTED;
    if (r->op == BLOCK_DISCARD && !blk.discard)
        return MNOS_E_NOT_SUPPORTED;
    if (r->op != BLOCK_READ && blk.read_only)
        return MNOS_E_NO_RIGHTS;
    if (r->bytes == 0 || r->bytes % BLOCK_SECTOR != 0 || r->offset % BLOCK_SECTOR != 0)
        return MNOS_E_UNALIGNED;
    if (!range_within(r->place, r->bytes / BLOCK_SECTOR, blk.sectors) || r->bytes / BLOCK_SECTOR > UINT32_MAX)
        return MNOS_E_RANGE;
    if (r->op != BLOCK_DISCARD &&
        (r->bytes > blk.most_bytes || !range_within(r->offset, r->bytes, session->data_bytes)))
        return MNOS_E_RANGE;
    return MNOS_OK;
}

static void describe(uint64_t word[3])
{
    word[BLOCK_SECTORS] = blk.sectors;
    word[BLOCK_FEATURES] = (blk.flush ? BLOCK_HAS_FLUSH : 0) | (blk.discard ? BLOCK_HAS_DISCARD : 0) |
                           (blk.read_only ? BLOCK_READ_ONLY : 0);
    word[BLOCK_MOST_BYTES] = blk.most_bytes;
}

/* What the device offers, by name. */
static void features_print(const struct device *device)
{
    static const struct {
        uint64_t bit;
        const char *name;
    } names[] = {{1, "size_max"},           {2, "seg_max"},        {4, "geometry"},
                 {5, "read_only"},          {6, "blk_size"},       {9, "flush"},
                 {10, "topology"},          {11, "config_wce"},    {12, "mq"},
                 {13, "discard"},           {14, "write_zeroes"},  {24, "notify_on_empty"},
                 {27, "any_layout"},        {28, "indirect_desc"}, {29, "event_idx"},
                 {30, "bad_feature"},       {32, "version_1"},     {33, "access_platform"},
                 {34, "ring_packed"},       {35, "in_order"},      {36, "order_platform"},
                 {38, "notification_data"}, {40, "ring_reset"}};
    uint64_t left = blk.v.virtio.offered;

    printf("%s: features 0x%lx:", device->info.service, left);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (left >> names[i].bit & 1) {
            printf(" %s", names[i].name);
            left &= ~(1ull << names[i].bit);
        }
    if (left != 0)
        printf(" and 0x%lx", left);
    printf("\n");
}

static const struct session_ops ops = {
    .most = SESSIONS_MAX, .describe = describe, .check = check, .room = room, .submit = submit, .kick = kick};

static int64_t init(struct device *device)
{
    uint64_t wanted = F_SIZE_MAX | F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH | F_DISCARD | VIRTIO_F_INDIRECT;
    int64_t status = virtio_device_start(device, &blk.v, 0, wanted);

    if (status < 0)
        return status;
    const struct virtio *virtio = &blk.v.virtio;
    status = virtio_device_queue(device, &blk.v, &blk.queue, 0, blk.v.bus.modern ? SLOTS : VIRTQ_MAX, 0);
    if (status < 0)
        return status;
    slot_shared = device_dma(device, SLOTS * sizeof *slot_shared, 64, &slot_physical);
    if (!slot_shared)
        return -MNOS_E_NO_MEMORY;
    for (unsigned i = 0; i < SLOTS; i++)
        slot[i].next = i + 1 < SLOTS ? (uint8_t)(i + 1) : NO_SLOT;
    blk.sectors = virtio_config(virtio, CONFIG_CAPACITY, 8);
    blk.most_bytes = MOST_BYTES;
    uint64_t size_max = (virtio->features & F_SIZE_MAX) != 0 ? virtio_config(virtio, CONFIG_SIZE_MAX, 4) : 0;
    if (size_max >= BLOCK_SECTOR && size_max < blk.most_bytes)
        blk.most_bytes = (uint32_t)size_max & ~(BLOCK_SECTOR - 1);
    blk.flush = (virtio->features & F_FLUSH) != 0;
    blk.discard = (virtio->features & F_DISCARD) != 0;
    blk.read_only = (virtio->features & F_RO) != 0;
    sessions_start(&ops);
    virtio_ready(&blk.v.virtio);
    if (device->info.start == 0)
        features_print(device);
    if (device->info.start == 0)
        printf("%s: %lu sectors,%s%s%s queue of %u%s\n", device->info.service, blk.sectors, blk.flush ? " flush," : "",
               blk.discard ? " discard," : "", blk.read_only ? " read-only," : "", blk.queue.size,
               (virtio->features & VIRTIO_F_INDIRECT) != 0 ? ", indirect" : "");
    return 0;
}

static enum mnos_error status_error(uint8_t status)
{
    return status == STATUS_OK ? MNOS_OK : status == STATUS_UNSUPPORTED ? MNOS_E_NOT_SUPPORTED : MNOS_E_INVALID;
}

/* All that the device has done; then what waits for place, and those who wait for news. */
static void completions_run(struct device *device)
{
    enum virtq_result result;
    uint32_t index, length;

    while ((result = virtq_take(&blk.queue, &index, &length)) == VIRTQ_OK) {
        struct slot *s = &slot[index];
        uint8_t status = *(volatile uint8_t *)&slot_shared[index].status; /* written by the device */
        struct session *session = s->session;
        s->next = slot_free;
        slot_free = (uint8_t)index;
        session_complete(device, session, s->tag, status_error(status), status == STATUS_OK ? s->bytes : 0);
    }
    if (result == VIRTQ_BROKEN)
        /* A device that answers so cannot be worked with: a new start resets it. */
        mnos_panic("%s: the device answered a request that it was never given", device->info.service);
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    (void)vector;
    virtio_device_acknowledge(device, &blk.v);
    completions_run(device);
    sessions_run(device);
}

static void quiesce(struct device *device)
{
    (void)device;
    (void)virtio_reset(&blk.v.bus);
}

static const struct driver driver = {
    .name = "virtio_blk",
    .init = init,
    .quiesce = quiesce,
    .handle_interrupt = handle_interrupt,
    .handle_doorbell = sessions_run,
    .handle_message = session_message,
    .handle_closed = session_closed,
};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
