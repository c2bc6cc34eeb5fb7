/* SPDX-License-Identifier: BSD-2-Clause */
/* An interpreter: parses arithmetic expressions, keeps variables in a hash table, prints and reads numbers. */
#include "bench.h"
#include <ctype.h>
#include <string.h>

#define SLOTS 256

struct slot {
    char name[8];
    int64_t value;
};

static struct slot slots[SLOTS];
static const char *at;

static int64_t sum_parse(void);

static struct slot *slot_find(const char *name, size_t length)
{
    uint32_t hash = 5381;

    for (size_t i = 0; i < length; i++)
        hash = hash * 33 + (uint8_t)name[i];
    for (;; hash++) {
        struct slot *s = &slots[hash % SLOTS];
        if (s->name[0] == 0)
            memcpy(s->name, name, length);
        if (strlen(s->name) == length && memcmp(s->name, name, length) == 0)
            return s;
    }
}

static int64_t atom_parse(void)
{
    int64_t value = 0;

    while (*at == ' ')
        at++;
    if (*at == '(') {
        at++;
        value = sum_parse();
        at++;
    } else if (isdigit((unsigned char)*at)) {
        while (isdigit((unsigned char)*at))
            value = value * 10 + (*at++ - '0');
    } else {
        const char *start = at;
        while (isalnum((unsigned char)*at))
            at++;
        value = slot_find(start, (size_t)(at - start))->value;
    }
    while (*at == ' ')
        at++;
    return value;
}

static int64_t product_parse(void)
{
    int64_t value = atom_parse();

    while (*at == '*' || *at == '/' || *at == '%') {
        char op = *at++;
        int64_t right = atom_parse();
        value = op == '*' ? value * right : right == 0 ? 0 : op == '/' ? value / right : value % right;
    }
    return value;
}

static int64_t sum_parse(void)
{
    int64_t value = product_parse();

    while (*at == '+' || *at == '-') {
        char op = *at++;
        int64_t right = product_parse();
        value = op == '+' ? value + right : value - right;
    }
    return value;
}

uint32_t work(uint32_t round)
{
    static const char *const lines[] = {
        "a * (b + 17) % 10007",          "(c - a) * 3 + b % 11",   "b * b % 65537 + a",
        "(a + b + c) * (a - b) % 99991", "c % 1000 + counter * 2",
    };
    static const char *const targets[] = {"a", "b", "c", "total", "counter"};
    char name[8], printed[32];
    int64_t sum = 0;

    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "v%d", i);
        slot_find(name, strlen(name))->value = i;
    }
    for (uint32_t i = 0; i < 300; i++) {
        at = lines[i % 5];
        slot_find(targets[i % 5], strlen(targets[i % 5]))->value = sum_parse() + round;
        snprintf(printed, sizeof printed, "%lld", (long long)slot_find("a", 1)->value);
        sum += strtoll(printed, NULL, 10);
    }
    return (uint32_t)sum;
}
