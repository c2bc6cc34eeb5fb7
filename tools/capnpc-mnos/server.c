/* SPDX-License-Identifier: BSD-2-Clause */
/* What a handler gets and gives, the table of handlers, and the dispatch that checks everything before it calls one. */
#include <string.h>

#include "model.h"

static const struct interface *iface;
static const struct method *method;
static FILE *file;

#define P(...) fprintf(file, __VA_ARGS__)

static bool has_in(const struct method *m)
{
    if (m->in.room_for)
        return true;
    for (unsigned i = 0; i < m->in.count; i++)
        if (m->in.field[i].by != BY_NOTHING)
            return true;
    return false;
}

static bool has_out(const struct method *m)
{
    for (unsigned i = 0; i < m->out.count; i++)
        if (m->out.field[i].by != BY_NOTHING)
            return true;
    return false;
}

static void member_write(const struct field *f)
{
    switch (f->by) {
    case BY_NOTHING:
        break;
    case BY_WORD:
        P("    %s %s;\n", f->type.c, f->name);
        break;
    case BY_WORDS:
        P("    char %s[%u];\n", f->name, f->words * 8);
        break;
    case BY_CAP:
        P("    mnos_handle_t %s;\n", f->name);
        break;
    case BY_PULL:
        P("    uint64_t %s_length;\n", f->name);
        break;
    case BY_BUFFER:
        P("    const %s *%s;\n", f->type.kind == TYPE_DATA ? "void" : f->type.c, f->name);
        if (f->type.kind == TYPE_DATA)
            P("    size_t %s_length;\n", f->name);
        if (f->type.kind == TYPE_LIST)
            P("    size_t %s_count;\n", f->name);
        break;
    }
}

static void records_write(void)
{
    if (has_in(method)) {
        P("\nstruct %s_%s_in {\n", iface->prefix, method->name);
        for (unsigned i = 0; i < method->in.count; i++)
            member_write(&method->in.field[i]);
        if (method->in.room_for)
            P("    uint64_t %s_room; /* %s that the caller has room for */\n", method->in.room_for->name,
              method->in.room_for->type.kind == TYPE_LIST ? "elements" : "bytes");
        P("};\n");
    }
    if (has_out(method)) {
        P("\nstruct %s_%s_out {\n", iface->prefix, method->name);
        for (unsigned i = 0; i < method->out.count; i++)
            member_write(&method->out.field[i]);
        P("};\n");
    }
}

static void handlers_write(void)
{
    P("\n/* The handlers of a server of %s. */\nstruct %s_server {\n", iface->name, iface->prefix);
    for (unsigned i = 0; i < iface->count; i++) {
        const struct method *m = &iface->method[i];
        P("    int64_t (*%s)(void *self, uint64_t badge", m->name);
        if (has_in(m))
            P(", struct %s_%s_in *in", iface->prefix, m->name);
        if (has_out(m))
            P(", struct %s_%s_out *out", iface->prefix, m->name);
        P(");\n");
    }
    P("};\n");
}

/* Length in bytes of what goes out in the buffer. */
static void out_length(const struct field *f)
{
    if (f->type.kind == TYPE_TEXT)
        P("strlen(out->%s) + 1", f->name);
    else if (f->type.kind == TYPE_DATA)
        P("out->%s_length", f->name);
    else if (f->type.kind == TYPE_LIST)
        P("out->%s_count * %uu", f->name, f->size);
    else
        P("%uu", f->size);
}

static void caps_encode(void)
{
    const struct shape *out = &method->out;
    unsigned moved = 0;

    P("        ext->send_caps = %u;\n", out->caps_least);
    for (unsigned i = 0; i < out->count; i++) {
        const struct field *f = &out->field[i];
        if (f->by != BY_CAP)
            continue;
        P("        ext->send_cap[%u] = out->%s;\n", f->cap, f->name);
        if (f->optional)
            P("        if (out->%s != MNOS_NONE)\n            ext->send_caps = %u;\n", f->name, f->cap + 1);
        if (!f->copied)
            moved |= 1u << f->cap;
    }
    P("        ext->move_mask = %u;\n", moved);
}

