/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function from bytes to machine code: which locals live in registers, the way in, the instructions, and what stands
 * behind them.
 */
#include "jit.h"

/* As a C function that keeps what the calling convention says, around code that does not. */
__asm__(".text\n"
        ".globl run_compiled\n"
        ".type run_compiled, @function\n"
        "run_compiled:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    sub $8, %rsp\n"
        "    call *(%rdi)\n"
        "    add $8, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size run_compiled, . - run_compiled\n");

/* --- Locals --- */

struct use {
    uint32_t weight, local;
};

static bool is_vector(uint8_t type)
{
    return type == WASM_V128;
}

static bool sig_has_vectors(const struct sig *sig)
{
    return sig->param_slots != sig->type.params || sig->result_slots != sig->type.results;
}

/* What is called or done by a step of the interpreter. */
#define BETWEEN(code, first, last) ((code) >= (first) && (code) <= (last))
#define BY_STEP(code)                                                                                                  \
    (BETWEEN(code, OP_CALL, OP_RETURN_CALL_INDIRECT) || BETWEEN(code, OP_MEMORY_SIZE, OP_MEMORY_GROW) ||               \
     (code) >= 0x100 || BETWEEN(code, OP_F32_CEIL, OP_F32_NEAREST) || BETWEEN(code, OP_F32_MIN, OP_F32_COPYSIGN) ||    \
     BETWEEN(code, OP_F64_CEIL, OP_F64_NEAREST) || BETWEEN(code, OP_F64_MIN, OP_F64_COPYSIGN) ||                       \
     BETWEEN(code, OP_I32_TRUNC_F32_S, OP_I32_TRUNC_F64_U))

/* How an instruction is passed over that does not matter for locals. */
enum { SKIM_NOT, SKIM_NOTHING, SKIM_NUMBER, SKIM_MEMORY, SKIM_LOCAL };
static const uint8_t skim[OP_COUNT] = {
#define SKIM_NONE        SKIM_NOTHING
#define SKIM_I32         SKIM_NUMBER
#define SKIM_I64         SKIM_NUMBER
#define SKIM_INDEX       SKIM_NOT
#define SKIM_BLOCK       SKIM_NOT
#define SKIM_INDEX_2     SKIM_NOT
#define SKIM_BR_TABLE    SKIM_NOT
#define SKIM_MEM_INDEX   SKIM_NOT
#define SKIM_MEM_INDEX_2 SKIM_NOT
#define SKIM_INDEX_MEM   SKIM_NOT
#define SKIM_F32         SKIM_NOT
#define SKIM_F64         SKIM_NOT
#define SKIM_V128        SKIM_NOT
#define SKIM_SHUFFLE     SKIM_NOT
#define SKIM_LANE        SKIM_NOT
#define SKIM_MEMORY_LANE SKIM_NOT
#define SKIM_REF_TYPE    SKIM_NOT
#define SKIM_TYPES       SKIM_NOT
#define OP(code, name, imm, sig, number, text)                                                                         \
    [code] = (code) == OP_END || BY_STEP(code)           ? SKIM_NOT                                                    \
             : BETWEEN(code, OP_LOCAL_GET, OP_LOCAL_TEE) ? SKIM_LOCAL                                                  \
                                                         : SKIM_##imm,
#include "../engine/ops.def"
#undef OP
};

/* Behind a number; the function was validated. */
static const uint8_t *number_skip(const uint8_t *at)
{
    while (*at++ & 0x80)
        ;
    return at;
}

/* What is known of a local: something happens to it; the first thing is always that it is written. */
enum { LOCAL_SEEN = 1, LOCAL_WRITTEN = 2 };

/* Nothing can have jumped over an instruction at the outermost level, or while there was no jump. */
static void local_see(struct jit *j, uint32_t local, bool written)
{
    if (!(j->local_seen[local] & LOCAL_SEEN))
        j->local_seen[local] = written ? LOCAL_SEEN | LOCAL_WRITTEN : LOCAL_SEEN;
}

static uint32_t weight_in(uint32_t loops)
{
    return 1u << (3 * (loops < 6 ? loops : 6));
}

