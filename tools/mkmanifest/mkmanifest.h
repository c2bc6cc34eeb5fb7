/* SPDX-License-Identifier: BSD-2-Clause */
/* The tool's parts and what they share.  What is allocated lives as long as the tool, but for toml.h. */
#ifndef MKMANIFEST_H
#define MKMANIFEST_H

#include <manifest.h>

#include "toml.h"

/* A system as its description says it, before it is judged. */
struct system {
    const char *path;          /* of the description, as it was given */
    struct manifest manifest;  /* services with their lists; nothing is resolved */
    const char **binary;       /* of each service: the program's name in the build */
    struct system_file *files; /* members of the package beside programs */
    unsigned file_count;
    unsigned errors;
};
struct system_file {
    const char *member, *file;
    unsigned line;
};

/* One line on stderr: "path:line: rule: text", and one error more. */
__attribute__((format(printf, 4, 5))) void complain(struct system *system, unsigned line, const char *rule,
                                                    const char *format, ...);

/* load.c: from a document.  What has the wrong shape is complained about; the rest is filled in all the same. */
void system_load(struct system *system, const struct toml_value *root);

/* capnames.c: short names for capabilities, CAP_ names among them.  0: there is no such name. */
#define SHORT_CAPS_MAX 4
struct short_name {
    const char *name;
    bool provides_itself;                    /* a service that lists nothing provides its own name */
    struct manifest_cap cap[SHORT_CAPS_MAX]; /* up to the first without a name; line is not set */
};
const struct short_name *short_name_find(const char *name);
extern const struct short_name short_names[];
extern const unsigned short_name_count;

/* interfaces.c: ids of interfaces by name; 0: unknown. */
uint64_t interface_id(const char *name);

/* package.c: writes the archive; false after a complaint.  Not checked: without programs that are missing. */
bool package_write(struct system *system, const char *build, const void *manifest, size_t size, const char *out,
                   bool checked);
/* Where the build puts this program. */
char *program_file(const char *build, const char *binary);

/* show.c */
void manifest_show(const struct manifest *m);
void toml_show(const struct toml_value *v);

/* main.c */
void *must_alloc(size_t size);
bool file_read(const char *path, char **bytes, size_t *size);
bool file_write(const char *path, const void *bytes, size_t size);
__attribute__((format(printf, 1, 2))) char *text_make(const char *format, ...);

#endif
