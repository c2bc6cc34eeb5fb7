/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/idl/ lib/idl/host/ */
/* Generated client and dispatch (of tests/idl/sample.capnp) against each other, and each against a liar. */
#include "host_test.h"

#include <idl/loopback.h>
#include <idl/sample_server.h>

/* What the handlers saw last, and do next. */
static struct {
    unsigned calls;
    int64_t result;
    char text[128];
    struct thing thing;
    struct part part[4];
    mnos_handle_t kept_reply, kept_cap;
    unsigned extra;
    struct loopback server;
    _Alignas(8) char room[SAMPLE_BYTES + 8];
    void (*lie)(struct mnos_msg *msg);
} t;

static int64_t nothing(void *self, uint64_t badge)
{
    (void)self;
    t.calls++;
    return badge == 77 ? t.result : -MNOS_E_INVALID;
}

static int64_t add(void *self, uint64_t badge, struct sample_add_in *in, struct sample_add_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    out->sum = (int64_t)in->left + in->right;
    return t.result;
}

static int64_t eight(void *self, uint64_t badge, struct sample_eight_in *in, struct sample_eight_out *out)
{
    (void)self;
    (void)badge;
    *out = (struct sample_eight_out){in->h, in->g, in->f, in->e, in->d, in->c, in->b, in->a};
    return 0;
}

static int64_t kinds(void *self, uint64_t badge, struct sample_kinds_in *in, struct sample_kinds_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    *out = (struct sample_kinds_out){in->flag, in->colour, in->tiny, in->byte};
    return 0;
}

static int64_t named(void *self, uint64_t badge, struct sample_named_in *in, struct sample_named_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    memcpy(out->name, in->name, sizeof out->name);
    out->length = strlen(in->name) + in->more;
    return 0;
}

static int64_t put(void *self, uint64_t badge, struct sample_put_in *in, struct sample_put_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    out->sum = in->offset;
    for (size_t i = 0; i < in->bytes_length; i++)
        out->sum += ((const uint8_t *)in->bytes)[i];
    return 0;
}

static int64_t get(void *self, uint64_t badge, struct sample_get_in *in, struct sample_get_out *out)
{
    static const char text[] = "0123456789";
    (void)self;
    (void)badge;
    t.calls++;
    if (in->offset > 10)
        return -MNOS_E_RANGE;
    out->bytes = text + in->offset;
    out->bytes_length = t.extra + (in->bytes_room < 10 - in->offset ? in->bytes_room : 10 - in->offset);
    out->last = in->offset + out->bytes_length == 10;
    return 0;
}

static int64_t echo(void *self, uint64_t badge, struct sample_echo_in *in, struct sample_echo_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    strcpy(t.text, in->text);
    out->text = t.text;
    return 0;
}

static int64_t rename_(void *self, uint64_t badge, struct sample_rename_in *in, struct sample_rename_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    snprintf(t.text, sizeof t.text, "%s>%s>%.*s", in->old, in->new, (int)in->tag_length, (const char *)in->tag);
    out->length = strlen(in->old) + strlen(in->new) + in->tag_length;
    return 0;
}

static int64_t thing(void *self, uint64_t badge, struct sample_thing_in *in, struct sample_thing_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    t.thing = *in->thing;
    t.thing.number++;
    out->thing = &t.thing;
    return 0;
}

static int64_t things(void *self, uint64_t badge, struct sample_things_in *in, struct sample_things_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    size_t count = in->numbers_count < 4 ? in->numbers_count : 4;
    for (size_t i = 0; i < count; i++)
        t.part[i] = (struct part){.colour = (uint32_t)i % 3, .weight = (uint16_t)in->numbers[i]};
    out->things = t.part;
    out->things_count = count < in->things_room ? count : in->things_room;
    return 0;
}

static int64_t store(void *self, uint64_t badge, struct sample_store_in *in, struct sample_store_out *out)
{
    (void)self;
    (void)badge;
    for (uint64_t done = 0; done < in->bytes_length; done += 3) {
        int64_t got = idl_pull(loopback_reply(), done, t.text + done, 3);
        out->taken += (uint64_t)got;
    }
    return 0;
}