static void encode_write(void)
{
    const struct shape *out = &method->out;
    bool record = out->buffers > 0 || out->caps > 0;

    P("\n/* The results as the answer's message; %s. */\nstatic inline void %s_%s_encode(struct mnos_msg *msg, "
      "struct mnos_ipc_ext *ext",
      record ? "what they point at stays where it is until it is sent" : "ext may be NULL", iface->prefix,
      method->name);
    if (has_out(method))
        P(", const struct %s_%s_out *out", iface->prefix, method->name);
    P(")\n{\n    msg->label = IDL_ANSWER(%u);\n", out->words);
    for (unsigned i = 0; i < out->count; i++) {
        const struct field *f = &out->field[i];
        if (f->by == BY_WORD)
            P("    msg->word[%u] = (uint64_t)out->%s;\n", f->word, f->name);
        else if (f->by == BY_WORDS)
            P("    memcpy(&msg->word[%u], out->%s, sizeof out->%s);\n", f->word, f->name, f->name);
        else if (f->by == BY_PULL)
            P("    msg->word[%u] = out->%s_length;\n", f->word, f->name);
    }
    if (!record) {
        P("    idl_plain(ext);\n}\n");
        return;
    }
    P("    {\n");
    if (out->caps > 0)
        caps_encode();
    else
        P("        ext->send_caps = 0;\n        ext->move_mask = 0;\n");
    if (out->last) {
        P("        ext->send_buf = (uint64_t)out->%s;\n        ext->send_len = ", out->last->name);
        out_length(out->last);
        P(";\n");
    } else {
        P("        ext->send_len = 0;\n");
    }
    P("    }\n}\n");
}

static void answer_write(void)
{
    bool record = method->out.buffers > 0 || method->out.caps > 0;

    P("\n/* Answers a kept call; PEER_GONE when its caller has died. */\n"
      "static inline int64_t %s_%s_answer(mnos_handle_t reply",
      iface->prefix, method->name);
    if (has_out(method))
        P(", const struct %s_%s_out *out", iface->prefix, method->name);
    P(")\n{\n    struct mnos_msg msg = {0};\n");
    if (record)
        P("    struct mnos_ipc_ext ext = MNOS_EXT_INIT;\n");
    P("\n    %s_%s_encode(&msg, %s%s);\n    return idl_reply(reply, &msg, %s);\n}\n", iface->prefix, method->name,
      record ? "&ext" : "NULL", has_out(method) ? ", out" : "", record ? "&ext" : "NULL");
}

static void form_write(void)
{
    const struct shape *in = &method->in;

    P("    static const struct idl_form form = {.label = %s_LABEL_%s", iface->upper, method->name);
    if (in->bytes_most > 0)
        P(", .bytes_least = %lluu, .bytes_most = %lluu", (unsigned long long)in->bytes_least,
          (unsigned long long)in->bytes_most);
    if (in->caps > 0)
        P(", .caps_least = %u, .caps_most = %u", in->caps_least, in->caps);
    if (in->pull)
        P(", .pulled = true");
    if (in->caps > 0) {
        P(", .type = {");
        for (unsigned i = 0; i < in->count; i++)
            if (in->field[i].by == BY_CAP)
                P("%s, ", in->field[i].type.c);
        P("}");
    }
    P("};\n");
}

#define WRONG(error) "        return idl_refuse_as(msg, ext, IDL_E_" error ");\n"

static void word_decode(const struct field *f)
{
    if (f->by == BY_WORDS) {
        P("    if (!idl_unpack(&msg->word[%u], %u, in.%s))\n" WRONG("BAD_TEXT"), f->word, f->words, f->name);
        return;
    }
    if (f->type.kind == TYPE_BOOL) {
        P("    if (msg->word[%u] > 1)\n" WRONG("BAD_VALUE") "    in.%s = msg->word[%u] != 0;\n", f->word, f->name,
          f->word);
        return;
    }
    if (f->type.kind == TYPE_ENUM)
        P("    if (msg->word[%u] >= %u)\n" WRONG("BAD_VALUE"), f->word, enum_count(f->type.id));
    else if (f->type.kind != TYPE_INT64 && f->type.kind != TYPE_UINT64)
        P("    if ((uint64_t)(%s)msg->word[%u] != msg->word[%u])\n" WRONG("BAD_VALUE"), f->type.c, f->word, f->word);
    P("    in.%s = (%s)msg->word[%u];\n", f->name, f->type.c, f->word);
}

