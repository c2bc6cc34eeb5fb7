/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor's line editor, seen through a terminal: what is on the screen must be what is in the line.
 * LINK: apps/monitor/lineedit.c
 */
#include "host_test.h"

#include "../../apps/monitor/lineedit.h"

#define COLUMNS 40
#define PROMPT  "mnos> "

/* One row of a terminal: printable bytes, CR, LF, BEL, CUF, EL, CUP, ED. */
struct terminal {
    char row[COLUMNS + 1];
    size_t cursor;
    unsigned bells, rows, clears, wraps;
    char sequence[16];
    size_t sequence_length;
    bool in_sequence;
};

static void row_clear(struct terminal *t, size_t from)
{
    memset(t->row + from, ' ', COLUMNS - from);
    t->row[COLUMNS] = '\0';
}

static void sequence_run(struct terminal *t, char final)
{
    unsigned n = t->sequence_length > 0 ? (unsigned)atoi(t->sequence) : 0;

    switch (final) {
    case 'C':
        t->cursor += n > 0 ? n : 1;
        assert_true(t->cursor < COLUMNS);
        break;
    case 'K':
        row_clear(t, t->cursor);
        break;
    case 'H':
        t->cursor = 0;
        break;
    case 'J':
        t->clears++;
        row_clear(t, 0);
        break;
    default:
        fail_msg("unknown sequence ending in %c", final);
    }
}

static void terminal_put(void *context, const char *text, size_t length)
{
    struct terminal *t = context;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (t->in_sequence) {
            if (c == '[')
                continue;
            if (c >= '@' && c <= '~') {
                t->sequence[t->sequence_length] = '\0';
                t->in_sequence = false;
                sequence_run(t, c);
            } else {
                assert_true(t->sequence_length < 8);
                t->sequence[t->sequence_length++] = c;
            }
        } else if (c == '\x1b') {
            t->in_sequence = true;
            t->sequence_length = 0;
        } else if (c == '\r') {
            t->cursor = 0;
        } else if (c == '\n') {
            t->rows++;
            row_clear(t, 0);
        } else if (c == '\a') {
            t->bells++;
        } else {
            assert_true(c >= ' ' && c <= '~');
            if (t->cursor >= COLUMNS - 1)
                t->wraps++;
            else
                t->row[t->cursor++] = c;
        }
    }
}

static struct lineedit edit;
static struct terminal terminal;

static void start(void)
{
    memset(&terminal, 0, sizeof terminal);
    row_clear(&terminal, 0);
    lineedit_init(&edit, terminal_put, &terminal, PROMPT, COLUMNS);
    lineedit_show(&edit);
}

static enum lineedit_result type(const char *text)
{
    enum lineedit_result result = LINEEDIT_MORE;

    for (; *text; text++)
        result = lineedit_feed(&edit, *text);
    return result;
}

/* The screen shows the window of the line, and the cursor stands where it belongs. */
static void check_screen(void)
{
    char expected[COLUMNS + 1];
    size_t width = COLUMNS - strlen(PROMPT) - 1;
    size_t shown = edit.length - edit.window < width ? edit.length - edit.window : width;

    memset(expected, ' ', COLUMNS);
    expected[COLUMNS] = '\0';
    memcpy(expected, PROMPT, strlen(PROMPT));
    memcpy(expected + strlen(PROMPT), edit.line + edit.window, shown);
    assert_string_equal(terminal.row, expected);
    assert_int_equal(terminal.cursor, strlen(PROMPT) + edit.cursor - edit.window);
    assert_int_equal(terminal.wraps, 0);
}

static void expect_line(const char *keys, const char *line)
{
    start();
    assert_int_equal(type(keys), LINEEDIT_MORE);
    check_screen();
    assert_int_equal(type("\r"), LINEEDIT_LINE);
    assert_string_equal(edit.line, line);
}

static void types_a_line(void **state)
{
    (void)state;
    expect_line("help", "help");
    expect_line("", "");
    assert_int_equal(terminal.rows, 1);
}

static void moves_and_inserts(void **state)
{
    (void)state;
    expect_line("hlp\x1b[D\x1b[De", "help");
    expect_line("elp\x1b[Hh\x1b[F!", "help!");
    expect_line("elp\x1bOHh\x1bOF!", "help!");
    expect_line("elp\x1b[1~h\x1b[4~!", "help!");
    expect_line("elp\x1b[7~h\x1b[8~!", "help!");
    expect_line("elp\x01h\x05!", "help!");
    expect_line("hp\x02\x65l\x06!", "help!");
    expect_line("hl\x1b[D\x1b[Ce", "hle");
}

static void deletes(void **state)
{
    (void)state;
    expect_line("helpp\x7f", "help");
    expect_line("helpp\b", "help");
    expect_line("xhelp\x01\x1b[3~", "help");
    expect_line("xhelp\x01\x04", "help");
    expect_line("hxelp\x01\x06\x06\x7f", "help");
}

static void cuts(void **state)
{
    (void)state;
    expect_line("help me\x02\x02\x02\x0b", "help");
    expect_line("rubbish\x15help", "help");
    expect_line("spawn this  \x17that", "spawn that");
    expect_line("one two\x02\x02\x02\x17", "two");
}

static void rings_where_nothing_can_be_done(void **state)
{
    static const char *const keys[] = {"\x7f",   "\x1b[3~", "\x1b[D", "\x1b[C", "\x1b[A",
                                       "\x1b[B", "\x0b",    "\x15",   "\x17"};

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        start();
        type(keys[i]);
        assert_int_equal(terminal.bells, 1);
        check_screen();
    }
}