static int64_t load(void *self, uint64_t badge, struct sample_load_in *in, struct sample_load_out *out)
{
    (void)self;
    (void)badge;
    out->bytes_length = (uint64_t)idl_push(loopback_reply(), 0, "pushed", in->bytes_room < 6 ? in->bytes_room : 6);
    return 0;
}

static int64_t trade(void *self, uint64_t badge, struct sample_trade_in *in, struct sample_trade_out *out)
{
    (void)self;
    (void)badge;
    t.calls++;
    if (t.result != 0)
        return t.result;
    t.kept_cap = idl_take(&in->memory);
    out->file = loopback_cap(MNOS_TYPE_ENDPOINT);
    out->kept = in->extra == MNOS_NONE ? 0 : idl_cap_type(in->extra);
    if (in->extra != MNOS_NONE)
        out->spare = loopback_cap(MNOS_TYPE_MEMORY);
    return 0;
}

static int64_t everything(void *self, uint64_t badge, struct sample_everything_in *in,
                          struct sample_everything_out *out)
{
    (void)self;
    (void)badge;
    out->three = in->one + in->two;
    memcpy(t.text, in->bytes, in->bytes_length < sizeof t.text ? in->bytes_length : sizeof t.text);
    out->bytes = t.text;
    out->bytes_length = in->bytes_length;
    out->sample = loopback_cap(MNOS_TYPE_ENDPOINT);
    return 0;
}

static int64_t later(void *self, uint64_t badge, struct sample_later_in *in, struct sample_later_out *out)
{
    (void)self;
    (void)badge;
    (void)out;
    t.calls++;
    t.extra = (unsigned)in->value;
    t.kept_reply = loopback_reply();
    return in->value == 0 ? -MNOS_E_INVALID : IDL_LATER;
}

static const struct sample_server handlers = {
    .nothing = nothing,
    .add = add,
    .eight = eight,
    .kinds = kinds,
    .named = named,
    .put = put,
    .get = get,
    .echo = echo,
    .rename = rename_,
    .thing = thing,
    .things = things,
    .store = store,
    .load = load,
    .trade = trade,
    .everything = everything,
    .later = later,
};

static enum mnos_serve serve(void *self, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    return sample_dispatch(&handlers, self, msg, ext);
}

static void answer_later(void *self)
{
    struct sample_later_out out = {.value = t.extra * 2};
    (void)self;

    if (t.extra == 13)
        assert_int_equal(idl_answer_error(t.kept_reply, -MNOS_E_TIMED_OUT), 0);
    else
        assert_int_equal(sample_later_answer(t.kept_reply, &out), 0);
    /* A Reply answers once. */
    assert_int_equal(sample_later_answer(t.kept_reply, &out), -MNOS_E_INVALID);
}

static void lie(void *self, struct mnos_msg *msg)
{
    (void)self;
    t.lie(msg);
}

static mnos_handle_t start(void)
{
    memset(&t, 0, sizeof t);
    loopback_reset();
    t.server = (struct loopback){.serve = serve,
                                 .recv_buf = t.room,
                                 .recv_len = sizeof t.room,
                                 .recv_caps = 4,
                                 .badge = 77,
                                 .later = answer_later};
    return loopback_open(&t.server);
}

static void calls_in_registers(void **state)
{
    mnos_handle_t s = start();
    int64_t sum;
    uint64_t w[8];
    (void)state;

    assert_int_equal(sample_nothing(s), 0);
    assert_int_equal(sample_add(s, -5, 7, &sum), 0);
    assert_int_equal(sum, 2);
    assert_int_equal(sample_add(s, INT32_MIN, INT32_MIN, &sum), 0);
    assert_true(sum == -4294967296);
    assert_int_equal(
        sample_eight(s, 1, 2, 3, 4, 5, 6, 7, UINT64_MAX, &w[0], &w[1], &w[2], &w[3], &w[4], &w[5], &w[6], &w[7]), 0);
    assert_true(w[0] == UINT64_MAX && w[1] == 7 && w[7] == 1);
    bool flag;
    enum colour colour;
    int8_t tiny;
    uint8_t byte;
    assert_int_equal(sample_kinds(s, true, COLOUR_BLUE, -128, 255, &flag, &colour, &tiny, &byte), 0);
    assert_true(flag && colour == COLOUR_BLUE && tiny == -128 && byte == 255);
    char name[32];
    assert_int_equal(sample_named(s, "a name of thirty-one bytes, just", 0, name, &w[0]), -IDL_E_LONG);
    assert_int_equal(sample_named(s, "a name of thirty-one bytes, jus", 5, name, &w[0]), 0);
    assert_string_equal(name, "a name of thirty-one bytes, jus");
    assert_int_equal(w[0], 36);
    assert_int_equal(sample_named(s, "", 0, name, &w[0]), 0);
    assert_string_equal(name, "");
}