/* Counts uses and steps, those in loops eightfold for each level.  False: there is something that is not compiled. */
static bool locals_weigh(struct jit *j, uint32_t *weights, uint32_t *steps)
{
    bool jumped = false;
    struct reader ahead = j->reader;
    struct insn insn;
    uint32_t depth = 1, loops = 0;
    uint8_t *is_loop = scratch_room(j->store, SCRATCH_MAP, 4096);
    enum { MOST_DEPTH = 4096 };

    if (is_loop == NULL)
        return false;
    while (depth != 0) {
        const uint8_t *at = ahead.at;

        switch (skim[*at]) {
        case SKIM_NOTHING:
            ahead.at = at + 1;
            continue;
        case SKIM_NUMBER:
            ahead.at = number_skip(at + 1);
            continue;
        case SKIM_MEMORY:
            if (at[1] >= 64)
                break;
            ahead.at = number_skip(at + 2);
            continue;
        case SKIM_LOCAL: {
            ahead.at = at + 1;
            uint32_t local = read_u32(&ahead);
            weights[local] += weight_in(loops);
            local_see(j, local, *at != OP_LOCAL_GET && (depth == 1 || !jumped));
            continue;
        }
        default:
            break;
        }
        if (!insn_read(&ahead, &insn))
            return false;
        if (BY_STEP(insn.op))
            *steps += weight_in(loops);
        switch (insn.op) {
        case OP_BLOCK:
        case OP_LOOP:
        case OP_IF:
            if (depth == MOST_DEPTH || (insn.block >= 0 && sig_has_vectors(j->module->types[insn.block])) ||
                insn.block == WASM_V128 - 0x80)
                return false;
            is_loop[depth++] = insn.op == OP_LOOP;
            jumped |= insn.op == OP_IF;
            loops += insn.op == OP_LOOP;
            break;
        case OP_END:
            depth--;
            loops -= depth != 0 && is_loop[depth];
            break;
        case OP_BR:
        case OP_BR_IF:
        case OP_BR_TABLE:
            jumped = true;
            break;
        case OP_CALL:
        case OP_RETURN_CALL:
            if (sig_has_vectors(j->module->funcs[insn.a].sig))
                return false;
            break;
        case OP_CALL_INDIRECT:
        case OP_RETURN_CALL_INDIRECT:
            if (sig_has_vectors(j->module->types[insn.a]))
                return false;
            break;
        case OP_GLOBAL_GET:
        case OP_GLOBAL_SET:
            if (is_vector(j->module->globals[insn.a].type))
                return false;
            break;
        default:
            if (insn.op >= 0x200 || (insn.op >= OP_I32_LOAD && insn.op <= OP_I64_STORE32 && insn.b != 0))
                return false;
            break;
        }
    }
    return true;
}

/* The `most` locals of one kind that are used most, in their order. */
static uint32_t best_find(const struct jit *j, const uint32_t *weights, bool xmm, uint32_t most, struct use *best)
{
    uint32_t count = 0;

    for (uint32_t local = 0; local < j->local_count; local++) {
        uint32_t at = count;

        if (is_float(j->local_types[local]) != xmm || weights[local] < 2 ||
            (at == most && best[at - 1].weight >= weights[local]))
            continue;
        if (at == most)
            at--;
        else
            count++;
        for (; at > 0 && best[at - 1].weight < weights[local]; at--)
            best[at] = best[at - 1];
        best[at] = (struct use){weights[local], local};
    }
    return count;
}

static void passing_give(struct jit *j, const struct use *use, uint32_t steps)
{
    unsigned reg = R9 + j->passing_count;

    /* Each step costs it two moves. */
    if (j->passing_count == PASSING_GPRS || use->weight / 2 <= steps)
        return;
    j->passing_locals[j->passing_count++] = use->local;
    j->local_regs[use->local] = (uint8_t)reg;
    j->free_gpr &= ~(1u << reg);
}

