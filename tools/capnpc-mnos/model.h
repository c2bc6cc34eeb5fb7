/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interfaces of one file as the generators need them: where each parameter of each method travels.  Everything that our
 * wire form cannot carry is found here; what the generators get is sound.
 */
#ifndef CAPNPC_MODEL_H
#define CAPNPC_MODEL_H

#include "schema.h"

#define FIELDS_MAX     24u
#define METHODS_MAX    256u
#define RAISED_MAX     16u
#define INTERFACES_MAX 32u
#define WORDS_MAX      8u
#define CAPS_MAX       4u
#define MOST_DEFAULT   4096u
#define JOINED_MAX     8192u /* bytes that a client puts together on its stack */
#define BUFFER_MAX     (1u << 30)
#define NAME_ROOM      96u

/* How a parameter travels. */
enum carrier {
    BY_NOTHING, /* Void */
    BY_WORD,    /* a number, truth value or enum in a word of its own */
    BY_WORDS,   /* a Text in several */
    BY_BUFFER,
    BY_PULL, /* bytes that the server fetches from, or puts into, the caller's buffer; a word says how many */
    BY_CAP
};

struct type {
    enum type_kind kind;
    uint64_t id;            /* enum, struct, interface */
    enum type_kind element; /* of a list */
    uint64_t element_id;
    char c[NAME_ROOM]; /* in C: of the value, of a list's elements */
};

struct field {
    char name[NAME_ROOM];     /* in C */
    char argument[NAME_ROOM]; /* of the client's function: a result has another name than a parameter */
    const char *spelled;
    struct type type;
    enum carrier by;
    unsigned word, words; /* BY_WORD, BY_WORDS, BY_PULL: the first, and how many */
    unsigned cap;         /* BY_CAP: which */
    unsigned most;        /* bytes or elements */
    unsigned size;        /* bytes of the value, or of an element */
    bool optional, copied;
};

/* Parameters, or results. */
struct shape {
    struct field field[FIELDS_MAX];
    unsigned count;
    unsigned words, caps, caps_least;
    unsigned buffers;             /* parameters in the buffer */
    const struct field *last;     /* the last of them, NULL: none */
    const struct field *pull;     /* or this one */
    const struct field *room_for; /* parameters: the result for which the last word says how much room there is */
    uint64_t bytes_least, bytes_most;
};

struct raised {
    const char *error, *when;
};

struct method {
    char name[NAME_ROOM];
    const char *spelled, *doc;
    unsigned number;
    bool waits;
    struct shape in, out;
    struct raised raised[RAISED_MAX];
    unsigned raised_count;
};

struct interface {
    char prefix[NAME_ROOM], upper[NAME_ROOM];
    const char *name, *doc;
    uint64_t id;
    unsigned version;
    struct method *method;
    unsigned count;
    uint64_t bytes_most; /* of any request */
    unsigned caps_most;
};

struct file {
    uint64_t id;
    const char *path;     /* "clock.capnp" */
    char base[NAME_ROOM]; /* "clock" */
    const char *doc;
    struct interface interface[INTERFACES_MAX];
    unsigned count;
};

/* False: the file has no interface.  Ends the program with a sentence where there is one that cannot be carried. */
bool model_make(const struct capnp_struct *requested, struct file *file);

/* Bytes of a value in C, and their alignment. */
struct layout {
    unsigned size, align;
};
struct layout type_layout(enum type_kind kind, uint64_t id);
struct layout struct_layout(const struct capnp_struct *node);
/* A field of a struct: its type, how many (1 where it is no array). */
struct member {
    char name[NAME_ROOM];
    struct type type;
    unsigned count;
    bool array;
    struct layout layout; /* of one */
};
struct member struct_member(const struct capnp_struct *node, const struct capnp_struct *field);
struct type type_of(const struct capnp_struct *type);
unsigned enum_count(uint64_t id);
/* The struct or enum has something that a receiver has to look at. */
bool type_is_checked(enum type_kind kind, uint64_t id);

/* What a node is called in C: "device_record". */
void node_c_name(const struct capnp_struct *node, char name[NAME_ROOM]);
/* Of a parameter or function: none of the names that generated functions use themselves. */
void name_snake(const char *from, char to[NAME_ROOM]);
/* Of a member of a struct or enum. */
void name_member(const char *from, char to[NAME_ROOM]);
void name_upper(const char *from, char to[NAME_ROOM]);
_Noreturn __attribute__((format(printf, 1, 2))) void refuse(const char *format, ...);

/* The generators. */
#include <stdio.h>
void types_write(FILE *out, const struct file *file);
void client_write(FILE *out, const struct file *file);
void server_write(FILE *out, const struct file *file);
void fuzz_write(FILE *out, const struct file *file);
void reference_write(FILE *out, const struct file *file);

#endif
