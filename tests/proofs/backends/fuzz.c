/* SPDX-License-Identifier: BSD-2-Clause */
/* Choices from a libFuzzer input: its first byte chooses the proof, two bytes each choice; behind the end all are 0. */
#include <stdio.h>
#include <stdlib.h>

#include "../proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input, *input_end;

uint32_t proof_choose(uint32_t limit)
{
    uint32_t value = 0;

    for (int i = 0; i < 2 && input < input_end; i++)
        value = value << 8 | *input++;
    return value % limit;
}

void proof_check(bool condition, const char *text, const char *file, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned count = 0;

    if (size == 0)
        return 0;
    while (proofs[count].name != NULL)
        count++;
    input = data + 1;
    input_end = data + size;
    proofs[data[0] % count].run();
    return 0;
}
