/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's command line: words `key` or `key=value`, separated by blanks.  Whatever is not known is refused by name. */
#include <boot/boot_info.h>
#include <str.h>

struct cmdline cmdline;

bool cmdline_word_is(const struct cmdline_word *w, const char *key)
{
    return strlen(key) == (size_t)w->key_length && memcmp(w->key, key, (size_t)w->key_length) == 0;
}

static void word_apply(const struct cmdline_word *w)
{
    if (cmdline_word_is(w, "test")) {
        if (w->value_length >= 0)
            boot_refuse("boot: command line: test takes no value");
        cmdline.test = true;
    } else if (!cmdline_debug_word(w)) {
        boot_refuse("boot: command line: \"%.*s\" is not known", w->key_length, w->key);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void cmdline_parse(const char *text)
{
    while (*text != '\0') {
        if (is_blank(*text)) {
            text++;
            continue;
        }
        struct cmdline_word w = {.key = text, .value_length = -1};
        for (; *text != '\0' && !is_blank(*text); text++) {
            if (*text < ' ' || *text > '~')
                boot_refuse("boot: command line: character %#x is not printable", (unsigned char)*text);
            if (*text == '=' && w.value == NULL) {
                w.value = text + 1;
                w.value_length = 0;
            } else if (w.value != NULL) {
                w.value_length++;
            } else {
                w.key_length++;
            }
        }
        word_apply(&w);
    }
}
