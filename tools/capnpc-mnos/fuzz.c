/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzz harness of an interface: handlers that demand of what they get everything that the dispatch has promised, and
 * answer with anything; and callers that demand the same of the client's functions.
 */
#include <string.h>

#include "model.h"

static const struct interface *iface;
static const struct method *method;
static FILE *file;

#define P(...) fprintf(file, __VA_ARGS__)

static bool any(const struct shape *shape)
{
    for (unsigned i = 0; i < shape->count; i++)
        if (shape->field[i].by != BY_NOTHING)
            return true;
    return false;
}

static void demand_in(const struct field *f)
{
    if (f->by == BY_WORD && f->type.kind == TYPE_ENUM)
        P("    fuzz_demand((unsigned)in->%s < %u);\n", f->name, enum_count(f->type.id));
    else if (f->by == BY_WORD)
        P("    fuzz_see(&in->%s, sizeof in->%s);\n", f->name, f->name);
    else if (f->by == BY_WORDS)
        P("    fuzz_demand(strlen(in->%s) < sizeof in->%s);\n", f->name, f->name);
    else if (f->by == BY_PULL)
        P("    fuzz_demand(in->%s_length <= %u);\n", f->name, f->most);
    else if (f->by == BY_CAP) {
        P("    fuzz_cap_in(fuzz, &in->%s, %s, %s);\n", f->name, f->type.c, f->optional ? "true" : "false");
    } else if (f->by == BY_BUFFER && f->type.kind == TYPE_TEXT)
        P("    fuzz_demand(strlen(in->%s) < %u);\n", f->name, f->most);
    else if (f->by == BY_BUFFER && f->type.kind == TYPE_DATA)
        P("    fuzz_demand(in->%s_length <= %u);\n    fuzz_see(in->%s, in->%s_length);\n", f->name, f->most, f->name,
          f->name);
    else if (f->by == BY_BUFFER && f->type.kind == TYPE_LIST)
        P("    fuzz_demand(in->%s_count <= %u);\n    fuzz_see(in->%s, in->%s_count * %uu);\n", f->name, f->most,
          f->name, f->name, f->size);
    else if (f->by == BY_BUFFER) {
        P("    fuzz_see(in->%s, %uu);\n", f->name, f->size);
        if (type_is_checked(TYPE_STRUCT, f->type.id))
            P("    fuzz_demand(%s_sound(in->%s));\n", strchr(f->type.c, ' ') + 1, f->name);
    }
}

static void fill_out(const struct field *f)
{
    if (f->by == BY_WORD && f->type.kind == TYPE_ENUM)
        P("    out->%s = (%s)(fuzz_word(fuzz) %% %u);\n", f->name, f->type.c, enum_count(f->type.id));
    else if (f->by == BY_WORD && f->type.kind == TYPE_BOOL)
        P("    out->%s = (fuzz_word(fuzz) & 1) != 0;\n", f->name);
    else if (f->by == BY_WORD)
        P("    out->%s = (%s)fuzz_word(fuzz);\n", f->name, f->type.c);
    else if (f->by == BY_PULL)
        P("    out->%s_length = fuzz_word(fuzz) %% 64;\n", f->name);
    else if (f->by == BY_CAP)
        P("    out->%s = fuzz_cap_out(fuzz, %s);\n", f->name, f->type.c);
    else if (f->by == BY_BUFFER && f->type.kind == TYPE_TEXT)
        P("    out->%s = fuzz_text(fuzz);\n", f->name);
    else if (f->by == BY_BUFFER && f->type.kind == TYPE_STRUCT)
        P("    static const %s %s_empty;\n    out->%s = &%s_empty;\n", f->type.c, f->name, f->name, f->name);
    else if (f->by == BY_BUFFER && f->type.kind == TYPE_LIST)
        P("    static const %s %s_some[4];\n    out->%s = %s_some;\n    out->%s_count = fuzz_word(fuzz) %% 5;\n",
          f->type.c, f->name, f->name, f->name, f->name);
    else if (f->by == BY_BUFFER)
        P("    out->%s = fuzz_bytes(fuzz, &out->%s_length);\n", f->name, f->name);
}

static void handler_write(void)
{
    bool in = any(&method->in) || method->in.room_for;

    P("\nstatic int64_t %s_fuzz_%s(void *self, uint64_t badge", iface->prefix, method->name);
    if (in)
        P(", struct %s_%s_in *in", iface->prefix, method->name);
    if (any(&method->out))
        P(", struct %s_%s_out *out", iface->prefix, method->name);
    P(")\n{\n    struct idl_fuzz *fuzz = self;\n\n    (void)badge;\n");
    if (in)
        P("    (void)in;\n");
    P("    fuzz->handled++;\n");
    for (unsigned i = 0; i < method->in.count; i++)
        demand_in(&method->in.field[i]);
    P("    int64_t result = fuzz_result(fuzz);\n    if (result != 0)\n        return result;\n");
    for (unsigned i = 0; i < method->out.count; i++)
        fill_out(&method->out.field[i]);
    P("    return 0;\n}\n");
}

