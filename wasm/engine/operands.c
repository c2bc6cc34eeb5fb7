/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operand stack of translation and what its values become in code.
 */
#include "translate.h"

/* --- Code --- */

static void *room(struct translator *t, int which, size_t bytes, void *now)
{
    void *items = t->failed ? NULL : scratch_room(t->store, which, bytes);

    if (items == NULL)
        t->failed = true;
    return items == NULL ? now : items;
}

union code *step_add(struct translator *t, interp_step *run, uint32_t words)
{
    static union code nowhere[8];

    t->code = room(t, SCRATCH_CODE, ((size_t)t->length + words) * sizeof(*t->code), t->code);
    t->map = room(t, SCRATCH_MAP, ((size_t)t->map_count + 1) * 2 * sizeof(*t->map), t->map);
    if (t->failed || t->length > INT32_MAX - words)
        return nowhere;
    union code *step = t->code + t->length;
    memset(step, 0, words * sizeof(*step));
    step->run = run;
    t->map[2 * t->map_count] = t->length;
    t->map[2 * t->map_count++ + 1] = t->insn.offset;
    t->last = (int32_t)t->length;
    t->last_home = NONE;
    t->length += words;
    return step;
}

static void fixup_note(struct translator *t, uint32_t word)
{
    t->fixups = room(t, SCRATCH_FIXUPS, ((size_t)t->fixup_count + 1) * sizeof(*t->fixups), t->fixups);
    if (!t->failed)
        t->fixups[t->fixup_count++] = word;
}

void fixup_add(struct translator *t, uint32_t word, uint32_t to)
{
    fixup_note(t, word);
    if (!t->failed)
        t->code[word].u64 = to;
}

void chain_add(struct translator *t, uint32_t word, int32_t *chain)
{
    fixup_note(t, word);
    if (t->failed)
        return;
    t->code[word].u64 = (uint64_t)(int64_t)*chain;
    *chain = (int32_t)word;
}

void chain_bind(struct translator *t, int32_t chain)
{
    while (chain != NONE && !t->failed) {
        int32_t next = (int32_t)t->code[chain].w[0];

        t->code[chain].u64 = t->length;
        chain = next;
    }
    t->last = NONE;
}

/* --- Accumulators --- */

void acc_spill(struct translator *t, enum class which)
{
    struct accumulator *acc = &t->acc[which];

    if (which == CLASS_V)
        return;
    if (acc->entry != NONE && !t->failed) {
        struct entry *entry = &t->stack[acc->entry];
        union code *step = t->code + acc->at;

        step[0].run = (*acc->twin)[1];
        step[1].h[1] = entry->home;
        if (t->last == acc->at)
            t->last_home = entry->home;
        entry->place = PLACE_SLOT;
        entry->slot = entry->home;
        slot_written(t, entry->home);
        acc->slot = entry->home;
    }
    acc->entry = NONE;
}

void acc_forget_all(struct translator *t)
{
    for (int i = 0; i < CLASSES; i++)
        t->acc[i].slot = NONE;
}

void slot_written(struct translator *t, uint32_t slot)
{
    for (int i = 0; i < CLASSES; i++)
        if (t->acc[i].slot == (int32_t)slot)
            t->acc[i].slot = NONE;
}

void acc_clobber(struct translator *t, enum class which)
{
    acc_spill(t, which);
    if (which != CLASS_V)
        t->acc[which].slot = NONE;
}

/* --- Pushing --- */

struct entry *entry_push(struct translator *t, uint8_t type)
{
    static struct entry nowhere;

    t->stack = room(t, SCRATCH_STACK, ((size_t)t->height + 1) * sizeof(*t->stack), t->stack);
    if (t->failed)
        return &nowhere;
    struct entry *entry = &t->stack[t->height++];
    *entry = (struct entry){.type = type, .home = (uint16_t)t->top_slot};
    t->top_slot += type_slots(type);
    if (t->top_slot > t->most_slots)
        t->most_slots = t->top_slot;
    return entry;
}

void push_const(struct translator *t, uint8_t type, uint64_t bits)
{
    struct entry *entry = entry_push(t, type);

    entry->place = PLACE_CONST;
    entry->bits = bits;
}

