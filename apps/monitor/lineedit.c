/* SPDX-License-Identifier: BSD-2-Clause */
#include "lineedit.h"

#include <str.h>

#define CONTROL(letter) ((letter) - '@')
#define ESCAPE          '\x1b'
#define RUBOUT          '\x7f'

/* Final bytes (and parameters) of the control sequences that keys send. */
enum key { KEY_NONE, KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END, KEY_DELETE };

static void put_text(struct lineedit *edit, const char *text)
{
    edit->put(edit->context, text, strlen(text));
}

static void bell(struct lineedit *edit)
{
    put_text(edit, "\a");
}

/* Columns for the line behind the prompt; the last column stays free, so that the terminal never wraps. */
static size_t window_width(const struct lineedit *edit)
{
    size_t prompt = strlen(edit->prompt);

    return edit->columns > prompt + 8 ? edit->columns - prompt - 1 : 8;
}

static void cursor_place(struct lineedit *edit)
{
    char sequence[16] = "\r\x1b[";
    size_t column = strlen(edit->prompt) + edit->cursor - edit->window;
    size_t at = 3, digits = 1;

    if (column == 0) {
        put_text(edit, "\r");
        return;
    }
    for (size_t rest = column; rest >= 10; rest /= 10)
        digits++;
    for (size_t i = digits; i > 0; i--, column /= 10)
        sequence[at + i - 1] = (char)('0' + column % 10);
    at += digits;
    sequence[at++] = 'C';
    edit->put(edit->context, sequence, at);
}

void lineedit_show(struct lineedit *edit)
{
    size_t width = window_width(edit);

    if (edit->cursor < edit->window)
        edit->window = edit->cursor;
    if (edit->cursor > edit->window + width)
        edit->window = edit->cursor - width;
    size_t shown = edit->length - edit->window;
    if (shown > width)
        shown = width;
    put_text(edit, "\r");
    put_text(edit, edit->prompt);
    edit->put(edit->context, edit->line + edit->window, shown);
    put_text(edit, "\x1b[K");
    if (edit->cursor != edit->window + shown)
        cursor_place(edit);
}

void lineedit_init(struct lineedit *edit, lineedit_put put, void *context, const char *prompt, size_t columns)
{
    *edit = (struct lineedit){.put = put, .context = context, .columns = columns};
    memcpy(edit->prompt, prompt, strnlen(prompt, PROMPT_MAX - 1));
}

static void insert(struct lineedit *edit, char byte)
{
    if (edit->length + 1 >= LINE_MAX) {
        bell(edit);
        return;
    }
    memmove(edit->line + edit->cursor + 1, edit->line + edit->cursor, edit->length - edit->cursor);
    edit->line[edit->cursor++] = byte;
    edit->length++;
    /* The usual case, typing at the end of a line that fits, is one byte out for one byte in. */
    if (edit->cursor == edit->length && edit->cursor - edit->window <= window_width(edit))
        edit->put(edit->context, &byte, 1);
    else
        lineedit_show(edit);
}

/* Removes [from, to) and leaves the cursor at `from`. */
static void cut(struct lineedit *edit, size_t from, size_t to)
{
    if (from >= to) {
        bell(edit);
        return;
    }
    memmove(edit->line + from, edit->line + to, edit->length - to);
    edit->length -= to - from;
    edit->cursor = from;
    lineedit_show(edit);
}

static void move_to(struct lineedit *edit, size_t cursor)
{
    edit->cursor = cursor;
    if (cursor < edit->window || cursor > edit->window + window_width(edit))
        lineedit_show(edit);
    else
        cursor_place(edit);
}

static size_t word_start(const struct lineedit *edit)
{
    size_t at = edit->cursor;

    while (at > 0 && edit->line[at - 1] == ' ')
        at--;
    while (at > 0 && edit->line[at - 1] != ' ')
        at--;
    return at;
}

static void line_set(struct lineedit *edit, const char *text)
{
    edit->length = strnlen(text, LINE_MAX - 1);
    memcpy(edit->line, text, edit->length);
    edit->cursor = edit->length;
    edit->window = 0;
    lineedit_show(edit);
}

/* Every history line is looked at as it was entered; changes to it are those of the line being typed. */
static void history_go(struct lineedit *edit, size_t at)
{
    if (edit->history_at == edit->history_count) {
        memcpy(edit->typed, edit->line, edit->length);
        edit->typed[edit->length] = '\0';
    }
    edit->history_at = at;
    line_set(edit, at == edit->history_count ? edit->typed : edit->history[at]);
}

static void history_earlier(struct lineedit *edit)
{
    if (edit->history_at == 0)
        bell(edit);
    else
        history_go(edit, edit->history_at - 1);
}

static void history_later(struct lineedit *edit)
{
    if (edit->history_at == edit->history_count)
        bell(edit);
    else
        history_go(edit, edit->history_at + 1);
}

/* Keeps a line that is neither blank nor the same as the one before. */
static void history_add(struct lineedit *edit)
{
    size_t blanks = 0;

    while (edit->line[blanks] == ' ')
        blanks++;
    if (edit->line[blanks] == '\0')
        return;
    if (edit->history_count > 0 && strcmp(edit->history[edit->history_count - 1], edit->line) == 0)
        return;
    if (edit->history_count == HISTORY_MAX) {
        memmove(edit->history[0], edit->history[1], sizeof edit->history - LINE_MAX);
        edit->history_count--;
    }
    memcpy(edit->history[edit->history_count++], edit->line, edit->length + 1);
}

