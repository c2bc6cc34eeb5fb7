/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that take a path. */
#include "internal.h"

static bool is_self(const struct place *place)
{
    return strcmp(place->name, ".") == 0;
}

static bool follows(uint64_t lookup_flags)
{
    return (lookup_flags & WASI_LOOKUP_FOLLOW) != 0;
}

/* A directory by its descriptor, and the place where a path from it leads. */
static uint16_t place_get(const struct wasi_call *call, uint64_t fd, uint64_t right, uint64_t at, uint64_t length,
                          bool follow, struct place *out)
{
    struct wasi_fd *directory;
    uint16_t error = fd_get_directory(call->wasi, fd, right, &directory);

    return error != WASI_OK ? error : path_resolve(call, directory, at, length, follow, out);
}

/* With a slash behind it, a name that is there must be a directory's: ENOTDIR, and `missing` where it is not there. */
static uint16_t slash_check(const struct wasi_backend *backend, const struct place *place, uint16_t missing)
{
    struct wasi_filestat stat;
    uint16_t error;

    if (!place->must_be_directory)
        return WASI_OK;
    error = backend->stat_at(backend->context, place->directory, place->name, &stat);
    if (error == WASI_ENOENT)
        return missing;
    if (error != WASI_OK)
        return error;
    return stat.type == WASI_TYPE_DIRECTORY ? WASI_OK : WASI_ENOTDIR;
}

/* --- path_open --- */

static uint16_t open_rights(const struct wasi_fd *directory, uint64_t oflags, uint64_t base, uint64_t inheriting)
{
    uint64_t needed = WASI_RIGHT_PATH_OPEN | (oflags & WASI_OFLAG_CREAT ? WASI_RIGHT_PATH_CREATE_FILE : 0) |
                      (oflags & WASI_OFLAG_TRUNC ? WASI_RIGHT_PATH_FILESTAT_SET_SIZE : 0);

    if (needed & ~directory->base || (base | inheriting) & ~directory->inheriting)
        return WASI_ENOTCAPABLE;
    return WASI_OK;
}

static uint16_t open_grant(const struct wasi_call *call, wasi_handle handle, uint64_t base, uint64_t inheriting,
                           uint16_t fdflags, uint8_t *to)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_filestat stat;
    uint32_t fd;
    uint16_t error = backend->stat(backend->context, handle, &stat);

    if (error == WASI_OK)
        error = wasi_grant(call->wasi, handle, stat.type, base, inheriting, NULL, &fd);
    if (error != WASI_OK) {
        backend->close(backend->context, handle);
        return error;
    }
    call->wasi->config.fds[fd].fdflags = fdflags;
    store32(to, fd);
    return WASI_OK;
}

static bool fds_full(const struct wasi *wasi)
{
    for (uint32_t i = 0; i < wasi->config.fd_count; i++)
        if (!wasi->config.fds[i].used)
            return false;
    return true;
}

uint16_t wasi_path_open(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint64_t oflags = a[4], base = a[5], inheriting = a[6], fdflags = a[7];
    uint64_t writing = WASI_RIGHT_FD_WRITE | WASI_RIGHT_FD_ALLOCATE | WASI_RIGHT_FD_FILESTAT_SET_SIZE;
    struct wasi_open how = {.read = (base & (WASI_RIGHT_FD_READ | WASI_RIGHT_FD_READDIR)) != 0,
                            .write = (base & writing) != 0,
                            .fdflags = (uint16_t)fdflags};
    uint8_t *to = guest_at(call, a[8], 4);
    struct wasi_fd *directory;
    struct place place;
    wasi_handle handle;
    uint16_t error = fd_get_directory(call->wasi, a[0], 0, &directory);

    if (error == WASI_OK)
        error = open_rights(directory, oflags, base, inheriting);
    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    if (oflags > 15 || fdflags > WASI_FDFLAGS_ALL)
        return WASI_EINVAL;
    if (oflags & WASI_OFLAG_DIRECTORY && oflags & (WASI_OFLAG_CREAT | WASI_OFLAG_TRUNC))
        return WASI_EINVAL;
    if (oflags & WASI_OFLAG_DIRECTORY && base & WASI_RIGHT_FD_WRITE)
        return WASI_EISDIR;
    if (fds_full(call->wasi))
        return WASI_EMFILE;
    error = path_resolve(call, directory, a[2], a[3], follows(a[1]) && !(oflags & WASI_OFLAG_EXCL), &place);
    if (error != WASI_OK)
        return error;
    how.oflags = (uint16_t)(oflags | (place.must_be_directory ? WASI_OFLAG_DIRECTORY : 0));
    /* Nothing that ends with a slash is created by opening it. */
    if (place.must_be_directory && oflags & WASI_OFLAG_CREAT)
        error = WASI_EISDIR;
    else if (how.oflags & WASI_OFLAG_DIRECTORY)
        how.write = false;
    if (error == WASI_OK)
        error = backend->open(backend->context, place.directory, place.name, &how, &handle);
    place_drop(call->wasi, &place);
    return error != WASI_OK ? error : open_grant(call, handle, base, inheriting, (uint16_t)fdflags, to);
}

