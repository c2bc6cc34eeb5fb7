/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native code for numbers and memory, and the way into the interpreter's steps for the rest.
 */
#include "jit.h"

/* --- What stands behind the code --- */

struct later *later_add(struct jit *j, enum later_kind kind, uint32_t at)
{
    static struct later nowhere;

    if (j->later_count == j->later_room) {
        struct later *laters = scratch_room(j->store, SCRATCH_FIXUPS, (j->later_room + 64) * sizeof(*laters));

        if (laters == NULL)
            j->x.failed = true;
        else
            j->later_room += 64;
        j->laters = laters;
    }
    if (j->x.failed)
        return &nowhere;
    struct later *later = &j->laters[j->later_count++];
    *later = (struct later){.kind = (uint8_t)kind, .at = at, .offset = j->insn.offset};
    return later;
}

void trap_if(struct jit *j, unsigned cc, interp_step *trap)
{
    later_add(j, LATER_TRAP, x86_jcc(&j->x, cc))->run = trap;
}

void step_run(struct jit *j, interp_step *run, const union code *words, uint32_t count)
{
    registers_home(j);
    locals_move(j, true);
    struct later *later = later_add(j, LATER_STEP, x86_lea_rip(&j->x, RDI));
    later->run = run;
    later->words = (uint8_t)count;
    memcpy(later->word, words, count * sizeof(*words));
    x86_rr(&j->x, X_MOV, true, RCX, R15);
    x86_jmp_mem(&j->x, RDI, 0);
    later->resume = j->x.length;
    locals_move(j, false);
}

/* A step on the topmost operands, which take slots one after the other.  The result, if any, is in the first's. */
static void step_on(struct jit *j, interp_step *run, uint32_t operands, int result, void *first, void *second,
                    bool b_is_operand)
{
    union code words[3] = {{.u64 = 0}, {.p = first}, {.p = second}};

    values_home(j, j->height - operands, true);
    for (uint32_t i = 0; i < operands; i++)
        (void)value_pop(j);
    uint16_t at = (uint16_t)j->top_slot;
    words[0].h[0] = at;
    words[0].h[1] = at;
    if (b_is_operand)
        words[0].h[2] = (uint16_t)(at + 1);
    if (result != 0)
        push_value_home(j, (uint8_t)result);
    step_run(j, run, words, first == NULL ? 1 : second == NULL ? 2 : 3);
}

/* --- Integers --- */

static bool integer_binary(struct jit *j, unsigned op, bool w, bool commutes)
{
    struct value b = value_pop(j), a = value_pop(j);
    uint8_t type = w ? WASM_I64 : WASM_I32;

    if (commutes && (a.kind == VALUE_CONST || (b.kind == VALUE_REG && a.kind != VALUE_REG))) {
        struct value other = a;
        a = b;
        b = other;
    }
    unsigned dest = result_hint(j, false, value_reg(j, &a) == value_reg(j, &b) ? NULL : &b);
    unsigned from = value_reg(j, &a), other = value_reg(j, &b);
    if (dest == NO_REG && a.kind != VALUE_REG)
        dest = reg_take(j, false);
    else if (dest == NO_REG)
        dest = a.reg;
    bool fits = b.kind == VALUE_CONST && (!w || b.bits == (uint64_t)(int64_t)(int32_t)b.bits);
    if (op == X_ADD && from != NO_REG && from != dest && (other != NO_REG || fits)) {
        if (other != NO_REG)
            x86_rmx(&j->x, X_LEA, w, dest, from, other, 0);
        else
            x86_rm(&j->x, X_LEA, w, dest, from, (int32_t)b.bits);
    } else if (op == X_IMUL && fits) {
        unsigned source = from;
        if (source == NO_REG) {
            value_to(j, &a, dest);
            source = dest;
        }
        x86_rr(&j->x, 0x69, w, dest, source);
        x86_32(&j->x, (uint32_t)b.bits);
    } else {
        value_to(j, &a, dest);
        value_op(j, op, w, dest, &b);
    }
    if (a.kind == VALUE_REG && a.reg != dest)
        value_free(j, &a);
    value_free(j, &b);
    result_push(j, type, dest);
    return true;
}

