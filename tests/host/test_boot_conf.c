/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: boot/core/conf.c */
#include "host_test.h"

#include <boot/conf.h>

static struct conf conf;
static struct conf_error error;

static bool parse(const char *text)
{
    size_t size = strlen(text);
    char *exact = malloc(size + 1); /* so that a byte read behind the text is seen */
    assert_non_null(exact);
    char *copy = realloc(exact, size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    bool good = conf_parse(&conf, copy, size, &error);
    free(copy);
    return good;
}

static void assert_refused(const char *text, unsigned line, const char *what)
{
    assert_false(parse(text));
    assert_int_equal(error.line, line);
    assert_string_equal(error.what, what);
}

static void empty_text_has_defaults(void **state)
{
    (void)state;
    assert_true(parse(""));
    assert_int_equal(conf.timeout, 5);
    assert_int_equal(conf.default_entry, 1);
    assert_false(conf.serial || conf.verbose || conf.quiet || conf.no_timeout);
    assert_null(conf_row(&conf, 1));
}

static void whole_file_is_read(void **state)
{
    (void)state;
    assert_true(
        parse("# comment\ntimeout: 3\nserial: yes\r\n\n/One title\n  protocol: limine\n\tkernel_path: boot():/k\n"
              "  cmdline:  a b=c: d  \nmodule_path: boot():/m1\nmodule_path: boot():/m2\nmodule_string: second\n"
              "resolution: 640x480x16\nverbose: yes\n/Two\npath: boot():/x"));
    assert_int_equal(conf.timeout, 3);
    assert_true(conf.serial && conf.verbose);
    const struct conf_entry *one = conf_row(&conf, 1), *two = conf_row(&conf, 2);
    assert_string_equal(one->title, "One title");
    assert_string_equal(one->protocol, "limine");
    assert_string_equal(one->path, "boot():/k");
    assert_string_equal(one->cmdline, "a b=c: d");
    assert_int_equal(one->module_count, 2);
    assert_string_equal(one->modules[0].string, "");
    assert_string_equal(one->modules[1].path, "boot():/m2");
    assert_string_equal(one->modules[1].string, "second");
    assert_int_equal(one->width * 1000 + one->height, 640480);
    assert_int_equal(one->bpp, 16);
    assert_string_equal(two->path, "boot():/x");
    assert_null(two->protocol);
    assert_string_equal(two->cmdline, "");
    assert_null(conf_row(&conf, 3));
    assert_null(conf_row(&conf, 0));
}

static void option_names_ignore_case(void **state)
{
    (void)state;
    assert_true(parse("TimeOut: 7\nSERIAL: YES\n/x\nPROTOCOL: limine\n"));
    assert_int_equal(conf.timeout, 7);
    assert_true(conf.serial);
    assert_string_equal(conf_row(&conf, 1)->protocol, "limine");
}

static void unknown_options_have_no_effect(void **state)
{
    (void)state;
    assert_true(parse("interface_branding: x\nwallpaper: boot():/w.png\n/x\nkaslr: no\ncomment: y\npath: boot():/k\n"));
    assert_string_equal(conf_row(&conf, 1)->path, "boot():/k");
}

static void local_options_need_an_entry(void **state)
{
    (void)state;
    assert_true(parse("path: boot():/lost\nmodule_string: lost\n/x\n"));
    assert_null(conf_row(&conf, 1)->path);
}

static void timeout_no_waits(void **state)
{
    (void)state;
    assert_true(parse("timeout: no\n"));
    assert_true(conf.no_timeout);
}

static void rows_follow_open_directories(void **state)
{
    (void)state;
    assert_true(parse("/+open\n//a\n//closed\n///hidden\n//b\n/closed too\n//hidden too\n/last\n"));
    static const char *const rows[] = {"open", "a", "closed", "b", "closed too", "last"};
    for (unsigned i = 0; i < 6; i++)
        assert_string_equal(conf_row(&conf, i + 1)->title, rows[i]);
    assert_null(conf_row(&conf, 7));
    assert_true(conf_row(&conf, 1)->directory && conf_row(&conf, 3)->directory);
    assert_false(conf_row(&conf, 2)->directory);
}

static void macros_are_replaced(void **state)
{
    (void)state;
    assert_true(parse("${A}=alpha\n${B}=${A} beta\n/${B}\ncmdline: ${ARCH}${A}$ {x} ${B}\n"));
    assert_string_equal(conf_row(&conf, 1)->title, "alpha beta");
    assert_string_equal(conf_row(&conf, 1)->cmdline, "x86-64alpha$ {x} alpha beta");
}

static void later_macro_wins(void **state)
{
    (void)state;
    assert_true(parse("${A}=1\n${A}=2\n/x\ncmdline: ${A}\n"));
    assert_string_equal(conf_row(&conf, 1)->cmdline, "2");
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    assert_refused("\n\nfoo\n", 3, "neither an entry, an option nor a comment");
    assert_refused(": x\n", 1, "neither an entry, an option nor a comment");
    assert_refused("/\n", 1, "an entry without a title");
    assert_refused("//x\n", 1, "a sub-entry without the entry above it");
    assert_refused("/x\n///y\n", 2, "a sub-entry without the entry above it");
    assert_refused("/x\ncmdline: ${NOPE}\n", 2, "a macro that is not defined");
}

static void bad_values_are_named(void **state)
{
    (void)state;
    assert_refused("timeout: -1\n", 1, "timeout must be a number of seconds or no");
    assert_refused("timeout: 9999999999\n", 1, "timeout must be a number of seconds or no");
    assert_refused("timeout:\n", 1, "timeout must be a number of seconds or no");
    assert_refused("serial: maybe\n", 1, "the value must be yes or no");
    assert_refused("default_entry: 0\n", 1, "default_entry must be a number from 1");
    assert_refused("/x\nresolution: 800\n", 2, "resolution must be WIDTHxHEIGHT or WIDTHxHEIGHTxBPP");
    assert_refused("/x\nresolution: 800x\n", 2, "resolution must be WIDTHxHEIGHT or WIDTHxHEIGHTxBPP");
    assert_refused("/x\nresolution: 0x600\n", 2, "resolution must be WIDTHxHEIGHT or WIDTHxHEIGHTxBPP");
    assert_refused("/x\nresolution: 800x600x0\n", 2, "resolution must be WIDTHxHEIGHT or WIDTHxHEIGHTxBPP");
    assert_refused("/x\nmodule_string: s\n", 2, "a module's command line stands before its module_path");
}

static void zero_bytes_are_refused(void **state)
{
    (void)state;
    assert_false(conf_parse(&conf, "/x\nab\0c: d\n", 11, &error));
    assert_int_equal(error.line, 2);
    assert_string_equal(error.what, "a zero byte");
}

/* `count` times a line. */
static char *repeated(const char *line, size_t count)
{
    char *text = calloc(count, strlen(line) + 1);
    assert_non_null(text);
    char *at = text;
    for (size_t i = 0; i < count; i++, at += strlen(line))
        memcpy(at, line, strlen(line));
    return text;
}

static void assert_count(const char *head, const char *line, size_t most, const char *what)
{
    char text[CONF_TEXT * 2];
    for (size_t extra = 0; extra < 2; extra++) {
        char *lines = repeated(line, most + extra);
        snprintf(text, sizeof text, "%s%s", head, lines);
        free(lines);
        assert_int_equal(parse(text), extra == 0);
    }
    assert_string_equal(error.what, what);
}

static void counts_have_limits(void **state)
{
    (void)state;
    assert_count("", "/x\n", CONF_ENTRIES, "too many entries");
    assert_count("/x\n", "module_path: y\n", CONF_MODULES, "too many modules in one entry");
    assert_count("", "${A}=b\n", CONF_MACROS, "too many macros");
}

static void long_lines_are_refused(void **state)
{
    (void)state;
    char *text = repeated("y", CONF_LINE + 2);
    memcpy(text, "/x", 2);
    assert_refused(text, 1, "the line is too long");
    text[CONF_LINE] = 0;
    assert_true(parse(text));
    free(text);
}

static void macros_cannot_grow_without_end(void **state)
{
    (void)state;
    assert_refused("${A}=0123456789012345678901234567890123456789\n${B}=${A}${A}${A}${A}${A}${A}${A}${A}\n"
                   "/x\ncmdline: ${B}${B}${B}${B}\n",
                   4, "the line is too long");
}

static void much_text_is_refused(void **state)
{
    (void)state;
    char line[1000];
    memset(line, 'z', sizeof line);
    memcpy(line, "cmdline: ", 9);
    memcpy(line + sizeof line - 2, "\n", 2);
    char *lines = repeated(line, 40), *text = malloc(strlen(lines) + 4);
    assert_non_null(text);
    memcpy(text, "/x\n", 3);
    memcpy(text + 3, lines, strlen(lines) + 1);
    assert_false(parse(text));
    assert_string_equal(error.what, "the file has too much text");
    free(lines);
    free(text);
}

static void volume_paths(void **state)
{
    (void)state;
    assert_string_equal(conf_volume_path("boot():/a/b"), "/a/b");
    assert_string_equal(conf_volume_path("boot():/"), "/");
    static const char *const wrong[] = {"", "boot", "boot():", "boot(1):/a", "/a", "hdd(1:1):/a", "boot():/a#00ff"};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(conf_volume_path(wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("an empty limine.conf has Limine's defaults", empty_text_has_defaults),
        TEST("a whole limine.conf is read", whole_file_is_read),
        TEST("names of options ignore case", option_names_ignore_case),
        TEST("unknown options have no effect", unknown_options_have_no_effect),
        TEST("local options outside an entry are lost", local_options_need_an_entry),
        TEST("timeout no waits for a choice", timeout_no_waits),
        TEST("menu rows follow open directories", rows_follow_open_directories),
        TEST("macros are replaced, in macros too", macros_are_replaced),
        TEST("the later of two macros wins", later_macro_wins),
        TEST("bad lines are named", bad_lines_are_named),
        TEST("bad values are named", bad_values_are_named),
        TEST("zero bytes are refused", zero_bytes_are_refused),
        TEST("entries, modules and macros have limits", counts_have_limits),
        TEST("long lines are refused", long_lines_are_refused),
        TEST("macros cannot grow a line without end", macros_cannot_grow_without_end),
        TEST("more text than fits is refused", much_text_is_refused),
        TEST("only paths of the boot volume without a hash are taken", volume_paths),
    };
    return RUN_TESTS(tests);
}