static void calls_with_buffers(void **state)
{
    mnos_handle_t s = start();
    uint64_t sum;
    size_t length;
    char bytes[32];
    bool last;
    (void)state;

    assert_int_equal(sample_put(s, 1000, "\1\2\3", 3, &sum), 0);
    assert_int_equal(sum, 1006);
    assert_int_equal(sample_put(s, 1, NULL, 0, &sum), 0);
    assert_int_equal(sum, 1);
    assert_int_equal(sample_get(s, 4, bytes, sizeof bytes, &length, &last), 0);
    assert_true(length == 6 && memcmp(bytes, "456789", 6) == 0 && last);
    assert_int_equal(sample_get(s, 4, bytes, 2, &length, &last), 0);
    assert_true(length == 2 && !last);
    assert_int_equal(sample_echo(s, "hello", bytes, sizeof bytes), 0);
    assert_string_equal(bytes, "hello");
    assert_int_equal(sample_rename(s, "from", "to", "tag", 3, &sum), 0);
    assert_string_equal(t.text, "from>to>tag");
    assert_int_equal(sum, 9);
    struct thing one = {.number = 41, .flag = 1, .name = "twelve bytes", .parts = {{.colour = 2}}}, two;
    assert_int_equal(sample_thing(s, &one, &two), 0);
    assert_true(two.number == 42 && memcmp(&one.small, &two.small, sizeof one - 8) == 0);
    struct part parts[4];
    assert_int_equal(sample_things(s, (const uint32_t[]){5, 6, 7}, 3, parts, 4, &length), 0);
    assert_true(length == 3 && parts[2].weight == 7 && parts[2].colour == 2);
    assert_int_equal(sample_things(s, (const uint32_t[]){5, 6, 7}, 3, parts, 2, &length), 0);
    assert_int_equal(length, 2);
    assert_int_equal(sample_store(s, "fetched in pieces", 17, &sum), 0);
    assert_true(sum == 17 && memcmp(t.text, "fetched in pieces", 17) == 0);
    assert_int_equal(sample_load(s, bytes, 4, &length), 0);
    assert_true(length == 4 && memcmp(bytes, "push", 4) == 0);
}

static void calls_with_capabilities(void **state)
{
    mnos_handle_t s = start(), memory = loopback_cap(MNOS_TYPE_MEMORY), signal = loopback_cap(MNOS_TYPE_NOTIFICATION),
                  extra = loopback_cap(MNOS_TYPE_POOL), file, spare;
    uint64_t kept, three;
    char bytes[16];
    size_t length;
    (void)state;

    unsigned before = loopback_caps();
    assert_int_equal(sample_trade(s, memory, signal, MNOS_NONE, &file, &spare, &kept), 0);
    assert_true(idl_cap_type(file) == MNOS_TYPE_ENDPOINT && spare == MNOS_NONE && kept == 0);
    /* The one that was taken, and the one that came back. */
    assert_int_equal(idl_cap_type(t.kept_cap), MNOS_TYPE_MEMORY);
    assert_int_equal(loopback_caps(), before + 2);
    assert_int_equal(sample_trade(s, memory, signal, extra, &file, &spare, &kept), 0);
    assert_true(kept == MNOS_TYPE_POOL && idl_cap_type(spare) == MNOS_TYPE_MEMORY);
    assert_int_equal(loopback_caps(), before + 5);
    /* A handler that fails has taken nothing. */
    t.result = -MNOS_E_BUSY;
    assert_int_equal(sample_trade(s, memory, signal, extra, &file, &spare, &kept), -MNOS_E_BUSY);
    assert_int_equal(loopback_caps(), before + 5);
    assert_int_equal(sample_everything(s, 20, 22, memory, "bytes", 5, &three, bytes, sizeof bytes, &length, &file), 0);
    assert_true(three == 42 && length == 5 && idl_cap_type(file) == MNOS_TYPE_ENDPOINT);
    assert_int_equal(loopback_caps(), before + 6);
}

