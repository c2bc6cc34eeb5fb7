/* SPDX-License-Identifier: BSD-2-Clause */
#include <fs/tty.h>
#include <str.h>

/* In `in`: the byte ends a line; the place is an end of file, and holds no byte. */
#define MARK_END 0x100u
#define MARK_EOF 0x200u
#define ECHO_MAX 12u /* most bytes that one byte becomes in the output */

static inline bool in_mode(const struct tty *tty, uint32_t bits)
{
    return (tty->mode.lflag & bits) != 0;
}

static inline bool is_char(const struct tty *tty, unsigned which, unsigned char c)
{
    return tty->mode.cc[which] == c && c != 0;
}

void tty_start(struct tty *tty)
{
    static const unsigned char keys[] = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0};

    memset(tty, 0, sizeof *tty);
    tty->mode.iflag = TTY_ICRNL | TTY_IXON | TTY_IUTF8;
    tty->mode.oflag = TTY_OPOST | TTY_ONLCR;
    tty->mode.cflag = 0277; /* B38400, CS8, CREAD */
    tty->mode.lflag = TTY_ISIG | TTY_ICANON | TTY_ECHO | TTY_ECHOE | TTY_ECHOK | TTY_ECHOCTL | TTY_ECHOKE | TTY_IEXTEN;
    tty->mode.ispeed = tty->mode.ospeed = 38400;
    memcpy(tty->mode.cc, keys, sizeof keys);
    tty->size = 24 | 80 << 16;
}

/* Output. */

static uint32_t out_room(const struct tty *tty)
{
    return TTY_OUTPUT - (tty->out_head - tty->out_tail);
}

static void out_put(struct tty *tty, unsigned char c)
{
    tty->out[tty->out_head++ % TTY_OUTPUT] = c;
}

static void out_column(struct tty *tty, unsigned char c)
{
    if (c == '\r' || c == '\n')
        tty->column = 0;
    else if (c == '\b')
        tty->column -= tty->column > 0;
    else if (c == '\t')
        tty->column = (tty->column | 7) + 1;
    else if (c >= ' ' && (c & 0xc0) != 0x80) /* not the middle of a UTF-8 sequence */
        tty->column++;
}

/* There is room for ECHO_MAX. */
static void out_process(struct tty *tty, unsigned char c)
{
    uint32_t mode = tty->mode.oflag;

    if ((mode & TTY_OPOST) == 0) {
        out_put(tty, c);
        return;
    }
    if (c == '\n' && (mode & TTY_ONLCR) != 0)
        out_put(tty, '\r');
    if (c == '\r' && (mode & TTY_OCRNL) != 0)
        c = '\n';
    if (c == '\t' && (mode & TTY_XTABS) == TTY_XTABS) {
        do {
            out_put(tty, ' ');
            tty->column++;
        } while (tty->column % 8 != 0);
        return;
    }
    out_put(tty, c);
    out_column(tty, c);
}

size_t tty_write(struct tty *tty, const unsigned char *bytes, size_t count)
{
    size_t done = 0;

    while (done < count && out_room(tty) >= ECHO_MAX)
        out_process(tty, bytes[done++]);
    return done;
}

size_t tty_drain(const struct tty *tty, const unsigned char **bytes)
{
    uint32_t at = tty->out_tail % TTY_OUTPUT, have = tty->out_head - tty->out_tail;

    *bytes = tty->out + at;
    if (tty->stopped)
        return 0;
    return have < TTY_OUTPUT - at ? have : TTY_OUTPUT - at;
}

void tty_drained(struct tty *tty, size_t count)
{
    tty->out_tail += (uint32_t)count;
}

/* Echo.  What finds no room is not shown. */

static void echo_raw(struct tty *tty, const char *text)
{
    if (out_room(tty) >= ECHO_MAX)
        for (; *text != '\0'; text++)
            out_process(tty, (unsigned char)*text);
}

static bool shown_as_two(const struct tty *tty, unsigned char c)
{
    return (c < ' ' || c == 127) && c != '\t' && c != '\n' && in_mode(tty, TTY_ECHOCTL);
}

static void echo(struct tty *tty, unsigned char c)
{
    if (!in_mode(tty, TTY_ECHO) && !(c == '\n' && in_mode(tty, TTY_ECHONL) && in_mode(tty, TTY_ICANON)))
        return;
    if (out_room(tty) < ECHO_MAX)
        return;
    if (shown_as_two(tty, c)) {
        out_process(tty, '^');
        c ^= 0x40;
    }
    out_process(tty, c);
}