static bool shift(struct jit *j, unsigned group, bool w)
{
    struct value b = value_pop(j), a = value_pop(j);

    if (b.kind != VALUE_CONST)
        value_to(j, &b, RCX);
    value_free(j, &b);
    unsigned dest = result_hint(j, false, NULL);
    if (dest == NO_REG)
        dest = value_own(j, &a);
    else
        value_to(j, &a, dest);
    if (b.kind == VALUE_CONST)
        x86_shift_i(&j->x, group, w, dest, (unsigned)b.bits & (w ? 63 : 31));
    else
        x86_shift_cl(&j->x, group, w, dest);
    if (a.kind == VALUE_REG && a.reg != dest)
        value_free(j, &a);
    result_push(j, w ? WASM_I64 : WASM_I32, dest);
    return true;
}

/* rax is divided by rcx; rdx is needed, and kept in r11. */
static bool divide(struct jit *j, bool w, bool is_signed, bool remainder)
{
    struct value b = value_pop(j), a = value_pop(j);
    bool known = b.kind == VALUE_CONST && b.bits != 0 && b.bits != (w ? UINT64_MAX : UINT32_MAX);
    uint32_t minus_one = 0, done = 0;

    value_to(j, &b, RCX);
    value_free(j, &b);
    if (!(a.kind == VALUE_REG && a.reg == RAX)) {
        reg_claim(j, RAX);
        value_to(j, &a, RAX);
        value_free(j, &a);
    }
    if (!known) {
        x86_rr(&j->x, X_TEST, w, RCX, RCX);
        trap_if(j, CC_E, step_trap_DIVIDE_BY_ZERO);
    }
    if (!known && is_signed) {
        x86_group_i(&j->x, G_CMP, w, RCX, -1);
        minus_one = x86_jcc(&j->x, CC_E);
    }
    x86_rr(&j->x, X_MOV, true, R11, RDX);
    if (is_signed) {
        x86_room(&j->x);
        if (w)
            x86_byte(&j->x, 0x48);
        x86_byte(&j->x, 0x99); /* cdq, cqo */
    } else {
        x86_rr(&j->x, X_XOR, false, RDX, RDX);
    }
    x86_rr(&j->x, 0xf7, w, is_signed ? 7 : 6, RCX);
    if (remainder)
        x86_rr(&j->x, X_MOV, w, RAX, RDX);
    x86_rr(&j->x, X_MOV, true, RDX, R11);
    if (minus_one != 0) {
        done = x86_jmp(&j->x);
        x86_patch(&j->x, minus_one, j->x.length);
        if (remainder) {
            x86_rr(&j->x, X_XOR, false, RAX, RAX);
        } else {
            x86_rr(&j->x, 0xf7, w, 3, RAX); /* neg */
            trap_if(j, CC_O, step_trap_INTEGER_OVERFLOW);
        }
        x86_patch(&j->x, done, j->x.length);
    }
    push_value_reg(j, w ? WASM_I64 : WASM_I32, RAX);
    return true;
}

/* Moves of one register to another with a change: extensions. */
static bool extend(struct jit *j, unsigned op, bool w, uint8_t type)
{
    struct value a = value_pop(j);

    /* A register that may be any: all of them have low bytes with a REX prefix. */
    unsigned from = value_load(j, &a);
    unsigned dest = result_hint(j, false, NULL);
    if (dest == NO_REG)
        dest = a.kind == VALUE_REG ? a.reg : reg_take(j, false);
    x86_rr(&j->x, op, w, dest, from);
    if (a.kind == VALUE_REG && a.reg != dest)
        value_free(j, &a);
    result_push(j, type, dest);
    return true;
}