static void an_answer_may_come_later(void **state)
{
    mnos_handle_t s = start();
    uint64_t value;
    (void)state;

    assert_int_equal(sample_later(s, 21, &value), 0);
    assert_int_equal(value, 42);
    assert_int_equal(sample_later(s, 13, &value), -MNOS_E_TIMED_OUT);
    assert_int_equal(sample_later(s, 0, &value), -MNOS_E_INVALID);
    t.server.later = NULL;
    assert_int_equal(sample_later_until(s, 21, &value, 1000), -MNOS_E_PEER_GONE);
}

static void a_buffer_that_is_not_in_memory_is_sent_again(void **state)
{
    mnos_handle_t s = start();
    uint64_t sum;
    (void)state;

    t.server.absent = 3;
    assert_int_equal(sample_put(s, 0, "\1\2\3\4", 4, &sum), 0);
    assert_int_equal(sum, 10);
    assert_int_equal(t.calls, 1);
    t.server.absent = 100;
    assert_int_equal(sample_put(s, 0, "\1\2\3\4", 4, &sum), -IDL_E_ABSENT);
    assert_int_equal(t.server.absent, 100 - IDL_ATTEMPTS);
}

/* A raw message; the label of the answer. */
static uint64_t raw(mnos_handle_t s, uint64_t label, const uint64_t *words, const void *bytes, size_t length,
                    unsigned caps, enum mnos_type type)
{
    struct mnos_msg msg = {.label = label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    for (unsigned i = 0; words && i < 8; i++)
        msg.word[i] = words[i];
    ext.send_buf = (uint64_t)bytes;
    ext.send_len = length;
    ext.send_caps = (uint8_t)caps;
    for (unsigned i = 0; i < caps; i++)
        ext.send_cap[i] = loopback_cap(type);
    unsigned before = loopback_caps();
    assert_int_equal(idl_call(s, &msg, &ext), 0);
    /* Whatever was wrong, the server has none of it. */
    assert_int_equal(loopback_caps(), before);
    for (unsigned i = 0; i < caps; i++)
        idl_cap_drop(ext.send_cap[i]);
    return msg.label;
}

static void wrong_labels_are_refused(void **state)
{
    mnos_handle_t s = start();
    (void)state;

    assert_int_equal(raw(s, IDL_LABEL(SAMPLE_INTERFACE, 3, 0, 0), NULL, NULL, 0, 0, 0), 0);
    assert_int_equal(raw(s, IDL_LABEL(OTHER_INTERFACE, 3, 0, 0), NULL, NULL, 0, 0, 0), IDL_E_WRONG_INTERFACE);
    assert_int_equal(raw(s, 0, NULL, NULL, 0, 0, 0), IDL_E_WRONG_INTERFACE);
    assert_int_equal(raw(s, UINT64_MAX, NULL, NULL, 0, 0, 0), IDL_E_WRONG_INTERFACE);
    assert_int_equal(raw(s, IDL_LABEL(SAMPLE_INTERFACE, 2, 0, 0), NULL, NULL, 0, 0, 0), IDL_E_WRONG_VERSION);
    assert_int_equal(raw(s, IDL_LABEL(SAMPLE_INTERFACE, 4, 0, 0), NULL, NULL, 0, 0, 0), IDL_E_WRONG_VERSION);
    assert_int_equal(raw(s, IDL_LABEL(SAMPLE_INTERFACE, 3, 16, 0), NULL, NULL, 0, 0, 0), IDL_E_NO_METHOD);
    assert_int_equal(raw(s, IDL_LABEL(SAMPLE_INTERFACE, 3, 4095, 0), NULL, NULL, 0, 0, 0), IDL_E_NO_METHOD);
    /* The client of another interface is told so. */
    uint64_t value;
    assert_int_equal(other_ping(s, &value), -IDL_E_WRONG_INTERFACE);
    assert_int_equal(t.calls, 1);
}

static void short_and_long_messages_are_refused(void **state)
{
    static const char bytes[300];
    mnos_handle_t s = start();
    struct thing thing_bytes = {0};
    (void)state;

    assert_int_equal(raw(s, SAMPLE_LABEL_add - 1, NULL, NULL, 0, 0, 0), IDL_E_SHORT);
    assert_int_equal(raw(s, SAMPLE_LABEL_add + 1, NULL, NULL, 0, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_nothing, NULL, bytes, 1, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_put, NULL, bytes, 101, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_put, NULL, bytes, 300, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_thing, NULL, &thing_bytes, sizeof thing_bytes - 1, 0, 0), IDL_E_SHORT);
    assert_int_equal(raw(s, SAMPLE_LABEL_thing, NULL, NULL, 0, 0, 0), IDL_E_SHORT);
    assert_int_equal(raw(s, SAMPLE_LABEL_thing, NULL, bytes, sizeof thing_bytes + 1, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_things, (const uint64_t[8]){0}, bytes, 7, 0, 0), IDL_E_SHORT);
    assert_int_equal(raw(s, SAMPLE_LABEL_things, (const uint64_t[8]){0}, bytes, 44, 0, 0), IDL_E_LONG);
    assert_int_equal(t.calls, 0);
    /* A server that receives without a record sees that bytes were left behind. */
    t.server.recv_len = t.server.recv_caps = 0;
    assert_int_equal(raw(s, SAMPLE_LABEL_nothing, NULL, bytes, 1, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_put, NULL, NULL, 0, 0, 0), MNOS_E_NOT_SUPPORTED);
    assert_int_equal(t.calls, 0);
}

static void wrong_capabilities_are_refused(void **state)
{
    mnos_handle_t s = start();
    (void)state;

    assert_int_equal(raw(s, SAMPLE_LABEL_nothing, NULL, NULL, 0, 1, MNOS_TYPE_MEMORY), IDL_E_BAD_CAPS);
    assert_int_equal(raw(s, SAMPLE_LABEL_trade, NULL, NULL, 0, 0, 0), IDL_E_BAD_CAPS);
    assert_int_equal(raw(s, SAMPLE_LABEL_trade, NULL, NULL, 0, 1, MNOS_TYPE_MEMORY), IDL_E_BAD_CAPS);
    assert_int_equal(raw(s, SAMPLE_LABEL_trade, NULL, NULL, 0, 4, MNOS_TYPE_MEMORY), IDL_E_BAD_CAPS);
    /* The second has to be a Notification. */
    assert_int_equal(raw(s, SAMPLE_LABEL_trade, NULL, NULL, 0, 2, MNOS_TYPE_MEMORY), IDL_E_BAD_CAPS);
    assert_int_equal(raw(s, SAMPLE_LABEL_everything, (const uint64_t[8]){0}, NULL, 0, 1, MNOS_TYPE_THREAD),
                     IDL_E_BAD_CAPS);
    t.server.recv_caps = 1;
    assert_int_equal(raw(s, SAMPLE_LABEL_trade, NULL, NULL, 0, 2, MNOS_TYPE_MEMORY), IDL_E_BAD_CAPS);
    assert_int_equal(t.calls, 0);
}

static void wrong_values_are_refused(void **state)
{
    mnos_handle_t s = start();
    struct thing one = {.flag = 2};
    (void)state;

    assert_int_equal(raw(s, SAMPLE_LABEL_kinds, (const uint64_t[8]){2, 0, 0, 0}, NULL, 0, 0, 0), IDL_E_BAD_VALUE);
    assert_int_equal(raw(s, SAMPLE_LABEL_kinds, (const uint64_t[8]){0, 3, 0, 0}, NULL, 0, 0, 0), IDL_E_BAD_VALUE);
    assert_int_equal(raw(s, SAMPLE_LABEL_kinds, (const uint64_t[8]){0, 0, 128, 0}, NULL, 0, 0, 0), IDL_E_BAD_VALUE);
    assert_int_equal(raw(s, SAMPLE_LABEL_kinds, (const uint64_t[8]){0, 0, 0, 256}, NULL, 0, 0, 0), IDL_E_BAD_VALUE);
    assert_int_equal(raw(s, SAMPLE_LABEL_add, (const uint64_t[8]){1ull << 31, 0}, NULL, 0, 0, 0), IDL_E_BAD_VALUE);
    assert_int_equal(raw(s, SAMPLE_LABEL_named, (const uint64_t[8]){0, 1, 0, 0, 0}, NULL, 0, 0, 0), IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_named, (const uint64_t[8]){~0ull, ~0ull, ~0ull, ~0ull, 0}, NULL, 0, 0, 0),
                     IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_echo, (const uint64_t[8]){0}, "abc", 3, 0, 0), IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_echo, (const uint64_t[8]){0}, "abc\0d", 6, 0, 0), IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_rename, NULL, "only one", 9, 0, 0), IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_rename, NULL, "one\0two", 7, 0, 0), IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_rename, NULL, "one\0two\0ninebytes", 17, 0, 0), IDL_E_LONG);
    assert_int_equal(raw(s, SAMPLE_LABEL_rename, NULL, "this name is of thirty-two bytes\0x\0", 35, 0, 0),
                     IDL_E_BAD_TEXT);
    assert_int_equal(raw(s, SAMPLE_LABEL_thing, NULL, &one, sizeof one, 0, 0), IDL_E_BAD_VALUE);
    one = (struct thing){.parts[1].colour = 3};
    assert_int_equal(raw(s, SAMPLE_LABEL_thing, NULL, &one, sizeof one, 0, 0), IDL_E_BAD_VALUE);
    one = (struct thing){.name = "thirteen"};
    memset(one.name, 'x', sizeof one.name);
    assert_int_equal(raw(s, SAMPLE_LABEL_thing, NULL, &one, sizeof one, 0, 0), IDL_E_BAD_VALUE);
    assert_int_equal(t.calls, 0);
}

