/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels, and the client's functions: one per method, inline. */
#include <string.h>

#include "model.h"

static const struct interface *iface;
static const struct method *method;
static FILE *file;

#define P(...) fprintf(file, __VA_ARGS__)

static bool by_value(const struct field *f)
{
    return f->by == BY_WORD;
}

static const char *list_type(const struct field *f)
{
    return f->type.kind == TYPE_LIST || f->type.kind == TYPE_STRUCT ? f->type.c
           : f->type.kind == TYPE_TEXT                              ? "char"
                                                                    : "void";
}

static void parameter_in(const struct field *f)
{
    if (by_value(f))
        P(", %s %s", f->type.c, f->name);
    else if (f->by == BY_CAP)
        P(", mnos_handle_t %s", f->name);
    else if (f->by != BY_NOTHING)
        P(", const %s *%s", list_type(f), f->name);
    if ((f->by == BY_BUFFER || f->by == BY_PULL) && f->type.kind == TYPE_DATA)
        P(", size_t %s_length", f->name);
    if (f->by == BY_BUFFER && f->type.kind == TYPE_LIST)
        P(", size_t %s_count", f->name);
}

static void parameter_out(const struct field *f)
{
    if (by_value(f))
        P(", %s *%s", f->type.c, f->argument);
    else if (f->by == BY_CAP)
        P(", mnos_handle_t *%s", f->argument);
    else if (f->by != BY_NOTHING)
        P(", %s *%s", list_type(f), f->argument);
    if ((f->by == BY_BUFFER || f->by == BY_PULL) && f->type.kind != TYPE_STRUCT)
        P(", size_t %s_room", f->argument);
    if ((f->by == BY_BUFFER || f->by == BY_PULL) && f->type.kind == TYPE_DATA)
        P(", size_t *%s_length", f->argument);
    if (f->by == BY_BUFFER && f->type.kind == TYPE_LIST)
        P(", size_t *%s_count", f->argument);
}

static void signature(bool until)
{
    P("static inline int64_t %s_%s%s(mnos_handle_t service", iface->prefix, method->name, until ? "_until" : "");
    for (unsigned i = 0; i < method->in.count; i++)
        parameter_in(&method->in.field[i]);
    for (unsigned i = 0; i < method->out.count; i++)
        parameter_out(&method->out.field[i]);
    if (until)
        P(", uint64_t deadline");
    P(")\n");
}

/* What word `index` of the request is; "0" for those behind the last. */
static void word_expression(unsigned index)
{
    const struct shape *in = &method->in;

    if (in->room_for && index == in->words - 1) {
        P("%s_room", in->room_for->argument);
        if (in->room_for->type.kind == TYPE_LIST)
            P(" * %uull", in->room_for->size);
        return;
    }
    for (unsigned i = 0; i < in->count; i++) {
        const struct field *f = &in->field[i];
        if (f->words == 0 || index < f->word || index >= f->word + f->words)
            continue;
        if (f->by == BY_WORD)
            P("(uint64_t)%s", f->name);
        else if (f->by == BY_PULL)
            P("%s_length", f->name);
        else
            P("%s_words[%u]", f->name, index - f->word);
        return;
    }
    P("0");
}

static void texts_pack(void)
{
    for (unsigned i = 0; i < method->in.count; i++) {
        const struct field *f = &method->in.field[i];
        if (f->by == BY_WORDS)
            P("    uint64_t %s_words[%u];\n\n    if (!idl_pack(%s_words, %u, %s))\n        return "
              "-(int64_t)IDL_E_LONG;\n",
              f->name, f->words, f->name, f->words, f->name);
    }
}

/* Is the answer's word what its type can be?  Then it is given to the caller. */
static void word_take(const struct field *f, const char *from)
{
    char word[NAME_ROOM];

    snprintf(word, sizeof word, "%s.word[%u]", from, f->word);
    if (f->by == BY_WORDS) {
        P("    if (!idl_unpack(&%s, %u, %s))\n        return -(int64_t)IDL_E_BAD_ANSWER;\n", word, f->words,
          f->argument);
        return;
    }
    if (f->type.kind == TYPE_BOOL)
        P("    if (%s > 1)\n        return -(int64_t)IDL_E_BAD_ANSWER;\n", word);
    else if (f->type.kind == TYPE_ENUM)
        P("    if (%s >= %u)\n        return -(int64_t)IDL_E_BAD_ANSWER;\n", word, enum_count(f->type.id));
    else if (f->type.kind != TYPE_INT64 && f->type.kind != TYPE_UINT64)
        P("    if ((uint64_t)(%s)%s != %s)\n        return -(int64_t)IDL_E_BAD_ANSWER;\n", f->type.c, word, word);
    if (f->type.kind == TYPE_BOOL)
        P("    *%s = %s != 0;\n", f->argument, word);
    else
        P("    *%s = (%s)%s;\n", f->argument, f->type.c, word);
}

