/* SPDX-License-Identifier: BSD-2-Clause */
/* Pseudo-terminals, and the console as a person sees it. */
#include <libmnos/ipc.h>

#include "vfs_test.h"

#define CANONICAL 02u
#define ECHO_BIT  010u

static int64_t mode_get(mnos_handle_t on, struct vfs_termios *mode)
{
    struct ask a = {.on = on, .label = VFS_TTY_GET, .recv = mode, .recv_len = sizeof *mode, .send_cap = MNOS_NONE};

    return ask(&a);
}

static int64_t mode_set(mnos_handle_t on, struct vfs_termios *mode)
{
    struct ask a = {.on = on,
                    .label = VFS_TTY_SET,
                    .word = {VFS_TTY_NOW},
                    .send = mode,
                    .send_len = sizeof *mode,
                    .send_cap = MNOS_NONE};

    return ask(&a);
}

/* The next signal: its number, or an error. */
static int64_t signal_next(mnos_handle_t notification, uint64_t out[3])
{
    struct ask a = {.on = vfs,
                    .label = VFS_TTY_SIGNAL,
                    .word = {notification != MNOS_NONE ? VFS_TTY_BELL : 0},
                    .send_cap = notification};
    int64_t status;

    for (unsigned i = 0; (status = ask(&a)) == -VFS_E_RETRY && i < 10; i++)
        continue;
    memcpy(out, a.out, 24);
    return status < 0 ? status : (int64_t)a.out[3];
}

static void line_tests(struct file *master, struct file *slave)
{
    struct vfs_termios mode;
    char text[64] = "";

    tap_eq(f_write(master->cap, "typed\177d\r", 8, VFS_HERE), 8, "what is typed at the master");
    tap_ok(f_read(slave->cap, text, sizeof text, VFS_HERE) == 6 && memcmp(text, "typed\n", 6) == 0,
           "comes as a line that was edited");
    tap_ok(f_read(master->cap, text, sizeof text, VFS_HERE) == 11 && memcmp(text, "typed\b \bd\r\n", 11) == 0,
           "and was shown as it was typed");
    tap_eq(f_write(slave->cap, "out\n", 4, VFS_HERE), 4, "what a program writes");
    tap_ok(f_read_few(master->cap, text, 40, 0) == 5 && memcmp(text, "out\r\n", 5) == 0, "comes out with ONLCR");
    tap_eq(f_read_few(slave->cap, text, 1, VFS_DONT_WAIT), -VFS_E_AGAIN, "no line: it would wait");
    tap_eq(mode_get(slave->cap, &mode), 0, "the modes");
    tap_ok((mode.lflag & (CANONICAL | ECHO_BIT)) == (CANONICAL | ECHO_BIT), "are canonical with echo");
    mode.lflag &= ~(CANONICAL | ECHO_BIT);
    tap_eq(mode_set(slave->cap, &mode), 0, "raw now");
    f_write(master->cap, "k", 1, VFS_HERE);
    tap_ok(f_read_few(slave->cap, text, 10, 0) == 1 && text[0] == 'k', "each key is read at once");
    mode.lflag |= CANONICAL | ECHO_BIT;
    mode_set(slave->cap, &mode);
}

static void signal_tests(struct file *master, struct file *slave)
{
    mnos_handle_t notification = (mnos_handle_t)mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0);
    struct ask group = {.on = slave->cap, .label = VFS_TTY_GROUP, .send_cap = MNOS_NONE};
    uint64_t out[3];

    tap_eq(signal_next(notification, out), -VFS_E_AGAIN, "no signal is pending");
    ask(&group);
    struct ask set = {.on = vfs, .label = VFS_TTY_SET_GROUP, .word = {group.out[2], 70, 71}, .send_cap = MNOS_NONE};
    tap_eq(ask(&set), 0, "session and group, by the service capability");
    set.on = slave->cap;
    tap_eq(ask(&set), -VFS_E_DENIED, "and by no other");
    f_write(master->cap, "\003", 1, VFS_HERE);
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    ext.deadline = clock_ns() + MNOS_S;
    tap_ok(mnos_ipc_recv(notification, &msg, &ext, MNOS_NONE) >= 0 && msg.bits == 1, "^C rings");
    tap_ok(signal_next(MNOS_NONE, out) == 2 && out[0] == group.out[2] && out[1] == 70 && out[2] == 71,
           "SIGINT for that group");
    f_call(slave->cap, VFS_TTY_SET_SIZE, 50 | 132 << 16, 0);
    tap_eq(signal_next(MNOS_NONE, out), 28, "a new size is SIGWINCH");
    tap_eq(f_call(master->cap, VFS_TTY_SIZE, 0, 0), 50 | 132 << 16, "on both sides");
    mnos_cap_delete(notification);
}

void tty_tests(void)
{
    struct file master, slave, other;
    char text[16];
    uint64_t out[3];

    tap_eq(f_open(vfs, "/dev/ptmx", VFS_O_RDWR, 0, &master), 0, "a pseudo-terminal");
    tap_eq(f_call(master.cap, VFS_TTY_NUMBER, 0, 0), 0, "its number");
    tap_eq(f_open(vfs, "/dev/pts/0", VFS_O_RDWR, 0, &slave), 0, "has a name [M331]");
    line_tests(&master, &slave);
    signal_tests(&master, &slave);
    f_open(vfs, "/dev/null", VFS_O_RDWR, 0, &other);
    tap_eq(f_call(other.cap, VFS_TTY_SIZE, 0, 0), -VFS_E_NOT_TERMINAL, "/dev/null is no terminal");
    f_close(&other);
    f_close(&master);
    tap_eq(f_read(slave.cap, text, 16, VFS_HERE), 0, "without its master it is at the end");
    tap_eq(f_write(slave.cap, "x", 1, VFS_HERE), -VFS_E_STALE, "cannot be written");
    tap_eq(f_open(vfs, "/dev/pts/0", VFS_O_RDWR, 0, &other), -VFS_E_NOT_FOUND, "and its name is gone [M331]");
    tap_eq(signal_next(MNOS_NONE, out), 1, "its session gets SIGHUP");
    f_close(&slave);
}

/* Talks to a person: tests/system/vfs_test/console.py. */
void console_talk(void)
{
    struct file tty;
    char text[128];
    int64_t n = f_open(vfs, "/dev/console", VFS_O_RDWR, 0, &tty);

    if (n < 0) {
        printf("no console: %ld\n", n);
        return;
    }
    f_write(tty.cap, "name? ", 6, VFS_HERE);
    while ((n = f_read(tty.cap, text, sizeof text, VFS_HERE)) > 0) {
        f_write(tty.cap, "hello ", 6, VFS_HERE);
        f_write(tty.cap, text, (size_t)n, VFS_HERE);
        f_write(tty.cap, "name? ", 6, VFS_HERE);
    }
    f_write(tty.cap, "bye\n", 4, VFS_HERE);
    f_call(tty.cap, VFS_TTY_CLEAR, 0, 0);
    sleep_ns(300 * MNOS_MS);
}
