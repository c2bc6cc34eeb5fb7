/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll and pipes.  A poll of files is one call with all of them; if none is ready and the caller wants to wait, the same call
 * arms the thread's bell: a notification that the server rings when something may have changed.
 */
#include <mnos/calls.h>
#include <str.h>

#include "fd.h"
#include "file.h"
#include "poll.h"
#include "wait.h"

#define POLL_MAX FDS_MAX /* files in one call */
_Static_assert(POLL_MAX <= VFS_POLL_MAX, "a poll is one call");
#define O_CLOEXEC 02000000
#define MS_NS     1000000

static struct px_open *file_of(const struct px_pollfd *p)
{
    struct px_open *open = fd_get(&px.fds, p->fd);

    return open && open->kind == POSIX_FD_FILE ? open : NULL;
}

/* The entries that are no files: always ready to be written. */
static long others_answer(struct px_pollfd *p, unsigned long count)
{
    long ready = 0;

    for (unsigned long i = 0; i < count; i++) {
        p[i].revents = 0;
        if (p[i].fd < 0 || file_of(&p[i]))
            continue;
        p[i].revents = (int16_t)(fd_get(&px.fds, p[i].fd) ? (uint32_t)p[i].events & VFS_P_OUT : VFS_P_BAD);
        ready += p[i].revents != 0;
    }
    return ready;
}

/* One call for the files.  `bell`: MNOS_NONE only looks. */
static long files_ask(struct px_pollfd *p, unsigned long count, mnos_handle_t bell)
{
    struct vfs_poll entry[POLL_MAX];
    uint16_t index[POLL_MAX];
    unsigned long n = 0;
    mnos_handle_t on = bell;

    for (unsigned long i = 0; i < count && n < POLL_MAX; i++) {
        struct px_open *open = p[i].fd < 0 ? NULL : file_of(&p[i]);
        if (!open)
            continue;
        entry[n] = (struct vfs_poll){.token = open->token, .events = (uint16_t)p[i].events};
        on = on == MNOS_NONE ? open->handle : on;
        index[n++] = (uint16_t)i;
    }
    if (n == 0)
        return 0;
    uint64_t words[MNOS_IPC_WORDS] = {n, 1};
    struct mnos_call_data data = {.send = entry,
                                  .send_len = n * sizeof entry[0],
                                  .recv = entry,
                                  .recv_len = n * sizeof entry[0],
                                  .send_cap = MNOS_NONE};
    long ready = px_file_call_with(on, VFS_POLL, words, &data);
    for (unsigned long i = 0; ready > 0 && i < n; i++)
        p[index[i]].revents = (int16_t)entry[i].ready;
    return ready;
}

/* Made at the thread's first wait; given back with the process. */
static __thread mnos_handle_t notification, bell;

void px_poll_forked(void)
{
    notification = bell = 0;
}

static long bell_make(mnos_handle_t file)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};
    struct mnos_call_data data;
    long result;

    if (bell != 0)
        return 0;
    int64_t made = mnos_cap_create(MNOS_CREATE_NOTIFICATION, px.pool, 0, 0, 0);
    if (made < 0)
        return px_result(made);
    do {
        data = (struct mnos_call_data){.send_cap = (mnos_handle_t)made, .recv_caps = 1};
        memset(words, 0, sizeof words);
        result = px_file_call_with(file, VFS_BELL, words, &data);
    } while (result == -85); /* RETRY */
    if (result < 0 || data.recv_cap[0] == MNOS_NONE) {
        mnos_cap_delete((mnos_handle_t)made);
        return result < 0 ? result : -PX_EMFILE;
    }
    notification = (mnos_handle_t)made;
    bell = data.recv_cap[0];
    return 0;
}

static mnos_handle_t first_file(struct px_pollfd *p, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++)
        if (p[i].fd >= 0 && file_of(&p[i]))
            return file_of(&p[i])->handle;
    return MNOS_NONE;
}

static long wait_for_bell(uint64_t deadline)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = {.deadline = deadline};

    return px_result(px_receive(notification, &msg, &ext));
}

static long wait_until(struct px_pollfd *p, unsigned long count, uint64_t deadline)
{
    mnos_handle_t file = first_file(p, count);

    if (file == MNOS_NONE) {
        static const uint32_t never;
        long result = px_result(px_block(&never, 0, deadline, MNOS_WAIT_PRIVATE));
        return result == -PX_ETIMEDOUT ? 0 : result;
    }
    long result = bell_make(file);
    while (result >= 0) {
        result = files_ask(p, count, bell);
        if (result != 0)
            return result;
        result = wait_for_bell(deadline);
        if (result == -PX_ETIMEDOUT)
            return files_ask(p, count, MNOS_NONE);
    }
    return result;
}

long px_poll_until(struct px_pollfd *p, unsigned long count, uint64_t deadline)
{
    long ready = others_answer(p, count);
    long files = files_ask(p, count, MNOS_NONE);

    if (files < 0)
        return files;
    return ready + files > 0 || deadline == 0 ? ready + files : wait_until(p, count, deadline);
}

/* poll(entries, count, milliseconds; below 0: for ever) */
PX_CALL(poll)
{
    struct px_timespec wait = {(int)c / 1000, (int64_t)((int)c % 1000) * MS_NS};
    uint64_t deadline = 0;

    if (b < 0 || b > (long)FDS_MAX)
        return -PX_EINVAL;
    if ((int)c != 0)
        px_deadline((int)c < 0 ? NULL : &wait, &deadline);
    return px_poll_until((struct px_pollfd *)a, (unsigned long)b, deadline);
}

/* pipe2(two descriptors, flags) */
PX_CALL(pipe2)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, (uint64_t)b & VFS_O_NONBLOCK};
    struct mnos_call_data data = {.send_cap = MNOS_NONE, .recv_caps = 2};
    int32_t *out = (int32_t *)a;

    if ((b & ~(long)(O_CLOEXEC | VFS_O_NONBLOCK)) != 0)
        return -PX_EINVAL;
    if (px.root == MNOS_NONE)
        return -PX_ENOSYS;
    long result = px_file_call_with(px.root, VFS_PIPE, words, &data);
    if (result < 0)
        return result;
    if (data.recv_cap[1] == MNOS_NONE) {
        if (data.recv_cap[0] != MNOS_NONE)
            mnos_cap_delete(data.recv_cap[0]);
        return -PX_EMFILE;
    }
    struct px_open end = {.handle = data.recv_cap[0], .token = words[0], .mode = VFS_S_FIFO, .kind = POSIX_FD_FILE};
    long in = px_fd_new(&end, (b & O_CLOEXEC) != 0);
    end.handle = data.recv_cap[1];
    end.token = words[1];
    long to = px_fd_new(&end, (b & O_CLOEXEC) != 0);
    if (in < 0 || to < 0) {
        if (in >= 0)
            px_close(in, 0, 0, 0, 0, 0);
        if (to >= 0)
            px_close(to, 0, 0, 0, 0, 0);
        return -PX_EMFILE;
    }
    out[0] = (int32_t)in;
    out[1] = (int32_t)to;
    return 0;
}

PX_CALL(pipe)
{
    return px_pipe2(a, 0, 0, 0, 0, 0);
}
