/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* For messages. */
static const char *where_interface, *where_method;

#define REFUSE(what, ...) refuse("%s.%s: " what, where_interface, where_method, __VA_ARGS__)

static bool is_number(enum type_kind kind)
{
    return kind >= TYPE_INT8 && kind <= TYPE_UINT64;
}

static void field_word(struct shape *shape, struct field *f, unsigned words)
{
    f->word = shape->words;
    f->words = words;
    shape->words += words;
}

static void field_buffer(struct shape *shape, struct field *f, bool result)
{
    bool follows = f->type.kind == TYPE_TEXT || f->type.kind == TYPE_DATA;

    if (shape->pull || (shape->last && (result || !follows || shape->last->type.kind != TYPE_TEXT)))
        REFUSE("'%s' cannot share the buffer: only texts, and a Data behind them, can", f->spelled);
    f->by = BY_BUFFER;
    shape->buffers++;
    shape->last = f;
}

static void field_bytes(struct shape *shape, struct field *f, const struct capnp_struct *field, bool result)
{
    const char *fetched = result ? "pushed" : "pulled";
    unsigned words = (unsigned)schema_number(field, FIELD_ANNOTATIONS, "words", 0);
    bool by_pull = schema_has(field, FIELD_ANNOTATIONS, fetched);

    if (words > 0) {
        if (f->type.kind != TYPE_TEXT || words > WORDS_MAX)
            REFUSE("'%s': only a Text of up to %u words can travel in words", f->spelled, WORDS_MAX);
        f->by = BY_WORDS;
        f->most = words * 8;
        field_word(shape, f, words);
        return;
    }
    if (f->type.kind == TYPE_STRUCT)
        f->most = 1;
    else
        f->most = (unsigned)schema_number(field, FIELD_ANNOTATIONS, "most",
                                          (by_pull || result ? BUFFER_MAX : MOST_DEFAULT) / f->size);
    if (!by_pull) {
        field_buffer(shape, f, result);
        return;
    }
    if (f->type.kind != TYPE_DATA || shape->buffers > 0 || shape->pull)
        REFUSE("'%s': only a Data that is alone in the buffer can be %s", f->spelled, fetched);
    f->by = BY_PULL;
    shape->pull = f;
}

static void field_cap(struct shape *shape, struct field *f, const struct capnp_struct *field)
{
    struct capnp_struct node;

    f->by = BY_CAP;
    f->cap = shape->caps++;
    f->optional = schema_has(field, FIELD_ANNOTATIONS, "optional");
    f->copied = schema_has(field, FIELD_ANNOTATIONS, "copied");
    if (shape->caps > CAPS_MAX)
        REFUSE("'%s' is one capability too many", f->spelled);
    if (!f->optional && shape->caps_least != f->cap)
        REFUSE("'%s' stands behind an optional capability, and is not optional", f->spelled);
    shape->caps_least += !f->optional;
    if (f->type.kind == TYPE_ANY)
        strcpy(f->type.c, "0");
    else if (schema_node(f->type.id, &node))
        snprintf(f->type.c, sizeof f->type.c, "MNOS_TYPE_%.60s",
                 schema_text(&node, NODE_ANNOTATIONS, "object", "ENDPOINT"));
}

static void field_make(struct shape *shape, struct field *f, const struct capnp_struct *field, bool result)
{
    struct capnp_struct type = capnp_child(field, FIELD_TYPE);

    *f = (struct field){.spelled = capnp_text(field, FIELD_NAME), .type = type_of(&type)};
    name_snake(f->spelled, f->name);
    switch (f->type.kind) {
    case TYPE_VOID:
        f->by = BY_NOTHING;
        break;
    case TYPE_TEXT:
    case TYPE_DATA:
        f->size = 1;
        field_bytes(shape, f, field, result);
        break;
    case TYPE_LIST:
        if (!is_number(f->type.element) && f->type.element != TYPE_STRUCT)
            REFUSE("'%s': lists are of numbers or structs", f->spelled);
        f->size = type_layout(f->type.element, f->type.element_id).size;
        field_bytes(shape, f, field, result);
        break;
    case TYPE_STRUCT:
        f->size = type_layout(TYPE_STRUCT, f->type.id).size;
        field_bytes(shape, f, field, result);
        break;
    case TYPE_INTERFACE:
    case TYPE_ANY:
        field_cap(shape, f, field);
        break;
    case TYPE_FLOAT32:
    case TYPE_FLOAT64:
        REFUSE("'%s': numbers with a point do not travel", f->spelled);
    default:
        if (schema_has(field, FIELD_ANNOTATIONS, "words"))
            REFUSE("'%s': only a Text of up to %u words can travel in words", f->spelled, WORDS_MAX);
        f->by = BY_WORD;
        field_word(shape, f, 1);
    }
}