void push_local(struct translator *t, uint32_t local)
{
    struct entry *entry = entry_push(t, t->local_types[local]);

    entry->place = PLACE_SLOT;
    entry->is_local = true;
    entry->local = local;
    entry->slot = t->local_slots[local];
    entry->next_same = t->local_entries[local];
    t->local_entries[local] = (int32_t)t->height - 1;
}

struct entry *push_home(struct translator *t, uint8_t type)
{
    struct entry *entry = entry_push(t, type);

    entry->place = PLACE_SLOT;
    entry->slot = entry->home;
    slot_written(t, entry->home);
    if (type == WASM_V128)
        slot_written(t, entry->home + 1u);
    return entry;
}

union code *push_result(struct translator *t, uint8_t type, const step_pair *pair, uint32_t words)
{
    enum class which = class_of(type);

    acc_spill(t, which);
    union code *step = step_add(t, (*pair)[0], words);
    struct accumulator *acc = &t->acc[which];
    struct entry *entry = entry_push(t, type);

    entry->place = PLACE_ACC;
    *acc = (struct accumulator){.entry = (int32_t)t->height - 1, .slot = NONE, .at = t->last, .twin = pair};
    return step;
}

/* --- Popping --- */

static void local_unlink(struct translator *t, const struct entry *entry)
{
    /* The entry is on top, and so first in the list. */
    if (entry->is_local)
        t->local_entries[entry->local] = entry->next_same;
}

struct operand operand_pop(struct translator *t)
{
    if (t->failed || t->height == 0) {
        t->failed = true;
        return (struct operand){.place = PLACE_SLOT};
    }
    const struct entry *entry = &t->stack[--t->height];
    struct operand operand = {entry->place, entry->type, entry->slot, entry->home, entry->bits};

    t->top_slot = entry->home;
    if (t->settled > t->height)
        t->settled = t->height;
    if (entry->place == PLACE_ACC)
        t->acc[class_of(entry->type)].entry = NONE;
    local_unlink(t, entry);
    return operand;
}

void entry_drop(struct translator *t)
{
    (void)operand_pop(t);
}

bool operand_in_acc(const struct translator *t, const struct operand *operand)
{
    enum class which = class_of(operand->type);

    if (operand->place == PLACE_ACC)
        return true;
    return operand->place == PLACE_SLOT && which != CLASS_V && t->acc[which].slot == operand->slot;
}

static void const_to(struct translator *t, uint8_t type, uint64_t bits, uint32_t slot)
{
    union code *step;

    slot_written(t, slot);
    if (type == WASM_V128) {
        slot_written(t, slot + 1);
        step = step_add(t, step_const_v, 4);
        memcpy(&step[2], (const void *)(uintptr_t)bits, 16);
    } else if (type == WASM_I32 || type == WASM_F32 || bits == (uint64_t)(int64_t)(int32_t)bits) {
        step = step_add(t, step_const, 2);
        step[1].w[1] = (int32_t)bits;
    } else {
        step = step_add(t, step_const_64, 3);
        step[2].u64 = bits;
    }
    step[1].h[1] = (uint16_t)slot;
    if (!t->failed)
        t->last_home = (int32_t)slot;
}

static void copy_to(struct translator *t, uint8_t type, uint32_t from, uint32_t to)
{
    enum class which = class_of(type);

    slot_written(t, to);
    if (which != CLASS_V && t->acc[which].slot == (int32_t)from) {
        step_add(t, put_steps[which], 2)[1].h[1] = (uint16_t)to;
        return;
    }
    if (which == CLASS_V)
        slot_written(t, to + 1);
    union code *step = step_add(t, which == CLASS_V ? step_copy_v : step_copy, 2);
    step[1].h[0] = (uint16_t)from;
    step[1].h[1] = (uint16_t)to;
}

void operand_to_slot(struct translator *t, struct operand *operand)
{
    if (operand->place == PLACE_CONST) {
        const_to(t, operand->type, operand->bits, operand->home);
    } else if (operand->place == PLACE_ACC) {
        enum class which = class_of(operand->type);
        struct accumulator *acc = &t->acc[which];

        /* It was popped, but its step still is the one that computed what the accumulator has. */
        union code *step = t->failed ? NULL : t->code + acc->at;
        if (step != NULL) {
            step[0].run = (*acc->twin)[1];
            step[1].h[1] = operand->home;
            slot_written(t, operand->home);
            acc->slot = operand->home;
        }
    } else {
        return;
    }
    operand->place = PLACE_SLOT;
    operand->slot = operand->home;
}

