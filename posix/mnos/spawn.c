/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * posix_spawn and execve.  What the new program will have is worked out here, on a copy of the descriptor table; the process server
 * gets the result in one request: head, descriptors, strings and the file, one after the other in one piece of memory, and the
 * capabilities that they name.
 */
#include <mnos/calls.h>
#include <mnos/ipc.h>
#include <posix/seam.h>
#include <proc/protocol.h>
#include <str.h>

#include "file.h"
#include "plan.h"
#include "signal.h"
#include "wait.h"

#define O_PATH_DIRECTORY (010000000 | 0200000)
#define STRING_MAX       131072u /* of one argument, with its NUL, as on Linux */

static struct mnos_mutex request_lock; /* from the first GIVE to the request */

struct plan *px_plan_begin(void)
{
    long at = px_map_anonymous(sizeof(struct plan));

    if (at < 0)
        return NULL;
    struct plan *plan = (struct plan *)at;
    plan->file.handle = MNOS_NONE;
    return plan;
}

void px_plan_take(struct plan *plan)
{
    for (uint32_t fd = 0; fd < FDS_MAX; fd++) {
        const struct px_open *open = px.fds.open[fd];
        if (open)
            plan->slot[fd] = (struct slot){*open, open, fd_cloexec(&px.fds, fd)};
    }
    plan->cwd = (struct px_place){px.cwd_number, px.cwd};
}

void px_plan_end(struct plan *plan)
{
    for (uint32_t i = 0; i < plan->made_count; i++)
        mnos_cap_delete(plan->made[i]);
    if (plan->file.handle != MNOS_NONE)
        mnos_cap_delete(plan->file.handle);
    px_unmap((uint64_t)plan, sizeof *plan);
}

/* ---- File actions ---- */

static bool slot_there(const struct plan *plan, long fd)
{
    return fd >= 0 && fd < (long)FDS_MAX && plan->slot[fd].open.kind != 0;
}

static long plan_open(struct plan *plan, const char *path, long flags, long mode, struct px_open *out)
{
    if (plan->made_count == FDS_MAX)
        return -PX_EMFILE;
    long result = px_open_from(&plan->cwd, path, flags, mode, out, NULL);
    if (result == 0)
        plan->made[plan->made_count++] = out->handle;
    return result;
}

static long action_open(struct plan *plan, const struct px_spawn_action *action)
{
    struct px_open open;

    if (action->fd < 0 || action->fd >= (int)FDS_MAX)
        return -PX_EBADF;
    long result = plan_open(plan, action->path, action->flags, action->mode, &open);
    if (result == 0)
        plan->slot[action->fd] = (struct slot){open, &plan->made[plan->made_count - 1], false};
    return result;
}

static long action_dup(struct plan *plan, const struct px_spawn_action *action)
{
    if (!slot_there(plan, action->from) || action->fd < 0 || action->fd >= (int)FDS_MAX)
        return -PX_EBADF;
    plan->slot[action->fd] = plan->slot[action->from];
    plan->slot[action->fd].cloexec = false;
    return 0;
}

static long action_chdir(struct plan *plan, const char *path)
{
    struct px_open open;
    long result = plan_open(plan, path, O_PATH_DIRECTORY, 0, &open);

    if (result == 0)
        plan->cwd = (struct px_place){open.number, open.handle};
    return result;
}

static long action_fchdir(struct plan *plan, int fd)
{
    if (!slot_there(plan, fd))
        return -PX_EBADF;
    const struct px_open *open = &plan->slot[fd].open;
    if (open->kind != POSIX_FD_FILE || (open->mode & VFS_S_TYPE) != VFS_S_DIRECTORY)
        return -PX_ENOTDIR;
    plan->cwd = (struct px_place){open->number, open->handle};
    return 0;
}

static long action_do(struct plan *plan, const struct px_spawn_action *action)
{
    switch (action->kind) {
    case PX_SPAWN_CLOSE:
        if (slot_there(plan, action->fd))
            plan->slot[action->fd].open.kind = 0;
        return 0;
    case PX_SPAWN_DUP2:
        return action_dup(plan, action);
    case PX_SPAWN_OPEN:
        return action_open(plan, action);
    case PX_SPAWN_CHDIR:
        return action_chdir(plan, action->path);
    case PX_SPAWN_FCHDIR:
        return action_fchdir(plan, action->fd);
    default:
        return -PX_EINVAL;
    }
}

