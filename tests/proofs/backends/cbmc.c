/* SPDX-License-Identifier: BSD-2-Clause */
/* Choices that the model checker makes.  The functions below are CBMC's own. */
#include "../proof.h"

uint32_t nondet_uint32(void);
void __CPROVER_assume(_Bool condition);
void __CPROVER_assert(_Bool condition, const char *text);
int main(void);

uint32_t proof_choose(uint32_t limit)
{
    uint32_t value = nondet_uint32();

    __CPROVER_assume(value < limit);
    return value;
}

void proof_check(bool condition, const char *text, const char *file, int line)
{
    (void)file;
    (void)line;
    __CPROVER_assert(condition, text);
}

int main(void)
{
    for (const struct proof *proof = proofs; proof->name != NULL; proof++)
        proof->run();
    return 0;
}
