/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A terminal has a program's side (the slave of a pair, or the console) and a device's side (the master, or the serial line).
 * Signals are not sent from here: they are remembered, and the process server is told that there are some.
 */
#include "ttys.h"

#include <fmt.h>
#include <fs/tty.h>
#include <libmnos/heap.h>
#include <str.h>

#include "../../fs/devfs/devfs.h"

struct terminal {
    struct tty tty;
    struct queue program, master; /* who waits on each side */
    uint64_t session, group;
    unsigned number;   /* 0: the console; N + 1: /dev/pts/N */
    unsigned programs; /* descriptions of the program's side */
    bool opened;       /* there was one */
    bool has_master, hung_up;
};

struct fs *ttys_devices;

static struct terminal *terminal[TERMINALS + 1];
static mnos_handle_t signal_bell = MNOS_NONE;

static const struct file_ops program_ops, master_ops, ptmx_ops;

static void console_flush(struct terminal *t)
{
    const unsigned char *bytes;
    size_t n, put;

    while ((n = tty_drain(&t->tty, &bytes)) > 0 && (put = port_console_put(bytes, n)) > 0)
        tty_drained(&t->tty, put);
}

/* After anything was done to it. */
static void terminal_changed(struct terminal *t)
{
    if (t->number == 0)
        console_flush(t);
    queue_changed(&t->program);
    queue_changed(&t->master);
    if (t->tty.signals != 0 && signal_bell != MNOS_NONE)
        port_notify(signal_bell, 1);
}

static struct terminal *terminal_new(unsigned number)
{
    struct terminal *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    tty_start(&t->tty);
    t->number = number;
    terminal[number] = t;
    return t;
}

/* The console stays. */
static void terminal_drop(struct terminal *t)
{
    if (t->number == 0 || t->programs > 0 || t->has_master)
        return;
    queue_end(&t->program);
    queue_end(&t->master);
    terminal[t->number] = NULL;
    free(t);
}

static enum outcome program_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    static unsigned char bytes[TTY_INPUT];
    struct terminal *t = desc->object;
    uint32_t used;

    if (count == 0 || (t->hung_up && !tty_readable(&t->tty, 1)))
        return call_bytes(call, 0, 0);
    if (!tty_readable(&t->tty, count < TTY_INPUT ? (size_t)count : TTY_INPUT))
        return call_wait(call, desc, &t->program, queue);
    size_t n = tty_peek(&t->tty, bytes, count < sizeof bytes ? (size_t)count : sizeof bytes, &used);
    int64_t got = n > 0 ? call_give(call, 0, bytes, n) : 0;
    if (got >= 0) {
        if ((size_t)got < n)
            (void)tty_peek(&t->tty, bytes, (size_t)got, &used);
        tty_take(&t->tty, used);
        queue_changed(&t->master);
    }
    return call_bytes(call, got > 0 ? (uint64_t)got : 0, got);
}

static enum outcome program_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    unsigned char bytes[512];
    struct terminal *t = desc->object;
    int64_t got = 0;

    if (t->hung_up) {
        call_fail(call, VFS_E_STALE);
        return ANSWER;
    }
    while (call->done < count) {
        size_t part = count - call->done < sizeof bytes ? (size_t)(count - call->done) : sizeof bytes;
        got = call_take(call, call->done, bytes, part);
        if (got <= 0)
            break;
        size_t wrote = tty_write(&t->tty, bytes, (size_t)got);
        call->done += wrote;
        terminal_changed(t);
        if (wrote < (size_t)got && !tty_writable(&t->tty))
            break;
    }
    if (call->done == count || got <= 0)
        return call_bytes(call, call->done, got);
    return call_wait(call, desc, &t->program, queue);
}

static uint32_t program_ready(struct desc *desc)
{
    const struct terminal *t = desc->object;

    return (tty_readable(&t->tty, 1) ? VFS_P_IN : 0) | (tty_writable(&t->tty) ? VFS_P_OUT : 0) |
           (t->hung_up ? VFS_P_HUP | VFS_P_IN : 0);
}

static uint64_t program_bytes(struct desc *desc)
{
    static unsigned char line[TTY_INPUT];
    const struct terminal *t = desc->object;
    uint32_t used;

    return tty_readable(&t->tty, 1) ? tty_peek(&t->tty, line, sizeof line, &used) : 0;
}

static struct queue *program_queue(struct desc *desc)
{
    return &((struct terminal *)desc->object)->program;
}

static enum vfs_status program_open(struct desc *desc)
{
    uint16_t device = desc->node->device;
    unsigned number = device == CONSOLE_DEVICE ? 0 : (device & 0xffu) + 1;
    struct terminal *t = number <= TERMINALS ? terminal[number] : NULL;