static void registers_choose(struct jit *j, const uint32_t *weights, uint32_t steps)
{
    static const uint8_t gprs[LOCAL_GPRS] = {RBX, RBP, R12, R13, R14};
    struct use best[LOCAL_XMMS];
    uint32_t count = best_find(j, weights, false, LOCAL_GPRS + PASSING_GPRS, best), params = j->func->sig->type.params;

    for (uint32_t i = 0; i < count; i++) {
        /* Saving, filling and restoring a register is as dear as so many uses. */
        uint32_t worth = best[i].local < params ? 5 : 4;

        if (steps == 0)
            passing_give(j, &best[i], steps);
        if (j->local_regs[best[i].local] == NO_REG && j->gpr_count < LOCAL_GPRS && best[i].weight >= worth) {
            j->local_regs[best[i].local] = gprs[j->gpr_count];
            j->gpr_locals[j->gpr_count++] = best[i].local;
        }
        if (j->local_regs[best[i].local] == NO_REG)
            passing_give(j, &best[i], steps);
    }
    count = best_find(j, weights, true, LOCAL_XMMS, best);
    for (uint32_t i = 0; i < count; i++) {
        j->xmm_locals[j->xmm_count++] = best[i].local;
        j->local_regs[best[i].local] = (uint8_t)(4 + i);
    }
}

static bool locals_place(struct jit *j)
{
    const struct sig *sig = j->func->sig;
    uint32_t groups = read_u32(&j->reader), count = sig->type.params;
    struct reader again = j->reader;

    for (uint32_t i = 0; i < groups; i++) {
        count += read_u32(&again);
        if (is_vector(read_byte(&again)))
            return false;
    }
    if (sig_has_vectors(sig))
        return false;
    uint32_t *weights = scratch_room(j->store, SCRATCH_LOCALS, (count + 1) * (sizeof(*weights) + 5));
    if (weights == NULL)
        return false;
    j->local_count = count;
    j->local_slots = (uint16_t *)(void *)(weights + count);
    j->local_types = (uint8_t *)(j->local_slots + count);
    j->local_regs = j->local_types + count;
    j->local_seen = j->local_regs + count;
    j->saved_slot = sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
    uint32_t at = 0;
    for (; at < sig->type.params; at++) {
        j->local_types[at] = sig->type.types[at];
        j->local_slots[at] = (uint16_t)at;
    }
    uint32_t slot = j->saved_slot + SAVED_SLOTS;
    for (uint32_t i = 0; i < groups; i++) {
        uint32_t more = read_u32(&j->reader);
        uint8_t type = read_byte(&j->reader);

        for (uint32_t k = 0; k < more; k++, at++) {
            j->local_types[at] = type;
            j->local_slots[at] = (uint16_t)slot++;
        }
    }
    j->top_slot = j->most_slots = slot;
    memset(weights, 0, count * sizeof(*weights));
    memset(j->local_regs, NO_REG, count);
    memset(j->local_seen, 0, count);
    uint32_t steps = 0;
    if (!locals_weigh(j, weights, &steps))
        return false;
    registers_choose(j, weights, steps);
    return true;
}

/* --- The way in --- */

/* Its first value comes from its slot, or is 0; who writes it first needs none. */
static void local_enter(struct jit *j, uint32_t local)
{
    struct x86 *x = &j->x;
    unsigned reg = j->local_regs[local];
    int32_t disp = slot_disp(j->local_slots[local]);
    bool param = local < j->func->sig->type.params, w = is_wide(j->local_types[local]);
    bool fresh = j->local_seen[local] != LOCAL_SEEN;

    if (reg == NO_REG) {
        if (!param && !fresh)
            x86_mov_mi(x, true, RSI, disp, 0);
    } else if (is_float(j->local_types[local])) {
        if (param)
            x86_rm(x, sized(X_MOVSS, w), false, reg, RSI, disp);
        else if (!fresh)
            x86_rr(x, X_XORPS, false, reg, reg);
    } else if (reg == R9 || reg == R10) {
        if (param)
            x86_rm(x, X_MOV, w, reg, RSI, disp);
        else if (!fresh)
            x86_rr(x, X_XOR, false, reg, reg);
    } else {
        /* The slot takes what the register had. */
        if (param)
            x86_rm(x, X_MOV, w, RAX, RSI, disp);
        x86_rm(x, X_MOV_TO, true, reg, RSI, disp);
        if (param)
            x86_rr(x, X_MOV, true, reg, RAX);
        else if (!fresh)
            x86_rr(x, X_XOR, false, reg, reg);
    }
}

