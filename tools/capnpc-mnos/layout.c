/* SPDX-License-Identifier: BSD-2-Clause */
/* Values in C: their types, sizes and alignments. */
#include <string.h>

#include "model.h"

#define DEPTH_MAX 8u

struct type type_of(const struct capnp_struct *from)
{
    static const char *const numbers[] = {"",        "bool",    "int8_t",   "int16_t",  "int32_t",
                                          "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t"};
    struct type type = {.kind = capnp_u16(from, TYPE_KIND), .id = capnp_u64(from, TYPE_ID)};
    enum type_kind kind = type.kind;
    uint64_t id = type.id;
    struct capnp_struct node;

    if (kind == TYPE_LIST) {
        struct capnp_struct element = capnp_child(from, TYPE_ELEMENT);
        type.element = kind = capnp_u16(&element, TYPE_KIND);
        type.element_id = id = capnp_u64(&element, TYPE_ID);
    }
    if (kind >= TYPE_BOOL && kind <= TYPE_UINT64)
        strcpy(type.c, numbers[kind]);
    else if (kind == TYPE_TEXT)
        strcpy(type.c, "char");
    else if (kind == TYPE_DATA)
        strcpy(type.c, "uint8_t");
    else if (kind == TYPE_ENUM || kind == TYPE_STRUCT) {
        char full[NAME_ROOM];
        if (!schema_node(id, &node))
            refuse("a type is not in the request");
        node_c_name(&node, full);
        snprintf(type.c, sizeof type.c, "%s %.80s", kind == TYPE_ENUM ? "enum" : "struct", full);
    }
    return type;
}

unsigned enum_count(uint64_t id)
{
    struct capnp_struct node;

    if (!schema_node(id, &node))
        return 0;
    return capnp_structs(&node, NODE_MEMBERS).count;
}

static unsigned round_up(unsigned value, unsigned align)
{
    return (value + align - 1) / align * align;
}

struct layout type_layout(enum type_kind kind, uint64_t id)
{
    struct capnp_struct node;

    switch (kind) {
    case TYPE_BOOL:
    case TYPE_INT8:
    case TYPE_UINT8:
    case TYPE_TEXT:
    case TYPE_DATA:
        return (struct layout){1, 1};
    case TYPE_INT16:
    case TYPE_UINT16:
        return (struct layout){2, 2};
    case TYPE_INT32:
    case TYPE_UINT32:
    case TYPE_ENUM:
        return (struct layout){4, 4};
    case TYPE_INT64:
    case TYPE_UINT64:
        return (struct layout){8, 8};
    case TYPE_STRUCT:
        if (schema_node(id, &node))
            return struct_layout(&node);
        break;
    default:
        break;
    }
    refuse("a type that cannot lie in memory");
}

struct member struct_member(const struct capnp_struct *node, const struct capnp_struct *field)
{
    struct capnp_struct type = capnp_child(field, FIELD_TYPE);
    struct member m = {.type = type_of(&type), .count = 1};
    const char *spelled = capnp_text(field, FIELD_NAME);
    bool list = m.type.kind == TYPE_LIST;

    name_member(spelled, m.name);
    if (capnp_u16(field, FIELD_KIND) != 0 || capnp_u16(node, NODE_DISCRIMINANTS) != 0)
        refuse("%s.%s: groups and unions have no form in memory", schema_name(node), spelled);
    m.array = list || m.type.kind == TYPE_TEXT || m.type.kind == TYPE_DATA;
    if (m.array) {
        m.count = (unsigned)schema_number(field, FIELD_ANNOTATIONS, "size", 0);
        if (m.count == 0 || m.count > 65536)
            refuse("%s.%s: its `size` is missing, or is not 1 to 65536", schema_name(node), spelled);
    }
    if (!m.array && !(m.type.kind >= TYPE_BOOL && m.type.kind <= TYPE_UINT64) && m.type.kind != TYPE_ENUM &&
        m.type.kind != TYPE_STRUCT)
        refuse("%s.%s: its type has no form in memory", schema_name(node), spelled);
    if (list && !(m.type.element >= TYPE_BOOL && m.type.element <= TYPE_UINT64) && m.type.element != TYPE_ENUM &&
        m.type.element != TYPE_STRUCT)
        refuse("%s.%s: its elements have no form in memory", schema_name(node), spelled);
    m.layout = list ? type_layout(m.type.element, m.type.element_id) : type_layout(m.type.kind, m.type.id);
    return m;
}

struct layout struct_layout(const struct capnp_struct *node)
{
    static unsigned depth;
    struct capnp_list fields = capnp_structs(node, NODE_MEMBERS);
    struct layout all = {0, 1};

    if (++depth > DEPTH_MAX)
        refuse("%s holds itself, or is nested too deeply", schema_name(node));
    for (uint32_t i = 0; i < fields.count; i++) {
        struct capnp_struct field = capnp_struct_at(&fields, i);
        struct member m = struct_member(node, &field);
        all.size = round_up(all.size, m.layout.align) + m.count * m.layout.size;
        if (m.layout.align > all.align)
            all.align = m.layout.align;
    }
    depth--;
    if (all.size == 0 || all.size > BUFFER_MAX)
        refuse("%s is empty, or too large", schema_name(node));
    all.size = round_up(all.size, all.align);
    return all;
}

bool type_is_checked(enum type_kind kind, uint64_t id)
{
    struct capnp_struct node;

    if (kind == TYPE_BOOL || kind == TYPE_ENUM || kind == TYPE_TEXT)
        return true;
    if (kind != TYPE_STRUCT || !schema_node(id, &node))
        return false;
    struct capnp_list fields = capnp_structs(&node, NODE_MEMBERS);
    for (uint32_t i = 0; i < fields.count; i++) {
        struct capnp_struct field = capnp_struct_at(&fields, i);
        struct member m = struct_member(&node, &field);
        bool list = m.type.kind == TYPE_LIST;
        if (type_is_checked(list ? m.type.element : m.type.kind, list ? m.type.element_id : m.type.id))
            return true;
    }
    return false;
}