struct operand operand_pop_slot(struct translator *t)
{
    struct operand operand = operand_pop(t);

    operand_to_slot(t, &operand);
    return operand;
}

/* --- Settling --- */

void entry_settle(struct translator *t, uint32_t index)
{
    struct entry *entry = &t->stack[index];

    if (t->failed)
        return;
    if (entry->place == PLACE_ACC) {
        acc_spill(t, class_of(entry->type));
    } else if (entry->place == PLACE_CONST) {
        const_to(t, entry->type, entry->bits, entry->home);
    } else if (entry->slot != entry->home) {
        copy_to(t, entry->type, entry->slot, entry->home);
    }
    entry->place = PLACE_SLOT;
    entry->slot = entry->home;
}

/* Entries that stand for locals are unlinked as a whole: lists are in the order of the stack, so that going down from the
 * top, each is the first of its list. */
static void locals_unlink(struct translator *t, uint32_t from)
{
    for (uint32_t i = t->height; i-- > from && !t->failed;)
        if (t->stack[i].is_local) {
            t->local_entries[t->stack[i].local] = t->stack[i].next_same;
            t->stack[i].is_local = false;
        }
}

void stack_settle(struct translator *t)
{
    uint32_t from = t->settled;

    locals_unlink(t, from);
    for (uint32_t i = from; i < t->height && !t->failed; i++)
        if (t->stack[i].place != PLACE_CONST)
            entry_settle(t, i);
    t->settled = t->height;
}

void top_settle(struct translator *t, uint32_t count)
{
    locals_unlink(t, t->height - count);
    for (uint32_t i = t->height - count; i < t->height && !t->failed; i++)
        entry_settle(t, i);
}

void top_copy(struct translator *t, uint32_t slot)
{
    if (t->failed)
        return;
    const struct entry *entry = &t->stack[t->height - 1];

    if (entry->place == PLACE_CONST) {
        const_to(t, entry->type, entry->bits, slot);
    } else if (entry->place == PLACE_ACC) {
        slot_written(t, slot);
        step_add(t, put_steps[class_of(entry->type)], 2)[1].h[1] = (uint16_t)slot;
    } else if (entry->slot != slot) {
        copy_to(t, entry->type, entry->slot, slot);
    }
}

static void local_entries_settle(struct translator *t, uint32_t local)
{
    while (t->local_entries[local] != NONE && !t->failed) {
        uint32_t index = (uint32_t)t->local_entries[local];
        struct entry *entry = &t->stack[index];

        t->local_entries[local] = entry->next_same;
        entry->is_local = false;
        entry_settle(t, index);
    }
}

/* The step that was made last writes the local itself where its D allows. */
void local_set(struct translator *t, uint32_t local)
{
    struct operand operand = operand_pop(t);
    enum class which = class_of(operand.type);
    uint32_t slot = t->local_slots[local];

    if (t->failed || (operand.place == PLACE_SLOT && operand.slot == slot))
        return;
    local_entries_settle(t, local);
    if (t->failed)
        return;
    if (operand.place == PLACE_CONST) {
        const_to(t, operand.type, operand.bits, slot);
    } else if (operand.place == PLACE_ACC && t->last == t->acc[which].at) {
        union code *step = t->code + t->last;

        step[0].run = (*t->acc[which].twin)[1];
        step[1].h[1] = (uint16_t)slot;
        slot_written(t, slot);
        t->acc[which].slot = (int32_t)slot;
    } else if (operand.place == PLACE_ACC) {
        slot_written(t, slot);
        step_add(t, put_steps[which], 2)[1].h[1] = (uint16_t)slot;
        t->acc[which].slot = (int32_t)slot;
    } else if (operand.slot == operand.home && t->last != NONE && t->last_home == operand.home) {
        bool held = which != CLASS_V && t->acc[which].slot == operand.home;

        t->code[t->last + 1].h[1] = (uint16_t)slot;
        t->last_home = NONE;
        slot_written(t, slot);
        slot_written(t, operand.home);
        if (which == CLASS_V)
            slot_written(t, slot + 1);
        if (held)
            t->acc[which].slot = (int32_t)slot;
    } else {
        copy_to(t, operand.type, operand.slot, slot);
    }
}
