/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All choices, one after another: an odometer whose last wheel turns fastest.  A run repeats the choices before the last
 * one that changed; how many choices there are, and their limits, may depend on those before.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "../proof.h"

#define CHOICES_MAX 64

static struct {
    uint32_t value, limit;
} wheels[CHOICES_MAX];
static unsigned wheel_count, position;
static jmp_buf failed;
static const char *failed_text, *failed_file;
static int failed_line;

uint32_t proof_choose(uint32_t limit)
{
    if (position == CHOICES_MAX || limit == 0) {
        printf("Bail out! a harness chooses too often, or from nothing\n");
        exit(2);
    }
    if (position == wheel_count) {
        wheels[wheel_count].value = 0;
        wheels[wheel_count].limit = limit;
        wheel_count++;
    }
    return wheels[position++].value;
}

void proof_check(bool condition, const char *text, const char *file, int line)
{
    if (condition)
        return;
    failed_text = text;
    failed_file = file;
    failed_line = line;
    longjmp(failed, 1);
}

/* False when all have been seen. */
static bool wheels_turn(void)
{
    while (wheel_count > 0 && wheels[wheel_count - 1].value + 1 == wheels[wheel_count - 1].limit)
        wheel_count--;
    if (wheel_count == 0)
        return false;
    wheels[wheel_count - 1].value++;
    return true;
}

static bool proof_enumerate(const struct proof *proof)
{
    static unsigned long runs;

    runs = 0;
    wheel_count = 0;
    if (setjmp(failed) != 0) {
        printf("# %s:%d: %s\n# choices:", failed_file, failed_line, failed_text);
        for (unsigned i = 0; i < position; i++)
            printf(" %u", wheels[i].value);
        printf("\n");
        return false;
    }
    do {
        position = 0;
        proof->run();
        runs++;
    } while (wheels_turn());
    printf("# %lu runs\n", runs);
    return true;
}

int main(void)
{
    unsigned number = 0, failures = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (const struct proof *proof = proofs; proof->name != NULL; proof++) {
        bool proved = proof_enumerate(proof);
        failures += !proved;
        printf("%s %u - %s\n", proved ? "ok" : "not ok", ++number, proof->name);
    }
    printf("1..%u\n", number);
    return failures != 0;
}