static void bytes_decode(const struct field *f, bool last)
{
    switch (f->type.kind) {
    case TYPE_TEXT:
        P("    in.%s = idl_text(&at, end, %u);\n    if (!in.%s%s)\n" WRONG("BAD_TEXT"), f->name, f->most, f->name,
          last ? " || at != end" : "");
        break;
    case TYPE_DATA:
        P("    in.%s = at;\n    in.%s_length = (size_t)(end - at);\n", f->name, f->name);
        P("    if (in.%s_length > %u)\n" WRONG("LONG"), f->name, f->most);
        break;
    case TYPE_LIST:
        P("    if ((size_t)(end - at) %% %u != 0)\n" WRONG("SHORT"), f->size);
        P("    in.%s = (const void *)at;\n    in.%s_count = (size_t)(end - at) / %u;\n", f->name, f->name, f->size);
        P("    if (in.%s_count > %u)\n" WRONG("LONG"), f->name, f->most);
        break;
    default:
        P("    if ((size_t)(end - at) != %u)\n" WRONG("LONG") "    in.%s = (const void *)at;\n", f->size, f->name);
        if (type_is_checked(TYPE_STRUCT, f->type.id))
            P("    if (!%s_sound(in.%s))\n" WRONG("BAD_VALUE"), strchr(f->type.c, ' ') + 1, f->name);
    }
}

static void in_decode(void)
{
    const struct shape *in = &method->in;

    for (unsigned i = 0; i < in->count; i++)
        if (in->field[i].by == BY_WORD || in->field[i].by == BY_WORDS)
            word_decode(&in->field[i]);
    if (in->pull)
        P("    in.%s_length = msg->word[%u];\n    if (in.%s_length > %u)\n" WRONG("LONG"), in->pull->name,
          in->pull->word, in->pull->name, in->pull->most);
    if (in->room_for) {
        P("    in.%s_room = msg->word[%u]", in->room_for->name, in->words - 1);
        if (in->room_for->type.kind == TYPE_LIST)
            P(" / %u", in->room_for->size);
        P(";\n");
    }
    if (in->buffers > 0)
        P("    const char *at = (const char *)ext->recv_buf, *end = at + MNOS_INFO_BYTES(msg->info);\n");
    for (unsigned i = 0; i < in->count; i++)
        if (in->field[i].by == BY_BUFFER)
            bytes_decode(&in->field[i], &in->field[i] == in->last);
    if (in->caps == 0)
        return;
    P("    if (!idl_caps_fit(msg, ext, &form))\n" WRONG("BAD_CAPS"));
    for (unsigned i = 0; i < in->count; i++) {
        const struct field *f = &in->field[i];
        if (f->by == BY_CAP && f->optional)
            P("    in.%s = MNOS_INFO_CAPS(msg->info) > %u ? ext->recv_cap[%u] : MNOS_NONE;\n", f->name, f->cap, f->cap);
        else if (f->by == BY_CAP)
            P("    in.%s = ext->recv_cap[%u];\n", f->name, f->cap);
    }
}

static void left_drop(void)
{
    for (unsigned i = 0; i < method->in.count; i++) {
        const struct field *f = &method->in.field[i];
        if (f->by != BY_CAP)
            continue;
        P("    if (in.%s != MNOS_NONE)\n        idl_cap_drop(in.%s);\n", f->name, f->name);
        P("    ext->recv_cap[%u] = MNOS_NONE;\n", f->cap);
    }
}

/* More than the caller has room for would be cut off: that is an error. */
static void room_check(void)
{
    const struct field *f = method->in.room_for;

    if (!f)
        return;
    P("    if (result == 0 && ");
    if (f->by == BY_PULL)
        P("out.%s_length > in.%s_room", f->name, f->name);
    else if (f->type.kind == TYPE_TEXT)
        P("strlen(out.%s) >= in.%s_room", f->name, f->name);
    else
        P("out.%s_%s > in.%s_room", f->name, f->type.kind == TYPE_LIST ? "count" : "length", f->name);
    P(") {\n");
    for (unsigned i = 0; i < method->out.count; i++)
        if (method->out.field[i].by == BY_CAP && !method->out.field[i].copied)
            P("        if (out.%s != MNOS_NONE)\n            idl_cap_drop(out.%s);\n", method->out.field[i].name,
              method->out.field[i].name);
    P("        result = -MNOS_E_RANGE;\n    }\n");
}

