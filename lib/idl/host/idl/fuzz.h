/* SPDX-License-Identifier: BSD-2-Clause */
/* What the generated fuzz harnesses (X_fuzz.h) are made of.  Everything they do is decided by the fuzzer's bytes. */
#ifndef IDL_FUZZ_H
#define IDL_FUZZ_H

#include <idl/loopback.h>
#include <idl/server.h>
#include <stdlib.h>

struct idl_fuzz {
    const uint8_t *data; /* what is left of the input */
    size_t size;
    unsigned handled;
    _Alignas(8) char pool[256]; /* bytes and texts to send: terminated */
};

/* An interface of the build. */
struct idl_fuzz_interface {
    const char *name;
    enum mnos_serve (*serve)(void *fuzz, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
    void (*call)(struct idl_fuzz *fuzz, unsigned method, mnos_handle_t service);
    const uint64_t *labels;
    unsigned methods;
    uint64_t bytes; /* the largest request */
};

static inline void fuzz_demand(bool condition)
{
    if (!condition)
        abort();
}

/* The next eight bytes of the input; zero behind its end. */
static inline uint64_t fuzz_word(struct idl_fuzz *fuzz)
{
    uint64_t word = 0;
    size_t take = fuzz->size < sizeof word ? fuzz->size : sizeof word;

    if (take > 0)
        memcpy(&word, fuzz->data, take);
    fuzz->data += take;
    fuzz->size -= take;
    return word;
}

/* Reads all of it: a sanitizer sees what must not be read. */
static inline void fuzz_see(const void *bytes, size_t length)
{
    volatile unsigned char sum = 0; /* so that the reading stays */

    for (size_t i = 0; i < length; i++)
        sum = (unsigned char)(sum + ((const unsigned char *)bytes)[i]);
}

static inline const char *fuzz_text(struct idl_fuzz *fuzz)
{
    return fuzz->pool + fuzz_word(fuzz) % sizeof fuzz->pool;
}

static inline const void *fuzz_bytes(struct idl_fuzz *fuzz, size_t *length)
{
    *length = fuzz_word(fuzz) % (sizeof fuzz->pool + 1);
    return fuzz->pool;
}

static inline mnos_handle_t fuzz_cap_out(struct idl_fuzz *fuzz, unsigned type)
{
    uint64_t choice = fuzz_word(fuzz);

    if (choice % 8 == 7)
        return MNOS_NONE;
    return loopback_cap(choice % 8 == 6 ? MNOS_TYPE_POOL : type ? (enum mnos_type)type : MNOS_TYPE_THREAD);
}

/* A handler got this one, and perhaps keeps it a while. */
static inline void fuzz_cap_in(struct idl_fuzz *fuzz, mnos_handle_t *cap, unsigned type, bool optional)
{
    fuzz_demand(*cap != MNOS_NONE || optional);
    fuzz_demand(*cap == MNOS_NONE || type == 0 || idl_cap_type(*cap) == type);
    if ((fuzz_word(fuzz) & 1) != 0)
        idl_cap_drop(idl_take(cap));
}

static inline bool fuzz_cap_back(mnos_handle_t cap, bool optional)
{
    bool there = idl_cap_type(cap) != 0;

    idl_cap_drop(cap);
    return there || (optional && cap == MNOS_NONE);
}

/* What a handler returns. */
static inline int64_t fuzz_result(struct idl_fuzz *fuzz)
{
    uint64_t choice = fuzz_word(fuzz) % 8;

    return choice == 7 ? IDL_LATER : choice == 6 ? -MNOS_E_BUSY : 0;
}

#endif