/* --- attributes --- */

uint16_t wasi_path_filestat_get(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint8_t *to = guest_at(call, a[4], WASI_SIZE_FILESTAT);
    struct wasi_filestat stat;
    struct place place;
    uint16_t error = place_get(call, a[0], WASI_RIGHT_PATH_FILESTAT_GET, a[2], a[3], follows(a[1]), &place);

    if (error != WASI_OK)
        return error;
    error = backend->stat_at(backend->context, place.directory, place.name, &stat);
    if (error == WASI_OK && place.must_be_directory && stat.type != WASI_TYPE_DIRECTORY)
        error = WASI_ENOTDIR;
    place_drop(call->wasi, &place);
    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    filestat_write(to, &stat);
    return WASI_OK;
}

uint16_t wasi_path_filestat_set_times(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct place place;
    uint16_t error = fst_flags_check(a[6]);

    if (error == WASI_OK)
        error = place_get(call, a[0], WASI_RIGHT_PATH_FILESTAT_SET_TIMES, a[2], a[3], follows(a[1]), &place);
    if (error != WASI_OK)
        return error;
    error = slash_check(backend, &place, WASI_ENOENT);
    if (error == WASI_OK)
        error = backend->set_times_at == NULL
                    ? WASI_ENOTSUP
                    : backend->set_times_at(backend->context, place.directory, place.name, a[4], a[5], (uint16_t)a[6]);
    place_drop(call->wasi, &place);
    return error;
}

/* --- names --- */

uint16_t wasi_path_create_directory(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct place place;
    uint16_t error = place_get(call, a[0], WASI_RIGHT_PATH_CREATE_DIRECTORY, a[1], a[2], false, &place);

    if (error != WASI_OK)
        return error;
    if (is_self(&place))
        error = WASI_EEXIST;
    else
        error = backend->mkdir == NULL ? WASI_ENOTSUP : backend->mkdir(backend->context, place.directory, place.name);
    place_drop(call->wasi, &place);
    return error;
}

uint16_t wasi_path_remove_directory(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct place place;
    uint16_t error = place_get(call, a[0], WASI_RIGHT_PATH_REMOVE_DIRECTORY, a[1], a[2], false, &place);

    if (error != WASI_OK)
        return error;
    if (is_self(&place))
        error = WASI_EINVAL;
    else
        error = backend->rmdir == NULL ? WASI_ENOTSUP : backend->rmdir(backend->context, place.directory, place.name);
    place_drop(call->wasi, &place);
    return error;
}

uint16_t wasi_path_unlink_file(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct place place;
    uint16_t error = place_get(call, a[0], WASI_RIGHT_PATH_UNLINK_FILE, a[1], a[2], false, &place);

    if (error != WASI_OK)
        return error;
    error = is_self(&place) ? WASI_EISDIR : slash_check(backend, &place, WASI_ENOENT);
    if (error == WASI_OK)
        error = backend->unlink == NULL ? WASI_ENOTSUP : backend->unlink(backend->context, place.directory, place.name);
    place_drop(call->wasi, &place);
    return error;
}