/* Editing. */

static unsigned char last_byte(const struct tty *tty)
{
    return (unsigned char)tty->in[(tty->head - 1) % TTY_INPUT];
}

/* The columns that the line being edited takes up to `end`, to find out how wide a tab was. */
static uint32_t columns_to(const struct tty *tty, uint32_t end)
{
    uint32_t column = 0;

    for (uint32_t i = tty->edit; i != end; i++) {
        unsigned char c = (unsigned char)tty->in[i % TTY_INPUT];
        if (c == '\t')
            column = (column | 7) + 1;
        else if (shown_as_two(tty, c))
            column += 2;
        else if (c >= ' ' && ((c & 0xc0) != 0x80 || (tty->mode.iflag & TTY_IUTF8) == 0))
            column++;
    }
    return column;
}

/* One character of the line being edited goes. */
static void erase_one(struct tty *tty, bool show)
{
    uint32_t before = columns_to(tty, tty->head);

    do
        tty->head--;
    while ((tty->mode.iflag & TTY_IUTF8) != 0 && tty->head != tty->edit &&
           (tty->in[tty->head % TTY_INPUT] & 0xc0) == 0x80);
    if (!show)
        return;
    for (uint32_t n = before - columns_to(tty, tty->head); n > 0; n--)
        echo_raw(tty, "\b \b");
}

static void erase(struct tty *tty)
{
    if (tty->head == tty->edit)
        return;
    erase_one(tty, in_mode(tty, TTY_ECHO) && in_mode(tty, TTY_ECHOE));
    if (in_mode(tty, TTY_ECHO) && !in_mode(tty, TTY_ECHOE))
        echo(tty, tty->mode.cc[TTY_VERASE]);
}

static bool in_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static void erase_word(struct tty *tty)
{
    bool show = in_mode(tty, TTY_ECHO);

    while (tty->head != tty->edit && !in_word(last_byte(tty)))
        erase_one(tty, show);
    while (tty->head != tty->edit && in_word(last_byte(tty)))
        erase_one(tty, show);
}

static void kill_line(struct tty *tty, unsigned char c)
{
    bool show = in_mode(tty, TTY_ECHO) && in_mode(tty, TTY_ECHOKE);

    while (tty->head != tty->edit)
        erase_one(tty, show);
    if (show || !in_mode(tty, TTY_ECHO))
        return;
    echo(tty, c);
    if (in_mode(tty, TTY_ECHOK))
        echo(tty, '\n');
}

static void reprint(struct tty *tty, unsigned char c)
{
    echo(tty, c);
    echo(tty, '\n');
    for (uint32_t i = tty->edit; i != tty->head; i++)
        echo(tty, (unsigned char)tty->in[i % TTY_INPUT]);
}

/* Input. */

static bool put(struct tty *tty, unsigned char c, unsigned marks)
{
    /* The last place is for what ends a line, so that a line that is too long can still be sent off. */
    if (tty->head - tty->tail >= TTY_INPUT - (marks != 0 || !in_mode(tty, TTY_ICANON) ? 0 : 1))
        return false;
    tty->in[tty->head++ % TTY_INPUT] = (uint16_t)(c | marks);
    if (marks != 0) {
        tty->edit = tty->head;
        tty->lines++;
    } else if (!in_mode(tty, TTY_ICANON)) {
        tty->edit = tty->head;
    }
    return true;
}

static bool raise_signal(struct tty *tty, unsigned char c)
{
    unsigned signal = is_char(tty, TTY_VINTR, c)   ? TTY_SIGINT
                      : is_char(tty, TTY_VQUIT, c) ? TTY_SIGQUIT
                      : is_char(tty, TTY_VSUSP, c) ? TTY_SIGTSTP
                                                   : 0;
    if (signal == 0)
        return false;
    if (!in_mode(tty, TTY_NOFLSH))
        tty_clear(tty, true, signal != TTY_SIGTSTP);
    tty->stopped = false;
    echo(tty, c);
    tty->signals |= 1u << signal;
    return true;
}

/* True: it was a command of the line editor. */
static bool edit(struct tty *tty, unsigned char c)
{
    bool extended = in_mode(tty, TTY_IEXTEN);

    if (is_char(tty, TTY_VERASE, c))
        erase(tty);
    else if (is_char(tty, TTY_VKILL, c))
        kill_line(tty, c);
    else if (extended && is_char(tty, TTY_VWERASE, c))
        erase_word(tty);
    else if (extended && is_char(tty, TTY_VREPRINT, c) && in_mode(tty, TTY_ECHO))
        reprint(tty, c);
    else if (is_char(tty, TTY_VEOF, c))
        (void)put(tty, 0, MARK_EOF);
    else
        return false;
    return true;
}

