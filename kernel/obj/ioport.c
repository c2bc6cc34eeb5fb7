/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports that a process may use with IN and OUT: a bitmap of 65,536 bits (0: allowed) that the switch copies behind the TSS.
 * Each mapping hangs on the capability it was made through and ends with it.  All under cap_lock.
 */
#include <arch/paging.h>
#include <debug/log.h>
#include <mm/frame.h>
#include <obj.h>
#include <str.h>

#define BITMAP_BYTES 8192u
#define COM1_FIRST   0x3f8u
#define COM1_LAST    0x3ffu

struct port_map {
    struct list_node process_link;
    struct port_map *next;          /* of the same capability */
    struct cap_node *via;
    struct process *process;
    u32 first, count;
};

static status_t bitmap_create(struct process *p)
{
    REFUSE_IF(!pool_charge(p->pool, BITMAP_BYTES), NO_MEMORY);
    paddr_t frames = frame_alloc_contiguous(BITMAP_BYTES / PAGE_SIZE, PADDR(UINT64_MAX), PAGE_SIZE);
    if (frames.value == 0) {
        pool_uncharge(p->pool, BITMAP_BYTES);
        return ERR(NO_MEMORY);
    }
    p->ports = phys_to_virt(frames);
    memset(p->ports, 0xff, BITMAP_BYTES);
    p->ports_low = p->ports_high = 0;
    return 0;
}

/* Clears bits [first, end), whole bytes at once: a mapping may be all 65,536 ports, and interrupts are off. */
static void bits_clear(u8 *map, u32 first, u32 end)
{
    for (; first < end && first % 8 != 0; first++)
        map[first / 8] &= (u8) ~(1u << first % 8);
    if (first < end)
        memset(map + first / 8, 0, (end - first) / 8);
    for (first += (end - first) / 8 * 8; first < end; first++)
        map[first / 8] &= (u8) ~(1u << first % 8);
}

/* The bitmap says what the remaining mappings say. */
static void bitmap_rebuild(struct process *p)
{
    u32 low = BITMAP_BYTES, high = 0;

    if (p->ports_high > p->ports_low)
        memset(p->ports + p->ports_low, 0xff, p->ports_high - p->ports_low);
    LIST_FOR_EACH(n, &p->port_maps) {
        struct port_map *m = container_of(n, struct port_map, process_link);
        bits_clear(p->ports, m->first, m->first + m->count);
        low = (u32)min_u64(low, m->first / 8);
        high = (u32)max_u64(high, (m->first + m->count + 7) / 8);
    }
    p->ports_low = low < high ? low : 0;
    p->ports_high = high;
    p->ports_version++;
    p->has_ports = high != 0;
}

status_t ioport_map(struct process *p, struct cap_node *via, u32 first, u32 count)
{
    if (p->ports == NULL)
        TRY(bitmap_create(p));
    struct port_map *m = slab_alloc(p->pool, SLAB_SMALL);
    REFUSE_IF(m == NULL, NO_MEMORY);
    *m = (struct port_map){ .process = p, .via = via, .first = first, .count = count, .next = via->ports };
    list_node_init(&m->process_link);
    via->ports = m;
    list_push_back(&p->port_maps, &m->process_link);
    bitmap_rebuild(p);
    if (first <= COM1_LAST && first + count > COM1_FIRST && count < 65536)
        log_serial_release();
    return 0;
}

/* Threads of the process that run right now, on whatever core, must lose the ports before this returns. */
static void take_away(struct process *p)
{
    bitmap_rebuild(p);
    tlb_shootdown(&p->aspace, 0, 0);
}

void ioport_release_via(struct cap_node *via)
{
    while (via->ports != NULL) {
        struct port_map *m = via->ports;
        via->ports = m->next;
        list_remove(&m->process_link);
        take_away(m->process);
        slab_free(m);
    }
}

void ioport_free(struct process *p)
{
    if (p->ports == NULL)
        return;
    spin_lock(&cap_lock);
    /* Whoever mapped them may still hold the capability: its list loses them. */
    struct list_node *n;
    while ((n = list_pop_front(&p->port_maps)) != NULL) {
        struct port_map *m = container_of(n, struct port_map, process_link);
        struct port_map **at = &m->via->ports;
        while (*at != m)
            at = &(*at)->next;
        *at = m->next;
        slab_free(m);
    }
    spin_unlock(&cap_lock);
    frame_free_contiguous(virt_to_phys(p->ports), BITMAP_BYTES / PAGE_SIZE);
    pool_uncharge(p->pool, BITMAP_BYTES);
    p->ports = NULL;
    p->has_ports = false;
}
