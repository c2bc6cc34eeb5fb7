/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot package as a tree of files.  A directory is a prefix that some member has, whether or not the archive lists it.
 * The members are read once; an open file is a member and a cursor.
 */
#include "files.h"
#include "guest.h"

#include <libmnos/heap.h>
#include <libmnos/page.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>
#include <ustar.h>

struct open_file {
    bool used, directory;
    const struct ustar_member *member; /* of a file */
    char path[USTAR_NAME_MAX + 2];     /* of a directory: "" or "a/b/" */
    uint64_t cursor;
};

static struct ustar_member *members;
static size_t member_count;
static struct open_file files[FILES_OPEN_MAX];

static bool member_add(const struct ustar_member *member)
{
    static size_t room;

    if (member_count == room) {
        room = room ? 2 * room : 32;
        struct ustar_member *more = realloc(members, room * sizeof *members);
        if (more == NULL)
            return false;
        members = more;
    }
    members[member_count++] = *member;
    return true;
}

bool files_open(mnos_handle_t package)
{
    struct mnos_cap_info info;
    struct ustar_member member;
    enum ustar_error error;

    if (mnos_cap_inspect(package, &info, sizeof info) < 0)
        return false;
    const void *archive = map_memory(package, 0, info.size, MNOS_MAP_READ, NULL);
    if (archive == NULL)
        return false;
    struct ustar_reader reader = ustar_open(archive, info.size);
    while ((error = ustar_next(&reader, &member)) == USTAR_OK)
        if (!member_add(&member))
            return false;
    return error == USTAR_END;
}

/* --- Names --- */

/* The member that this name in the directory is; NULL: none. */
static const struct ustar_member *member_find(const char *directory, const char *name)
{
    size_t length = strlen(directory);

    for (size_t i = 0; i < member_count; i++)
        if (strncmp(members[i].name, directory, length) == 0 && strcmp(members[i].name + length, name) == 0)
            return &members[i];
    return NULL;
}

/* "a/b" + "c" -> "a/b/c/"; false: nothing lies below it. */
static bool directory_path(const char *directory, const char *name, char path[USTAR_NAME_MAX + 2])
{
    size_t length = strlen(directory), more = strlen(name);

    if (length + more > USTAR_NAME_MAX)
        return false;
    memcpy(path, directory, length);
    memcpy(path + length, name, more);
    length += more;
    if (length > 0 && path[length - 1] != '/')
        path[length++] = '/';
    path[length] = '\0';
    for (size_t i = 0; i < member_count; i++)
        if (strncmp(members[i].name, path, length) == 0 ||
            (members[i].type == USTAR_DIRECTORY && length > 0 && strlen(members[i].name) == length - 1 &&
             strncmp(members[i].name, path, length - 1) == 0))
            return true;
    return length == 0;
}

static struct open_file *file_of(wasi_handle handle)
{
    return &files[handle - FILES];
}

static struct open_file *file_new(wasi_handle *out)
{
    for (int i = 0; i < FILES_OPEN_MAX; i++)
        if (!files[i].used) {
            files[i] = (struct open_file){.used = true};
            *out = i + FILES;
            return &files[i];
        }
    return NULL;
}

void files_close(wasi_handle handle)
{
    file_of(handle)->used = false;
}

wasi_handle files_directory(const char *path)
{
    wasi_handle handle;
    struct open_file *file = file_new(&handle);

    if (file == NULL)
        return WASI_NO_HANDLE;
    file->directory = directory_path("", path, file->path);
    if (file->directory)
        return handle;
    files_close(handle);
    return WASI_NO_HANDLE;
}

const uint8_t *files_bytes(const char *path, size_t *size)
{
    const struct ustar_member *member = member_find("", path);

    if (member == NULL || member->type != USTAR_FILE)
        return NULL;
    *size = member->size;
    return member->data;
}

/* --- Open files --- */

uint16_t files_read(wasi_handle handle, const struct wasi_span *to, size_t count, uint64_t offset, size_t *done)
{
    struct open_file *file = file_of(handle);
    uint64_t at = offset == WASI_AT_CURSOR ? file->cursor : offset;

    *done = 0;
    for (size_t i = 0; i < count && at < file->member->size; i++) {
        uint64_t rest = file->member->size - at, length = to[i].length < rest ? to[i].length : rest;
        memcpy(to[i].base, file->member->data + at, length);
        at += length;
        *done += length;
    }
    if (offset == WASI_AT_CURSOR)
        file->cursor = at;
    return WASI_OK;
}

uint16_t files_seek(wasi_handle handle, int64_t offset, enum wasi_whence whence, uint64_t *now)
{
    struct open_file *file = file_of(handle);
    int64_t from = whence == WASI_SEEK_SET ? 0 : (int64_t)(whence == WASI_SEEK_END ? file->member->size : file->cursor),
            to;

    if (file->directory || __builtin_add_overflow(from, offset, &to) || to < 0)
        return WASI_EINVAL;
    file->cursor = *now = (uint64_t)to;
    return WASI_OK;
}

static void member_stat(const struct ustar_member *member, struct wasi_filestat *out)
{
    *out = (struct wasi_filestat){
        .dev = 1,
        .ino = (uint64_t)(member - members) + 2,
        .nlink = 1,
        .size = member->type == USTAR_LINK ? strlen(member->link) : member->size,
        .mtim = member->mtime * 1000000000u,
        .type = member->type == USTAR_LINK ? WASI_TYPE_SYMLINK : WASI_TYPE_REGULAR,
    };
}

static void directory_stat(struct wasi_filestat *out)
{
    *out = (struct wasi_filestat){.dev = 1, .ino = 1, .nlink = 1, .type = WASI_TYPE_DIRECTORY};
}