static void errors_of_handlers_arrive(void **state)
{
    mnos_handle_t s = start();
    char bytes[8];
    size_t length;
    bool last;
    int64_t sum;
    (void)state;

    t.result = -SAMPLE_ERROR_TOO_RED;
    assert_int_equal(sample_add(s, 1, 1, &sum), -SAMPLE_ERROR_TOO_RED);
    assert_string_equal(sample_error_text(SAMPLE_ERROR_TOO_RED), "it is red enough");
    assert_int_equal(sample_get(s, 11, bytes, sizeof bytes, &length, &last), -MNOS_E_RANGE);
    /* More than there is room for is no answer. */
    t.extra = 1;
    assert_int_equal(sample_get(s, 0, bytes, 4, &length, &last), -MNOS_E_RANGE);
    assert_int_equal(sample_echo(s, "12345678", bytes, sizeof bytes), -MNOS_E_RANGE);
    assert_int_equal(sample_echo(s, "1234567", bytes, sizeof bytes), 0);
    assert_string_equal(idl_error_name(IDL_E_SHORT), "SHORT");
    assert_string_equal(idl_error_text(1), "unknown error");
}

static void words_less(struct mnos_msg *msg)
{
    msg->label = IDL_ANSWER(0);
}

static void words_more(struct mnos_msg *msg)
{
    msg->label = IDL_ANSWER(2);
}