/* Returns where the size of the frame is to be written. */
static uint32_t enter(struct jit *j)
{
    struct x86 *x = &j->x;

    /* lea rax, [rsi + frame] */
    x86_room(x);
    x86_byte(x, 0x48);
    x86_byte(x, 0x8d);
    x86_byte(x, 0x86);
    uint32_t frame = x->length;
    x86_32(x, 0);
    x86_rr(x, X_MOV, true, R15, RCX);
    x86_rm(x, X_CMP, true, RAX, RCX, (int32_t)offsetof(struct exec, stack_end));
    trap_if(j, CC_A, step_trap_STACK);
    x86_group_mi(x, G_SUB, true, RCX, (int32_t)offsetof(struct exec, slice), 1);
    later_add(j, LATER_ENTRY, x86_jcc(x, CC_S));
    for (uint32_t i = 0; i < j->local_count; i++)
        local_enter(j, i);
    return frame;
}

/* --- Instructions that are neither numbers nor flow --- */

static void select(struct jit *j)
{
    struct value condition = value_pop(j), b = value_pop(j), a = value_pop(j);

    if (b.kind == VALUE_CONST)
        value_own(j, &b);
    unsigned dest = value_own(j, &a), test = value_load(j, &condition);
    x86_rr(&j->x, X_TEST, false, test, test);
    if (is_float(a.type)) {
        uint32_t over = x86_jcc(&j->x, CC_NE);
        value_to(j, &b, dest);
        x86_patch(&j->x, over, j->x.length);
    } else {
        value_op(j, X_CMOV | CC_E, is_wide(a.type), dest, &b);
    }
    value_free(j, &b);
    value_free(j, &condition);
    push_value_reg(j, a.type, dest);
}

static void global(struct jit *j)
{
    struct wasm_global *global = j->instance->globals[j->insn.a];
    bool xmm = is_float(global->type), w = is_wide(global->type);
    int32_t disp;

    if (j->insn.op == OP_GLOBAL_GET) {
        unsigned dest = result_hint(j, xmm, NULL);
        if (dest == NO_REG)
            dest = reg_take(j, xmm);
        unsigned base = base_of(j, global, R11, &disp);
        x86_rm(&j->x, xmm ? sized(X_MOVSS, w) : X_MOV, w && !xmm, dest, base, disp);
        result_push(j, global->type, dest);
        return;
    }
    struct value value = value_pop(j);
    unsigned from = value_load(j, &value);
    unsigned base = base_of(j, global, R11, &disp);
    x86_rm(&j->x, xmm ? sized(X_MOVSS_TO, w) : X_MOV_TO, w && !xmm, from, base, disp);
    value_free(j, &value);
}

/* A value that is in a register stays there, if the local has none. */
static void local_tee(struct jit *j, uint32_t local)
{
    if (!j->x.failed && j->local_regs[local] == NO_REG && j->stack[j->height - 1].kind == VALUE_REG) {
        local_release(j, local);
        if (!j->x.failed)
            value_store(j, &j->stack[j->height - 1], j->local_slots[local]);
        return;
    }
    local_assign(j, local);
    push_value_local(j, local);
}