static bool count_bits(struct jit *j, bool w, bool leading)
{
    struct value a = value_pop(j);
    unsigned bits = w ? 64 : 32;

    if (a.kind == VALUE_CONST)
        value_own(j, &a);
    /* bsr and bsf say with the zero flag that there is no bit. */
    x86_load_i(&j->x, R11, leading ? 2 * bits - 1 : bits);
    value_op(j, leading ? X_BSR : X_BSF, w, RCX, &a);
    x86_rr(&j->x, X_CMOV | CC_E, true, RCX, R11);
    if (leading)
        x86_group_i(&j->x, G_XOR, false, RCX, (int32_t)bits - 1);
    value_free(j, &a);
    unsigned dest = result_hint(j, false, NULL);
    if (dest == NO_REG)
        dest = reg_take(j, false);
    x86_rr(&j->x, X_MOV, true, dest, RCX);
    result_push(j, w ? WASM_I64 : WASM_I32, dest);
    return true;
}

/* --- Comparisons --- */

unsigned compare_flags(struct jit *j, enum op op)
{
    static const uint8_t conditions[] = {CC_E, CC_NE, CC_L, CC_B, CC_G, CC_A, CC_LE, CC_BE, CC_GE, CC_AE};
    static const uint8_t swapped[] = {CC_E, CC_NE, CC_G, CC_A, CC_L, CC_B, CC_GE, CC_AE, CC_LE, CC_BE};

    if (op == OP_I32_EQZ || op == OP_I64_EQZ || op == OP_REF_IS_NULL) {
        struct value a = value_pop(j);
        unsigned reg = value_load(j, &a);

        x86_rr(&j->x, X_TEST, op != OP_I32_EQZ, reg, reg);
        value_free(j, &a);
        return CC_E;
    }
    struct value b = value_pop(j), a = value_pop(j);
    if (op >= OP_F32_EQ) {
        bool is_double = op >= OP_F64_EQ;
        unsigned which = (unsigned)op - (is_double ? OP_F64_EQ : OP_F32_EQ); /* EQ NE LT GT LE GE */

        /* a < b as b > a: above is false for unordered, as below is not. */
        if (which == 2 || which == 4) {
            struct value other = a;
            a = b;
            b = other;
        }
        unsigned reg = value_load(j, &a);
        value_op(j, is_double ? 0x660f2e : X_UCOMIS, false, reg, &b);
        value_free(j, &a);
        value_free(j, &b);
        return which == 0 ? CC_E : which == 1 ? CC_NE : which < 4 ? CC_A : CC_AE;
    }
    bool w = op >= OP_I64_EQ;
    unsigned which = (unsigned)op - (w ? OP_I64_EQ : OP_I32_EQ);
    bool swap = a.kind == VALUE_CONST && b.kind != VALUE_CONST;
    if (swap) {
        struct value other = a;
        a = b;
        b = other;
    }
    if (value_reg(j, &a) == NO_REG && b.kind == VALUE_CONST && a.kind != VALUE_CONST &&
        (!w || b.bits == (uint64_t)(int64_t)(int32_t)b.bits)) {
        uint32_t slot = a.kind == VALUE_LOCAL ? j->local_slots[a.local] : a.home;
        x86_group_mi(&j->x, G_CMP, w, RSI, slot_disp(slot), (int32_t)b.bits);
    } else {
        unsigned reg = value_load(j, &a);
        value_op(j, X_CMP, w, reg, &b);
    }
    value_free(j, &a);
    value_free(j, &b);
    return (swap ? swapped : conditions)[which];
}

/* As a number.  Equality of floats asks the parity flag too, which says unordered. */
static bool compare_value(struct jit *j, enum op op)
{
    bool equality = op == OP_F32_EQ || op == OP_F64_EQ || op == OP_F32_NE || op == OP_F64_NE;
    unsigned cc = compare_flags(j, op);

    x86_rr(&j->x, X_SETCC | cc, false, 0, R11);
    if (equality) {
        bool equal = cc == CC_E;

        x86_rr(&j->x, X_SETCC | (equal ? CC_NP : CC_P), false, 0, RCX);
        x86_rr(&j->x, equal ? X_AND : X_OR, false, R11, RCX);
    }
    unsigned dest = result_hint(j, false, NULL);
    if (dest == NO_REG)
        dest = reg_take(j, false);
    x86_rr(&j->x, X_MOVZX8, false, dest, R11);
    result_push(j, WASM_I32, dest);
    return true;
}