static void bad_enum(struct mnos_msg *msg)
{
    msg->word[1] = 3;
}

static void bad_flag(struct mnos_msg *msg)
{
    msg->word[0] = 2;
}

static void long_bytes(struct mnos_msg *msg)
{
    msg->word[0] = 100;
}

static void wrong_answers_are_found(void **state)
{
    mnos_handle_t s = start();
    int64_t sum;
    bool flag;
    enum colour colour;
    int8_t tiny;
    uint8_t byte;
    char bytes[8];
    size_t length;
    (void)state;

    t.server.on_answer = lie;
    t.lie = words_less;
    assert_int_equal(sample_add(s, 1, 1, &sum), -IDL_E_BAD_ANSWER);
    t.lie = words_more;
    assert_int_equal(sample_add(s, 1, 1, &sum), -IDL_E_BAD_ANSWER);
    t.lie = bad_enum;
    assert_int_equal(sample_kinds(s, true, COLOUR_RED, 0, 0, &flag, &colour, &tiny, &byte), -IDL_E_BAD_ANSWER);
    t.lie = bad_flag;
    assert_int_equal(sample_kinds(s, true, COLOUR_RED, 0, 0, &flag, &colour, &tiny, &byte), -IDL_E_BAD_ANSWER);
    t.lie = long_bytes;
    assert_int_equal(sample_load(s, bytes, sizeof bytes, &length), -IDL_E_BAD_ANSWER);
}