/* Bytes or capabilities travel, one way or the other. */
static bool record_needed(void)
{
    const struct shape *in = &method->in, *out = &method->out;

    return in->buffers + in->caps + out->buffers + out->caps > 0;
}

static void serve_write(void)
{
    P("\nstatic inline enum mnos_serve %s_%s_serve(const struct %s_server *server, void *self, struct mnos_msg *msg, "
      "struct mnos_ipc_ext *ext)\n{\n",
      iface->prefix, method->name, iface->prefix);
    form_write();
    if (has_in(method))
        P("    struct %s_%s_in in;\n", iface->prefix, method->name);
    if (has_out(method))
        P("    struct %s_%s_out out = {0};\n", iface->prefix, method->name);
    for (unsigned i = 0; i < method->out.count; i++)
        if (method->out.field[i].by == BY_CAP)
            P("    out.%s = MNOS_NONE;\n", method->out.field[i].name);
        else if (method->out.field[i].by == BY_BUFFER && method->out.field[i].type.kind == TYPE_TEXT)
            P("    out.%s = \"\";\n", method->out.field[i].name);
    P("\n    if (!idl_fits(msg, &form))\n        return idl_refuse(msg, ext, &form, 0);\n");
    if (record_needed())
        P("    if (!ext)\n        return idl_refuse_as(msg, ext, MNOS_E_NOT_SUPPORTED);\n");
    in_decode();
    P("    int64_t result = server->%s(self, msg->badge%s%s);\n", method->name, has_in(method) ? ", &in" : "",
      has_out(method) ? ", &out" : "");
    left_drop();
    room_check();
    P("    if (result == 0)\n        %s_%s_encode(msg, ext%s);\n    else if (result < 0)\n        idl_error(msg, ext, "
      "result);\n"
      "    return result > 0 ? MNOS_SERVE_NEXT : MNOS_SERVE_ANSWER;\n}\n",
      iface->prefix, method->name, has_out(method) ? ", &out" : "");
}

static void dispatch_write(void)
{
    P("\n/* The call is one of %s, whatever else is wrong with it. */\n"
      "static inline bool %s_serves(const struct mnos_msg *msg)\n{\n"
      "    return IDL_INTERFACE(msg->label) == IDL_INTERFACE(IDL_LABEL(%s_INTERFACE, %s_VERSION, 0, 0));\n}\n",
      iface->name, iface->prefix, iface->upper, iface->upper);
    P("\n/* A call that was received with *ext (NULL: without; then all that needs one is NOT_SUPPORTED); a receive "
      "buffer has %s_BYTES at a multiple of 8. */\n"
      "static inline enum mnos_serve %s_dispatch(const struct %s_server *server, void *self, struct mnos_msg *msg, "
      "struct mnos_ipc_ext *ext)\n{\n"
      "    if (!%s_serves(msg))\n"
      "        return idl_refuse(msg, ext, NULL, IDL_LABEL(%s_INTERFACE, %s_VERSION, 0, 0));\n"
      "    switch (IDL_METHOD(msg->label)) {\n",
      iface->upper, iface->prefix, iface->prefix, iface->prefix, iface->upper, iface->upper);
    for (unsigned i = 0; i < iface->count; i++)
        P("    case %u:\n        return %s_%s_serve(server, self, msg, ext);\n", i, iface->prefix,
          iface->method[i].name);
    P("    default:\n"
      "        return idl_refuse(msg, ext, NULL, IDL_LABEL(%s_INTERFACE, %s_VERSION, 0, 0));\n    }\n}\n",
      iface->upper, iface->upper);
}

void server_write(FILE *out, const struct file *from)
{
    file = out;
    for (unsigned i = 0; i < from->count; i++) {
        iface = &from->interface[i];
        for (unsigned m = 0; m < iface->count; m++) {
            method = &iface->method[m];
            records_write();
        }
        handlers_write();
        for (unsigned m = 0; m < iface->count; m++) {
            method = &iface->method[m];
            encode_write();
            answer_write();
            serve_write();
        }
        dispatch_write();
    }
}