/* ---- The file ---- */

static long file_try(struct plan *plan, const char *path)
{
    struct px_open open;
    uint64_t size;

    if (strlen(path) >= PATH_BYTES)
        return -PX_ENAMETOOLONG;
    if (px.root == MNOS_NONE)
        return -PX_ENOENT;
    long result = px_open_from(&plan->cwd, path, 0, 0, &open, &size);
    if (result < 0)
        return result;
    if ((open.mode & VFS_S_TYPE) != VFS_S_FILE || (open.mode & 0111) == 0) {
        mnos_cap_delete(open.handle);
        return -PX_EACCES;
    }
    if (plan->file.handle != MNOS_NONE)
        mnos_cap_delete(plan->file.handle);
    plan->file = open;
    plan->file_size = size;
    memmove(plan->path, path, strlen(path) + 1);
    return 0;
}

/* Through the directories of `search`, as execvp does. */
static long file_find(struct plan *plan, const char *name, const char *search)
{
    char path[PATH_BYTES];
    long found = -PX_ENOENT;
    size_t length = strlen(name);

    if (!search || length == 0 || strnlen(name, length) != length)
        return file_try(plan, name);
    for (const char *s = name; *s; s++)
        if (*s == '/')
            return file_try(plan, name);
    if (length > VFS_NAME_MAX)
        return -PX_ENAMETOOLONG;
    for (const char *from = search;; from++) {
        size_t part = 0;
        while (from[part] != '\0' && from[part] != ':')
            part++;
        if (part + length + 2 <= sizeof path) {
            memcpy(path, from, part);
            path[part] = '/';
            memcpy(path + part + (part > 0), name, length + 1);
            long result = file_try(plan, path);
            if (result == 0 || (result != -PX_ENOENT && result != -PX_ENOTDIR && result != -PX_EACCES))
                return result;
            found = result == -PX_EACCES ? result : found;
        }
        from += part;
        if (*from == '\0')
            return found;
    }
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "#!interpreter argument": 1 and the parts, 0 if it is no script, or a negated errno. */
static long line_parse(char *line, size_t length, char **interpreter, char **argument)
{
    size_t end = 2, i = 2;

    if (length < 2 || line[0] != '#' || line[1] != '!')
        return 0;
    while (end < length && line[end] != '\n')
        end++;
    if (end == length)
        return -PX_ENOEXEC;
    while (end > 2 && blank(line[end - 1]))
        end--;
    line[end] = '\0';
    while (blank(line[i]))
        i++;
    if (line[i] == '\0')
        return -PX_ENOEXEC;
    *interpreter = &line[i];
    while (line[i] != '\0' && !blank(line[i]))
        i++;
    *argument = NULL;
    if (line[i] == '\0')
        return 1;
    line[i++] = '\0';
    while (blank(line[i]))
        i++;
    *argument = &line[i];
    return 1;
}

/* Until the file is none that names an interpreter. */
static long scripts_follow(struct plan *plan)
{
    for (uint32_t depth = 0;; depth++) {
        char first[LINE_MAX], *interpreter, *argument;
        long got = px_file_read(plan->file.handle, first, sizeof first - 1, 0, 0);
        if (got < 0)
            return got;
        first[got] = '\n'; /* a line may end with the file */
        long script = line_parse(first, (size_t)got + (got < (long)sizeof first - 1), &interpreter, &argument);
        if (script <= 0)
            return script;
        if (depth == SCRIPTS_MAX)
            return -PX_ELOOP;
        memcpy(plan->line[depth], first, sizeof first);
        memcpy(plan->script_path[depth], plan->path, sizeof plan->path);
        if (depth > 0)
            plan->before_count--; /* the inner script's own path, as its interpreter gets it */
        plan->before[plan->before_count++] = plan->script_path[depth];
        if (argument)
            plan->before[plan->before_count++] = plan->line[depth] + (argument - first);
        plan->before[plan->before_count++] = plan->line[depth] + (interpreter - first);
        long result = file_try(plan, plan->line[depth] + (interpreter - first));
        if (result < 0)
            return result;
    }
}

/* ---- The request ---- */

uint32_t px_plan_cap(struct plan *plan, mnos_handle_t handle)
{
    if (handle == MNOS_NONE)
        return PROC_NO_CAP;
    for (uint32_t i = 0; i < plan->caps; i++)
        if (plan->cap[i] == handle)
            return i;
    if (plan->caps == PROC_CAPS_MAX)
        return PROC_NO_CAP;
    plan->cap[plan->caps] = handle;
    return plan->caps++;
}

/* Bytes of so many strings; a negated errno if one is too long. */
static long strings_measure(const char *const *strings, uint32_t *count)
{
    long total = 0;

    for (; strings && strings[*count]; (*count)++) {
        size_t length = strnlen(strings[*count], STRING_MAX) + 1;
        if (length > STRING_MAX)
            return -PX_E2BIG;
        total += (long)length;
        if (total > (long)PROC_HEAD_MAX)
            return -PX_E2BIG;
    }
    return total;
}

static char *strings_put(char *at, const char *const *strings, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strlen(strings[i]) + 1;
        memcpy(at, strings[i], length);
        at += length;
    }
    return at;
}

