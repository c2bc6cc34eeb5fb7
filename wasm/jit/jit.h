/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler to x86-64: one pass over a validated function.
 *
 * A compiled function is to the rest of the engine one step of the interpreter: it is entered with the registers of a
 * step, works in a frame of the same shape, and ends by jumping to the step whose address its caller saved.  Calls,
 * traps and everything that is not worth native code are the interpreter's own steps, entered from a cell (the words of
 * the step, and a last word that leads back behind it).
 *
 *     rsi fp   rdx mem   r15 exec   rbx rbp r12 r13 r14 and xmm4 to xmm15 locals, the same ones all through the function
 *     rax rdi r8 r9 r10 and xmm0 to xmm3 operands         rcx r11 for a moment
 *
 * Who takes rbx to r14 saves them: in the slots of the locals that live in them.  xmm registers do not survive a step,
 * nor do r9 and r10, which are for locals where there are few steps; their locals go to their slots and come back.  i32 values in registers are zero-extended.
 *
 * As in the interpreter, operands are constants, locals, registers or at home, and all at home where control flow
 * joins; see translate.h.
 *
 * Source for code and encodings: x86.h.
 */
#ifndef WASM_JIT_H
#define WASM_JIT_H

#include "../engine/interp.h"
#include "x86.h"

enum { NO_LOCAL = -1, NO_REG = 0xff };

enum value_kind { VALUE_CONST, VALUE_LOCAL, VALUE_REG, VALUE_HOME };

struct value {
    uint8_t type, kind, reg;
    uint16_t home;
    uint32_t local;
    uint64_t bits;
};

struct jit_control {
    enum op op;
    uint32_t height, top_slot;
    struct wasm_func_type type;
    uint8_t single;
    uint32_t target;            /* of a loop */
    uint32_t chain, else_chain; /* positions of displacements, linked through themselves; 0 ends */
    uint32_t stamp, stub_chain; /* of a jump table */
};

/* What is put behind the code. */
enum later_kind {
    LATER_TRAP,
    LATER_ENTRY,
    LATER_REFUEL,
    LATER_STEP,
    LATER_RETURN,
    LATER_CHECK,
    LATER_CONST,
    LATER_GUARD
};

struct later {
    uint8_t kind, words;
    uint32_t at;     /* the displacement that leads here */
    uint32_t offset; /* of the instruction in the module */
    uint32_t resume; /* where code goes on */
    interp_step *run;
    union code word[4];
};

enum {
    TEMP_GPRS = 1 << RAX | 1 << RDI | 1 << R8 | 1 << R9 | 1 << R10,
    TEMP_XMMS = 0xf,
    LOCAL_GPRS = 5,
    PASSING_GPRS = 2, /* r9 and r10, which are operands' where they are not locals' */
    LOCAL_XMMS = 12
};

struct jit {
    struct x86 x;
    struct wasm_store *store;
    struct wasm_func *func;
    struct wasm_instance *instance;
    struct wasm_module *module;
    struct reader reader;
    struct insn insn;

    struct value *stack;
    uint32_t stack_room, later_room;
    uint32_t height, top_slot, most_slots;
    uint32_t settled; /* entries below are constants or at home */
    uint32_t free_gpr, free_xmm;
    int32_t owner[2][16]; /* the entry that is in the register */

    struct jit_control *controls;
    uint32_t depth, stamp;

    struct later *laters;
    uint32_t later_count, guard_count;
    bool guarded; /* accesses to the first memory need no checks */

    uint32_t local_count;
    uint8_t *local_types, *local_regs;
    uint8_t *local_seen; /* LOCAL_* */
    uint16_t *local_slots;
    uint32_t saved_slot;
    uint32_t xmm_locals[LOCAL_XMMS], xmm_count, gpr_locals[LOCAL_GPRS], gpr_count;
    uint32_t passing_locals[PASSING_GPRS], passing_count;
    int32_t hint; /* the local that the result of this instruction is for */
};

static inline bool is_float(uint8_t type)
{
    return type == WASM_F32 || type == WASM_F64;
}

static inline bool is_wide(uint8_t type)
{
    return type != WASM_I32 && type != WASM_F32;
}

static inline int32_t slot_disp(uint32_t slot)
{
    return (int32_t)(slot * sizeof(union slot));
}

