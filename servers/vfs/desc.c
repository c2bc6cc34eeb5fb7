/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptions.  A badge is made so that it names one description of one life of the server:
 *
 *   63   62..48   47..16       15..0
 *   1    epoch    generation   index
 *
 * and a token is 48 random bits above the index.  What init mints has bit 63 clear.
 */
#include <libmnos/heap.h>
#include <mnos/errors.h>
#include <str.h>

#include "vfs.h"

#define PART         256u
#define BADGE_OURS   (UINT64_C(1) << 63)
#define NOTHING_FREE UINT32_MAX

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