/* argv as the program gets it: a script's interpreter, its argument and the script stand where argv[0] was. */
static char *arguments_put(char *at, const struct plan *plan, const char *const *argv, uint32_t argc)
{
    if (plan->before_count == 0)
        return strings_put(at, argv, argc);
    for (uint32_t i = plan->before_count; i-- > 0;)
        at = strings_put(at, &plan->before[i], 1);
    return argc > 1 ? strings_put(at, argv + 1, argc - 1) : at;
}

uint32_t px_plan_fds(struct plan *plan, struct posix_start_fd *record)
{
    uint32_t count = 0;

    for (uint32_t fd = 0; fd < FDS_MAX; fd++) {
        const struct slot *slot = &plan->slot[fd];
        if (slot->open.kind == 0 || slot->cloexec)
            continue;
        uint32_t shared = count;
        for (uint32_t other = 0, i = 0; other < fd && shared == count; other++) {
            const struct slot *o = &plan->slot[other];
            if (o->open.kind == 0 || o->cloexec)
                continue;
            if (o->same == slot->same)
                shared = i;
            i++;
        }
        record[count++] = (struct posix_start_fd){
            .fd = fd,
            .handle = px_plan_cap(plan, slot->open.handle),
            .token = slot->open.token,
            .kind = slot->open.kind,
            .shared = shared,
            .number = slot->open.number,
            .mode = slot->open.mode,
        };
    }
    return count;
}

static uint32_t fds_count(const struct plan *plan)
{
    uint32_t count = 0;

    for (uint32_t fd = 0; fd < FDS_MAX; fd++)
        count += plan->slot[fd].open.kind != 0 && !plan->slot[fd].cloexec;
    return count;
}

static const char *name_of(const char *path)
{
    const char *name = path;

    for (const char *s = path; *s; s++)
        if (*s == '/' && s[1] != '\0')
            name = s + 1;
    return name;
}

static long image_read(const struct plan *plan, char *to)
{
    for (uint64_t done = 0; done < plan->file_size;) {
        long got = px_file_read(plan->file.handle, to + done, plan->file_size - done, done, 0);
        if (got < 0)
            return got;
        if (got == 0)
            return -PX_ENOEXEC; /* it has become shorter */
        done += (uint64_t)got;
    }
    return 0;
}

static long send(uint64_t label, const struct plan *plan, uint32_t from, uint32_t count, const void *bytes,
                 uint64_t size)
{
    struct mnos_msg msg = {.label = label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_buf = (uint64_t)bytes;
    ext.send_len = size;
    ext.send_caps = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++)
        ext.send_cap[i] = plan->cap[from + i];
    int64_t status = px_call(px.proc, &msg, &ext);
    if (status < 0)
        return status == -MNOS_E_NO_RIGHTS ? -PX_EPERM : px_result(status);
    return msg.label == 0 ? (long)msg.word[0] : -(long)(msg.label < 4096 ? msg.label : PX_EIO);
}

/* The capabilities go ahead, but for the last ones, which come with the request. */
long px_plan_send(uint64_t label, const struct plan *plan, const void *bytes, uint64_t size)
{
    uint32_t sent = 0;
    long result = 0;

    mutex_lock(&request_lock);
    while (result >= 0 && plan->caps - sent > MNOS_IPC_CAPS) {
        result = send(PROC_GIVE, plan, sent, MNOS_IPC_CAPS, NULL, 0);
        sent += MNOS_IPC_CAPS;
        if (result >= 0 && result != (long)sent)
            result = -PX_EAGAIN;
    }
    if (result >= 0)
        result = send(label, plan, sent, plan->caps - sent, bytes, size);
    else
        (void)send(label, plan, 0, 0, NULL, 0); /* it takes away what has come, and fails */
    mutex_unlock(&request_lock);
    return result;
}

