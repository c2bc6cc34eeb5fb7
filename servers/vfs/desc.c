/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptions.  A badge is made so that it names one description of one life of the server:
 *
 *   63   62..48   47..16       15..0
 *   1    epoch    generation   index
 *
 * A file that was mapped has one, too: 0xffff in place of an index, and its number above.
 * A token is 48 random bits above the index.  What init mints has bit 63 clear.
 */
#include <libmnos/heap.h>
#include <mnos/errors.h>
#include <str.h>

#include "vfs.h"

#define PART         256u
#define BADGE_OURS   (UINT64_C(1) << 63)
#define NOTHING_FREE UINT32_MAX
#define FILE_INDEX                                                                                                     \
    UINT64_C(0xffff)  /* in place of an index: not a description, but a file, whose number stands above it */
#define FILE_BITS 24u /* of its index in the table of vnodes, then one less of its generation */
_Static_assert(DESCS_MAX <= FILE_INDEX, "an index of descriptions is none of files");

/* In parts, which stay where they are. */
static struct desc *part[DESCS_MAX / PART];
static uint32_t made, first_free = NOTHING_FREE, used;
static uint64_t epoch;

static struct desc *desc_at(uint64_t index)
{
    return index < made ? &part[index / PART][index % PART] : NULL;
}

bool descs_start(void)
{
    epoch = port_random() & 0x7fff;
    return true;
}

static bool part_make(void)
{
    if (made == DESCS_MAX)
        return false;
    struct desc *fresh = calloc(PART, sizeof *fresh);
    if (!fresh)
        return false;
    part[made / PART] = fresh;
    for (uint32_t i = PART; i-- > 0;) {
        fresh[i].index = made + i;
        fresh[i].next_free = first_free;
        first_free = made + i;
    }
    made += PART;
    return true;
}

struct desc *desc_new(const struct file_ops *ops, uint64_t flags, struct vnode *node)
{
    if (first_free == NOTHING_FREE && !part_make())
        return NULL;
    struct desc *desc = desc_at(first_free);
    first_free = desc->next_free;
    used++;
    desc->ops = ops;
    desc->flags = flags;
    desc->node = node;
    desc->offset = 0;
    desc->object = NULL;
    desc->token = port_random() << 16 | desc->index;
    if (node)
        vnode_hold(node);
    return desc;
}

void desc_free(struct desc *desc)
{
    waiters_end(desc, VFS_E_BAD_MODE);
    arms_end(desc);
    locks_end(desc);
    if (desc->ops->close)
        desc->ops->close(desc);
    if (desc->node)
        vnode_release(desc->node);
    desc->ops = NULL;
    desc->node = NULL;
    desc->generation++;
    desc->next_free = first_free;
    first_free = desc->index;
    used--;
}

static uint64_t badge_of(const struct desc *desc)
{
    return BADGE_OURS | epoch << 48 | (uint64_t)desc->generation << 16 | desc->index;
}

struct desc *desc_of_badge(uint64_t badge)
{
    static struct desc service = {.ops = &place_ops, .flags = VFS_O_PATH | VFS_O_DIRECTORY, .service = true};

    if ((badge & BADGE_OURS) == 0) {
        service.node = tree_root;
        return &service;
    }
    struct desc *desc = desc_at(badge & 0xffff);
    return desc && desc->ops && badge_of(desc) == badge ? desc : NULL;
}

uint64_t desc_file_badge(uint64_t number)
{
    uint64_t index = number & UINT32_MAX, file_generation = number >> 32;

    if (index >> FILE_BITS != 0 || file_generation >> (FILE_BITS - 1) != 0)
        return 0;
    return BADGE_OURS | (file_generation << FILE_BITS | index) << 16 | FILE_INDEX;
}

uint64_t desc_file_of_badge(uint64_t badge)
{
    uint64_t packed = (badge & ~BADGE_OURS) >> 16, mask = (UINT64_C(1) << FILE_BITS) - 1;

    return (badge & FILE_INDEX) == FILE_INDEX ? (packed & mask) | packed >> FILE_BITS << 32 : 0;
}

struct desc *desc_of_token(uint64_t token)
{
    struct desc *desc = desc_at(token & 0xffff);

    return desc && desc->ops && desc->token == token ? desc : NULL;
}

bool desc_hand_out(struct call *call, struct desc *desc)
{
    int64_t cap = port_mint(badge_of(desc));

    if (cap < 0) {
        desc_free(desc);
        call_fail(call, VFS_E_NO_MEMORY);
        return false;
    }
    call->out_cap[call->out_caps++] = (mnos_handle_t)cap;
    return true;
}

unsigned descs_used(void)
{
    return used;
}
