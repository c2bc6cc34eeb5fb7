/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Editing one line on a terminal that understands the common control sequences (ECMA-48: CUF, EL, ED, CUP).  Pure: bytes
 * in, bytes out through a function.
 *
 *   left right home end   ^B ^F ^A ^E          up down   ^P ^N: earlier lines
 *   backspace delete      ^H ^D                ^K ^U ^W  cut to the end, to the start, the word before
 *   ^C  drop the line     ^L  clear the screen   ^D  on an empty line: end of input
 *
 * A line that is longer than the terminal is wide is shown through a window that follows the cursor.
 */
#ifndef LINEEDIT_H
#define LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX    512 /* bytes of a line, the terminator included */
#define HISTORY_MAX 32
#define PROMPT_MAX  32

typedef void (*lineedit_put)(void *context, const char *text, size_t length);

enum lineedit_result {
    LINEEDIT_MORE,      /* go on */
    LINEEDIT_LINE,      /* edit->line is complete (terminated) until the next byte is fed */
    LINEEDIT_INTERRUPT, /* ^C: the line was dropped */
    LINEEDIT_END        /* ^D on an empty line */
};

enum lineedit_state { STATE_PLAIN, STATE_ESCAPE, STATE_SEQUENCE, STATE_SHIFT };

struct lineedit {
    lineedit_put put;
    void *context;
    char prompt[PROMPT_MAX];
    size_t columns; /* of the terminal, at least the prompt's length + 8 */
    char line[LINE_MAX];
    size_t length, cursor;
    size_t window; /* the first byte that is shown */
    enum lineedit_state state;
    unsigned parameter; /* of a control sequence */
    bool after_return;  /* a line feed directly behind a carriage return is part of it */
    char history[HISTORY_MAX][LINE_MAX];
    size_t history_count; /* lines kept; [0] is the oldest */
    size_t history_at;    /* the one shown; history_count: the line being typed */
    char typed[LINE_MAX]; /* what was being typed before history was looked at */
};

void lineedit_init(struct lineedit *edit, lineedit_put put, void *context, const char *prompt, size_t columns);
/* Shows the prompt and what is typed already. */
void lineedit_show(struct lineedit *edit);
/* After a line, an interrupt or an end the next byte starts a new, empty line; call lineedit_show before it. */
enum lineedit_result lineedit_feed(struct lineedit *edit, char byte);

#endif
