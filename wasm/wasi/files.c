/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on one open file or directory. */
#include "internal.h"

void filestat_write(uint8_t to[WASI_SIZE_FILESTAT], const struct wasi_filestat *from)
{
    memset(to, 0, WASI_SIZE_FILESTAT);
    store64(to, from->dev);
    store64(to + 8, from->ino);
    to[16] = from->type;
    store64(to + 24, from->nlink);
    store64(to + 32, from->size);
    store64(to + 40, from->atim);
    store64(to + 48, from->mtim);
    store64(to + 56, from->ctim);
}

uint16_t fst_flags_check(uint64_t flags)
{
    if (flags & ~(uint64_t)(WASI_FST_ATIM | WASI_FST_ATIM_NOW | WASI_FST_MTIM | WASI_FST_MTIM_NOW))
        return WASI_EINVAL;
    if ((flags & WASI_FST_ATIM && flags & WASI_FST_ATIM_NOW) || (flags & WASI_FST_MTIM && flags & WASI_FST_MTIM_NOW))
        return WASI_EINVAL;
    return WASI_OK;
}

uint16_t wasi_fd_filestat_get(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_fd *entry;
    struct wasi_filestat stat;
    uint8_t *to = guest_at(call, call->arguments[1], WASI_SIZE_FILESTAT);
    uint16_t error = fd_get(call->wasi, call->arguments[0], WASI_RIGHT_FD_FILESTAT_GET, &entry);

    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    error = backend->stat(backend->context, entry->handle, &stat);
    if (error == WASI_OK)
        filestat_write(to, &stat);
    return error;
}

uint16_t wasi_fd_filestat_set_size(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_fd *entry;
    uint16_t error = fd_get_file(call->wasi, call->arguments[0], WASI_RIGHT_FD_FILESTAT_SET_SIZE, &entry);

    if (error != WASI_OK)
        return error;
    if (call->arguments[1] > INT64_MAX)
        return WASI_EFBIG;
    return backend->set_size == NULL ? WASI_ENOTSUP
                                     : backend->set_size(backend->context, entry->handle, call->arguments[1]);
}

uint16_t wasi_fd_filestat_set_times(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], WASI_RIGHT_FD_FILESTAT_SET_TIMES, &entry);

    if (error == WASI_OK)
        error = fst_flags_check(call->arguments[3]);
    if (error != WASI_OK)
        return error;
    return backend->set_times == NULL ? WASI_ENOTSUP
                                      : backend->set_times(backend->context, entry->handle, call->arguments[1],
                                                           call->arguments[2], (uint16_t)call->arguments[3]);
}

uint16_t wasi_fd_allocate(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint64_t offset = call->arguments[1], length = call->arguments[2];
    struct wasi_fd *entry;
    uint16_t error = fd_get_file(call->wasi, call->arguments[0], WASI_RIGHT_FD_ALLOCATE, &entry);

    if (error != WASI_OK)
        return error;
    if (length == 0 || offset > INT64_MAX || length > INT64_MAX - offset)
        return WASI_EINVAL;
    return backend->allocate == NULL ? WASI_ENOTSUP
                                     : backend->allocate(backend->context, entry->handle, offset, length);
}

uint16_t wasi_fd_advise(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint64_t offset = call->arguments[1], length = call->arguments[2];
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], WASI_RIGHT_FD_ADVISE, &entry);

    if (error != WASI_OK)
        return error;
    if (call->arguments[3] > 5 || offset > INT64_MAX || length > INT64_MAX - offset)
        return WASI_EINVAL;
    /* Advice may be ignored. */
    return backend->advise == NULL || entry->type != WASI_TYPE_REGULAR
               ? WASI_OK
               : backend->advise(backend->context, entry->handle, offset, length, (uint8_t)call->arguments[3]);
}

static uint16_t file_sync(const struct wasi_call *call, uint64_t right, bool data_only)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], right, &entry);

    if (error != WASI_OK)
        return error;
    return backend->sync == NULL ? WASI_ENOTSUP : backend->sync(backend->context, entry->handle, data_only);
}