/* --- Floating point --- */

static bool float_binary(struct jit *j, unsigned op, bool is_double, bool commutes)
{
    struct value b = value_pop(j), a = value_pop(j);

    if (commutes && b.kind == VALUE_REG && a.kind != VALUE_REG) {
        struct value other = a;
        a = b;
        b = other;
    }
    unsigned dest = result_hint(j, true, value_reg(j, &a) == value_reg(j, &b) ? NULL : &b);
    if (dest == NO_REG)
        dest = value_own(j, &a);
    else
        value_to(j, &a, dest);
    value_op(j, sized(op, is_double), false, dest, &b);
    if (a.kind == VALUE_REG && a.reg != dest)
        value_free(j, &a);
    value_free(j, &b);
    result_push(j, is_double ? WASM_F64 : WASM_F32, dest);
    return true;
}

/* op xmm, xmm/m or gpr: conversions, square root.  The old contents of the destination are cleared, which ends its
 * dependence on them. */
static bool convert(struct jit *j, unsigned op, bool w, uint8_t to)
{
    struct value a = value_pop(j);

    if (a.kind == VALUE_CONST)
        value_own(j, &a);
    unsigned dest = result_hint(j, is_float(to), NULL);
    bool fresh = dest == NO_REG;
    if (fresh)
        dest = is_float(to) == is_float(a.type) && a.kind == VALUE_REG ? a.reg : reg_take(j, is_float(to));
    value_op(j, op, w, dest, &a);
    if (a.kind == VALUE_REG && !(is_float(to) == is_float(a.type) && a.reg == dest))
        value_free(j, &a);
    result_push(j, to, dest);
    return true;
}

/* Unsigned 32-bit numbers are signed 64-bit ones. */
static bool convert_u32(struct jit *j, unsigned op, uint8_t to)
{
    struct value a = value_pop(j);

    value_to(j, &a, R11);
    value_free(j, &a);
    unsigned dest = result_hint(j, true, NULL);
    if (dest == NO_REG)
        dest = reg_take(j, true);
    x86_rr(&j->x, op, true, dest, R11);
    result_push(j, to, dest);
    return true;
}

/* Sign bits are changed in a general register. */
static bool float_sign(struct jit *j, bool w, bool negate)
{
    struct value a = value_pop(j);
    unsigned from = value_load(j, &a);

    x86_rr(&j->x, X_MOVD_TO, w, from, R11);
    value_free(j, &a);
    /* btr, btc r11, 31 or 63 */
    x86_rr(&j->x, 0x0fba, w, negate ? 7 : 6, R11);
    x86_byte(&j->x, w ? 63 : 31);
    unsigned dest = result_hint(j, true, NULL);
    if (dest == NO_REG)
        dest = reg_take(j, true);
    x86_rr(&j->x, X_MOVD, w, dest, R11);
    result_push(j, w ? WASM_F64 : WASM_F32, dest);
    return true;
}

static bool reinterpret(struct jit *j, uint8_t to)
{
    struct value a = value_pop(j);
    bool w = is_wide(to);

    if (a.kind == VALUE_CONST) {
        push_value_const(j, to, a.bits);
        return true;
    }
    unsigned dest = result_hint(j, is_float(to), NULL);
    unsigned from = value_reg(j, &a);
    if (dest == NO_REG)
        dest = reg_take(j, is_float(to));
    if (from == NO_REG)
        a.type = to; /* it is in memory, where a type is no matter */
    if (from == NO_REG)
        value_to(j, &a, dest);
    else if (is_float(to))
        x86_rr(&j->x, X_MOVD, w, dest, from);
    else
        x86_rr(&j->x, X_MOVD_TO, w, from, dest);
    value_free(j, &a);
    result_push(j, to, dest);
    return true;
}

