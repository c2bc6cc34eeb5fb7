/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants, enums, errors and structs of a file, in C. */
#include <string.h>

#include "model.h"

static void comment(FILE *out, const char *indent, const char *doc)
{
    const char *at = doc;

    if (!*doc)
        return;
    fprintf(out, "\n%s/*", indent);
    while (*at) {
        size_t length = strcspn(at, "\n");
        fprintf(out, "%s %.*s", at == doc ? "" : "\n ", (int)length, at);
        at += length + (at[length] == '\n');
    }
    fprintf(out, " */");
}

static void const_write(FILE *out, const struct capnp_struct *node)
{
    struct capnp_struct value = capnp_child(node, NODE_VALUE);
    char name[NAME_ROOM], upper[NAME_ROOM];

    node_c_name(node, name);
    name_upper(name, upper);
    comment(out, "", schema_doc(capnp_u64(node, NODE_ID)));
    bool wide = capnp_u16(&value, VALUE_KIND) == TYPE_UINT64 || capnp_u16(&value, VALUE_KIND) == TYPE_INT64;
    fprintf(out, "\n#define %s %llu%s\n", upper, (unsigned long long)schema_value(&value), wide ? "ull" : "u");
}

/* An error's codes follow each other from `base` on. */
static void errors_write(FILE *out, const struct capnp_struct *node, const char *name, uint64_t base)
{
    struct capnp_list members = capnp_structs(node, NODE_MEMBERS);

    if (base < 0x200 || base > 0xffff)
        refuse("%s: the first error is 0x200 to 0xffff", schema_name(node));
    fprintf(out,
            "\n/* \"?\" for what is none of them. */\nstatic inline const char *%s_text(uint64_t code)\n{\n"
            "    switch (code) {\n",
            name);
    for (uint32_t i = 0; i < members.count; i++) {
        struct capnp_struct member = capnp_struct_at(&members, i);
        fprintf(out, "    case %llu:\n        return \"%s\";\n", (unsigned long long)base + i,
                schema_text(&member, ENUMERANT_ANNOTATIONS, "text", capnp_text(&member, ENUMERANT_NAME)));
    }
    fprintf(out, "    default:\n        return \"?\";\n    }\n}\n");
}

static void enum_write(FILE *out, const struct capnp_struct *node)
{
    struct capnp_list members = capnp_structs(node, NODE_MEMBERS);
    uint64_t id = capnp_u64(node, NODE_ID), base = schema_number(node, NODE_ANNOTATIONS, "errors", 0);
    char name[NAME_ROOM], upper[NAME_ROOM], member_name[NAME_ROOM], member_upper[NAME_ROOM];

    node_c_name(node, name);
    name_upper(name, upper);
    comment(out, "", schema_doc(id));
    fprintf(out, "\nenum %s {\n", name);
    for (uint32_t i = 0; i < members.count; i++) {
        struct capnp_struct member = capnp_struct_at(&members, i);
        name_member(capnp_text(&member, ENUMERANT_NAME), member_name);
        name_upper(member_name, member_upper);
        if (member_upper[strlen(member_upper) - 1] == '_')
            member_upper[strlen(member_upper) - 1] = '\0';
        fprintf(out, "    %s_%s = %llu,\n", upper, member_upper, (unsigned long long)base + i);
    }
    if (base == 0)
        fprintf(out, "    %s_COUNT = %u\n", upper, members.count);
    fprintf(out, "};\n");
    if (base != 0)
        errors_write(out, node, name, base);
}

/* In memory that a peer may have written, a truth value is a byte and an enum a number. */
static const char *memory_type(const struct type *type, enum type_kind kind)
{
    return kind == TYPE_BOOL ? "uint8_t" : kind == TYPE_ENUM ? "uint32_t" : type->c;
}

static void member_check(FILE *out, const struct member *m)
{
    bool list = m->type.kind == TYPE_LIST;
    enum type_kind kind = list ? m->type.element : m->type.kind;
    uint64_t id = list ? m->type.element_id : m->type.id;

    if (!type_is_checked(kind, id))
        return;
    if (kind == TYPE_TEXT) {
        fprintf(out, "    if (!memchr(s->%s, 0, sizeof s->%s))\n        return false;\n", m->name, m->name);
        return;
    }
    if (list)
        fprintf(out, "    for (unsigned i = 0; i < %u; i++)\n    ", m->count);
    const char *index = list ? "[i]" : "";
    if (kind == TYPE_BOOL)
        fprintf(out, "    if (s->%s%s > 1)\n", m->name, index);
    else if (kind == TYPE_ENUM)
        fprintf(out, "    if (s->%s%s >= %u)\n", m->name, index, enum_count(id));
    else
        fprintf(out, "    if (!%s_sound(&s->%s%s))\n", strchr(m->type.c, ' ') + 1, m->name, index);
    fprintf(out, "%s        return false;\n", list ? "    " : "");
}