uint16_t wasi_fd_sync(const struct wasi_call *call)
{
    return file_sync(call, WASI_RIGHT_FD_SYNC, false);
}

uint16_t wasi_fd_datasync(const struct wasi_call *call)
{
    return file_sync(call, WASI_RIGHT_FD_DATASYNC, true);
}

static uint16_t file_seek(const struct wasi_call *call, int64_t offset, enum wasi_whence whence, uint64_t result)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    bool only_tell = offset == 0 && whence == WASI_SEEK_CUR;
    uint64_t now;
    struct wasi_fd *entry;
    uint8_t *to = guest_at(call, result, 8);
    uint16_t error = fd_get_file(call->wasi, call->arguments[0], 0, &entry);

    if (error != WASI_OK)
        return error;
    if (!(entry->base & (WASI_RIGHT_FD_SEEK | (only_tell ? WASI_RIGHT_FD_TELL : 0))))
        return fd_rights_of_type(entry->type) & WASI_RIGHT_FD_SEEK ? WASI_ENOTCAPABLE : WASI_ESPIPE;
    if (to == NULL)
        return WASI_EFAULT;
    if (backend->seek == NULL)
        return WASI_ESPIPE;
    error = backend->seek(backend->context, entry->handle, offset, whence, &now);
    if (error == WASI_OK)
        store64(to, now);
    return error;
}

uint16_t wasi_fd_seek(const struct wasi_call *call)
{
    if (call->arguments[2] > WASI_SEEK_END)
        return WASI_EINVAL;
    return file_seek(call, (int64_t)call->arguments[1], (enum wasi_whence)call->arguments[2], call->arguments[3]);
}

uint16_t wasi_fd_tell(const struct wasi_call *call)
{
    return file_seek(call, 0, WASI_SEEK_CUR, call->arguments[1]);
}

#define ENTRIES_AT_ONCE 16

/* Appends what fits; the last entry may be cut off anywhere, which tells the module that there is more. */
static void dirent_write(uint8_t *to, uint64_t size, uint64_t *used, const struct wasi_entry *entry)
{
    uint8_t whole[WASI_SIZE_DIRENT + WASI_NAME_MAX] = {0};
    uint64_t length = WASI_SIZE_DIRENT + (uint64_t)entry->name_length, room = size - *used;

    store64(whole, entry->next);
    store64(whole + 8, entry->ino);
    store32(whole + 16, entry->name_length);
    whole[20] = entry->type;
    memcpy(whole + WASI_SIZE_DIRENT, entry->name, entry->name_length);
    if (length > room)
        length = room;
    memcpy(to + *used, whole, length);
    *used += length;
}

uint16_t wasi_fd_readdir(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_entry entries[ENTRIES_AT_ONCE];
    uint64_t size = call->arguments[2], cookie = call->arguments[3], used = 0;
    struct wasi_fd *directory;
    uint8_t *to = guest_at(call, call->arguments[1], size);
    uint8_t *result = guest_at(call, call->arguments[4], 4);
    uint16_t error = fd_get_directory(call->wasi, call->arguments[0], WASI_RIGHT_FD_READDIR, &directory);

    if (error != WASI_OK)
        return error;
    if (to == NULL || result == NULL)
        return WASI_EFAULT;
    if (backend->readdir == NULL)
        return WASI_ENOTSUP;
    while (used < size) {
        size_t count = 0;
        error = backend->readdir(backend->context, directory->handle, cookie, entries, ENTRIES_AT_ONCE, &count);
        if (error != WASI_OK)
            return error;
        if (count == 0)
            break;
        for (size_t i = 0; i < count && used < size; i++)
            dirent_write(to, size, &used, &entries[i]);
        cookie = entries[count - 1].next;
    }
    store32(result, (uint32_t)used);
    return WASI_OK;
}
