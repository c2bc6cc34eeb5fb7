/* SPDX-License-Identifier: BSD-2-Clause */
/* The System view, and the clock. */
#include <arch/clock.h>
#include <boot/boot_info.h>
#include <mm/frame.h>
#include <str.h>

#include "sys.h"

union record {
    struct mnos_info_kernel kernel;
    struct mnos_info_ledger ledger;
    struct mnos_info_core core;
    struct mnos_info_process process;
    struct mnos_info_thread thread;
    struct mnos_info_cap cap;
    struct mnos_info_room room;
};

/* Each fills the record and tells its size, or -NOT_FOUND. */
typedef status_t info_fn(u64 index, union record *r);

static status_t info_kernel(u64 index, union record *r)
{
    struct mnos_info_kernel *k = &r->kernel;

    (void)index;
    memcpy(k->version, KERNEL_VERSION, sizeof KERNEL_VERSION);
    memcpy(k->loader, boot_info.loader, sizeof k->loader - 1);
    memcpy(k->command_line, boot_info.command_line, sizeof k->command_line - 1);
    k->build_flags = CONFIG_DEBUG | (cmdline.test ? MNOS_INFO_TEST : 0);
    k->rsdp = boot_info.rsdp.value;
    k->cores = core_count;
    k->uptime_ns = clock_now();
    for (u32 i = 0; i < core_count; i++) {
        if (cores[i]->irqoff_max > k->irqoff_max)
            k->irqoff_max = cores[i]->irqoff_max;
        cores[i]->irqoff_max = 0;
    }
    return sizeof *k;
}

static status_t info_ledger(u64 index, union record *r)
{
    struct mnos_info_ledger *l = &r->ledger;

    (void)index;
    l->frames_total = frame_count_total();
    l->frames_free = frame_count_free();
    for (u32 i = 0; i < MNOS_TYPE_COUNT; i++)
        l->objects[i] = __atomic_load_n(&object_count[i], __ATOMIC_RELAXED);
    l->caps = cap_count;
    l->dead_queue = reaper_queue_length();
    l->slab_frames = slab_frames_total();
    l->pool_used = root_pool->used;
    for (u32 i = 0; i < core_count; i++)
        l->copied_bytes += cores[i]->copied_bytes;
    l->badges = badge_count;
    return sizeof *l;
}

static status_t info_core(u64 index, union record *r)
{
    struct mnos_info_core *i = &r->core;

    REFUSE_IF(index >= core_count, NOT_FOUND);
    const struct core *c = cores[index];
    *i = c->stat;
    i->index = c->index;
    i->apic_id = c->apic_id;
    i->gdt = (u32)(u64)c->gdt;
    i->idt_ok = i->tss_ok = c->online;
    i->ready = c->rq.ready;
    return sizeof *i;
}

/* What was charged, and what runs on its account since: that is charged at the next decision. */
static u64 cpu_time(const struct process *p)
{
    u64 ns = __atomic_load_n(&p->cpu_ns, __ATOMIC_RELAXED), now = clock_now();

    for (u32 i = 0; i < core_count; i++)
        if (__atomic_load_n(&cores[i]->account, __ATOMIC_RELAXED) == p->pid && now > cores[i]->account_start)
            ns += now - cores[i]->account_start;
    return ns;
}

static status_t info_process(u64 index, union record *r)
{
    struct mnos_info_process *i = &r->process;
    struct process *p = process_next(index);

    REFUSE_IF(p == NULL, NOT_FOUND);
    i->pid = p->pid;
    i->parent = p->parent_pid;
    memcpy(i->name, p->name, sizeof i->name);
    i->state = p->state;
    i->threads = p->thread_count;
    i->caps = p->table.used;
    i->cpu_ns = cpu_time(p);
    i->status = process_status(p);
    i->memory = p->aspace.resident * PAGE_SIZE;
    i->cr3 = p->aspace.root.value >> PAGE_SHIFT;
    object_put(&p->object);
    return sizeof *i;
}

/* Finds the first thing from *position on in a process, and says where it was. */
typedef bool find_fn(struct process *p, u32 *position, union record *r);