static void bytes_sum(struct shape *shape)
{
    for (unsigned i = 0; i < shape->count; i++) {
        const struct field *f = &shape->field[i];
        if (f->by != BY_BUFFER)
            continue;
        uint64_t most = (uint64_t)f->most * f->size;
        if (most > BUFFER_MAX)
            REFUSE("'%s' is larger than a buffer", f->spelled);
        shape->bytes_most += most;
        shape->bytes_least += f->type.kind == TYPE_STRUCT ? f->size : f->type.kind == TYPE_TEXT;
    }
    if (shape->buffers > 1 && shape->bytes_most > JOINED_MAX)
        REFUSE("%s", "what is put together in the buffer is more than 8192 bytes; `most` limits each");
}

static void shape_make(struct shape *shape, uint64_t id, bool result)
{
    struct capnp_struct node;

    if (!schema_node(id, &node))
        REFUSE("%s", "its parameters are not in the request");
    struct capnp_list fields = capnp_structs(&node, NODE_MEMBERS);
    if (capnp_u16(&node, NODE_DISCRIMINANTS) != 0 || fields.count > FIELDS_MAX)
        REFUSE("%s", "unions, and more than 24 parameters, do not travel");
    for (uint32_t i = 0; i < fields.count; i++) {
        struct capnp_struct field = capnp_struct_at(&fields, i);
        if (capnp_u16(&field, FIELD_KIND) != 0)
            REFUSE("%s", "groups do not travel");
        field_make(shape, &shape->field[shape->count++], &field, result);
    }
    if (shape->pull)
        field_word(shape, &shape->field[shape->pull - shape->field], 1);
    bytes_sum(shape);
}

static void raised_add(struct method *m, const struct capnp_struct *of, uint32_t annotations)
{
    struct capnp_struct value;

    if (!schema_annotation(of, annotations, "raises", &value))
        return;
    struct capnp_list list = capnp_structs(&value, VALUE_POINTER);
    for (uint32_t i = 0; i < list.count; i++) {
        struct capnp_struct raised = capnp_struct_at(&list, i);
        if (m->raised_count == RAISED_MAX)
            REFUSE("%s", "it raises too many errors");
        m->raised[m->raised_count++] =
            (struct raised){capnp_text(&raised, RAISED_ERROR), capnp_text(&raised, RAISED_WHEN)};
    }
}

static void arguments_name(struct method *m)
{
    for (unsigned i = 0; i < m->in.count; i++)
        strcpy(m->in.field[i].argument, m->in.field[i].name);
    for (unsigned o = 0; o < m->out.count; o++) {
        struct field *f = &m->out.field[o];
        strcpy(f->argument, f->name);
        for (unsigned i = 0; i < m->in.count; i++)
            if (strcmp(f->name, m->in.field[i].name) == 0)
                strcat(f->argument, "_out");
    }
}