static void drops_a_line(void **state)
{
    (void)state;
    start();
    assert_int_equal(type("rm -rf\x03"), LINEEDIT_INTERRUPT);
    lineedit_show(&edit);
    check_screen();
    assert_int_equal(type("ok\r"), LINEEDIT_LINE);
    assert_string_equal(edit.line, "ok");
}

static void ends_the_input_on_an_empty_line_only(void **state)
{
    (void)state;
    start();
    assert_int_equal(type("x\x04"), LINEEDIT_MORE);
    assert_int_equal(type("\x7f"), LINEEDIT_MORE);
    assert_int_equal(type("\x04"), LINEEDIT_END);
}

static void clears_the_screen(void **state)
{
    (void)state;
    start();
    type("abc\x0c");
    assert_int_equal(terminal.clears, 1);
    check_screen();
}

static void takes_all_line_ends(void **state)
{
    (void)state;
    start();
    assert_int_equal(type("a\r"), LINEEDIT_LINE);
    assert_int_equal(type("\n"), LINEEDIT_MORE);
    assert_int_equal(type("b\n"), LINEEDIT_LINE);
    assert_string_equal(edit.line, "b");
    assert_int_equal(type("\n"), LINEEDIT_LINE);
    assert_string_equal(edit.line, "");
}

static void remembers_lines(void **state)
{
    (void)state;
    start();
    type("one\r");
    type("two\r");
    type("two\r");
    type("  \r");
    lineedit_show(&edit);
    type("thr");
    type("\x1b[A");
    check_screen();
    type("\x1b[A");
    check_screen();
    assert_int_equal(edit.length, 3);
    assert_memory_equal(edit.line, "one", 3);
    type("\x10");
    assert_int_equal(terminal.bells, 1);
    type("\x1b[B\x0e");
    check_screen();
    assert_memory_equal(edit.line, "thr", 3);
    type("ee\r");
    assert_string_equal(edit.line, "three");
    type("\x1b[A\r");
    assert_string_equal(edit.line, "three");
}

static void forgets_the_oldest_lines(void **state)
{
    char line[32];

    (void)state;
    start();
    for (int i = 0; i < HISTORY_MAX + 5; i++) {
        snprintf(line, sizeof line, "line %d\r", i);
        type(line);
    }
    for (int i = 0; i < HISTORY_MAX; i++)
        type("\x1b[A");
    assert_int_equal(terminal.bells, 0);
    type("\x1b[A");
    assert_int_equal(terminal.bells, 1);
    type("\r");
    assert_string_equal(edit.line, "line 5");
}

static void shows_long_lines_through_a_window(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 200; i++) {
        char c = (char)('a' + i % 26);
        lineedit_feed(&edit, c);
        check_screen();
    }
    for (int i = 0; i < 200; i++) {
        type("\x1b[D");
        check_screen();
    }
    type("X\x05");
    check_screen();
    assert_int_equal(edit.length, 201);
    assert_int_equal(edit.line[0], 'X');
}

static void stops_at_the_longest_line(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < LINE_MAX + 10; i++)
        lineedit_feed(&edit, 'x');
    assert_int_equal(edit.length, LINE_MAX - 1);
    assert_int_equal(terminal.bells, 11);
    assert_int_equal(type("\r"), LINEEDIT_LINE);
    assert_int_equal(strlen(edit.line), LINE_MAX - 1);
}

static void ignores_unknown_sequences(void **state)
{
    (void)state;
    expect_line("a\x1b[99999999999~b\x1b[1;5Xc\x1bxd\x1b[5~e\x1b[\rf", "abcdef");
    start();
    type("\xc3\xa4\x80\x01");
    check_screen();
    assert_int_equal(edit.length, 0);
}

static void survives_any_bytes(void **state)
{
    static const char *const keys[] = {"\x1b[A",  "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F",
                                       "\x1b[3~", "\x7f",   "\x0b",   "\x15",   "\x17",   "\x01",
                                       "\x05",    "\r",     "\x03",   "\x0c",   "word ",  "longer word "};
    struct rng rng = rng_seeded(17);

    (void)state;
    start();
    for (int i = 0; i < 200000; i++) {
        const char *k = keys[rng_below(&rng, sizeof keys / sizeof keys[0])];
        char any[2] = {(char)rng_next(&rng), '\0'};
        enum lineedit_result result = rng_below(&rng, 50) == 0 && any[0] != '\x1b' ? type(any) : type(k);
        if (result != LINEEDIT_MORE)
            lineedit_show(&edit);
        assert_true(edit.cursor <= edit.length && edit.length < LINE_MAX && edit.window <= edit.cursor);
        if (edit.state == STATE_PLAIN)
            check_screen();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("a line is typed", types_a_line),
        TEST("the cursor moves and text is inserted", moves_and_inserts),
        TEST("backspace and delete remove a byte", deletes),
        TEST("^K ^U ^W cut", cuts),
        TEST("the bell rings where nothing can be done", rings_where_nothing_can_be_done),
        TEST("^C drops the line", drops_a_line),
        TEST("^D ends the input on an empty line only", ends_the_input_on_an_empty_line_only),
        TEST("^L clears the screen", clears_the_screen),
        TEST("CR, LF and CR LF end a line", takes_all_line_ends),
        TEST("earlier lines come back", remembers_lines),
        TEST("the oldest lines are forgotten", forgets_the_oldest_lines),
        TEST("a long line is shown through a window", shows_long_lines_through_a_window),
        TEST("a line has a longest length", stops_at_the_longest_line),
        TEST("unknown sequences and bytes change nothing", ignores_unknown_sequences),
        TEST("the screen shows the line after any keys", survives_any_bytes),
    };

    return RUN_TESTS(tests);
}
