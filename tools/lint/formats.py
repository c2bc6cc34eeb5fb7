#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's messages use no more of printf than kernel/debug/format.c does."""
import re

import lintlib

KNOWN = re.compile(r"%(?:s|\.\*s|p|#?0?\d*(?:ll?|z)?[dux])")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
CALL = re.compile(r"\b(?:klog|klog_args|panic|panic_regs|boot_refuse|log_line|put_part)\s*\(((?:[^;\"]|\"(?:\\.|[^\"\\])*\")*);")


def unknown(text):
    """The conversions in messages that format_write would not understand."""
    for call in CALL.findall(COMMENT.sub("", text)):
        for literal in re.findall(r'"((?:\\.|[^"\\])*)"', call):
            rest = KNOWN.sub("", literal)
            if "%" in rest:
                yield literal


assert not list(unknown('klog("%5lu %s %#llx %.*s %016lx %p %zu %d", x);')), "knows what there is"
assert list(unknown('klog("%c");')) and list(unknown('panic("a %-5u", "b");')) and list(unknown('klog("%5s");')), "finds others"

report = lintlib.Report()
report.check("the kernel's messages want no more of printf than the kernel has",
             [f"{name}: {literal}" for name in lintlib.tree_files(".c", ".h") if name.startswith("kernel/")
              for literal in unknown(lintlib.read(name))])
report.done()