    if (!t && number == 0)
        t = terminal_new(0);
    if (!t || t->hung_up)
        return VFS_E_STALE;
    t->programs++;
    t->opened = true;
    desc->object = t;
    return VFS_OK;
}

static void program_close(struct desc *desc)
{
    struct terminal *t = desc->object;

    t->programs--;
    queue_changed(&t->master);
    terminal_drop(t);
}

/* The master of a pair. */

static enum outcome master_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct terminal *t = desc->object;
    const unsigned char *bytes;
    uint64_t done = 0;
    int64_t got = 0;
    size_t n;

    while (done < count && (n = tty_drain(&t->tty, &bytes)) > 0) {
        n = n < count - done ? n : (size_t)(count - done);
        got = call_give(call, done, bytes, n);
        if (got <= 0)
            break;
        tty_drained(&t->tty, (size_t)got);
        done += (uint64_t)got;
    }
    if (done > 0)
        queue_changed(&t->program);
    if (done > 0 || got < 0 || count == 0)
        return call_bytes(call, done, got);
    if (t->opened && t->programs == 0) {
        call_fail(call, VFS_E_STALE);
        return ANSWER;
    }
    return call_wait(call, desc, &t->master, queue);
}

static enum outcome master_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    unsigned char bytes[256];
    struct terminal *t = desc->object;
    int64_t got = 0;

    while (call->done < count) {
        uint32_t room = TTY_INPUT - (t->tty.head - t->tty.tail);
        size_t part = count - call->done < sizeof bytes ? (size_t)(count - call->done) : sizeof bytes;
        /* What can be read makes room; a line that is too long does not, and the editor drops what is beyond. */
        if (room <= sizeof bytes && tty_readable(&t->tty, 1))
            return call_wait(call, desc, &t->master, queue);
        got = call_take(call, call->done, bytes, part);
        if (got <= 0)
            break;
        tty_input(&t->tty, bytes, (size_t)got);
        call->done += (uint64_t)got;
        terminal_changed(t);
    }
    return call_bytes(call, call->done, got);
}

static uint32_t master_ready(struct desc *desc)
{
    const struct terminal *t = desc->object;
    const unsigned char *bytes;
    bool room = TTY_INPUT - (t->tty.head - t->tty.tail) > 256 || !tty_readable(&t->tty, 1);

    return (tty_drain(&t->tty, &bytes) > 0 ? VFS_P_IN : 0) | (room ? VFS_P_OUT : 0) |
           (t->opened && t->programs == 0 ? VFS_P_HUP : 0);
}

static uint64_t master_bytes(struct desc *desc)
{
    const struct terminal *t = desc->object;

    return t->tty.stopped ? 0 : t->tty.out_head - t->tty.out_tail;
}

static struct queue *master_queue(struct desc *desc)
{
    return &((struct terminal *)desc->object)->master;
}

static void pts_name(unsigned number, char name[16])
{
    fmt_snprint(name, 16, "pts/%u", number - 1);
}

static enum vfs_status master_open(struct desc *desc)
{
    unsigned number = 1;
    char name[16];

    while (number <= TERMINALS && terminal[number])
        number++;
    if (number > TERMINALS || !ttys_devices)
        return VFS_E_NO_DEVICE;
    pts_name(number, name);
    struct terminal *t = terminal_new(number);
    if (!t)
        return VFS_E_NO_MEMORY;
    enum vfs_status status = devfs_add(ttys_devices, name, 0620, PTS_DEVICE(number - 1));
    if (status != VFS_OK) {
        terminal_drop(t);
        return status;
    }
    t->has_master = true;
    desc->object = t;
    desc->ops = &master_ops;
    return VFS_OK;
}

static void master_close(struct desc *desc)
{
    struct terminal *t = desc->object;
    char name[16];

    pts_name(t->number, name);
    (void)devfs_remove(ttys_devices, name);
    t->has_master = false;
    t->hung_up = true;
    t->tty.signals |= 1u << TTY_SIGHUP;
    terminal_changed(t);
    terminal_drop(t);
}

static const struct file_ops program_ops = {.read = program_read,
                                            .write = program_write,
                                            .ready = program_ready,
                                            .bytes = program_bytes,
                                            .queue = program_queue,
                                            .open = program_open,
                                            .close = program_close};
static const struct file_ops master_ops = {.read = master_read,
                                           .write = master_write,
                                           .ready = master_ready,
                                           .bytes = master_bytes,
                                           .queue = master_queue,
                                           .close = master_close};
static const struct file_ops ptmx_ops = {.read = master_read, .write = master_write, .open = master_open};

const struct file_ops *tty_device_ops(uint16_t device)
{
    if (device == PTMX_DEVICE)
        return &ptmx_ops;
    return device == CONSOLE_DEVICE || device >> 8 == 136 ? &program_ops : NULL;
}