static bool instruction(struct jit *j)
{
    const struct insn *insn = &j->insn;

    /* The most frequent ones first. */
    if (insn->op == OP_LOCAL_GET) {
        push_value_local(j, insn->a);
        return true;
    }
    if (insn->op >= OP_I32_EQZ && insn->op < OP_REF_NULL)
        return (insn->op <= OP_F64_GE && jit_compare_ahead(j)) || jit_number(j);
    switch (insn->op) {
    case OP_NOP:
        return true;
    case OP_DROP: {
        struct value value = value_pop(j);
        value_free(j, &value);
        return true;
    }
    case OP_SELECT:
    case OP_SELECT_TYPED:
        select(j);
        return true;
    case OP_LOCAL_SET:
        local_assign(j, insn->a);
        return true;
    case OP_LOCAL_TEE: {
        local_tee(j, insn->a);
        return true;
    }
    case OP_GLOBAL_GET:
    case OP_GLOBAL_SET:
        global(j);
        return true;
    case OP_I32_CONST:
        push_value_const(j, WASM_I32, insn->u64);
        return true;
    case OP_I64_CONST:
        push_value_const(j, WASM_I64, insn->u64);
        return true;
    case OP_F32_CONST:
        push_value_const(j, WASM_F32, insn->u64);
        return true;
    case OP_F64_CONST:
        push_value_const(j, WASM_F64, insn->u64);
        return true;
    case OP_REF_NULL:
        push_value_const(j, (uint8_t)insn->a, 0);
        return true;
    case OP_REF_FUNC:
        push_value_const(j, WASM_FUNCREF, (uintptr_t)j->instance->funcs[insn->a]);
        return true;
    default:
        if (insn->op == OP_REF_IS_NULL)
            return jit_compare_ahead(j) || jit_number(j);
        return insn->op < OP_DROP ? jit_flow(j) : jit_number(j);
    }
}

/* --- What stands behind --- */

static void align(struct x86 *x)
{
    x86_room(x);
    memset(x->code + x->length, 0xcc, 8);
    x->length = (x->length + 7) & ~7u;
}

static void jump_far(struct x86 *x, interp_step *to)
{
    x86_load_i(x, RAX, (uintptr_t)to);
    x86_rr(x, 0xff, false, 4, RAX);
}

/* A trap's own code is the step whose place is looked up; every other step is a cell. */
static void later_emit(struct jit *j, const struct later *later, uint64_t base)
{
    struct x86 *x = &j->x;

    switch ((enum later_kind)later->kind) {
    case LATER_TRAP: {
        x86_patch(x, later->at, x->length);
        uint32_t here = x->length;
        x86_patch(x, x86_lea_rip(x, RDI), here);
        x86_rr(x, X_MOV, true, RCX, R15);
        jump_far(x, later->run);
        break;
    }
    case LATER_ENTRY: /* rdi still is the word through which the function was entered */
        x86_patch(x, later->at, x->length);
        jump_far(x, step_refuel);
        break;
    case LATER_REFUEL: {
        x86_room(x);
        uint32_t cell = x->length;
        x86_64(x, 0);
        x86_patch(x, later->at, x->length);
        locals_move(j, true);
        x86_patch(x, x86_lea_rip(x, RDI), cell);
        x86_rr(x, X_MOV, true, RCX, R15);
        jump_far(x, step_refuel);
        uint64_t resume = base + x->length;
        if (!x->failed)
            memcpy(x->code + cell, &resume, 8);
        locals_move(j, false);
        x86_patch(x, x86_jmp(x), later->resume);
        break;
    }
    case LATER_STEP:
        x86_patch(x, later->at, x->length);
        x86_room(x);
        x86_64(x, (uintptr_t)later->run);
        for (uint32_t i = 0; i < later->words; i++) {
            x86_room(x);
            x86_64(x, later->word[i].u64);
        }
        x86_room(x);
        x86_64(x, base + later->resume);
        break;
    case LATER_RETURN:
        x86_patch(x, later->at, x->length);
        x86_room(x);
        x86_64(x, base + later->resume);
        break;
    case LATER_CHECK: { /* near the end of the memory: exactly now */
        uint32_t here = x->length;

        x86_patch(x, later->at, here);
        x86_rm(x, X_LEA, true, R11, (unsigned)later->word[0].u64, (int32_t)later->word[1].u64);
        x86_rm(x, X_CMP, true, R11, RDX, later->word[2].w[0]);
        x86_patch(x, x86_jcc(x, CC_LE), later->resume);
        x86_patch(x, x86_lea_rip(x, RDI), here);
        x86_rr(x, X_MOV, true, RCX, R15);
        jump_far(x, step_trap_MEMORY_BOUNDS);
        break;
    }
    case LATER_CONST:
        x86_patch(x, later->at, x->length);
        x86_room(x);
        x86_64(x, later->word[0].u64);
        break;
    case LATER_GUARD:
        break;
    }
}

