/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference page of a file. */
#include <string.h>

#include "model.h"

#include <mnos/errors.h>

static const struct interface *iface;
static FILE *file;

#define P(...) fprintf(file, __VA_ARGS__)

static const char *const kernel_errors[] = {
#define X(code, name, text) #name,
    MNOS_ERRORS(X)
#undef X
};

/* The text of an error that the file's own enums have; NULL: none has it. */
static const char *own_error(const struct file *from, const char *error)
{
    struct capnp_list nodes = schema_nodes();
    char name[NAME_ROOM], upper[NAME_ROOM];

    for (uint32_t i = 0; i < nodes.count; i++) {
        struct capnp_struct node = capnp_struct_at(&nodes, i);
        if (capnp_u16(&node, NODE_KIND) != NODE_ENUM || capnp_u64(&node, NODE_SCOPE) != from->id ||
            !schema_has(&node, NODE_ANNOTATIONS, "errors"))
            continue;
        struct capnp_list members = capnp_structs(&node, NODE_MEMBERS);
        for (uint32_t m = 0; m < members.count; m++) {
            struct capnp_struct member = capnp_struct_at(&members, m);
            name_member(capnp_text(&member, ENUMERANT_NAME), name);
            name_upper(name, upper);
            if (strcmp(upper, error) == 0)
                return schema_text(&member, ENUMERANT_ANNOTATIONS, "text", "");
        }
    }
    return NULL;
}

static const char *error_text(const struct file *from, const struct method *m, const struct raised *raised)
{
    const char *own = own_error(from, raised->error);

    if (own)
        return *raised->when ? raised->when : own;
    for (size_t i = 0; i < sizeof kernel_errors / sizeof kernel_errors[0]; i++)
        if (strcmp(kernel_errors[i], raised->error) == 0)
            return raised->when;
    refuse("%s.%s raises %s, which is neither of the kernel's table nor of an enum with `errors` in %s", iface->name,
           m->spelled, raised->error, from->path);
}

static void type_write(const struct field *f)
{
    static const char *const spelled[] = {"Void",   "Bool",   "Int8",   "Int16",   "Int32",   "Int64", "UInt8",
                                          "UInt16", "UInt32", "UInt64", "Float32", "Float64", "Text",  "Data"};
    struct capnp_struct node;
    bool list = f->type.kind == TYPE_LIST;
    enum type_kind kind = list ? f->type.element : f->type.kind;
    uint64_t id = list ? f->type.element_id : f->type.id;

    P("%s", list ? "List(" : "");
    if (kind <= TYPE_DATA)
        P("%s", spelled[kind]);
    else if (kind == TYPE_ANY)
        P("any capability");
    else if (schema_node(id, &node))
        P("%s", schema_name(&node));
    P("%s", list ? ")" : "");
}

static void row(const char *way, const struct field *f)
{
    P("| %s | %s | ", way, f->spelled);
    type_write(f);
    P(" | ");
    switch (f->by) {
    case BY_NOTHING:
        break;
    case BY_WORD:
        P("word %u", f->word);
        break;
    case BY_WORDS:
        P("words %u to %u", f->word, f->word + f->words - 1);
        break;
    case BY_CAP:
        P("capability %u%s%s", f->cap, f->optional ? ", if any" : "", f->copied ? ", a copy" : "");
        break;
    case BY_PULL:
        P("buffer, its length in word %u", f->word);
        break;
    case BY_BUFFER:
        P("buffer");
        if (f->type.kind == TYPE_STRUCT)
            P(", %u bytes", f->size);
        else if (f->most < BUFFER_MAX)
            P(", at most %u%s", f->most, f->type.kind == TYPE_LIST ? "" : " bytes");
        break;
    }
    P(" |\n");
}

static void method_write(const struct file *from, const struct method *m)
{
    P("\n### %u `%s`\n", m->number, m->spelled);
    if (*m->doc)
        P("\n%s", m->doc);
    P("\nLabel `0x%016llx`, %u words; the answer has %u.\n",
      (unsigned long long)(iface->id >> 32 << 32 | (uint64_t)iface->version << 16 | m->number << 4 | m->in.words),
      m->in.words, m->out.words);
    if (m->in.count + m->out.count > 0 || m->in.room_for)
        P("\n| | name | type | where |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < m->in.count; i++)
        row("in", &m->in.field[i]);
    if (m->in.room_for)
        P("| in | room for `%s` | bytes | word %u |\n", m->in.room_for->spelled, m->in.words - 1);
    for (unsigned i = 0; i < m->out.count; i++)
        row("out", &m->out.field[i]);
    if (m->raised_count == 0)
        return;
    P("\nErrors: ");
    for (unsigned i = 0; i < m->raised_count; i++) {
        const char *text = error_text(from, m, &m->raised[i]);
        P("%s%s%s%s%s", i ? "; " : "", m->raised[i].error, *text ? " (" : "", text, *text ? ")" : "");
    }
    P(".\n");
}

void reference_write(FILE *out, const struct file *from)
{
    file = out;
    P("# Interfaces of %s\n\nGenerated from `idl/%s`; edit that and run `make reference`. [idl.md](../idl.md) explains "
      "how a call "
      "is carried,\nand lists the errors that every call can give. A failed call has changed nothing.\n",
      from->base, from->path);
    if (*from->doc)
        P("\n%s", from->doc);
    for (unsigned i = 0; i < from->count; i++) {
        iface = &from->interface[i];
        P("\n## %s\n", iface->name);
        if (*iface->doc)
            P("\n%s", iface->doc);
        P("\nId `0x%016llx`, version %u.\n", (unsigned long long)iface->id, iface->version);
        for (unsigned m = 0; m < iface->count; m++)
            method_write(from, &iface->method[m]);
    }
}
