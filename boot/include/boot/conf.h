/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limine.conf: parsed into one plain structure, without allocation.  Pure code; the text is hostile input.
 * Strings point into the structure itself, so it must not be copied or moved after parsing.
 * Source: the public description of Limine's configuration file, version 8.
 */
#ifndef BOOT_CONF_H
#define BOOT_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CONF_ENTRIES = 32, /* menu entries, directories included */
    CONF_MODULES = 16, /* modules of one entry */
    CONF_MACROS = 16,  /* ${NAME}=text definitions */
    CONF_LINE = 1024,  /* bytes of one line after macro expansion */
    CONF_TEXT = 32768, /* bytes of all strings kept */
};

struct conf_module {
    const char *path;
    const char *string; /* "" where none is given */
};

struct conf_entry {
    const char *title;
    unsigned line;
    unsigned level;       /* 1 for "/", 2 for "//", ... */
    bool expanded;        /* "+": its sub-entries count as rows of the menu */
    bool directory;       /* has sub-entries, cannot be booted */
    const char *protocol; /* NULL where not given, and so for path */
    const char *path;
    const char *cmdline; /* "" where not given */
    uint32_t width;      /* wanted resolution, 0: any */
    uint32_t height;
    uint32_t bpp;
    unsigned module_count;
    struct conf_module modules[CONF_MODULES];
};

struct conf_macro {
    const char *name;
    const char *text;
};

struct conf {
    uint64_t timeout; /* seconds */
    bool no_timeout;  /* "timeout: no": wait for a choice */
    bool serial;
    bool verbose;
    bool quiet;
    uint64_t default_entry; /* 1-based row of the menu */
    unsigned entry_count;
    struct conf_entry entries[CONF_ENTRIES];
    unsigned macro_count;
    struct conf_macro macros[CONF_MACROS];
    size_t text_used;
    char text[CONF_TEXT];
};

struct conf_error {
    unsigned line; /* 1-based */
    const char *what;
};

/* Parses `size` bytes of text.  Returns false and says why in *error; *conf is then unusable. */
bool conf_parse(struct conf *conf, const char *text, size_t size, struct conf_error *error)
    __attribute__((warn_unused_result));

/* The entry at a 1-based row of the menu (sub-entries count only below expanded directories), or NULL. */
const struct conf_entry *conf_row(const struct conf *conf, uint64_t row);

/* "boot():/a/b" gives "/a/b"; NULL for every other resource and for a path with a hash. */
const char *conf_volume_path(const char *path);

#endif
