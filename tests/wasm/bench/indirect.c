/* SPDX-License-Identifier: BSD-2-Clause */
/* Indirect calls: a machine whose instructions are functions, and objects with methods. */
#include "bench.h"

struct machine {
    uint32_t registers[8];
    uint32_t at;
    const uint32_t *code;
};

typedef void (*operation)(struct machine *m, uint32_t argument);

static void op_add(struct machine *m, uint32_t a)
{
    m->registers[a & 7] += m->registers[a >> 3 & 7];
}

static void op_xor(struct machine *m, uint32_t a)
{
    m->registers[a & 7] ^= m->registers[a >> 3 & 7];
}

static void op_set(struct machine *m, uint32_t a)
{
    m->registers[a & 7] = a >> 3;
}

static void op_rotate(struct machine *m, uint32_t a)
{
    uint32_t *r = &m->registers[a & 7], by = a >> 3 & 31;

    *r = *r << by | *r >> ((32 - by) & 31);
}

static void op_decrement(struct machine *m, uint32_t a)
{
    m->registers[a & 7]--;
}

static void op_loop(struct machine *m, uint32_t a)
{
    if (m->registers[a & 7] != 0)
        m->at = a >> 3;
}

static operation operations[] = {op_add, op_xor, op_set, op_rotate, op_decrement, op_loop, NULL};

#define CODE(op, argument) ((uint32_t)(op) << 24 | (argument))

static uint32_t machine_run(uint32_t start)
{
    static const uint32_t code[] = {
        CODE(2, 0 | 1500 << 3), CODE(0, 1 | 2 << 3), CODE(3, 1 | 7 << 3), CODE(1, 2 | 1 << 3), CODE(0, 3 | 1 << 3),
        CODE(3, 3 | 13 << 3),   CODE(1, 1 | 3 << 3), CODE(4, 0),          CODE(5, 0 | 1 << 3), CODE(6, 0),
    };
    struct machine m = {.registers = {0, start, start * 3 + 1, 7}, .code = code};

    for (;;) {
        uint32_t word = m.code[m.at++];
        operation op = operations[word >> 24];
        if (op == NULL)
            return m.registers[1] ^ m.registers[2] ^ m.registers[3];
        op(&m, word & 0xffffff);
    }
}

struct shape {
    int32_t (*area)(const struct shape *s);
    void (*grow)(struct shape *s);
    int32_t a, b;
};

static int32_t square_area(const struct shape *s)
{
    return s->a * s->a;
}

static int32_t rectangle_area(const struct shape *s)
{
    return s->a * s->b;
}

static int32_t triangle_area(const struct shape *s)
{
    return s->a * s->b / 2;
}

static void grow_one(struct shape *s)
{
    s->a++;
}

static void grow_both(struct shape *s)
{
    s->a++;
    s->b += 2;
}

static int32_t shapes_run(uint32_t seed)
{
    static int32_t (*const areas[])(const struct shape *) = {square_area, rectangle_area, triangle_area};
    static struct shape shapes[64];
    int32_t sum = 0;

    for (int i = 0; i < 64; i++) {
        uint32_t r = next_random(&seed);
        shapes[i] = (struct shape){areas[(r >> 16) % 3], r >> 30 ? grow_one : grow_both, (int32_t)(r >> 24), i};
    }
    for (int k = 0; k < 100; k++) {
        for (int i = 0; i < 64; i++) {
            sum += shapes[i].area(&shapes[i]);
            shapes[i].grow(&shapes[i]);
        }
    }
    return sum;
}

uint32_t work(uint32_t round)
{
    return machine_run(round + 1) ^ (uint32_t)shapes_run(round + 1);
}
