/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation of one validated function into steps, in one pass.
 *
 * The operand stack exists while translating only.  An entry is a constant, a slot that already has the value (a local
 * that was not changed since, or the entry's own slot, its home), or the accumulator of its class.  A local.get therefore
 * is no step, and most results are used from the accumulator by the step that follows.
 *
 * Rules that keep this sound:
 * - At most one entry of a class is in its accumulator.  Before a step overwrites it, the step that computed the entry
 *   is changed into its twin that also stores to the home (spill).
 * - Before a local is written, entries that stand for it are copied to their homes.
 * - Where a block begins, all entries are constants or at home, and stay so while the block is open.
 * - Where control flow joins, results are at home and no accumulator is known.
 */
#ifndef WASM_TRANSLATE_H
#define WASM_TRANSLATE_H

#include "interp.h"

enum { NONE = -1, CLASSES = 3 /* that have an accumulator */ };

enum place { PLACE_CONST, PLACE_SLOT, PLACE_ACC };

struct entry {
    uint8_t type, place;
    bool is_local;
    uint16_t home, slot;
    uint32_t local;    /* of is_local */
    int32_t next_same; /* the next entry, downwards, that stands for the same local */
    uint64_t bits;     /* of a constant; of a v128 the address of its bytes */
};

struct accumulator {
    int32_t entry;         /* that is in it and nowhere else */
    int32_t slot;          /* that has the same contents */
    int32_t at;            /* the step that computed `entry` */
    const step_pair *twin; /* of that step */
};

struct control {
    enum op op;
    uint32_t height;   /* of the stack below the block's parameters */
    uint32_t top_slot; /* the home of the first parameter or result */
    struct wasm_func_type type;
    uint8_t single;     /* the result type of a block that names one */
    int32_t target;     /* of a loop */
    int32_t chain;      /* jumps to the end, linked through their targets */
    int32_t else_chain; /* the jump of an if, to its else */
    uint32_t table_stamp;
    int32_t table_stub; /* of the jump table with that stamp: where the results are moved */
};

/* An operand taken from the stack. */
struct operand {
    enum place place;
    uint8_t type;
    uint16_t slot, home;
    uint64_t bits;
};

struct translator {
    struct wasm_store *store;
    struct wasm_func *func;
    struct wasm_instance *instance;
    struct wasm_module *module;
    struct reader reader;
    struct insn insn;
    bool failed;

    union code *code;
    uint32_t length, room;
    uint32_t *map;
    uint32_t map_count;
    uint32_t *fixups; /* words that are jump targets: positions, to become addresses */
    uint32_t fixup_count;
    int32_t last;      /* the step that was made last, when nothing can jump behind it */
    int32_t last_home; /* the slot that it wrote with a D that may be changed */

    struct entry *stack;
    uint32_t height, top_slot, most_slots;
    uint32_t settled; /* entries below are constants or at home */
    struct accumulator acc[CLASSES];

    struct control *controls;
    uint32_t depth;
    uint32_t table_stamp;

    uint16_t *local_slots;
    uint8_t *local_types;
    int32_t *local_entries; /* the topmost entry that stands for the local */
    uint32_t saved_slot;
};

static inline enum class class_of(uint8_t type) {
    return type == WASM_F32    ? CLASS_F
           : type == WASM_F64  ? CLASS_D
           : type == WASM_V128 ? CLASS_V
                               : CLASS_I;
}

/* --- operands.c --- */

/* Appends a step of so many words, the rest of them zero. */
union code *step_add(struct translator *t, interp_step *run, uint32_t words);
/* The word at `word` becomes a jump target once the address of position `to` is known. */
void fixup_add(struct translator *t, uint32_t word, uint32_t to);
/* The same for a position that is not known yet. */
void chain_add(struct translator *t, uint32_t word, int32_t *chain);
void chain_bind(struct translator *t, int32_t chain);

struct entry *entry_push(struct translator *t, uint8_t type);
void push_const(struct translator *t, uint8_t type, uint64_t bits);
void push_local(struct translator *t, uint32_t local);
/* A value that is in the entry's home. */
struct entry *push_home(struct translator *t, uint8_t type);
/* Adds a step that leaves its result in the accumulator, and pushes that.  D is set when it is stored. */
union code *push_result(struct translator *t, uint8_t type, const step_pair *pair, uint32_t words);
struct operand operand_pop(struct translator *t);
/* The same, with the value in a slot. */
struct operand operand_pop_slot(struct translator *t);
void entry_drop(struct translator *t);
/* Is the operand in its accumulator, alone or as a copy? */
bool operand_in_acc(const struct translator *t, const struct operand *operand);
/* Puts it in its home if it is not in a slot. */
void operand_to_slot(struct translator *t, struct operand *operand);

/* The entry in the accumulator goes to its home; the accumulator will be overwritten. */
void acc_spill(struct translator *t, enum class which);
/* A step overwrites it that is not push_result's. */
void acc_clobber(struct translator *t, enum class which);
void acc_forget_all(struct translator *t);
/* Slot was written otherwise than from an accumulator. */
void slot_written(struct translator *t, uint32_t slot);
/* The entry's value goes to its home. */
void entry_settle(struct translator *t, uint32_t index);
/* All entries become constants or at home. */
void stack_settle(struct translator *t);
/* The topmost `count` go home, constants too. */
void top_settle(struct translator *t, uint32_t count);
/* The value of the top entry also goes to `slot`; the entry stays. */
void top_copy(struct translator *t, uint32_t slot);
/* Pops it into a local. */
void local_set(struct translator *t, uint32_t local);

/* --- flow.c --- */

void flow_block(struct translator *t);
void flow_else(struct translator *t);
/* The depth is 0 behind the end of the function. */
void flow_end(struct translator *t);
void flow_branch(struct translator *t);
void flow_branch_if(struct translator *t);
void flow_branch_table(struct translator *t);
void flow_return(struct translator *t);
void flow_call(struct translator *t);
/* A comparison that a br_if or if follows; false when none does. */
bool flow_compare(struct translator *t);
void control_push(struct translator *t, enum op op);
/* Reads on behind code that cannot be reached, up to the else or end of the innermost block. */
void flow_skip(struct translator *t);

#endif
