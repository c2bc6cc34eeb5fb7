/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line discipline: by hand, and with random bytes in random modes.
 * LINK: fs/tty/tty.c
 */
#include <fs/tty.h>

#include "host_test.h"

static struct tty tty;

static void type(const char *text)
{
    tty_input(&tty, (const unsigned char *)text, strlen(text));
}

/* What a read of that many bytes gives, as text; "-": it would wait. */
static const char *read_text(size_t room)
{
    static char text[TTY_INPUT + 1];
    uint32_t used;

    if (!tty_readable(&tty, room))
        return "-";
    size_t n = tty_peek(&tty, (unsigned char *)text, room, &used);
    tty_take(&tty, used);
    text[n] = '\0';
    return text;
}

static const char *shown(void)
{
    static char text[2 * TTY_OUTPUT];
    const unsigned char *bytes;
    size_t n, have = 0;

    while ((n = tty_drain(&tty, &bytes)) > 0) {
        memcpy(text + have, bytes, n);
        have += n;
        tty_drained(&tty, n);
    }
    text[have] = '\0';
    return text;
}

static void lines_are_read_one_by_one(void **state)
{
    (void)state;
    tty_start(&tty);
    type("one");
    assert_string_equal(read_text(100), "-");
    type("\rtwo\nthr");
    assert_string_equal(read_text(100), "one\n");
    assert_string_equal(read_text(2), "tw");
    assert_string_equal(read_text(100), "o\n");
    assert_string_equal(read_text(100), "-");
    assert_string_equal(shown(), "one\r\ntwo\r\nthr");
    /* An end of file: what was typed, or nothing. */
    type("\004");
    assert_string_equal(read_text(100), "thr");
    assert_string_equal(read_text(100), "-");
    type("\004");
    assert_string_equal(read_text(100), "");
    assert_string_equal(read_text(100), "-");
    type("abc\004");
    assert_string_equal(read_text(3), "abc");
    assert_string_equal(read_text(3), "-");
}

static void lines_are_edited(void **state)
{
    (void)state;
    tty_start(&tty);
    type("abx\177c\n");
    assert_string_equal(read_text(100), "abc\n");
    assert_string_equal(shown(), "abx\b \bc\r\n");
    type("gone\025kept\n");
    assert_string_equal(read_text(100), "kept\n");
    shown();
    type("two words\027x\n");
    assert_string_equal(read_text(100), "two x\n");
    shown();
    type("\177\177\n");
    assert_string_equal(read_text(100), "\n");
    assert_string_equal(shown(), "\r\n");
    /* A character of several bytes goes at once, a control character takes two columns, a tab as many as it took. */
    type("\xc3\xa4\177\001\177\t\177\n");
    assert_string_equal(read_text(100), "\n");
    assert_string_equal(shown(), "\xc3\xa4\b \b^A\b \b\b \b\t\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\r\n");
    /* The next one as it is. */
    type("\026\003\026\177x\n");
    assert_string_equal(read_text(100), "\003\177x\n");
    assert_int_equal(tty.signals, 0);
}

static void signals_are_raised(void **state)
{
    struct vfs_termios mode;

    (void)state;
    tty_start(&tty);
    type("half\003");
    assert_int_equal(tty.signals, 1u << TTY_SIGINT);
    type("line\n");
    assert_string_equal(read_text(100), "line\n");
    tty.signals = 0;
    type("\034\032");
    assert_int_equal(tty.signals, 1u << TTY_SIGQUIT | 1u << TTY_SIGTSTP);
    tty.signals = 0;
    mode = tty.mode;
    mode.lflag &= ~(uint32_t)TTY_ISIG;
    tty_set(&tty, &mode);
    type("\003\n");
    assert_string_equal(read_text(100), "\003\n");
    assert_int_equal(tty.signals, 0);
}

static void raw_bytes_pass(void **state)
{
    struct vfs_termios mode;

    (void)state;
    tty_start(&tty);
    type("ab");
    mode = tty.mode;
    mode.lflag = 0;
    mode.iflag = 0;
    mode.oflag = 0;
    mode.cc[TTY_VMIN] = 1;
    tty_set(&tty, &mode);
    assert_string_equal(read_text(100), "ab");
    shown();
    type("\003\r\177\004");
    assert_string_equal(read_text(100), "\003\r\177\004");
    assert_string_equal(read_text(100), "-");
    mode.cc[TTY_VMIN] = 3;
    tty_set(&tty, &mode);
    type("xy");
    assert_string_equal(read_text(100), "-");
    assert_string_equal(read_text(2), "xy");
    mode.cc[TTY_VMIN] = 0;
    tty_set(&tty, &mode);
    assert_string_equal(read_text(100), "");
    assert_int_equal(tty_write(&tty, (const unsigned char *)"a\nb", 3), 3);
    assert_string_equal(shown(), "a\nb");
    /* Back to lines: what is there is one. */
    type("rest");
    mode.lflag = TTY_ICANON;
    tty_set(&tty, &mode);
    assert_string_equal(read_text(100), "rest");
    assert_string_equal(read_text(100), "-");
}

