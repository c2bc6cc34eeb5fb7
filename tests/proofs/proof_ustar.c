/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/ustar/ */
#include <ustar.h>

#include "proof.h"

/* One of each class of byte, and those next to the digits. */
static const uint8_t alphabet[] = {'0', '7', ' ', '\0', '3', '8', '/', 0xff};

/* The format stated otherwise: blanks, then digits, then only NULs and blanks; a small automaton. */
static bool model_octal(const uint8_t *field, size_t length, uint64_t *value)
{
    enum { BLANKS, DIGITS, TAIL } state = BLANKS;
    uint64_t sum = 0;

    for (size_t i = 0; i < length; i++) {
        bool digit = field[i] >= '0' && field[i] <= '7', blank = field[i] == ' ';
        if (state != TAIL && digit)
            state = DIGITS;
        else if (state == BLANKS && !blank)
            return false;
        else if (state != BLANKS)
            state = TAIL;
        if (state == TAIL && !blank && field[i] != '\0')
            return false;
        if (state == DIGITS)
            sum = sum * 8 + (uint64_t)(field[i] - '0');
    }
    *value = sum;
    return state != BLANKS;
}

static void octal_fields_are_parsed_as_the_model_does(void)
{
    uint8_t field[6];
    size_t length = proof_choose(sizeof field + 1);
    uint64_t got = 1234567, wanted = 1234567;

    for (size_t i = 0; i < length; i++)
        field[i] = alphabet[proof_choose(sizeof alphabet)];
    bool valid = model_octal(field, length, &wanted);
    PROVE(ustar_octal(field, length, &got) == valid);
    PROVE(got == (valid ? wanted : 1234567));
}

/* 21 digits are 63 bits; a 22nd fits when the first one is 1, for it is bit 63 then. */
static void octal_numbers_beyond_64_bits_are_refused(void)
{
    uint8_t field[24];
    size_t digits = 20 + proof_choose(4), zeros = proof_choose(3);
    uint8_t first = (uint8_t)('1' + proof_choose(7)), rest = (uint8_t)('0' + proof_choose(8));
    __uint128_t wide = 0;
    uint64_t got = 1234567;

    if (zeros + digits > sizeof field)
        return;
    for (size_t i = 0; i < zeros + digits; i++) {
        field[i] = i < zeros ? '0' : i == zeros ? first : rest;
        wide = wide * 8 + (__uint128_t)(field[i] - '0');
    }
    PROVE(ustar_octal(field, zeros + digits, &got) == (wide >> 64 == 0));
    PROVE(got == (wide >> 64 == 0 ? (uint64_t)wide : 1234567));
}

const struct proof proofs[] = {
    {"ustar: octal fields up to 6 bytes are parsed as the model does", octal_fields_are_parsed_as_the_model_does},
    {"ustar: octal numbers beyond 64 bits are refused", octal_numbers_beyond_64_bits_are_refused},
    {NULL, NULL},
};