static bool wrap(struct jit *j)
{
    struct value a = value_pop(j);

    if (a.kind == VALUE_CONST) {
        push_value_const(j, WASM_I32, a.bits);
        return true;
    }
    unsigned dest = result_hint(j, false, NULL);
    if (dest == NO_REG)
        dest = a.kind == VALUE_REG ? a.reg : reg_take(j, false);
    value_op(j, X_MOV, false, dest, &a);
    if (a.kind == VALUE_REG && a.reg != dest)
        value_free(j, &a);
    result_push(j, WASM_I32, dest);
    return true;
}

/* --- Memory --- */

static const struct access {
    uint32_t op;
    uint8_t size, type;
    bool w;
} accesses[] = {
    {X_MOV, 4, WASM_I32, false},      {X_MOV, 8, WASM_I64, true},
    {X_MOVSS, 4, WASM_F32, false},    {0xf20f10, 8, WASM_F64, false},
    {X_MOVSX8, 1, WASM_I32, false},   {X_MOVZX8, 1, WASM_I32, false},
    {X_MOVSX16, 2, WASM_I32, false},  {X_MOVZX16, 2, WASM_I32, false},
    {X_MOVSX8, 1, WASM_I64, true},    {X_MOVZX8, 1, WASM_I64, false},
    {X_MOVSX16, 2, WASM_I64, true},   {X_MOVZX16, 2, WASM_I64, false},
    {X_MOVSXD, 4, WASM_I64, true},    {X_MOV, 4, WASM_I64, false},
    {X_MOV_TO, 4, WASM_I32, false},   {X_MOV_TO, 8, WASM_I64, true},
    {X_MOVSS_TO, 4, WASM_F32, false}, {0xf20f11, 8, WASM_F64, false},
    {X_MOV8_TO, 1, WASM_I32, false},  {0x660000u | X_MOV_TO, 2, WASM_I32, false},
    {X_MOV8_TO, 1, WASM_I64, false},  {0x660000u | X_MOV_TO, 2, WASM_I64, false},
    {X_MOV_TO, 4, WASM_I64, false},
};

/* Checks the access; the register and displacement to add to rdx.  With a small offset, most addresses are so far below
 * the end that one comparison tells; the others are looked at more closely behind the code. */
static unsigned address(struct jit *j, struct value *a, unsigned size, int32_t *disp)
{
    uint64_t offset = j->insn.u64;
    int32_t limit = -(int32_t)(size == 1 ? 16 : size == 2 ? 24 : size == 4 ? 32 : 40);
    unsigned reg;

    *disp = 0;
    if (j->guarded && offset <= INT32_MAX) {
        if (a->kind == VALUE_CONST && a->bits + offset <= INT32_MAX) {
            *disp = (int32_t)(a->bits + offset);
            return NO_REG;
        }
        *disp = (int32_t)offset;
        return value_load(j, a);
    }
    if (a->kind == VALUE_CONST) {
        x86_load_i(&j->x, R11, a->bits + offset);
        reg = R11;
    } else {
        reg = value_load(j, a);
        if (offset != 0 && offset <= MEM_NEAR - 16) {
            x86_rm(&j->x, X_CMP, true, reg, RDX,
                   -(int32_t)(sizeof(struct mem_header) - offsetof(struct mem_header, near)));
            struct later *later = later_add(j, LATER_CHECK, x86_jcc(&j->x, CC_G));
            later->resume = j->x.length;
            later->word[0].u64 = reg;
            later->word[1].u64 = offset;
            later->word[2].w[0] = limit;
            *disp = (int32_t)offset;
            return reg;
        }
        if (offset > INT32_MAX) {
            x86_load_i(&j->x, R11, offset);
            x86_rr(&j->x, X_ADD, true, R11, reg);
            reg = R11;
        } else if (offset != 0) {
            x86_rm(&j->x, X_LEA, true, R11, reg, (int32_t)offset);
            reg = R11;
        }
    }
    x86_rm(&j->x, X_CMP, true, reg, RDX, limit);
    trap_if(j, CC_G, step_trap_MEMORY_BOUNDS);
    return reg;
}