void px_plan_sent(void)
{
    mutex_unlock(&request_lock);
}

static long request_make(uint64_t label, struct plan *plan, const struct px_spawn *spawn)
{
    uint32_t argc = 0, envc = 0;
    long arguments = strings_measure(spawn->argv, &argc), environment = strings_measure(spawn->envp, &envc);

    if (arguments < 0 || environment < 0)
        return -PX_E2BIG;
    uint64_t before = 0;
    for (uint32_t i = 0; i < plan->before_count; i++)
        before += strlen(plan->before[i]) + 1;
    uint64_t fds = sizeof(struct proc_spawn), strings = fds + fds_count(plan) * sizeof(struct posix_start_fd);
    uint64_t strings_max = (uint64_t)arguments + (uint64_t)environment + before;
    uint64_t image = (strings + strings_max + 4095) & ~4095ull, size = image + plan->file_size;
    if (strings + strings_max > PROC_HEAD_MAX || plan->file_size > PROC_IMAGE_MAX)
        return -PX_E2BIG;
    long at = px_map_anonymous(size);
    if (at < 0)
        return at;
    struct proc_spawn *head = (struct proc_spawn *)at;
    *head = (struct proc_spawn){
        .flags = ((spawn->flags & PX_SPAWN_SETPGROUP) != 0 ? PROC_SET_GROUP : 0) |
                 ((spawn->flags & PX_SPAWN_SETSID) != 0 ? PROC_SET_SESSION : 0),
        .group = spawn->group,
        .umask = px.umask,
        .argc = plan->before_count > 0 ? plan->before_count + (argc > 1 ? argc - 1 : 0) : argc,
        .envc = envc,
        .strings = (uint32_t)strings,
        .fds = (uint32_t)fds,
        .pool = px_plan_cap(plan, px.pool),
        .root = px_plan_cap(plan, px.root),
        .cwd = px_plan_cap(plan, plan->cwd.own),
        .cwd_number = plan->cwd.start,
        .sigmask = (spawn->flags & PX_SPAWN_SETSIGMASK) != 0 ? spawn->mask : px_blocked,
        .sigignored = px_signals_ignored() & ~((spawn->flags & PX_SPAWN_SETSIGDEF) != 0 ? spawn->defaults : 0),
        .sigpending = label == PROC_EXEC ? px_pending : 0,
        .image = image,
        .image_size = plan->file_size,
    };
    memcpy(head->name, name_of(plan->path), strnlen(name_of(plan->path), sizeof head->name - 1));
    head->fd_count = px_plan_fds(plan, (struct posix_start_fd *)((char *)head + fds));
    char *end = arguments_put((char *)head + strings, plan, spawn->argv, argc);
    end = strings_put(end, spawn->envp, envc);
    head->strings_size = (uint32_t)(end - ((char *)head + strings));
    long result = plan->caps == PROC_CAPS_MAX ? -PX_EMFILE : image_read(plan, (char *)head + image);
    if (result == 0)
        result = px_plan_send(label, plan, head, size);
    px_unmap((uint64_t)at, size);
    return result;
}

static long start(uint64_t label, const struct px_spawn *spawn)
{
    long result = 0;

    if (px.proc == MNOS_NONE)
        return -PX_ENOSYS;
    struct plan *plan = px_plan_begin();
    if (!plan)
        return -PX_ENOMEM;
    mutex_lock(&px.fd_lock);
    px_plan_take(plan);
    mutex_unlock(&px.fd_lock);
    for (uint32_t i = 0; i < spawn->action_count && result == 0; i++)
        result = action_do(plan, &spawn->actions[i]);
    if (result == 0)
        result = file_find(plan, spawn->path, spawn->search);
    if (result == 0)
        result = scripts_follow(plan);
    if (result == 0)
        result = request_make(label, plan, spawn);
    px_plan_end(plan);
    return result;
}

long __mnos_spawn(const struct px_spawn *spawn)
{
    return start(PROC_SPAWN, spawn);
}

/* execve(path, argv, envp): comes back only if it failed. */
PX_CALL(execve)
{
    const struct px_spawn spawn = {
        .path = (const char *)a, .argv = (const char *const *)b, .envp = (const char *const *)c};

    return start(PROC_EXEC, &spawn);
}
