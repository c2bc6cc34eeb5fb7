/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/boot_info.h>

bool cmdline_debug_word(const struct cmdline_word *w)
{
    if (cmdline_word_is(w, "selftest") || cmdline_word_is(w, "inject"))
        boot_refuse("boot: command line: %.*s is known to debug kernels only", w->key_length, w->key);
    return false;
}

void selftest_run(void)
{
}
