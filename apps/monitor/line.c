/* SPDX-License-Identifier: BSD-2-Clause */
/* From a line to a command.  Pure. */
#include <str.h>

#include "monitor.h"

int line_split(char *line, char **words)
{
    int count = 0;

    for (char *at = line; count < WORDS_MAX;) {
        while (*at == ' ' || *at == '\t')
            at++;
        if (*at == '\0')
            break;
        words[count++] = at;
        while (*at != '\0' && *at != ' ' && *at != '\t')
            at++;
        if (*at != '\0')
            *at++ = '\0';
    }
    return count;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

bool number_parse(const char *word, uint64_t *value)
{
    unsigned base = 10;
    uint64_t number = 0;

    if (word[0] == '0' && word[1] == 'x') {
        base = 16;
        word += 2;
    }
    if (*word == '\0')
        return false;
    for (; *word; word++) {
        unsigned digit = (unsigned)digit_value(*word);
        if (digit >= base || number > (UINT64_MAX - digit) / base)
            return false;
        number = number * base + digit;
    }
    *value = number;
    return true;
}

enum command_match command_find(int count, char *const *words, const struct command **found)
{
    if (count == 0)
        return COMMAND_NONE;
    for (unsigned i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        if (strcmp(words[0], command->name) != 0)
            continue;
        *found = command;
        return count - 1 < command->least || count - 1 > command->most ? COMMAND_MISUSED : COMMAND_FOUND;
    }
    return COMMAND_UNKNOWN;
}
