/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/idl/ lib/idl/host/ */
/*
 * Any message to the dispatch of each interface, and any answer to each of its client's functions.  Handlers and callers demand
 * what the generated code promises them; every capability that came is gone in the end.
 *
 * Input: a byte that chooses the interface, one that chooses the way, then words.
 */
#include <idl/fuzz_all.h>
#include <idl/sample_fuzz.h>

#define INTERFACES   (sizeof idl_fuzz_all / sizeof idl_fuzz_all[0])
#define SAMPLE_FIRST 254u
#define ROOM         16384u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct idl_fuzz_interface sample[] = {
    {"sample", sample_fuzz_serve, sample_fuzz_call, sample_fuzz_labels,
     sizeof sample_fuzz_labels / sizeof sample_fuzz_labels[0], SAMPLE_BYTES},
    {"other", other_fuzz_serve, other_fuzz_call, other_fuzz_labels, 1, OTHER_BYTES},
};

/* A label of the interface, perhaps with some bits changed; or any. */
static uint64_t label_choose(struct idl_fuzz *fuzz, const struct idl_fuzz_interface *face)
{
    uint64_t choice = fuzz_word(fuzz), label = face->labels[(choice >> 8) % face->methods];

    if (choice % 8 == 7)
        return fuzz_word(fuzz);
    return choice % 8 == 6 ? label ^ 1ull << (choice >> 16 & 63) : label;
}

/* Bytes in memory that is exactly as long, so that a sanitizer sees the first one behind it. */
static void *exactly(const void *bytes, size_t length)
{
    void *copy = malloc(length + (length == 0));

    fuzz_demand(copy != NULL);
    memcpy(copy, bytes, length);
    return copy;
}

/* A message as a client that is no client of ours may send it. */
static void throw(struct idl_fuzz * fuzz, const struct idl_fuzz_interface *face)
{
    struct mnos_msg msg = {.label = label_choose(fuzz, face)};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT, answer;
    uint64_t shape = fuzz_word(fuzz);

    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
        msg.word[i] = (shape >> i & 1) != 0 ? fuzz_word(fuzz) : shape >> 8 & 3;
    unsigned caps = shape >> 16 & 3 ? (unsigned)(shape >> 18) % (MNOS_IPC_CAPS + 1) : 0;
    for (unsigned i = 0; i < caps; i++)
        ext.recv_cap[i] = loopback_cap((enum mnos_type)(1 + fuzz_word(fuzz) % (MNOS_TYPE_COUNT - 1)));
    /* The kernel copies no more than the server has room for. */
    size_t length = fuzz->size < face->bytes + 8 ? fuzz->size : face->bytes + 8;
    void *bytes = exactly(fuzz->data, length);
    ext.recv_buf = (uint64_t)bytes;
    ext.recv_len = length;
    msg.info = (uint64_t)caps << 48 | (shape >> 24 & 7 ? 0 : shape >> 27 & 3) << 40 | length;
    answer = ext;
    if (face->serve(fuzz, &msg, shape >> 32 & 15 || caps > 0 || length > 0 ? &answer : NULL) == MNOS_SERVE_ANSWER) {
        fuzz_demand(answer.send_caps <= MNOS_IPC_CAPS);
        for (unsigned i = 0; i < answer.send_caps; i++)
            idl_cap_drop(answer.send_cap[i]);
        fuzz_see((const void *)answer.send_buf, answer.send_len);
    }
    fuzz_demand(loopback_caps() == 0);
    free(bytes);
}

/* Any answer. */
static enum mnos_serve liar(void *self, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    struct idl_fuzz *fuzz = self;
    uint64_t shape = fuzz_word(fuzz);

    for (unsigned i = 0; i < 2 && ext; i++)
        if (MNOS_INFO_CAPS(msg->info) > i)
            idl_cap_drop(ext->recv_cap[i]);
    msg->label = shape & 1 ? IDL_ANSWER(shape >> 1 & 15) : shape >> 8;
    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
        msg->word[i] = shape >> 5 & 1 ? fuzz_word(fuzz) : shape >> 40 & 3;
    if (!ext)
        return MNOS_SERVE_ANSWER;
    for (unsigned i = 2; i < MNOS_INFO_CAPS(msg->info); i++)
        idl_cap_drop(ext->recv_cap[i]);
    ext->send_caps = (uint8_t)(shape >> 16 & 3);
    ext->move_mask = 0xf;
    for (unsigned i = 0; i < ext->send_caps; i++)
        ext->send_cap[i] = loopback_cap((enum mnos_type)(1 + fuzz_word(fuzz) % (MNOS_TYPE_COUNT - 1)));
    ext->send_buf = (uint64_t)fuzz->data;
    ext->send_len = fuzz->size;
    return MNOS_SERVE_ANSWER;
}

static void call(struct idl_fuzz *fuzz, const struct idl_fuzz_interface *face, bool honest)
{
    static _Alignas(8) char room[ROOM];
    struct loopback server = {.serve = honest ? face->serve : liar,
                              .self = fuzz,
                              .recv_buf = room,
                              .recv_len = sizeof room,
                              .recv_caps = MNOS_IPC_CAPS};
    uint64_t choice = fuzz_word(fuzz);

    server.absent = choice >> 60;
    face->call(fuzz, (unsigned)(choice % face->methods), loopback_open(&server));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct idl_fuzz fuzz = {0};

    if (size < 2)
        return 0;
    /* The sample has numbers of its own, so that its seeds mean the same whatever else there is. */
    const struct idl_fuzz_interface *face =
        data[0] >= SAMPLE_FIRST ? &sample[data[0] - SAMPLE_FIRST] : &idl_fuzz_all[data[0] % INTERFACES];
    unsigned way = data[1] % 4;
    fuzz.data = data + 2;
    fuzz.size = size - 2;
    for (size_t i = 0; i + 1 < sizeof fuzz.pool; i++)
        fuzz.pool[i] = i % 17 == 16 ? '\0' : (char)('a' + i % 23);
    loopback_reset();
    if (way < 2)
        throw(&fuzz, face);
    else
        call(&fuzz, face, way == 2);
    return 0;
}
