/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file tree as POSIX describes it, written without a thought for speed: what tests compare the real one with.  Paths are resolved
 * by pasting symbolic links into strings.
 */
#ifndef TREE_MODEL_H
#define TREE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vfs/protocol.h>

#define MODEL_NODES   64u
#define MODEL_ENTRIES 16u
#define MODEL_BYTES   128u

enum model_type { M_FREE, M_FILE, M_DIR, M_LINK };

struct model_node {
    enum model_type type;
    int parent; /* of a directory; -1: removed */
    int links;
    struct {
        char name[8]; /* empty: free */
        int node;
    } entry[MODEL_ENTRIES];
    char text[256]; /* of a link */
    unsigned char bytes[MODEL_BYTES];
    size_t size;
};

struct model {
    struct model_node node[MODEL_NODES]; /* 0: the root */
};

void model_start(struct model *m);
/* Each gives what the real one must. */
enum vfs_status model_open(struct model *m, const char *path, uint64_t flags, int *node);
enum vfs_status model_mkdir(struct model *m, const char *path);
enum vfs_status model_symlink(struct model *m, const char *path, const char *text);
enum vfs_status model_link(struct model *m, const char *old, const char *path, bool follow);
enum vfs_status model_unlink(struct model *m, const char *path, bool directory);
enum vfs_status model_rename(struct model *m, const char *old, const char *path, uint64_t flags);
enum vfs_status model_find(struct model *m, const char *path, bool follow, int *node);

#endif
