/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths, and that none leaves its directory.
 *
 * A path is walked one component at a time, with a handle for each directory on the way: "..", wherever it comes from,
 * goes back to the handle before, never to what the system below takes for the parent.  So a directory that somebody
 * moves meanwhile leads nowhere else.  A symbolic link is read and walked by the same rules; the walk itself asks the
 * back end never to follow one, so that exchanging a directory for a link in between gives an error and no way out.
 */
#include "internal.h"

/* Open directories of one walk, and links followed in it. */
#define DEPTH_MAX 64
#define LINKS_MAX 32

struct walk {
    struct wasi *wasi;
    wasi_handle stack[DEPTH_MAX + 1]; /* [0] is the descriptor's own */
    uint32_t depth;
    uint32_t links;
    uint32_t half; /* which of wasi->path holds the rest */
    const char *rest;
};

static bool utf8_ok(const uint8_t *s, uint64_t length)
{
    for (uint64_t i = 0; i < length;) {
        uint32_t c = s[i], more = c < 0x80 ? 0 : c < 0xc2 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 4;
        if (c == 0 || more == 4 || more >= length - i)
            return false;
        for (uint32_t k = 1; k <= more; k++)
            if ((s[i + k] & 0xc0) != 0x80)
                return false;
        if ((c == 0xe0 && s[i + 1] < 0xa0) || (c == 0xed && s[i + 1] > 0x9f) || (c == 0xf0 && s[i + 1] < 0x90) ||
            (c == 0xf4 && s[i + 1] > 0x8f))
            return false;
        i += 1 + more;
    }
    return true;
}

uint16_t path_read(const struct wasi_call *call, uint64_t at, uint64_t length, char to[WASI_PATH_MAX])
{
    const uint8_t *from = guest_at(call, at, length);

    if (from == NULL)
        return WASI_EFAULT;
    if (length >= WASI_PATH_MAX)
        return WASI_ENAMETOOLONG;
    if (!utf8_ok(from, length))
        return WASI_EILSEQ;
    if (length == 0)
        return WASI_ENOENT;
    memcpy(to, from, length);
    to[length] = 0;
    return WASI_OK;
}

static void walk_pop(struct walk *walk)
{
    const struct wasi_backend *backend = walk->wasi->config.backend;

    backend->close(backend->context, walk->stack[walk->depth--]);
}

/* Puts a link's target in front of what is left of the path. */
static uint16_t walk_splice(struct walk *walk, const char *target, size_t length)
{
    char *to = walk->wasi->path[walk->half ^ 1];
    size_t rest = strlen(walk->rest);

    if (++walk->links > LINKS_MAX)
        return WASI_ELOOP;
    if (length == 0)
        return WASI_ENOENT;
    if (target[0] == '/')
        return WASI_EPERM;
    if (length + 1 + rest >= WASI_PATH_MAX)
        return WASI_ENAMETOOLONG;
    memcpy(to, target, length);
    memcpy(to + length, walk->rest, rest + 1);
    walk->rest = to;
    walk->half ^= 1;
    return WASI_OK;
}

/* Reads the link `name` in the current directory, if it is one, and goes on with its target. */
static uint16_t walk_link(struct walk *walk, const char *name, bool *was_link)
{
    const struct wasi_backend *backend = walk->wasi->config.backend;
    char target[WASI_PATH_MAX];
    size_t length = 0;
    uint16_t error;

    *was_link = false;
    if (backend->readlink == NULL)
        return WASI_OK;
    error = backend->readlink(backend->context, walk->stack[walk->depth], name, target, sizeof target, &length);
    if (error != WASI_OK)
        return error == WASI_EINVAL || error == WASI_ENOENT ? WASI_OK : error;
    if (length >= sizeof target)
        return WASI_ENAMETOOLONG;
    *was_link = true;
    return walk_splice(walk, target, length);
}

/* Goes down into `name`, or on with its target where it is a link. */
static uint16_t walk_down(struct walk *walk, const char *name)
{
    const struct wasi_backend *backend = walk->wasi->config.backend;
    wasi_handle next;
    bool was_link;
    uint16_t error;

    if (walk->depth == DEPTH_MAX)
        return WASI_ENAMETOOLONG;
    error = backend->walk(backend->context, walk->stack[walk->depth], name, &next);
    if (error == WASI_OK) {
        walk->stack[++walk->depth] = next;
        return WASI_OK;
    }
    if (error != WASI_ENOTDIR)
        return error;
    error = walk_link(walk, name, &was_link);
    return error == WASI_OK && !was_link ? WASI_ENOTDIR : error;
}

/* Takes the next component off the path.  What follows it stays in `rest`, slashes included. */
static uint16_t walk_component(struct walk *walk, char name[WASI_NAME_MAX + 1])
{
    size_t length = 0;

    while (*walk->rest == '/')
        walk->rest++;
    while (walk->rest[length] != 0 && walk->rest[length] != '/')
        length++;
    if (length > WASI_NAME_MAX)
        return WASI_ENAMETOOLONG;
    memcpy(name, walk->rest, length);
    name[length] = 0;
    walk->rest += length;
    return WASI_OK;
}

static bool only_slashes(const char *text)
{
    while (*text == '/')
        text++;
    return *text == 0;
}

static uint16_t walk_up(struct walk *walk)
{
    if (walk->depth == 0)
        return WASI_EPERM;
    walk_pop(walk);
    return WASI_OK;
}

/* To the end: the current directory and `out->name` are where the path leads. */
static uint16_t walk_run(struct walk *walk, bool follow, struct place *out)
{
    bool was_link;

    for (;;) {
        uint16_t error = walk_component(walk, out->name);
        bool last = only_slashes(walk->rest);
        if (error != WASI_OK)
            return error;
        if (strcmp(out->name, "..") == 0) {
            error = walk_up(walk);
            memcpy(out->name, ".", 2);
        }
        if (error != WASI_OK)
            return error;
        if (out->name[0] == 0 || strcmp(out->name, ".") == 0) {
            if (last) {
                memcpy(out->name, ".", 2);
                return WASI_OK;
            }
            continue;
        }
        if (!last) {
            error = walk_down(walk, out->name);
        } else {
            out->must_be_directory = out->must_be_directory || *walk->rest == '/';
            if (!follow)
                return WASI_OK;
            error = walk_link(walk, out->name, &was_link);
            if (error == WASI_OK && !was_link)
                return WASI_OK;
        }
        if (error != WASI_OK)
            return error;
    }
}

uint16_t path_resolve(const struct wasi_call *call, const struct wasi_fd *from, uint64_t at, uint64_t length,
                      bool follow, struct place *out)
{
    struct walk walk = {.wasi = call->wasi, .stack = {from->handle}, .rest = call->wasi->path[0]};
    uint16_t error = path_read(call, at, length, call->wasi->path[0]);

    out->must_be_directory = false;
    out->owned = false;
    if (error == WASI_OK && walk.rest[0] == '/')
        error = WASI_EPERM;
    if (error == WASI_OK)
        error = walk_run(&walk, follow, out);
    if (error == WASI_OK && walk.depth > 0) {
        out->owned = true;
        out->directory = walk.stack[walk.depth--];
    } else {
        out->directory = from->handle;
    }
    while (walk.depth > 0)
        walk_pop(&walk);
    return error;
}

void place_drop(struct wasi *wasi, struct place *place)
{
    const struct wasi_backend *backend = wasi->config.backend;

    if (place->owned)
        backend->close(backend->context, place->directory);
}