static void output_is_processed_and_stopped(void **state)
{
    struct vfs_termios mode;
    unsigned char many[5000];

    (void)state;
    tty_start(&tty);
    assert_int_equal(tty_write(&tty, (const unsigned char *)"a\nb\t", 4), 4);
    assert_string_equal(shown(), "a\r\nb\t");
    mode = tty.mode;
    mode.oflag |= TTY_XTABS;
    tty_set(&tty, &mode);
    assert_int_equal(tty_write(&tty, (const unsigned char *)"\rabc\t|", 6), 6);
    assert_string_equal(shown(), "\rabc     |");
    type("\023");
    assert_int_equal(tty_write(&tty, (const unsigned char *)"held", 4), 4);
    assert_string_equal(shown(), "");
    type("\021");
    assert_string_equal(shown(), "held");
    memset(many, 'm', sizeof many);
    size_t took = tty_write(&tty, many, sizeof many);
    assert_true(took > 4000 && took <= TTY_OUTPUT);
    assert_false(tty_writable(&tty));
    assert_int_equal(tty_write(&tty, many, sizeof many), 0);
    assert_int_equal(strlen(shown()), took);
}

static void a_line_that_is_too_long_can_be_sent_off(void **state)
{
    (void)state;
    tty_start(&tty);
    for (unsigned i = 0; i < 10000; i++) {
        type("x");
        shown();
    }
    assert_string_equal(read_text(100), "-");
    type("\n");
    assert_int_equal(strlen(read_text(TTY_INPUT)), TTY_INPUT);
    type("next\n");
    assert_string_equal(read_text(100), "next\n");
}

/* Whatever comes, in whatever mode: counts stay sound, and nothing is read that was not typed. */
static void random_bytes_keep_it_sound(void **state)
{
    struct rng rng = rng_seeded(321);

    (void)state;
    tty_start(&tty);
    for (unsigned round = 0; round < 60000; round++) {
        unsigned char bytes[64];
        size_t n = rng_below(&rng, sizeof bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = (unsigned char)(rng_below(&rng, 3) ? rng_below(&rng, 33) : rng_next(&rng));
        switch (rng_below(&rng, 6)) {
        case 0: {
            struct vfs_termios mode = tty.mode;
            mode.lflag = (uint32_t)rng_next(&rng);
            mode.iflag = (uint32_t)rng_next(&rng);
            mode.oflag = (uint32_t)rng_next(&rng);
            for (unsigned i = 0; i < 32; i++)
                mode.cc[i] = (unsigned char)rng_below(&rng, 40);
            tty_set(&tty, &mode);
            break;
        }
        case 1:
            (void)tty_write(&tty, bytes, n);
            break;
        case 2:
            (void)read_text(1 + rng_below(&rng, 200));
            break;
        case 3:
            (void)shown();
            break;
        case 4:
            if (rng_below(&rng, 20) == 0)
                tty_clear(&tty, rng_below(&rng, 2), rng_below(&rng, 2));
            break;
        default:
            tty_input(&tty, bytes, n);
        }
        uint32_t marks = 0;
        assert_true(tty.head - tty.tail <= TTY_INPUT && tty.edit - tty.tail <= tty.head - tty.tail);
        assert_true(tty.out_head - tty.out_tail <= TTY_OUTPUT);
        for (uint32_t i = tty.tail; i != tty.edit; i++)
            marks += tty.in[i % TTY_INPUT] > 0xff;
        assert_int_equal(marks, tty.lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("terminal: lines are read one by one, and an end of file ends them", lines_are_read_one_by_one),
        TEST("terminal: erase, kill, word erase, literal next", lines_are_edited),
        TEST("terminal: interrupt, quit and suspend raise signals and drop the line", signals_are_raised),
        TEST("terminal: raw bytes pass, VMIN at a time", raw_bytes_pass),
        TEST("terminal: output is processed, stopped and started", output_is_processed_and_stopped),
        TEST("terminal: a line that is too long can be sent off", a_line_that_is_too_long_can_be_sent_off),
        TEST("terminal: random bytes in random modes keep it sound", random_bytes_keep_it_sound),
    };

    return RUN_TESTS(tests);
}