static enum lineedit_result line_end(struct lineedit *edit, enum lineedit_result result)
{
    put_text(edit, "\r\n");
    edit->line[edit->length] = '\0';
    if (result == LINEEDIT_LINE)
        history_add(edit);
    edit->history_at = edit->history_count;
    /* The text stays readable; for the next byte the line is empty. */
    edit->cursor = 0;
    edit->window = 0;
    edit->length = 0;
    return result;
}

static enum key key_of(char final, unsigned parameter)
{
    static const enum key tilde[] = {KEY_NONE, KEY_HOME, KEY_NONE, KEY_DELETE, KEY_END,
                                     KEY_NONE, KEY_NONE, KEY_HOME, KEY_END};

    switch (final) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    case 'H':
        return KEY_HOME;
    case 'F':
        return KEY_END;
    case '~':
        return parameter < sizeof tilde / sizeof tilde[0] ? tilde[parameter] : KEY_NONE;
    default:
        return KEY_NONE;
    }
}

static void key_press(struct lineedit *edit, enum key key)
{
    switch (key) {
    case KEY_UP:
        history_earlier(edit);
        break;
    case KEY_DOWN:
        history_later(edit);
        break;
    case KEY_RIGHT:
        if (edit->cursor < edit->length)
            move_to(edit, edit->cursor + 1);
        else
            bell(edit);
        break;
    case KEY_LEFT:
        if (edit->cursor > 0)
            move_to(edit, edit->cursor - 1);
        else
            bell(edit);
        break;
    case KEY_HOME:
        move_to(edit, 0);
        break;
    case KEY_END:
        move_to(edit, edit->length);
        break;
    case KEY_DELETE:
        cut(edit, edit->cursor, edit->cursor < edit->length ? edit->cursor + 1 : edit->cursor);
        break;
    case KEY_NONE:
        break;
    }
}

/* Bytes of a control sequence, which ends with its first byte from '@' to '~'. */
static void sequence_feed(struct lineedit *edit, char byte)
{
    if (edit->state == STATE_ESCAPE) {
        edit->state = byte == '[' ? STATE_SEQUENCE : byte == 'O' ? STATE_SHIFT : STATE_PLAIN;
        edit->parameter = 0;
        return;
    }
    if (edit->state == STATE_SEQUENCE && byte >= '0' && byte <= '9') {
        if (edit->parameter < 1000)
            edit->parameter = edit->parameter * 10 + (unsigned)(byte - '0');
        return;
    }
    if (byte >= '@' && byte <= '~') {
        edit->state = STATE_PLAIN;
        key_press(edit, key_of(byte, edit->parameter));
    } else if (byte < ' ') {
        edit->state = STATE_PLAIN;
    }
}

static void control_press(struct lineedit *edit, char byte)
{
    switch (byte) {
    case CONTROL('A'):
        key_press(edit, KEY_HOME);
        break;
    case CONTROL('B'):
        key_press(edit, KEY_LEFT);
        break;
    case CONTROL('D'):
        key_press(edit, KEY_DELETE);
        break;
    case CONTROL('E'):
        key_press(edit, KEY_END);
        break;
    case CONTROL('F'):
        key_press(edit, KEY_RIGHT);
        break;
    case CONTROL('H'):
    case RUBOUT:
        cut(edit, edit->cursor > 0 ? edit->cursor - 1 : 0, edit->cursor);
        break;
    case CONTROL('K'):
        cut(edit, edit->cursor, edit->length);
        break;
    case CONTROL('L'):
        put_text(edit, "\x1b[H\x1b[2J");
        lineedit_show(edit);
        break;
    case CONTROL('N'):
        history_later(edit);
        break;
    case CONTROL('P'):
        history_earlier(edit);
        break;
    case CONTROL('U'):
        cut(edit, 0, edit->cursor);
        break;
    case CONTROL('W'):
        cut(edit, word_start(edit), edit->cursor);
        break;
    case ESCAPE:
        edit->state = STATE_ESCAPE;
        break;
    default:
        bell(edit);
    }
}

enum lineedit_result lineedit_feed(struct lineedit *edit, char byte)
{
    bool after_return = edit->after_return;

    edit->after_return = false;
    if (edit->state != STATE_PLAIN) {
        sequence_feed(edit, byte);
        return LINEEDIT_MORE;
    }
    if (byte == '\n' && after_return)
        return LINEEDIT_MORE;
    if (byte == '\r' || byte == '\n') {
        edit->after_return = byte == '\r';
        return line_end(edit, LINEEDIT_LINE);
    }
    if (byte == CONTROL('C')) {
        move_to(edit, edit->length);
        if (edit->cursor - edit->window + 2 <= window_width(edit))
            put_text(edit, "^C");
        edit->length = 0;
        return line_end(edit, LINEEDIT_INTERRUPT);
    }
    if (byte == CONTROL('D') && edit->length == 0)
        return line_end(edit, LINEEDIT_END);
    if (byte >= ' ' && byte <= '~')
        insert(edit, byte);
    else
        control_press(edit, byte);
    return LINEEDIT_MORE;
}
