/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What generated interfaces share.  docs/idl.md explains how a call is carried; tools/capnpc-mnos writes the rest.
 *
 *   label of a request    upper half of the interface's id (63..32) | version (31..16) | method (15..4) | words (3..0)
 *   label of an answer    words << 32, or an error (low half not 0): of the kernel's table, an enum idl_error, or one of the
 *                         interface's own
 */
#ifndef IDL_IDL_H
#define IDL_IDL_H

#include <libmnos/ipc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <str.h>

#define IDL_LABEL(id, version, method, words)                                                                          \
    ((uint64_t)(id) >> 32 << 32 | (uint64_t)(version) << 16 | (uint64_t)(method) << 4 | (words))
#define IDL_ANSWER(words) ((uint64_t)(words) << 32)
/* Interface and version, without method and words. */
#define IDL_INTERFACE(label) ((label) >> 16)
#define IDL_METHOD(label)    ((unsigned)((label) >> 4 & 0xfff))
#define IDL_WORDS(label)     ((unsigned)((label)&0xf))

/* X(code, NAME, sentence) */
#define IDL_ERRORS(X)                                                                                                  \
    X(0x100, WRONG_INTERFACE, "The service does not speak this interface.")                                            \
    X(0x101, WRONG_VERSION, "The service speaks another version of the interface.")                                    \
    X(0x102, NO_METHOD, "The interface has no such method.")                                                           \
    X(0x103, SHORT, "The message has fewer words or bytes than the method takes.")                                     \
    X(0x104, LONG, "The message has more words or bytes than the method takes.")                                       \
    X(0x105, BAD_CAPS, "Number or kind of the capabilities is not what the method takes.")                             \
    X(0x106, BAD_VALUE, "A parameter has a value that its type does not have.")                                        \
    X(0x107, BAD_TEXT, "A text does not end where it has to.")                                                         \
    X(0x108, ABSENT, "Part of the buffer was not in memory; touch it and ask again.")                                  \
    X(0x109, BAD_ANSWER, "The answer has another form than the interface says.")

enum idl_error {
#define X(code, name, text) IDL_E_##name = (code),
    IDL_ERRORS(X)
#undef X
};
/* Errors of an interface's own begin here. */
#define IDL_E_OWN 0x200u

/* "?" and "unknown error" for what is none of these. */
const char *idl_error_name(uint64_t code);
const char *idl_error_text(uint64_t code);

/* A text in words: up to 8 bytes each, less one, and zero behind it.  False: it is too long. */
static inline bool idl_pack(uint64_t *words, unsigned count, const char *text)
{
    char *byte = (char *)words;

    for (unsigned i = 0; i < count; i++)
        words[i] = 0;
    for (size_t i = 0; i < 8 * (size_t)count; i++) {
        if (text[i] == '\0')
            return true;
        byte[i] = text[i];
    }
    return false;
}
/* `text` has room for the same number of bytes.  False: no sound text. */
static inline bool idl_unpack(const uint64_t *words, unsigned count, char *text)
{
    const uint64_t ones = UINT64_MAX / 255;
    bool ended = false;

    for (unsigned i = 0; i < count; i++) {
        /* The lowest bit that is set is in the first byte that is 0. */
        uint64_t word = words[i], nul = (word - ones) & ~word & ones << 7;
        if (ended ? word != 0 : nul != 0 && word >> (__builtin_ctzll(nul) - 7) != 0)
            return false;
        ended |= nul != 0;
        memcpy(text + 8 * (size_t)i, &word, sizeof word);
    }
    return ended;
}

#endif