static void method_make(struct method *m, const struct capnp_struct *node, uint32_t index)
{
    struct capnp_list methods = capnp_structs(node, NODE_MEMBERS);
    struct capnp_struct method = capnp_struct_at(&methods, index);

    m->spelled = where_method = capnp_text(&method, METHOD_NAME);
    m->doc = schema_member_doc(capnp_u64(node, NODE_ID), index);
    m->number = index;
    m->waits = schema_has(&method, METHOD_ANNOTATIONS, "waits");
    name_snake(m->spelled, m->name);
    shape_make(&m->in, capnp_u64(&method, METHOD_PARAMS), false);
    shape_make(&m->out, capnp_u64(&method, METHOD_RESULTS), true);
    arguments_name(m);
    /* The caller's room for bytes: the last word. */
    if (m->out.pull || (m->out.last && m->out.last->type.kind != TYPE_STRUCT)) {
        m->in.room_for = m->out.pull ? m->out.pull : m->out.last;
        m->in.words++;
    }
    if (m->in.words > WORDS_MAX || m->out.words > WORDS_MAX)
        REFUSE("%u words one way and %u the other: a message has 8", m->in.words, m->out.words);
    raised_add(m, node, NODE_ANNOTATIONS);
    raised_add(m, &method, METHOD_ANNOTATIONS);
}

static void interface_make(struct interface *i, const struct capnp_struct *node)
{
    struct capnp_list methods = capnp_structs(node, NODE_MEMBERS);

    i->name = where_interface = schema_name(node);
    where_method = "*";
    i->id = capnp_u64(node, NODE_ID);
    i->doc = schema_doc(i->id);
    i->version = (unsigned)schema_number(node, NODE_ANNOTATIONS, "version", 1);
    node_c_name(node, i->prefix);
    name_upper(i->prefix, i->upper);
    if (capnp_structs(node, NODE_SUPERCLASSES).count > 0)
        REFUSE("%s", "interfaces do not extend others: an endpoint may serve several");
    if (methods.count > METHODS_MAX)
        REFUSE("%s", "it has more than 256 methods");
    if (i->id >> 32 == 0)
        REFUSE("%s", "the upper half of its id is 0");
    i->count = methods.count;
    i->method = calloc(methods.count + 1, sizeof *i->method);
    if (!i->method)
        refuse("no memory");
    for (uint32_t m = 0; m < methods.count; m++) {
        struct method *method = &i->method[m];
        method_make(method, node, m);
        if (method->in.bytes_most > i->bytes_most)
            i->bytes_most = method->in.bytes_most;
        if (method->in.caps > i->caps_most)
            i->caps_most = method->in.caps;
    }
}

/* The label has only half of an interface's id. */
static void halves_differ(const struct capnp_struct *node)
{
    struct capnp_list nodes = schema_nodes();
    uint64_t id = capnp_u64(node, NODE_ID);

    for (uint32_t i = 0; i < nodes.count; i++) {
        struct capnp_struct other = capnp_struct_at(&nodes, i);
        uint64_t other_id = capnp_u64(&other, NODE_ID);
        if (capnp_u16(&other, NODE_KIND) == NODE_INTERFACE && other_id != id && other_id >> 32 == id >> 32 &&
            !schema_has(&other, NODE_ANNOTATIONS, "object"))
            refuse("%s and %s: the upper halves of their ids are the same", schema_name(node), schema_name(&other));
    }
}

bool model_make(const struct capnp_struct *requested, struct file *file)
{
    struct capnp_list nodes = schema_nodes();

    *file = (struct file){.id = capnp_u64(requested, FILE_ID), .path = capnp_text(requested, FILE_NAME)};
    const char *slash = strrchr(file->path, '/'), *base = slash ? slash + 1 : file->path;
    snprintf(file->base, sizeof file->base, "%.*s", (int)strcspn(base, "."), base);
    file->doc = schema_doc(file->id);
    for (uint32_t i = 0; i < nodes.count; i++) {
        struct capnp_struct node = capnp_struct_at(&nodes, i);
        if (capnp_u16(&node, NODE_KIND) != NODE_INTERFACE || capnp_u64(&node, NODE_SCOPE) != file->id ||
            schema_has(&node, NODE_ANNOTATIONS, "object"))
            continue;
        if (file->count == INTERFACES_MAX)
            refuse("%s has too many interfaces", file->path);
        halves_differ(&node);
        interface_make(&file->interface[file->count++], &node);
    }
    schema_check();
    return file->count > 0;
}
