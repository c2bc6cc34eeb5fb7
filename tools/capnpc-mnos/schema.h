/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the capnp compiler hands to its plugins, a CodeGeneratorRequest, read with our own reader (lib/capnp).
 * Source: capnproto.org, schema.capnp; the numbers are what `capnp compile -ocapnp` prints for it.
 */
#ifndef CAPNPC_SCHEMA_H
#define CAPNPC_SCHEMA_H

#include <capnp.h>

/* Byte offsets of values, numbers of pointers. */
enum {
    REQUEST_NODES = 0,
    REQUEST_FILES = 1,
    REQUEST_SOURCE_INFO = 3,
    FILE_ID = 0,
    FILE_NAME = 0,
    SOURCE_ID = 0,
    SOURCE_DOC = 0,
    SOURCE_MEMBERS = 1,
    MEMBER_DOC = 0,

    NODE_ID = 0,
    NODE_PREFIX_LENGTH = 8,
    NODE_KIND = 12,
    NODE_SCOPE = 16,
    NODE_NAME = 0,
    NODE_ANNOTATIONS = 2,
    NODE_MEMBERS = 3, /* fields, enumerants, methods; the type of a const */
    NODE_SUPERCLASSES = 4,
    NODE_VALUE = 4,
    NODE_DISCRIMINANTS = 30,

    FIELD_NAME = 0,
    FIELD_ANNOTATIONS = 1,
    FIELD_KIND = 8, /* 0: a slot, not a group */
    FIELD_TYPE = 2,

    ENUMERANT_NAME = 0,
    ENUMERANT_ANNOTATIONS = 1,

    METHOD_NAME = 0,
    METHOD_ANNOTATIONS = 1,
    METHOD_PARAMS = 8,
    METHOD_RESULTS = 16,

    TYPE_KIND = 0,
    TYPE_ID = 8,
    TYPE_ELEMENT = 0,

    ANNOTATION_ID = 0,
    ANNOTATION_VALUE = 0,
    RAISED_ERROR = 0,
    RAISED_WHEN = 1,

    VALUE_KIND = 0,
    VALUE_SMALL = 2, /* 8 and 16 bits */
    VALUE_32 = 4,
    VALUE_64 = 8,
    VALUE_POINTER = 0
};

enum node_kind { NODE_FILE, NODE_STRUCT, NODE_ENUM, NODE_INTERFACE, NODE_CONST, NODE_ANNOTATION };

enum type_kind {
    TYPE_VOID,
    TYPE_BOOL,
    TYPE_INT8,
    TYPE_INT16,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_UINT8,
    TYPE_UINT16,
    TYPE_UINT32,
    TYPE_UINT64,
    TYPE_FLOAT32,
    TYPE_FLOAT64,
    TYPE_TEXT,
    TYPE_DATA,
    TYPE_LIST,
    TYPE_ENUM,
    TYPE_STRUCT,
    TYPE_INTERFACE,
    TYPE_ANY
};

/* Reads the request from standard input; ends the program where it is none. */
void schema_read(void);
/* Ends the program if the request was damaged anywhere that was looked at. */
void schema_check(void);
struct capnp_list schema_nodes(void);
struct capnp_list schema_files(void);
/* The node with this id; false: there is none. */
bool schema_node(uint64_t id, struct capnp_struct *node);
/* The last part of its name. */
const char *schema_name(const struct capnp_struct *node);
/* The comment of a node, or of its member `index`; "" where there is none. */
const char *schema_doc(uint64_t id);
const char *schema_member_doc(uint64_t id, uint32_t index);
/* The value of one of our annotations among these; false: it is not there. */
bool schema_annotation(const struct capnp_struct *of, uint32_t annotations, const char *name,
                       struct capnp_struct *value);
/* The same where it is a number or a text; `otherwise` where it is not there. */
uint64_t schema_number(const struct capnp_struct *of, uint32_t annotations, const char *name, uint64_t otherwise);
const char *schema_text(const struct capnp_struct *of, uint32_t annotations, const char *name, const char *otherwise);
bool schema_has(const struct capnp_struct *of, uint32_t annotations, const char *name);
/* The number in a Value. */
uint64_t schema_value(const struct capnp_struct *value);

#endif