uint16_t wasi_path_readlink(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint8_t *to = guest_at(call, a[3], a[4]), *result = guest_at(call, a[5], 4);
    size_t length = 0;
    struct place place;
    uint16_t error = place_get(call, a[0], WASI_RIGHT_PATH_READLINK, a[1], a[2], false, &place);

    if (error != WASI_OK)
        return error;
    if (to == NULL || result == NULL)
        error = WASI_EFAULT;
    else if (is_self(&place))
        error = WASI_EINVAL;
    else if (backend->readlink == NULL)
        error = WASI_ENOTSUP;
    else
        error = slash_check(backend, &place, WASI_ENOENT);
    if (error == WASI_OK)
        error = backend->readlink(backend->context, place.directory, place.name, (char *)to, (size_t)a[4], &length);
    place_drop(call->wasi, &place);
    if (error == WASI_OK)
        store32(result, (uint32_t)length);
    return error;
}

uint16_t wasi_path_symlink(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    char target[WASI_PATH_MAX];
    struct place place;
    uint16_t error = path_read(call, a[0], a[1], target);

    /* A link out of the directory would be of no use to the module, but might mislead somebody else. */
    if (error == WASI_OK && target[0] == '/')
        error = WASI_EPERM;
    if (error == WASI_OK)
        error = place_get(call, a[2], WASI_RIGHT_PATH_SYMLINK, a[3], a[4], false, &place);
    if (error != WASI_OK)
        return error;
    error = is_self(&place) ? WASI_EEXIST : slash_check(backend, &place, WASI_ENOENT);
    if (error == WASI_OK)
        error = backend->symlink == NULL ? WASI_ENOTSUP
                                         : backend->symlink(backend->context, target, place.directory, place.name);
    place_drop(call->wasi, &place);
    return error;
}

/* --- two paths --- */

uint16_t wasi_path_link(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct place from, to;
    uint16_t error;

    /* A back end links what the name says, also a symbolic link. */
    if (follows(a[1]))
        return WASI_EINVAL;
    error = place_get(call, a[0], WASI_RIGHT_PATH_LINK_SOURCE, a[2], a[3], false, &from);
    if (error != WASI_OK)
        return error;
    error = place_get(call, a[4], WASI_RIGHT_PATH_LINK_TARGET, a[5], a[6], false, &to);
    if (error != WASI_OK) {
        place_drop(call->wasi, &from);
        return error;
    }
    error = slash_check(backend, &from, WASI_ENOENT);
    if (error == WASI_OK)
        error = is_self(&from) ? WASI_EPERM : is_self(&to) ? WASI_EEXIST : slash_check(backend, &to, WASI_ENOENT);
    if (error == WASI_OK)
        error = backend->link == NULL
                    ? WASI_ENOTSUP
                    : backend->link(backend->context, from.directory, from.name, to.directory, to.name);
    place_drop(call->wasi, &to);
    place_drop(call->wasi, &from);
    return error;
}

/* Only a directory may get a name that ends with a slash. */
static uint16_t rename_check(const struct wasi_backend *backend, const struct place *from, const struct place *to)
{
    struct place source = *from;
    uint16_t error;

    if (is_self(from) || is_self(to))
        return WASI_EBUSY;
    source.must_be_directory = from->must_be_directory || to->must_be_directory;
    error = slash_check(backend, &source, WASI_ENOENT);
    return error != WASI_OK ? error : slash_check(backend, to, WASI_OK);
}

uint16_t wasi_path_rename(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct place from, to;
    uint16_t error = place_get(call, a[0], WASI_RIGHT_PATH_RENAME_SOURCE, a[1], a[2], false, &from);

    if (error != WASI_OK)
        return error;
    error = place_get(call, a[3], WASI_RIGHT_PATH_RENAME_TARGET, a[4], a[5], false, &to);
    if (error != WASI_OK) {
        place_drop(call->wasi, &from);
        return error;
    }
    error = rename_check(backend, &from, &to);
    if (error == WASI_OK)
        error = backend->rename == NULL
                    ? WASI_ENOTSUP
                    : backend->rename(backend->context, from.directory, from.name, to.directory, to.name);
    place_drop(call->wasi, &to);
    place_drop(call->wasi, &from);
    return error;
}