/* Index: pid << 32 | position.  The first at or behind it, in whichever process. */
static status_t find_in_processes(u64 index, union record *r, find_fn *find, u64 size)
{
    u64 pid = index >> 32;
    u32 position = (u32)index;

    for (;; position = 0) {
        struct process *p = process_next(pid);
        REFUSE_IF(p == NULL, NOT_FOUND);
        if (p->pid != pid)
            position = 0;
        pid = p->pid + 1;
        bool found = find(p, &position, r);
        object_put(&p->object);
        if (found)
            return (status_t)size;
    }
}

static bool find_thread(struct process *p, u32 *position, union record *r)
{
    struct mnos_info_thread *i = &r->thread;
    u32 skip = *position;
    bool found = false;

    spin_lock(&p->lock);
    LIST_FOR_EACH(n, &p->threads) {
        if (skip-- > 0)
            continue;
        const struct thread *t = container_of(n, struct thread, process_link);
        i->pid = p->pid;
        i->index = p->pid << 32 | *position;
        i->tid = t->tid;
        i->state = t->state;
        i->priority = t->prio;
        i->core = t->core;
        i->cpu_ns = t->cpu_ns;
        i->wait = t->state == MNOS_STATE_BLOCKED ? t->wait : MNOS_WAIT_NOTHING;
        found = true;
        break;
    }
    spin_unlock(&p->lock);
    return found;
}

static status_t info_thread(u64 index, union record *r)
{
    return find_in_processes(index, r, find_thread, sizeof r->thread);
}

static void fill_cap(const struct process *p, u32 slot, const struct cap_slot *s, struct mnos_info_cap *i)
{
    const struct cap_node *n = s->node, *parent = n->parent;

    while (parent != NULL && parent->table == NULL)
        parent = parent->parent;
    i->pid = p->pid;
    i->slot = slot;
    i->handle = s->meta >> 32 << 32 | slot;
    i->type = n->type;
    i->rights = n->rights;
    i->badge = n->type == MNOS_TYPE_ENDPOINT ? n->badge->value : n->base;
    i->object = n->object->id;
    i->size = n->length;
    i->node = n->id;
    i->parent = parent != NULL ? parent->id : 0;
}

#define SLOTS_STEP 512u            /* looked at between two looks at interrupts */

static bool find_cap(struct process *p, u32 *position, union record *r)
{
    bool found = false;
    u32 slot = *position;

    while (!found && slot < p->table.slots) {
        spin_lock(&cap_lock);
        for (u32 end = slot + SLOTS_STEP; slot < p->table.slots && slot < end && !found; slot++) {
            const struct cap_slot *s = &p->table.chunk[slot / CAP_CHUNK_SLOTS][slot % CAP_CHUNK_SLOTS];
            found = META_TYPE(s->meta) != MNOS_TYPE_NONE;
            if (found)
                fill_cap(p, slot, s, &r->cap);
        }
        spin_unlock(&cap_lock);
        (void)preempt_point();
    }
    return found;
}

static status_t info_cap(u64 index, union record *r)
{
    return find_in_processes(index, r, find_cap, sizeof r->cap);
}

static status_t info_room(u64 index, union record *r)
{
    REFUSE_IF(index >= boot_info.map_count, NOT_FOUND);
    const struct limine_memmap_entry *e = &boot_info.map[index];
    r->room.start = e->base;
    r->room.length = e->length;
    r->room.type = e->type;
    return sizeof r->room;
}

static info_fn *const info_table[MNOS_INFO_COUNT] = {
    [MNOS_INFO_KERNEL] = info_kernel,   [MNOS_INFO_LEDGER] = info_ledger, [MNOS_INFO_CORE] = info_core,
    [MNOS_INFO_PROCESS] = info_process, [MNOS_INFO_THREAD] = info_thread, [MNOS_INFO_CAP] = info_cap,
    [MNOS_INFO_ROOM] = info_room,
};

status_t sys_system_info(u64 system, u64 what, u64 index, u64 buffer, u64 size)
{
    struct cap_view v;
    union record r;

    TRY(sys_cap(system, MNOS_TYPE_SYSTEM, MNOS_RIGHT_READ, &v));
    REFUSE_IF(what >= MNOS_INFO_COUNT, INVALID);
    memset(&r, 0, sizeof r);
    status_t s = info_table[what](index, &r);
    return s < 0 ? s : sys_write_record(buffer, size, &r, (u64)s);
}

status_t sys_time(void)
{
    return (status_t)clock_now();
}