static void words_take(const char *from)
{
    for (unsigned i = 0; i < method->out.count; i++)
        if (method->out.field[i].by == BY_WORD || method->out.field[i].by == BY_WORDS)
            word_take(&method->out.field[i], from);
}

static bool is_register_only(void)
{
    const struct shape *in = &method->in, *out = &method->out;

    return in->buffers == 0 && !in->pull && in->caps == 0 && out->buffers == 0 && !out->pull && out->caps == 0;
}

static void call_fast(void)
{
    P("    struct mnos_fast answer = idl_call_fast(service, %s_LABEL_%s", iface->upper, method->name);
    for (unsigned i = 0; i < 4; i++) {
        P(", ");
        word_expression(i);
    }
    P(");\n\n    if (answer.status < 0 || answer.label != IDL_ANSWER(%u))\n"
      "        return idl_failure(answer.status, answer.label);\n",
      method->out.words);
    words_take("answer");
    P("    return 0;\n");
}

static void message_fill(const char *indent)
{
    P("%smsg = (struct mnos_msg){.label = %s_LABEL_%s", indent, iface->upper, method->name);
    for (unsigned i = 0; i < method->in.words; i++) {
        P(", .word[%u] = ", i);
        word_expression(i);
    }
    P("};\n");
}

static void call_words(bool until)
{
    P("    struct mnos_msg msg;\n    int64_t status;\n\n");
    message_fill("    ");
    if (until)
        P("    struct mnos_ipc_ext ext;\n\n    idl_ext(&ext, NULL, 0, NULL, 0, deadline);\n");
    P("    status = idl_call(service, &msg, %s);\n"
      "    if (status < 0 || msg.label != IDL_ANSWER(%u))\n        return idl_failure(status, msg.label);\n",
      until ? "&ext" : "NULL", method->out.words);
    words_take("msg");
    P("    return 0;\n");
}

/* Texts and bytes of several parameters, one behind the other. */
static void buffers_join(void)
{
    P("    unsigned char joined_bytes[%llu];\n    struct idl_join joined = {joined_bytes, 0, sizeof joined_bytes};\n\n "
      "   if (",
      (unsigned long long)method->in.bytes_most);
    bool first = true;
    for (unsigned i = 0; i < method->in.count; i++) {
        const struct field *f = &method->in.field[i];
        if (f->by != BY_BUFFER)
            continue;
        P("%s!idl_join(&joined, %s, ", first ? "" : " || ", f->name);
        first = false;
        if (f->type.kind == TYPE_TEXT)
            P("strlen(%s) + 1)", f->name);
        else if (f->type.kind == TYPE_DATA)
            P("%s_length)", f->name);
        else if (f->type.kind == TYPE_LIST)
            P("%s_count * %uu)", f->name, f->size);
        else
            P("%uu)", f->size);
    }
    P(")\n        return -(int64_t)IDL_E_LONG;\n");
}

/* Pointer and length of what is sent. */
static void sent(char *pointer, char *length)
{
    const struct field *f = method->in.pull ? method->in.pull : method->in.last;

    strcpy(pointer, "NULL");
    strcpy(length, "0");
    if (!f)
        return;
    if (method->in.buffers > 1) {
        strcpy(pointer, "joined_bytes");
        strcpy(length, "joined.length");
        return;
    }
    strcpy(pointer, f->name);
    if (f->type.kind == TYPE_TEXT)
        sprintf(length, "%s_size", f->name);
    else if (f->type.kind == TYPE_DATA)
        sprintf(length, "%s_length", f->name);
    else if (f->type.kind == TYPE_LIST)
        sprintf(length, "%s_count * %uu", f->name, f->size);
    else
        sprintf(length, "%uu", f->size);
}