uint16_t files_stat(wasi_handle handle, struct wasi_filestat *out)
{
    const struct open_file *file = file_of(handle);

    if (file->directory)
        directory_stat(out);
    else
        member_stat(file->member, out);
    return WASI_OK;
}

/* --- Directories --- */

uint16_t files_walk(void *context, wasi_handle dir, const char *name, wasi_handle *out)
{
    const struct open_file *from = file_of(dir);
    char path[USTAR_NAME_MAX + 2];

    (void)context;
    if (!directory_path(from->path, strcmp(name, ".") == 0 ? "" : name, path))
        return member_find(from->path, name) ? WASI_ENOTDIR : WASI_ENOENT;
    struct open_file *file = file_new(out);
    if (file == NULL)
        return WASI_EMFILE;
    file->directory = true;
    memcpy(file->path, path, sizeof path);
    return WASI_OK;
}

uint16_t files_open_at(void *context, wasi_handle dir, const char *name, const struct wasi_open *how, wasi_handle *out)
{
    const struct ustar_member *member = member_find(file_of(dir)->path, name);
    struct wasi_filestat stat;
    uint16_t error = files_stat_at(context, dir, name, &stat);

    if (error == WASI_OK && (how->oflags & WASI_OFLAG_CREAT) && (how->oflags & WASI_OFLAG_EXCL))
        return WASI_EEXIST;
    if (error != WASI_OK)
        return error == WASI_ENOENT && (how->oflags & WASI_OFLAG_CREAT) ? WASI_EROFS : error;
    if (stat.type == WASI_TYPE_SYMLINK)
        return WASI_ELOOP;
    if (stat.type == WASI_TYPE_DIRECTORY)
        return how->write ? WASI_EISDIR : files_walk(context, dir, name, out);
    if (how->oflags & WASI_OFLAG_DIRECTORY)
        return WASI_ENOTDIR;
    if (how->write || (how->oflags & WASI_OFLAG_TRUNC))
        return WASI_EROFS;
    struct open_file *file = file_new(out);
    if (file == NULL)
        return WASI_EMFILE;
    file->member = member;
    return WASI_OK;
}

uint16_t files_stat_at(void *context, wasi_handle dir, const char *name, struct wasi_filestat *out)
{
    const struct open_file *from = file_of(dir);
    const struct ustar_member *member = member_find(from->path, name);
    char path[USTAR_NAME_MAX + 2];

    (void)context;
    if (member != NULL && member->type != USTAR_DIRECTORY)
        member_stat(member, out);
    else if (directory_path(from->path, strcmp(name, ".") == 0 ? "" : name, path))
        directory_stat(out);
    else
        return WASI_ENOENT;
    return WASI_OK;
}

uint16_t files_readlink(void *context, wasi_handle dir, const char *name, char *to, size_t size, size_t *length)
{
    const struct ustar_member *member = member_find(file_of(dir)->path, name);
    struct wasi_filestat stat;

    if (member == NULL || member->type != USTAR_LINK)
        return files_stat_at(context, dir, name, &stat) == WASI_OK ? WASI_EINVAL : WASI_ENOENT;
    *length = strlen(member->link) < size ? strlen(member->link) : size;
    memcpy(to, member->link, *length);
    return WASI_OK;
}

/* The name in the directory that leads to the member, or is it; length 0: it lies elsewhere. */
static size_t child_name(const char *directory, const struct ustar_member *member, const char **name)
{
    size_t length = strlen(directory);

    if (strncmp(member->name, directory, length) != 0)
        return 0;
    *name = member->name + length;
    const char *slash = strchr(*name, '/');
    length = slash ? (size_t)(slash - *name) : strlen(*name);
    return length == 1 && **name == '.' ? 0 : length;
}

/* One that an earlier member led to already is no entry of its own. */
static bool child_is_new(const char *directory, size_t number, const char *name, size_t length)
{
    for (size_t i = 0; i < number; i++) {
        const char *other;
        if (child_name(directory, &members[i], &other) == length && memcmp(other, name, length) == 0)
            return false;
    }
    return true;
}

static void entry_make(struct wasi_entry *entry, uint64_t next, uint64_t ino, uint8_t type, const char *name,
                       size_t length)
{
    *entry = (struct wasi_entry){.next = next, .ino = ino, .type = type, .name_length = (uint8_t)length};
    memcpy(entry->name, name, length);
}

/* Cookies: 0 ".", 1 "..", then the number of the member, plus 2. */
uint16_t files_readdir(void *context, wasi_handle dir, uint64_t cookie, struct wasi_entry *entries, size_t max,
                       size_t *count)
{
    const char *directory = file_of(dir)->path, *name;

    (void)context;
    *count = 0;
    for (; cookie < member_count + 2 && *count < max; cookie++) {
        if (cookie < 2) {
            entry_make(&entries[(*count)++], cookie + 1, 1, WASI_TYPE_DIRECTORY, "..", (size_t)cookie + 1);
            continue;
        }
        const struct ustar_member *member = &members[cookie - 2];
        size_t length = child_name(directory, member, &name);
        if (length == 0 || length > WASI_NAME_MAX || !child_is_new(directory, cookie - 2, name, length))
            continue;
        bool is_directory = name[length] == '/' || member->type == USTAR_DIRECTORY;
        entry_make(&entries[(*count)++], cookie + 1, is_directory ? 1 : cookie,
                   is_directory                 ? WASI_TYPE_DIRECTORY
                   : member->type == USTAR_LINK ? WASI_TYPE_SYMLINK
                                                : WASI_TYPE_REGULAR,
                   name, length);
    }
    return WASI_OK;
}