static struct code_area *area_with(struct wasm_store *store, size_t size)
{
    enum { AREA = 1 << 18 };
    struct code_area *area = store->code_areas;

    if (area != NULL && area->size - area->used >= size)
        return area;
    void *write, *execute;
    size_t whole = size > AREA ? (size + 4095) & ~(size_t)4095 : AREA;
    area = store_alloc(store, sizeof(*area));
    if (area == NULL || !store->hooks.code_map(store->hooks.user, whole, &write, &execute))
        return NULL;
    *area = (struct code_area){store->code_areas, write, execute, whole, 0};
    store->code_areas = area;
    return area;
}

static bool code_finish(struct jit *j)
{
    /* The most that later_emit makes of one: two moves of each xmm local, and less than 64 bytes. */
    size_t most =
        j->x.length + 64 + (size_t)(j->later_count - j->guard_count) * (64 + 2 * 9 * (LOCAL_XMMS + PASSING_GPRS));
    struct code_area *area = j->x.failed ? NULL : area_with(j->store, most);
    struct code_block *block = store_alloc(j->store, sizeof(*block));
    uint32_t *map = store_array(j->store, j->later_count, 2 * sizeof(*map)), count = 0;

    if (area == NULL || block == NULL || map == NULL)
        return false;
    uint8_t *execute = area->execute + area->used;
    uint64_t base = (uintptr_t)execute, entry = base + 8;
    /* Accesses that may fault come first: they stand in the code itself. */
    for (uint32_t i = 0; i < j->later_count; i++) {
        if (j->laters[i].kind != LATER_GUARD)
            continue;
        map[2 * count] = j->laters[i].at;
        map[2 * count++ + 1] = j->laters[i].offset;
    }
    for (uint32_t i = 0; i < j->later_count; i++) {
        if (j->laters[i].kind == LATER_GUARD)
            continue;
        align(&j->x);
        map[2 * count] = j->x.length;
        map[2 * count++ + 1] = j->laters[i].offset;
        later_emit(j, &j->laters[i], base);
    }
    align(&j->x);
    if (j->x.failed || j->x.length > most)
        return false;
    memcpy(j->x.code, &entry, 8);
    memcpy(area->write + area->used, j->x.code, j->x.length);
    const union code *start = (const union code *)(void *)execute;
    *block = (struct code_block){j->store->code, j->func, start, start + j->x.length / 8, map, count};
    area->used += j->x.length;
    j->store->code = block;
    j->func->code = start;
    return true;
}

bool func_compile(struct wasm_func *func)
{
    struct wasm_module *module = func->instance->module;
    const struct func_def *def = &module->funcs[func->index];
    struct jit j = {.store = func->store,
                    .func = func,
                    .instance = func->instance,
                    .module = module,
                    .reader = reader_at(module, def->body, def->end, NULL),
                    .free_gpr = TEMP_GPRS,
                    .free_xmm = TEMP_XMMS,
                    .guarded = module->memory_count != 0 && func->instance->memories[0]->guarded,
                    .hint = NO_LOCAL};

    if (func->store->hooks.code_map == NULL)
        return false;
    j.x.store = func->store;
    memset(j.owner, 0xff, sizeof(j.owner)); /* NO_LOCAL */
    j.insn.offset = def->body;
    j.insn.block = -64;
    if (!locals_place(&j))
        return false;
    x86_room(&j.x);
    x86_64(&j.x, 0); /* the word through which the function is entered */
    uint32_t frame = enter(&j);
    jit_control_push(&j, OP_BLOCK);
    if (j.x.failed)
        return false;
    j.controls[0].type.results = func->sig->type.results;
    j.controls[0].type.types = func->sig->type.types + func->sig->type.params;
    while (j.depth != 0 && !j.x.failed && insn_read(&j.reader, &j.insn))
        if (!instruction(&j))
            return false;
    if (j.x.failed)
        return false;
    uint32_t bytes = (j.most_slots + 1) * (uint32_t)sizeof(union slot);
    memcpy(j.x.code + frame, &bytes, 4);
    return code_finish(&j);
}