static void received(char *pointer, char *length)
{
    const struct field *f = method->out.pull ? method->out.pull : method->out.last;

    strcpy(pointer, "NULL");
    strcpy(length, "0");
    if (!f)
        return;
    strcpy(pointer, f->argument);
    if (f->type.kind == TYPE_STRUCT)
        sprintf(length, "%uu", f->size);
    else if (f->type.kind == TYPE_LIST)
        sprintf(length, "%s_room * %uu", f->argument, f->size);
    else
        sprintf(length, "%s_room", f->argument);
}

/* The answer's own form, beside its label. */
static void answer_check(void)
{
    const struct shape *out = &method->out;
    const struct field *f = out->last;

    if (out->caps == out->caps_least && !out->pull)
        P(" || msg.info >> 40 != %uu << 8", out->caps);
    else if (out->caps == out->caps_least)
        P(" || MNOS_INFO_FLAGS(msg.info) != 0 || MNOS_INFO_CAPS(msg.info) != %u", out->caps);
    else
        P(" || MNOS_INFO_FLAGS(msg.info) != 0 || MNOS_INFO_CAPS(msg.info) < %u || MNOS_INFO_CAPS(msg.info) > %u",
          out->caps_least, out->caps);
    if (out->pull)
        P(" || msg.word[%u] > %s_room", out->pull->word, out->pull->argument);
    if (!f)
        return;
    if (f->type.kind == TYPE_STRUCT)
        P(" || MNOS_INFO_BYTES(msg.info) != %u", f->size);
    if (f->type.kind == TYPE_STRUCT && type_is_checked(TYPE_STRUCT, f->type.id))
        P(" || !%s_sound(%s)", strchr(f->type.c, ' ') + 1, f->argument);
    if (f->type.kind == TYPE_LIST)
        P(" || MNOS_INFO_BYTES(msg.info) %% %u != 0 || MNOS_INFO_BYTES(msg.info) > %s_room * %uull", f->size,
          f->argument, f->size);
    if (f->type.kind == TYPE_TEXT)
        P(" || MNOS_INFO_BYTES(msg.info) == 0 || memchr(%s, 0, MNOS_INFO_BYTES(msg.info)) != %s + "
          "MNOS_INFO_BYTES(msg.info) - 1",
          f->argument, f->argument);
}

static void results_take(void)
{
    const struct shape *out = &method->out;

    for (unsigned i = 0; i < out->count; i++) {
        const struct field *f = &out->field[i];
        if (f->by == BY_CAP && f->optional)
            P("    *%s = MNOS_INFO_CAPS(msg.info) > %u ? ext.recv_cap[%u] : MNOS_NONE;\n", f->argument, f->cap, f->cap);
        else if (f->by == BY_CAP)
            P("    *%s = ext.recv_cap[%u];\n", f->argument, f->cap);
        else if (f->by == BY_PULL)
            P("    *%s_length = msg.word[%u];\n", f->argument, f->word);
        else if (f->by == BY_BUFFER && f->type.kind == TYPE_DATA)
            P("    *%s_length = MNOS_INFO_BYTES(msg.info);\n", f->argument);
        else if (f->by == BY_BUFFER && f->type.kind == TYPE_LIST)
            P("    *%s_count = MNOS_INFO_BYTES(msg.info) / %u;\n", f->argument, f->size);
    }
}

/* Words that are wrong are found before the caller gets capabilities, which would be lost. */
static void words_check(void)
{
    for (unsigned i = 0; i < method->out.count; i++) {
        const struct field *f = &method->out.field[i];
        if (f->by != BY_WORD || f->type.kind == TYPE_INT64 || f->type.kind == TYPE_UINT64)
            continue;
        if (f->type.kind == TYPE_BOOL)
            P(" || msg.word[%u] > 1", f->word);
        else if (f->type.kind == TYPE_ENUM)
            P(" || msg.word[%u] >= %u", f->word, enum_count(f->type.id));
        else
            P(" || (uint64_t)(%s)msg.word[%u] != msg.word[%u]", f->type.c, f->word, f->word);
    }
    for (unsigned i = 0; i < method->out.count; i++) {
        const struct field *f = &method->out.field[i];
        if (f->by == BY_WORDS)
            P(" || !idl_unpack(&msg.word[%u], %u, %s)", f->word, f->words, f->argument);
    }
}