/* The double's twin of an operation on floats. */
static inline unsigned sized(unsigned op, bool is_double)
{
    return is_double ? op ^ 0x010000u : op;
}

/* --- jit_values.c --- */

bool stack_grow(struct jit *j);
static inline struct value *value_push(struct jit *j, uint8_t type)
{
    static struct value nowhere;

    if (j->x.failed || (j->height == j->stack_room && !stack_grow(j)))
        return &nowhere;
    struct value *value = &j->stack[j->height++];
    *value = (struct value){.type = type, .reg = NO_REG, .home = (uint16_t)j->top_slot++};
    if (j->top_slot > j->most_slots)
        j->most_slots = j->top_slot;
    return value;
}
void push_value_const(struct jit *j, uint8_t type, uint64_t bits);
void push_value_local(struct jit *j, uint32_t local);
void push_value_home(struct jit *j, uint8_t type);
void push_value_reg(struct jit *j, uint8_t type, unsigned reg);
/* A register stays taken until value_free. */
static inline struct value value_pop(struct jit *j)
{
    if (j->x.failed || j->height == 0) {
        j->x.failed = true;
        return (struct value){.kind = VALUE_HOME};
    }
    struct value value = j->stack[--j->height];
    j->top_slot = value.home;
    if (j->settled > j->height)
        j->settled = j->height;
    if (value.kind == VALUE_REG)
        j->owner[is_float(value.type)][value.reg] = NO_LOCAL;
    return value;
}
void value_free(struct jit *j, const struct value *value);
unsigned reg_take(struct jit *j, bool xmm);
void reg_free(struct jit *j, bool xmm, unsigned reg);
/* Whatever entry is in it goes home; the register is taken. */
void reg_claim(struct jit *j, unsigned gpr);
/* In which register the value is: NO_REG for none. */
static inline unsigned value_reg(const struct jit *j, const struct value *value)
{
    return value->kind == VALUE_REG ? value->reg : value->kind == VALUE_LOCAL ? j->local_regs[value->local] : NO_REG;
}
/* Brings it into some register; into one that may be changed; into this one. */
unsigned value_load(struct jit *j, struct value *value);
unsigned value_own(struct jit *j, struct value *value);
void value_to(struct jit *j, const struct value *value, unsigned reg);
/* op reg, value: an operation of the form reg, r/m. */
void value_op(struct jit *j, unsigned op, bool w, unsigned reg, const struct value *value);
void value_store(struct jit *j, const struct value *value, uint32_t slot);
void value_home(struct jit *j, uint32_t index);
/* The topmost `count`, or all, constants only with `consts`, go home. */
void values_home(struct jit *j, uint32_t from, bool consts);
void registers_home(struct jit *j);
/* Before the local changes: entries that stand for it get values of their own. */
void local_release(struct jit *j, uint32_t local);
void local_assign(struct jit *j, uint32_t local);
/* The locals in registers that do not survive a step. */
void locals_move(struct jit *j, bool to_slots);
/* The register and displacement at which a structure of the store is found: r15 where it is near, else `otherwise`, which
 * is loaded. */
unsigned base_of(struct jit *j, const void *object, unsigned otherwise, int32_t *disp);
/* If the result of this instruction goes to a local in a register of that kind, that register and j->hint. */
unsigned result_hint(struct jit *j, bool xmm, const struct value *other);
void result_push(struct jit *j, uint8_t type, unsigned reg);

/* --- jit_ops.c --- */

struct later *later_add(struct jit *j, enum later_kind kind, uint32_t at);
void trap_if(struct jit *j, unsigned cc, interp_step *trap);
/* Runs a step of the interpreter whose operands are at home, with so many words of operands behind it. */
void step_run(struct jit *j, interp_step *run, const union code *words, uint32_t count);
bool jit_number(struct jit *j);
/* Sets the flags for a comparison; which condition holds then.  Of floats, *also is a second one: E with NP, NE or P. */
unsigned compare_flags(struct jit *j, enum op op);

/* --- jit_flow.c --- */

bool jit_flow(struct jit *j);
bool jit_compare_ahead(struct jit *j);
void jit_control_push(struct jit *j, enum op op);

#endif