static bool member_is_pad_before(unsigned *at, unsigned align)
{
    unsigned aligned = (*at + align - 1) / align * align;
    bool padded = aligned != *at;

    *at = aligned;
    return padded;
}

static void struct_write(FILE *out, const struct capnp_struct *node)
{
    struct capnp_list fields = capnp_structs(node, NODE_MEMBERS);
    struct layout layout = struct_layout(node);
    uint64_t id = capnp_u64(node, NODE_ID);
    char name[NAME_ROOM];
    unsigned at = 0, pads = 0;

    node_c_name(node, name);
    comment(out, "", schema_doc(id));
    fprintf(out, "\nstruct %s {\n", name);
    for (uint32_t i = 0; i < fields.count; i++) {
        struct capnp_struct field = capnp_struct_at(&fields, i);
        struct member m = struct_member(node, &field);
        unsigned before = at;
        const char *doc = schema_member_doc(id, i);
        if (member_is_pad_before(&at, m.layout.align))
            fprintf(out, "    uint8_t pad%u_[%u];\n", pads++, at - before);
        fprintf(out, "    %s %s", memory_type(&m.type, m.type.kind == TYPE_LIST ? m.type.element : m.type.kind),
                m.name);
        if (m.array)
            fprintf(out, "[%u]", m.count);
        fprintf(out, ";%s%.*s%s\n", *doc ? " /* " : "", (int)strcspn(doc, "\n"), doc, *doc ? " */" : "");
        at += m.count * m.layout.size;
    }
    if (at != layout.size)
        fprintf(out, "    uint8_t pad%u_[%u];\n", pads, layout.size - at);
    fprintf(out, "};\n_Static_assert(sizeof(struct %s) == %u, \"%s\");\n", name, layout.size, name);
    if (!type_is_checked(TYPE_STRUCT, id))
        return;
    fprintf(out,
            "\n/* Truth values, enums and texts are what they can be. */\n"
            "static inline bool %s_sound(const struct %s *s)\n{\n",
            name, name);
    for (uint32_t i = 0; i < fields.count; i++) {
        struct capnp_struct field = capnp_struct_at(&fields, i);
        struct member m = struct_member(node, &field);
        member_check(out, &m);
    }
    fprintf(out, "    return true;\n}\n");
}

/* Its parent is the file, or an interface of the file. */
static bool belongs(const struct capnp_struct *node, const struct file *file)
{
    uint64_t scope = capnp_u64(node, NODE_SCOPE);

    if (scope == file->id)
        return true;
    for (unsigned i = 0; i < file->count; i++)
        if (scope == file->interface[i].id)
            return true;
    return false;
}

static void structs_write(FILE *out, const struct capnp_struct *node, const struct file *file, uint64_t *done,
                          unsigned *count)
{
    struct capnp_list fields = capnp_structs(node, NODE_MEMBERS);
    uint64_t id = capnp_u64(node, NODE_ID);

    for (unsigned i = 0; i < *count; i++)
        if (done[i] == id)
            return;
    /* What it is made of stands before it. */
    for (uint32_t i = 0; i < fields.count; i++) {
        struct capnp_struct field = capnp_struct_at(&fields, i), inner;
        struct member m = struct_member(node, &field);
        bool list = m.type.kind == TYPE_LIST;
        if ((list ? m.type.element : m.type.kind) == TYPE_STRUCT &&
            schema_node(list ? m.type.element_id : m.type.id, &inner) && belongs(&inner, file))
            structs_write(out, &inner, file, done, count);
    }
    if (*count == 256)
        refuse("%s has too many structs", file->path);
    done[(*count)++] = id;
    struct_write(out, node);
}

void types_write(FILE *out, const struct file *file)
{
    struct capnp_list nodes = schema_nodes();
    uint64_t done[256];
    unsigned count = 0;

    for (enum node_kind kind = NODE_STRUCT; kind <= NODE_CONST; kind++)
        for (uint32_t i = 0; i < nodes.count; i++) {
            /* Constants, then enums, then structs. */
            enum node_kind wanted = kind == NODE_STRUCT ? NODE_CONST : kind == NODE_CONST ? NODE_STRUCT : kind;
            struct capnp_struct node = capnp_struct_at(&nodes, i);
            if (capnp_u16(&node, NODE_KIND) != wanted || !belongs(&node, file))
                continue;
            if (wanted == NODE_CONST)
                const_write(out, &node);
            else if (wanted == NODE_ENUM)
                enum_write(out, &node);
            else if (wanted == NODE_STRUCT)
                structs_write(out, &node, file, done, &count);
        }
}