static void call_record(bool until)
{
    const struct shape *in = &method->in, *out = &method->out;
    char send[2 * NAME_ROOM], send_length[2 * NAME_ROOM], recv[2 * NAME_ROOM], recv_length[2 * NAME_ROOM];
    bool sends = in->buffers > 0;

    if (in->buffers > 1)
        buffers_join();
    else if (in->last && in->last->type.kind == TYPE_TEXT)
        P("    size_t %s_size = strlen(%s) + 1;\n", in->last->name, in->last->name);
    P("    struct mnos_ipc_ext ext;\n    struct mnos_msg msg;\n    int64_t status;\n");
    if (sends)
        P("    unsigned attempt = 0;\n");
    sent(send, send_length);
    received(recv, recv_length);
    P("\n%s", sends ? "    do {\n" : "");
    const char *indent = sends ? "        " : "    ";
    message_fill(indent);
    P("%sidl_ext(&ext, %s, %s, %s, %s, %s);\n", indent, send, send_length, recv, recv_length,
      until ? "deadline" : "MNOS_FOREVER");
    if (in->caps > 0) {
        if (in->caps == in->caps_least)
            P("%sext.send_caps = %u;\n", indent, in->caps);
        for (unsigned i = 0; i < in->count; i++)
            if (in->field[i].by == BY_CAP) {
                P("%sext.send_cap[%u] = %s;\n", indent, in->field[i].cap, in->field[i].name);
                if (in->caps != in->caps_least)
                    P("%sif (%s != MNOS_NONE)\n%s    ext.send_caps = %u;\n", indent, in->field[i].name, indent,
                      in->field[i].cap + 1);
            }
    }
    if (out->caps > 0)
        P("%sext.recv_caps = %u;\n", indent, out->caps);
    P("%sstatus = idl_call(service, &msg, &ext);\n", indent);
    if (sends)
        P("%sif (status < 0 || msg.label != IDL_E_ABSENT)\n%s    break;\n%sidl_touch(%s, %s);\n"
          "    } while (++attempt < IDL_ATTEMPTS);\n",
          indent, indent, indent, send, send_length);
    P("    if (status < 0 || msg.label != IDL_ANSWER(%u)", out->words);
    answer_check();
    words_check();
    P(")\n        return idl_refused(status, &msg, &ext);\n");
    results_take();
    for (unsigned i = 0; i < out->count; i++) {
        const struct field *f = &out->field[i];
        if (f->by == BY_WORD)
            P("    *%s = %s%s%smsg.word[%u]%s;\n", f->argument, f->type.kind == TYPE_BOOL ? "" : "(",
              f->type.kind == TYPE_BOOL ? "" : f->type.c, f->type.kind == TYPE_BOOL ? "" : ")", f->word,
              f->type.kind == TYPE_BOOL ? " != 0" : "");
    }
    P("    return 0;\n");
}

static void comment(const char *doc)
{
    P("\n/* ");
    if (!*doc)
        P("%s %u: %s", iface->name, method->number, method->spelled);
    for (const char *at = doc; *at; at++)
        if (*at != '\n')
            fputc(*at, file);
        else if (at[1])
            P("\n * ");
    P(" */\n");
}

static void method_write(bool until)
{
    if (!until)
        comment(method->doc);
    signature(until);
    P("{\n");
    texts_pack();
    if (!is_register_only())
        call_record(until);
    else if (until || method->in.words > 4 || method->out.words > 4)
        call_words(until);
    else
        call_fast();
    P("}\n");
}

static void labels_write(void)
{
    P("\n/* Interface %s. */\n#define %s_INTERFACE 0x%016llxull\n#define %s_VERSION   %uu\n", iface->name, iface->upper,
      (unsigned long long)iface->id, iface->upper, iface->version);
    for (unsigned i = 0; i < iface->count; i++)
        P("#define %s_LABEL_%s IDL_LABEL(%s_INTERFACE, %s_VERSION, %u, %u)\n", iface->upper, iface->method[i].name,
          iface->upper, iface->upper, i, iface->method[i].in.words);
    P("/* What a server has to have room for. */\n#define %s_BYTES %lluu\n#define %s_CAPS  %uu\n", iface->upper,
      (unsigned long long)iface->bytes_most, iface->upper, iface->caps_most);
}

void client_write(FILE *out, const struct file *from)
{
    file = out;
    for (unsigned i = 0; i < from->count; i++) {
        iface = &from->interface[i];
        labels_write();
        for (unsigned m = 0; m < iface->count; m++) {
            method = &iface->method[m];
            method_write(false);
            if (method->waits)
                method_write(true);
        }
    }
}