static void argument_in(const struct field *f)
{
    if (f->by == BY_WORD && f->type.kind == TYPE_ENUM)
        P(", (%s)(fuzz_word(fuzz) %% %u)", f->type.c, enum_count(f->type.id));
    else if (f->by == BY_WORD)
        P(", (%s)fuzz_word(fuzz)", f->type.c);
    else if (f->by == BY_CAP)
        P(", fuzz_cap_out(fuzz, %s)", f->type.c);
    else if (f->by == BY_WORDS || (f->by == BY_BUFFER && f->type.kind == TYPE_TEXT))
        P(", fuzz_text(fuzz)");
    else if (f->by == BY_PULL || (f->by == BY_BUFFER && f->type.kind == TYPE_DATA))
        P(", fuzz->pool, fuzz_word(fuzz) %% sizeof fuzz->pool");
    else if (f->by == BY_BUFFER)
        P(", (const %s *)fuzz->pool", f->type.c);
    if (f->by == BY_BUFFER && f->type.kind == TYPE_LIST)
        P(", fuzz_word(fuzz) %% (sizeof fuzz->pool / %u + 1)", f->size);
}

static bool is_sized(const struct field *f)
{
    return f->by == BY_PULL || (f->by == BY_BUFFER && f->type.kind != TYPE_STRUCT);
}

static void result_declare(const struct field *f)
{
    if (f->by == BY_WORD || (f->by == BY_BUFFER && f->type.kind == TYPE_STRUCT))
        P("        %s r_%s = {0};\n", f->type.c, f->name);
    else if (f->by == BY_CAP)
        P("        mnos_handle_t r_%s = MNOS_NONE;\n", f->name);
    else if (f->by == BY_WORDS)
        P("        char r_%s[%u];\n", f->name, f->words * 8);
    else if (is_sized(f)) {
        P("        %s r_%s[16];\n        size_t r_%s_room = fuzz_word(fuzz) %% 17, r_%s_size = 0;\n",
          f->type.kind == TYPE_TEXT ? "char" : f->type.c, f->name, f->name, f->name);
    }
}

static void argument_out(const struct field *f)
{
    if (f->by == BY_NOTHING)
        return;
    bool pointer = f->by == BY_WORD || f->by == BY_CAP || (f->by == BY_BUFFER && f->type.kind == TYPE_STRUCT);
    P(", %sr_%s", pointer ? "&" : "", f->name);
    if (is_sized(f))
        P(", r_%s_room", f->name);
    if (is_sized(f) && f->type.kind != TYPE_TEXT)
        P(", &r_%s_size", f->name);
}

static void result_demand(const struct field *f)
{
    if (f->by == BY_WORD && f->type.kind == TYPE_ENUM)
        P(" && (unsigned)r_%s < %u", f->name, enum_count(f->type.id));
    else if (f->by == BY_CAP)
        P(" && fuzz_cap_back(r_%s, %s)", f->name, f->optional ? "true" : "false");
    else if (f->by == BY_WORDS)
        P(" && strlen(r_%s) < sizeof r_%s", f->name, f->name);
    else if (is_sized(f))
        P(" && %s <= r_%s_room", f->type.kind == TYPE_TEXT ? "strlen(r_text) + 1" : "r_size", f->name);
}

static void caller_write(void)
{
    P("    case %u: {\n", method->number);
    for (unsigned i = 0; i < method->out.count; i++)
        result_declare(&method->out.field[i]);
    P("        int64_t status = %s_%s(service", iface->prefix, method->name);
    for (unsigned i = 0; i < method->in.count; i++)
        argument_in(&method->in.field[i]);
    for (unsigned i = 0; i < method->out.count; i++)
        argument_out(&method->out.field[i]);
    P(");\n        fuzz_demand(status < 0 || (status == 0");
    for (unsigned i = 0; i < method->out.count; i++) {
        const struct field *f = &method->out.field[i];
        if (is_sized(f))
            P(" && %s%s%s <= r_%s_room", f->type.kind == TYPE_TEXT ? "strlen(r_" : "r_", f->name,
              f->type.kind == TYPE_TEXT ? ") + 1" : "_size", f->name);
        else
            result_demand(f);
    }
    P("));\n");
    for (unsigned i = 0; i < method->out.count; i++)
        if (is_sized(&method->out.field[i]) && method->out.field[i].type.kind == TYPE_TEXT)
            P("        (void)r_%s_size;\n", method->out.field[i].name);
    P("        break;\n    }\n");
}

void fuzz_write(FILE *out, const struct file *from)
{
    file = out;
    for (unsigned i = 0; i < from->count; i++) {
        iface = &from->interface[i];
        for (unsigned m = 0; m < iface->count; m++) {
            method = &iface->method[m];
            handler_write();
        }
        P("\nstatic enum mnos_serve %s_fuzz_serve(void *self, struct mnos_msg *msg, struct mnos_ipc_ext *ext)\n{\n"
          "    static const struct %s_server server = {\n",
          iface->prefix, iface->prefix);
        for (unsigned m = 0; m < iface->count; m++)
            P("        .%s = %s_fuzz_%s,\n", iface->method[m].name, iface->prefix, iface->method[m].name);
        P("    };\n\n    return %s_dispatch(&server, self, msg, ext);\n}\n", iface->prefix);
        P("\nstatic void %s_fuzz_call(struct idl_fuzz *fuzz, unsigned number, mnos_handle_t service)\n{\n    "
          "(void)fuzz;\n"
          "    switch (number) {\n",
          iface->prefix);
        for (unsigned m = 0; m < iface->count; m++) {
            method = &iface->method[m];
            caller_write();
        }
        P("    default:\n        break;\n    }\n}\n");
        P("\nstatic const uint64_t %s_fuzz_labels[] = {", iface->prefix);
        for (unsigned m = 0; m < iface->count; m++)
            P("%s_LABEL_%s, ", iface->upper, iface->method[m].name);
        P("};\n");
    }
}