/* The instruction that comes next may fault instead of being checked. */
static void access_begin(struct jit *j)
{
    if (!j->guarded || j->insn.u64 > INT32_MAX)
        return;
    later_add(j, LATER_GUARD, j->x.length);
    j->guard_count++;
}

static void access_emit(struct jit *j, unsigned op, bool w, unsigned reg, unsigned index, int32_t disp)
{
    access_begin(j);
    if (op == (0x660000u | X_MOV_TO)) {
        x86_room(&j->x);
        x86_byte(&j->x, 0x66);
        op = X_MOV_TO;
    }
    if (index == NO_REG)
        x86_rm(&j->x, op, w, reg, RDX, disp);
    else
        x86_rmx(&j->x, op, w, reg, RDX, index, disp);
}

static bool load(struct jit *j)
{
    const struct access *access = &accesses[j->insn.op - OP_I32_LOAD];
    struct value a = value_pop(j);

    if (j->insn.b != 0)
        return false;
    int32_t disp;
    unsigned reg = address(j, &a, access->size, &disp);
    unsigned dest = result_hint(j, is_float(access->type), NULL);
    if (dest == NO_REG)
        dest = a.kind == VALUE_REG && !is_float(access->type) ? a.reg : reg_take(j, is_float(access->type));
    access_emit(j, access->op, access->w, dest, reg, disp);
    if (a.kind == VALUE_REG && (a.reg != dest || is_float(access->type)))
        value_free(j, &a);
    result_push(j, access->type, dest);
    return true;
}

static bool store(struct jit *j)
{
    const struct access *access = &accesses[j->insn.op - OP_I32_LOAD];
    struct value value = value_pop(j), a = value_pop(j);

    if (j->insn.b != 0)
        return false;
    unsigned from = value_reg(j, &value);
    if (from == NO_REG && value.kind == VALUE_CONST && is_float(value.type)) {
        from = value_own(j, &value);
    } else if (from == NO_REG && !is_float(value.type)) {
        value_to(j, &value, RCX);
        from = RCX;
    } else if (from == NO_REG) {
        from = value_own(j, &value);
    }
    int32_t disp;
    unsigned reg = address(j, &a, access->size, &disp);
    access_emit(j, access->op, access->w, from, reg, disp);
    value_free(j, &value);
    value_free(j, &a);
    return true;
}

static bool memory_or_table(struct jit *j)
{
    struct wasm_instance *i = j->instance;
    uint32_t a = j->insn.a, b = j->insn.b;

    switch (j->insn.op) {
    case OP_MEMORY_SIZE:
        step_on(j, step_memory_size, 0, WASM_I32, i->memories[b], NULL, false);
        break;
    case OP_MEMORY_GROW:
        step_on(j, step_memory_grow, 1, WASM_I32, i->memories[b], NULL, false);
        break;
    case OP_MEMORY_FILL:
        step_on(j, step_memory_fill, 3, 0, i->memories[b], NULL, false);
        break;
    case OP_MEMORY_COPY:
        step_on(j, step_memory_copy, 3, 0, i->memories[a], i->memories[b], false);
        break;
    case OP_MEMORY_INIT:
        step_on(j, step_memory_init, 3, 0, i->memories[b], &i->datas[a], false);
        break;
    case OP_DATA_DROP:
        step_on(j, step_data_drop, 0, 0, &i->datas[a], NULL, false);
        break;
    case OP_TABLE_GET:
        step_on(j, step_table_get, 1, j->module->tables[a].type, i->tables[a], NULL, false);
        break;
    case OP_TABLE_SET:
        step_on(j, step_table_set, 2, 0, i->tables[a], NULL, false);
        break;
    case OP_TABLE_SIZE:
        step_on(j, step_table_size, 0, WASM_I32, i->tables[a], NULL, false);
        break;
    case OP_TABLE_GROW:
        step_on(j, step_table_grow, 2, WASM_I32, i->tables[a], NULL, false);
        break;
    case OP_TABLE_FILL:
        step_on(j, step_table_fill, 3, 0, i->tables[a], NULL, false);
        break;
    case OP_TABLE_COPY:
        step_on(j, step_table_copy, 3, 0, i->tables[a], i->tables[b], false);
        break;
    case OP_TABLE_INIT:
        step_on(j, step_table_init, 3, 0, i->tables[b], &i->elems[a], false);
        break;
    case OP_ELEM_DROP:
        step_on(j, step_elem_drop, 0, 0, &i->elems[a], NULL, false);
        break;
    default:
        return false;
    }
    return true;
}