static bool flow(struct tty *tty, unsigned char c)
{
    if (is_char(tty, TTY_VSTART, c)) {
        tty->stopped = false;
        return true;
    }
    if (is_char(tty, TTY_VSTOP, c)) {
        tty->stopped = true;
        return true;
    }
    if ((tty->mode.iflag & TTY_IXANY) != 0)
        tty->stopped = false;
    return false;
}

static void input_one(struct tty *tty, unsigned char c)
{
    uint32_t mode = tty->mode.iflag;

    if ((mode & TTY_ISTRIP) != 0)
        c &= 0x7f;
    if (tty->literal) {
        tty->literal = false;
        if (put(tty, c, 0))
            echo(tty, c);
        return;
    }
    if (c == '\r') {
        if ((mode & TTY_IGNCR) != 0)
            return;
        if ((mode & TTY_ICRNL) != 0)
            c = '\n';
    } else if (c == '\n' && (mode & TTY_INLCR) != 0) {
        c = '\r';
    }
    if (((mode & TTY_IXON) != 0 && flow(tty, c)) || (in_mode(tty, TTY_ISIG) && raise_signal(tty, c)))
        return;
    if (in_mode(tty, TTY_IEXTEN) && in_mode(tty, TTY_ICANON) && is_char(tty, TTY_VLNEXT, c)) {
        tty->literal = true;
        if (in_mode(tty, TTY_ECHO) && in_mode(tty, TTY_ECHOCTL))
            echo_raw(tty, "^\b");
        return;
    }
    if (in_mode(tty, TTY_ICANON) && edit(tty, c))
        return;
    bool ends = in_mode(tty, TTY_ICANON) &&
                (c == '\n' || is_char(tty, TTY_VEOL, c) || (in_mode(tty, TTY_IEXTEN) && is_char(tty, TTY_VEOL2, c)));
    if (put(tty, c, ends ? MARK_END : 0))
        echo(tty, c);
    else
        echo_raw(tty, "\a");
}

void tty_input(struct tty *tty, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        input_one(tty, bytes[i]);
}

/* Reading. */

bool tty_readable(const struct tty *tty, size_t want)
{
    uint32_t have = tty->edit - tty->tail, least = tty->mode.cc[TTY_VMIN];

    if (in_mode(tty, TTY_ICANON))
        return tty->lines > 0;
    least = least < want ? least : (uint32_t)want;
    return have >= least;
}

size_t tty_peek(const struct tty *tty, unsigned char *bytes, size_t room, uint32_t *used)
{
    uint32_t at = tty->tail;
    size_t n = 0;

    while (at != tty->edit) {
        uint16_t c = tty->in[at % TTY_INPUT];
        if ((c & MARK_EOF) != 0) {
            at++;
            if (in_mode(tty, TTY_ICANON))
                break;
            continue;
        }
        if (n == room)
            break;
        bytes[n++] = (unsigned char)c;
        at++;
        if ((c & MARK_END) != 0 && in_mode(tty, TTY_ICANON))
            break;
    }
    *used = at - tty->tail;
    return n;
}

void tty_take(struct tty *tty, uint32_t used)
{
    for (; used > 0; used--)
        tty->lines -= (tty->in[tty->tail++ % TTY_INPUT] & (MARK_END | MARK_EOF)) != 0;
}

void tty_set(struct tty *tty, const struct vfs_termios *mode)
{
    bool edited = in_mode(tty, TTY_ICANON);

    tty->mode = *mode;
    if (edited && !in_mode(tty, TTY_ICANON)) {
        tty->edit = tty->head;
    } else if (!edited && in_mode(tty, TTY_ICANON) && tty->edit != tty->tail) {
        /* What came without lines is a line. */
        uint16_t *last = &tty->in[(tty->edit - 1) % TTY_INPUT];
        tty->lines += (*last & (MARK_END | MARK_EOF)) == 0;
        *last |= (*last & MARK_EOF) == 0 ? MARK_END : 0;
    }
    if ((mode->iflag & TTY_IXON) == 0)
        tty->stopped = false;
    tty->literal = false;
}

void tty_clear(struct tty *tty, bool input, bool output)
{
    if (input) {
        tty->tail = tty->edit = tty->head;
        tty->lines = 0;
        tty->literal = false;
    }
    if (output)
        tty->out_tail = tty->out_head;
}