/* A server of another build: its answers have other capabilities and bytes. */
static enum mnos_serve odd(void *self, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    (void)self;
    for (unsigned i = 0; i < MNOS_INFO_CAPS(msg->info); i++)
        idl_cap_drop(ext->recv_cap[i]);
    msg->label = IDL_ANSWER(msg->label == SAMPLE_LABEL_thing ? 0 : 1);
    ext->send_caps = 1;
    ext->move_mask = 1;
    ext->send_cap[0] = loopback_cap(MNOS_TYPE_POOL);
    ext->send_buf = (uint64_t)t.room;
    ext->send_len = sizeof(struct thing) - 1;
    return MNOS_SERVE_ANSWER;
}

static void capabilities_of_wrong_answers_are_dropped(void **state)
{
    mnos_handle_t s = start(), file, spare;
    struct thing one = {0}, two;
    uint64_t kept;
    (void)state;

    t.server.serve = odd;
    assert_int_equal(sample_thing(s, &one, &two), -IDL_E_BAD_ANSWER);
    /* What the client did not accept has stayed with the server. */
    loopback_reset();
    s = loopback_open(&t.server);
    mnos_handle_t memory = loopback_cap(MNOS_TYPE_MEMORY), signal = loopback_cap(MNOS_TYPE_NOTIFICATION);
    unsigned before = loopback_caps();
    assert_int_equal(sample_trade(s, memory, signal, MNOS_NONE, &file, &spare, &kept), -IDL_E_BAD_ANSWER);
    assert_int_equal(loopback_caps(), before);
    /* Truncated: the answer has a longer buffer than the caller. */
    size_t length;
    char bytes[4];
    bool last;
    assert_int_equal(sample_get(s, 0, bytes, sizeof bytes, &length, &last), -IDL_E_BAD_ANSWER);
}

static void the_dead_and_the_gone(void **state)
{
    mnos_handle_t s = start();
    char bytes[4];
    size_t length;
    (void)state;

    idl_cap_drop(s);
    assert_int_equal(sample_nothing(s), -MNOS_E_BADCAP);
    assert_int_equal(sample_load(s, bytes, sizeof bytes, &length), -MNOS_E_BADCAP);
    assert_int_equal(sample_nothing(loopback_cap(MNOS_TYPE_ENDPOINT)), -MNOS_E_PEER_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("calls in registers arrive, and their answers", calls_in_registers),
        TEST("calls with buffers arrive, and their answers", calls_with_buffers),
        TEST("capabilities go both ways, and none is left over", calls_with_capabilities),
        TEST("a handler may answer later", an_answer_may_come_later),
        TEST("a buffer that is not in memory is touched and sent again", a_buffer_that_is_not_in_memory_is_sent_again),
        TEST("another interface, version or method is refused by name [M095]", wrong_labels_are_refused),
        TEST("short and long messages are refused, and no handler sees them", short_and_long_messages_are_refused),
        TEST("capabilities of wrong number or kind are refused and dropped", wrong_capabilities_are_refused),
        TEST("values that a type does not have are refused", wrong_values_are_refused),
        TEST("errors of handlers arrive as they are", errors_of_handlers_arrive),
        TEST("short, long and wrong answers are errors [M095]", wrong_answers_are_found),
        TEST("capabilities and bytes of wrong answers are dropped", capabilities_of_wrong_answers_are_dropped),
        TEST("a dead server, a stale capability", the_dead_and_the_gone),
    };

    return RUN_TESTS(tests);
}