void console_event(void)
{
    unsigned char bytes[256];
    struct terminal *t = terminal[0] ? terminal[0] : terminal_new(0);
    size_t n;

    if (!t)
        return;
    while ((n = port_console_get(bytes, sizeof bytes)) > 0)
        tty_input(&t->tty, bytes, n);
    terminal_changed(t);
}

/* The calls on terminals. */

static enum vfs_status get_mode(struct call *call, const struct terminal *t)
{
    int64_t given = port_copy_out(call->reply, 0, &t->tty.mode, sizeof t->tty.mode);

    return given < 0 ? status_of(given) : given == sizeof t->tty.mode ? VFS_OK : VFS_E_FAULT;
}

static enum vfs_status set_mode(struct call *call, struct terminal *t, struct queue **queue)
{
    struct vfs_termios mode;
    const unsigned char *bytes;

    if (call->word[0] > VFS_TTY_FLUSH)
        return VFS_E_INVALID;
    if (call->word[0] != VFS_TTY_NOW && !t->tty.stopped && tty_drain(&t->tty, &bytes) > 0) {
        *queue = &t->program;
        return VFS_OK;
    }
    int64_t got = port_copy_in(call->reply, 0, &mode, sizeof mode);
    if (got != sizeof mode)
        return got < 0 ? status_of(got) : VFS_E_FAULT;
    if (call->word[0] == VFS_TTY_FLUSH)
        tty_clear(&t->tty, true, false);
    tty_set(&t->tty, &mode);
    terminal_changed(t);
    return VFS_OK;
}

static enum vfs_status next_signal(struct call *call)
{
    if (call->cap != MNOS_NONE) {
        if (signal_bell != MNOS_NONE)
            port_drop(signal_bell);
        signal_bell = call->cap;
        call->cap = MNOS_NONE;
    }
    for (unsigned i = 0; i <= TERMINALS; i++) {
        struct terminal *t = terminal[i];
        if (!t || t->tty.signals == 0)
            continue;
        unsigned signal = (unsigned)__builtin_ctz(t->tty.signals);
        t->tty.signals &= t->tty.signals - 1;
        call->out[0] = i;
        call->out[1] = t->session;
        call->out[2] = t->group;
        call->out[3] = signal;
        return VFS_OK;
    }
    return VFS_E_AGAIN;
}

/* What only the process server may ask. */
static enum vfs_status service_call(struct call *call)
{
    const uint64_t *word = call->word;

    if (call->label == VFS_TTY_SIGNAL)
        return next_signal(call);
    if (word[0] > TERMINALS || !terminal[word[0]])
        return VFS_E_NO_DEVICE;
    terminal[word[0]]->session = word[1];
    terminal[word[0]]->group = word[2];
    return VFS_OK;
}

enum vfs_status tty_call(struct call *call, struct desc *desc, struct queue **queue)
{
    if (call->label == VFS_TTY_SIGNAL || call->label == VFS_TTY_SET_GROUP) {
        if (!desc->service)
            return VFS_E_DENIED;
        /* A notification that was left behind. */
        if (call->label == VFS_TTY_SIGNAL && call->word[0] == VFS_TTY_BELL && call->cap == MNOS_NONE)
            return call->accepts_caps ? VFS_E_INVALID : VFS_E_RETRY;
        return service_call(call);
    }
    if (desc->ops != &program_ops && desc->ops != &master_ops)
        return VFS_E_NOT_TERMINAL;
    struct terminal *t = desc->object;
    switch (call->label) {
    case VFS_TTY_GET:
        return get_mode(call, t);
    case VFS_TTY_SET:
        return set_mode(call, t, queue);
    case VFS_TTY_SIZE:
        call->out[0] = t->tty.size;
        return VFS_OK;
    case VFS_TTY_SET_SIZE:
        if (t->tty.size != call->word[0])
            t->tty.signals |= 1u << TTY_SIGWINCH;
        t->tty.size = call->word[0];
        terminal_changed(t);
        return VFS_OK;
    case VFS_TTY_CLEAR:
        tty_clear(&t->tty, (call->word[0] & 1) != 0, (call->word[0] & 2) != 0);
        terminal_changed(t);
        return VFS_OK;
    case VFS_TTY_FLOW:
        t->tty.stopped = call->word[0] == 0;
        terminal_changed(t);
        return VFS_OK;
    case VFS_TTY_NUMBER:
        call->out[0] = t->number - 1;
        return t->number > 0 ? VFS_OK : VFS_E_NOT_TERMINAL;
    case VFS_TTY_GROUP:
        call->out[0] = t->session;
        call->out[1] = t->group;
        call->out[2] = t->number;
        return VFS_OK;
    default:
        return VFS_E_NOT_SUPPORTED;
    }
}
