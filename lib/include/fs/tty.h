/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line discipline of a terminal (POSIX.1-2017, chapter 11): between the bytes of a line and what programs read and write.
 * Pure; its owner moves bytes and waits.
 *
 *   device -> tty_input -> [ lines being edited | whole lines ] -> tty_peek, tty_take -> program
 *                 | echo
 *   device <- tty_drain, tty_drained <- [ output ] <- tty_write <- program
 */
#ifndef FS_TTY_H
#define FS_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vfs/protocol.h>

#define TTY_INPUT  4096u /* bytes that wait to be read, at most */
#define TTY_OUTPUT 4096u

/* Bits and places of struct vfs_termios; the numbers are Linux's. */
enum {
    TTY_ISTRIP = 040,
    TTY_INLCR = 0100,
    TTY_IGNCR = 0200,
    TTY_ICRNL = 0400,
    TTY_IXON = 02000,
    TTY_IXANY = 04000,
    TTY_IUTF8 = 040000
};
enum { TTY_OPOST = 01, TTY_ONLCR = 04, TTY_OCRNL = 010, TTY_XTABS = 014000 };
enum {
    TTY_ISIG = 01,
    TTY_ICANON = 02,
    TTY_ECHO = 010,
    TTY_ECHOE = 020,
    TTY_ECHOK = 040,
    TTY_ECHONL = 0100,
    TTY_NOFLSH = 0200,
    TTY_ECHOCTL = 01000,
    TTY_ECHOKE = 04000,
    TTY_IEXTEN = 0100000
};
enum {
    TTY_VINTR,
    TTY_VQUIT,
    TTY_VERASE,
    TTY_VKILL,
    TTY_VEOF,
    TTY_VTIME,
    TTY_VMIN,
    TTY_VSTART = 8,
    TTY_VSTOP,
    TTY_VSUSP,
    TTY_VEOL,
    TTY_VREPRINT,
    TTY_VWERASE = 14,
    TTY_VLNEXT,
    TTY_VEOL2
};
enum { TTY_SIGINT = 2, TTY_SIGQUIT = 3, TTY_SIGTSTP = 20, TTY_SIGWINCH = 28, TTY_SIGHUP = 1 };

struct tty {
    struct vfs_termios mode;
    uint64_t size;             /* as VFS_TTY_SIZE */
    uint32_t signals;          /* bit per signal number: raised by input, for the owner to take */
    uint16_t in[TTY_INPUT];    /* a byte, and TTY_MARK_* */
    uint32_t head, edit, tail; /* ever put in; start of the line being edited; ever taken */
    uint32_t lines;            /* whole ones in [tail, edit) */
    unsigned char out[TTY_OUTPUT];
    uint32_t out_head, out_tail;
    uint32_t column;
    bool stopped, literal;
};

/* Canonical, with echo, 80 columns and 24 rows. */
void tty_start(struct tty *tty);
/* Bytes from the device. */
void tty_input(struct tty *tty, const unsigned char *bytes, size_t count);
/* From a program; returns how many were taken: fewer when the output is full. */
size_t tty_write(struct tty *tty, const unsigned char *bytes, size_t count);
/* Is there something to read?  In canonical mode a whole line (or an end of file), else VMIN bytes. */
bool tty_readable(const struct tty *tty, size_t want);
/* What a read of `room` bytes gives; *used is for tty_take once the bytes have arrived. */
size_t tty_peek(const struct tty *tty, unsigned char *bytes, size_t room, uint32_t *used);
void tty_take(struct tty *tty, uint32_t used);
/* Output for the device, in one piece; 0: none, or stopped. */
size_t tty_drain(const struct tty *tty, const unsigned char **bytes);
void tty_drained(struct tty *tty, size_t count);
static inline bool tty_writable(const struct tty *tty)
{
    return TTY_OUTPUT - (tty->out_head - tty->out_tail) >= 256;
}
/* New modes: a line being edited can be read when editing ends. */
void tty_set(struct tty *tty, const struct vfs_termios *mode);
void tty_clear(struct tty *tty, bool input, bool output);

#endif
