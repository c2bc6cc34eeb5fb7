/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a typed line to a command.
 * LINK: apps/monitor/line.c
 */
#include "host_test.h"

#include "../../apps/monitor/monitor.h"

static void nothing(int argc, char **argv)
{
    (void)argc;
    (void)argv;
}

const struct command commands[] = {
    {"none", "", "", 0, 0, nothing},
    {"pid", "PID", "", 1, 1, nothing},
    {"many", "A [B]...", "", 1, WORDS_MAX - 1, nothing},
};
const unsigned command_count = 3;

static int split(const char *line, char **words)
{
    static char copy[512];

    snprintf(copy, sizeof copy, "%s", line);
    return line_split(copy, words);
}

static void splits_at_blanks(void **state)
{
    char *words[WORDS_MAX];

    (void)state;
    assert_int_equal(split("", words), 0);
    assert_int_equal(split("  \t ", words), 0);
    assert_int_equal(split("  kill\t 12  ", words), 2);
    assert_string_equal(words[0], "kill");
    assert_string_equal(words[1], "12");
}

static void keeps_the_first_words(void **state)
{
    char *words[WORDS_MAX];

    (void)state;
    assert_int_equal(split("a b c d e f g h i j k l m n o p q r s", words), WORDS_MAX);
    assert_string_equal(words[WORDS_MAX - 1], "p");
}

static void parses_numbers(void **state)
{
    static const struct {
        const char *word;
        bool sound;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"12", true, 12},
        {"007", true, 7},
        {"0x1f", true, 31},
        {"0xFF", true, 255},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"0x10000000000000000", false, 0},
        {"", false, 0},
        {"0x", false, 0},
        {"1a", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"0xg", false, 0},
        {"99999999999999999999", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value = 77;
        assert_int_equal(number_parse(cases[i].word, &value), cases[i].sound);
        assert_int_equal(value, cases[i].sound ? cases[i].value : 77);
    }
}

static enum command_match find(const char *line, const struct command **found)
{
    char *words[WORDS_MAX];

    return command_find(split(line, words), words, found);
}

static void finds_commands(void **state)
{
    const struct command *found = NULL;

    (void)state;
    assert_int_equal(find("", &found), COMMAND_NONE);
    assert_int_equal(find("non", &found), COMMAND_UNKNOWN);
    assert_int_equal(find("nonee", &found), COMMAND_UNKNOWN);
    assert_int_equal(find("none", &found), COMMAND_FOUND);
    assert_ptr_equal(found, &commands[0]);
    assert_int_equal(find("many 1 2 3", &found), COMMAND_FOUND);
    assert_ptr_equal(found, &commands[2]);
}

static void counts_arguments(void **state)
{
    const struct command *found = NULL;

    (void)state;
    assert_int_equal(find("none 1", &found), COMMAND_MISUSED);
    assert_int_equal(find("pid", &found), COMMAND_MISUSED);
    assert_ptr_equal(found, &commands[1]);
    assert_int_equal(find("pid 1 2", &found), COMMAND_MISUSED);
    assert_int_equal(find("many", &found), COMMAND_MISUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("monitor: a line is split at blanks", splits_at_blanks),
        TEST("monitor: words beyond the most are dropped", keeps_the_first_words),
        TEST("monitor: numbers are decimal or 0x, whole and in range", parses_numbers),
        TEST("monitor: commands are found by their whole name", finds_commands),
        TEST("monitor: too few and too many arguments are told", counts_arguments),
    };

    return RUN_TESTS(tests);
}