/* --- By opcode --- */

/* The interpreter's steps for what has no native code here: one or two operands in slots, a result in the first's. */
static bool by_step(struct jit *j)
{
    static const struct {
        uint16_t op, index;
        uint8_t result;
    } steps[] = {
#define RESULT_i                    WASM_I32
#define RESULT_l                    WASM_I64
#define RESULT_f                    WASM_F32
#define RESULT_d                    WASM_F64
#define UNARY(name, from, to, ...)  {OP_##name, UNARY_##name, RESULT_##to},
#define RARE_1                      UNARY
#define BINARY(name, from, to, ...) {OP_##name, BINARY_##name, RESULT_##to},
#define SWAPS                       BINARY
#define RARE_2                      BINARY
#define COMPARE(name, ...)
#define LOAD(name, ...)
#define STORE(name, ...)
#include "../engine/steps.def"
    };
    enum op op = j->insn.op;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].op != op)
            continue;
        bool two = op_table[op].sig[1] != '>';
        interp_step *run = two ? binary_steps[steps[i].index][FORM_SS][1] : unary_steps[steps[i].index][FORM_S][1];
        step_on(j, run, two ? 2 : 1, steps[i].result, NULL, NULL, two);
        return true;
    }
    return memory_or_table(j);
}

bool jit_number(struct jit *j)
{
    enum op op = j->insn.op;
    bool w = op >= OP_I64_CLZ;

    if (op >= OP_I32_LOAD && op <= OP_I64_LOAD32_U)
        return load(j);
    if (op >= OP_I32_STORE && op <= OP_I64_STORE32)
        return store(j);
    if ((op >= OP_I32_EQZ && op <= OP_F64_GE) || op == OP_REF_IS_NULL)
        return compare_value(j, op);
    switch (op) {
    case OP_I32_ADD:
    case OP_I64_ADD:
        return integer_binary(j, X_ADD, w, true);
    case OP_I32_SUB:
    case OP_I64_SUB:
        return integer_binary(j, X_SUB, w, false);
    case OP_I32_MUL:
    case OP_I64_MUL:
        return integer_binary(j, X_IMUL, w, true);
    case OP_I32_AND:
    case OP_I64_AND:
        return integer_binary(j, X_AND, w, true);
    case OP_I32_OR:
    case OP_I64_OR:
        return integer_binary(j, X_OR, w, true);
    case OP_I32_XOR:
    case OP_I64_XOR:
        return integer_binary(j, X_XOR, w, true);
    case OP_I32_SHL:
    case OP_I64_SHL:
        return shift(j, G_SHL, w);
    case OP_I32_SHR_S:
    case OP_I64_SHR_S:
        return shift(j, G_SAR, w);
    case OP_I32_SHR_U:
    case OP_I64_SHR_U:
        return shift(j, G_SHR, w);
    case OP_I32_ROTL:
    case OP_I64_ROTL:
        return shift(j, G_ROL, w);
    case OP_I32_ROTR:
    case OP_I64_ROTR:
        return shift(j, G_ROR, w);
    case OP_I32_DIV_S:
    case OP_I64_DIV_S:
        return divide(j, w, true, false);
    case OP_I32_DIV_U:
    case OP_I64_DIV_U:
        return divide(j, w, false, false);
    case OP_I32_REM_S:
    case OP_I64_REM_S:
        return divide(j, w, true, true);
    case OP_I32_REM_U:
    case OP_I64_REM_U:
        return divide(j, w, false, true);
    case OP_I32_CLZ:
    case OP_I64_CLZ:
        return count_bits(j, w, true);
    case OP_I32_CTZ:
    case OP_I64_CTZ:
        return count_bits(j, w, false);
    case OP_I32_EXTEND8_S:
        return extend(j, X_MOVSX8, false, WASM_I32);
    case OP_I32_EXTEND16_S:
        return extend(j, X_MOVSX16, false, WASM_I32);
    case OP_I64_EXTEND8_S:
        return extend(j, X_MOVSX8, true, WASM_I64);
    case OP_I64_EXTEND16_S:
        return extend(j, X_MOVSX16, true, WASM_I64);
    case OP_I64_EXTEND32_S:
    case OP_I64_EXTEND_I32_S:
        return extend(j, X_MOVSXD, true, WASM_I64);
    case OP_I64_EXTEND_I32_U:
        return extend(j, X_MOV, false, WASM_I64);
    case OP_I32_WRAP_I64:
        return wrap(j);
    case OP_F32_ADD:
    case OP_F64_ADD:
        return float_binary(j, X_ADDSS, op == OP_F64_ADD, true);
    case OP_F32_SUB:
    case OP_F64_SUB:
        return float_binary(j, X_SUBSS, op == OP_F64_SUB, false);
    case OP_F32_MUL:
    case OP_F64_MUL:
        return float_binary(j, X_MULSS, op == OP_F64_MUL, true);
    case OP_F32_DIV:
    case OP_F64_DIV:
        return float_binary(j, X_DIVSS, op == OP_F64_DIV, false);
    case OP_F32_ABS:
    case OP_F64_ABS:
        return float_sign(j, op == OP_F64_ABS, false);
    case OP_F32_NEG:
    case OP_F64_NEG:
        return float_sign(j, op == OP_F64_NEG, true);
    case OP_F32_SQRT:
    case OP_F64_SQRT:
        return convert(j, sized(X_SQRTSS, op == OP_F64_SQRT), false, op == OP_F64_SQRT ? WASM_F64 : WASM_F32);
    case OP_F32_CONVERT_I32_S:
        return convert(j, X_CVTSI2SS, false, WASM_F32);
    case OP_F32_CONVERT_I64_S:
        return convert(j, X_CVTSI2SS, true, WASM_F32);
    case OP_F64_CONVERT_I32_S:
        return convert(j, sized(X_CVTSI2SS, true), false, WASM_F64);
    case OP_F64_CONVERT_I64_S:
        return convert(j, sized(X_CVTSI2SS, true), true, WASM_F64);
    case OP_F32_CONVERT_I32_U:
        return convert_u32(j, X_CVTSI2SS, WASM_F32);
    case OP_F64_CONVERT_I32_U:
        return convert_u32(j, sized(X_CVTSI2SS, true), WASM_F64);
    case OP_F64_PROMOTE_F32:
        return convert(j, X_CVTSS2SD, false, WASM_F64);
    case OP_F32_DEMOTE_F64:
        return convert(j, sized(X_CVTSS2SD, true), false, WASM_F32);
    case OP_I32_REINTERPRET_F32:
        return reinterpret(j, WASM_I32);
    case OP_I64_REINTERPRET_F64:
        return reinterpret(j, WASM_I64);
    case OP_F32_REINTERPRET_I32:
        return reinterpret(j, WASM_F32);
    case OP_F64_REINTERPRET_I64:
        return reinterpret(j, WASM_F64);
    default:
        return by_step(j);
    }
}
