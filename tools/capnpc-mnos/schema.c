/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"

#define REQUEST_MAX (16u << 20)
#define ANNOTATIONS "mnos.capnp:"

static struct capnp_reader reader;
static struct capnp_struct root;

void schema_check(void)
{
    if (reader.error == CAPNP_OK)
        return;
    fprintf(stderr, "capnpc-mnos: the compiler's request %s\n", capnp_error_text(reader.error));
    exit(1);
}

void schema_read(void)
{
    uint8_t *bytes = malloc(REQUEST_MAX);
    size_t size = bytes ? fread(bytes, 1, REQUEST_MAX, stdin) : 0;

    (void)capnp_open(&reader, bytes, size, UINT64_MAX);
    root = capnp_root(&reader);
    schema_check();
}

struct capnp_list schema_nodes(void)
{
    return capnp_structs(&root, REQUEST_NODES);
}

struct capnp_list schema_files(void)
{
    return capnp_structs(&root, REQUEST_FILES);
}

bool schema_node(uint64_t id, struct capnp_struct *node)
{
    struct capnp_list nodes = schema_nodes();

    for (uint32_t i = 0; i < nodes.count; i++) {
        *node = capnp_struct_at(&nodes, i);
        if (capnp_u64(node, NODE_ID) == id)
            return true;
    }
    return false;
}

const char *schema_name(const struct capnp_struct *node)
{
    const char *name = capnp_text(node, NODE_NAME);
    const char *dot = strrchr(name, '.'), *colon = strrchr(name, ':');

    return colon && (!dot || dot < colon) ? colon + 1 : dot ? dot + 1 : name;
}

static struct capnp_struct source_of(uint64_t id)
{
    struct capnp_list sources = capnp_structs(&root, REQUEST_SOURCE_INFO);

    for (uint32_t i = 0; i < sources.count; i++) {
        struct capnp_struct source = capnp_struct_at(&sources, i);
        if (capnp_u64(&source, SOURCE_ID) == id)
            return source;
    }
    return (struct capnp_struct){.reader = &reader};
}

const char *schema_doc(uint64_t id)
{
    struct capnp_struct source = source_of(id);

    return capnp_text(&source, SOURCE_DOC);
}

const char *schema_member_doc(uint64_t id, uint32_t index)
{
    struct capnp_struct source = source_of(id);
    struct capnp_list members = capnp_structs(&source, SOURCE_MEMBERS);
    struct capnp_struct member = capnp_struct_at(&members, index);

    return capnp_text(&member, MEMBER_DOC);
}

bool schema_annotation(const struct capnp_struct *of, uint32_t annotations, const char *name,
                       struct capnp_struct *value)
{
    struct capnp_list list = capnp_structs(of, annotations);

    for (uint32_t i = 0; i < list.count; i++) {
        struct capnp_struct annotation = capnp_struct_at(&list, i), node;
        if (!schema_node(capnp_u64(&annotation, ANNOTATION_ID), &node))
            continue;
        const char *full = capnp_text(&node, NODE_NAME), *ours = strstr(full, ANNOTATIONS);
        if (!ours || strcmp(ours + strlen(ANNOTATIONS), name) != 0)
            continue;
        *value = capnp_child(&annotation, ANNOTATION_VALUE);
        return true;
    }
    return false;
}

uint64_t schema_value(const struct capnp_struct *value)
{
    switch (capnp_u16(value, VALUE_KIND)) {
    case TYPE_BOOL:
        return capnp_u8(value, VALUE_SMALL) & 1;
    case TYPE_INT8:
    case TYPE_UINT8:
        return capnp_u8(value, VALUE_SMALL);
    case TYPE_INT16:
    case TYPE_UINT16:
    case TYPE_ENUM:
        return capnp_u16(value, VALUE_SMALL);
    case TYPE_INT32:
    case TYPE_UINT32:
        return capnp_u32(value, VALUE_32);
    default:
        return capnp_u64(value, VALUE_64);
    }
}

uint64_t schema_number(const struct capnp_struct *of, uint32_t annotations, const char *name, uint64_t otherwise)
{
    struct capnp_struct value;

    return schema_annotation(of, annotations, name, &value) ? schema_value(&value) : otherwise;
}

const char *schema_text(const struct capnp_struct *of, uint32_t annotations, const char *name, const char *otherwise)
{
    struct capnp_struct value;

    return schema_annotation(of, annotations, name, &value) ? capnp_text(&value, VALUE_POINTER) : otherwise;
}

bool schema_has(const struct capnp_struct *of, uint32_t annotations, const char *name)
{
    struct capnp_struct value;

    return schema_annotation(of, annotations, name, &value);
}
