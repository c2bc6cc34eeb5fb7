#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The language: C17 by flags, known compiler extensions only, no header of the host in ring 0 or ring 3."""
import glob
import os
import re
import shlex
import subprocess

import lintlib

WANTED = ["-std=c17", "-Wall", "-Wextra", "-Werror"]
# The compiler extensions that are used, as -Wpedantic names them.
EXTENSIONS = [
    r"ISO C forbids braced-groups within expressions",     # macros that evaluate an argument once
    r"ISO C does not support '__int128' types",            # 64 x 64 bit products
    r"ISO C forbids forming the address of a label|taking the address of a label",
    r"ISO C does not permit named variadic macros|requires at least one argument for the \"\.\.\.\"",
    r"__VA_OPT__ is not available",
    r"ISO C forbids an empty translation unit",
    r"type of bit-field .* is a GCC extension",
    r"ISO C forbids conversion of (?:function pointer to object|object pointer to function) pointer type",
    r"ISO C forbids assignment between function pointer and|ISO C forbids passing argument",
    r"struct has no members|zero-size array",
    r"string length '\d+' is greater than the length '4095'",
]


def flag_problems():
    stamps = glob.glob(f"{lintlib.BUILD}/obj/*/.flags")
    if not stamps:
        yield "nothing was compiled"
    for stamp in stamps:
        words = lintlib.read(stamp).split()
        for flag in WANTED:
            if flag not in words:
                yield f"{stamp}: no {flag}"
        if [w for w in words if w.startswith("-std=")] != ["-std=c17"]:
            yield f"{stamp}: another -std than c17"
        tree = os.path.basename(os.path.dirname(stamp))
        if tree.startswith(("kernel", "user", "boot", "host")) and any(w.startswith("-Wno-") for w in words):
            yield f"{stamp}: a warning is switched off"


def unlisted_extensions(sources, flags):
    listed = re.compile("|".join(EXTENSIONS))
    for source in sources:
        done = subprocess.run(["gcc", *[f for f in flags if f != "-Werror"], "-Wpedantic", "-fsyntax-only", source],
                              capture_output=True, text=True, env=dict(os.environ, LC_ALL="C"))
        if done.returncode:
            yield f"{source}: does not compile"
        for line in done.stderr.splitlines():
            if "[-Wpedantic]" in line and not listed.search(line):
                yield line


def host_headers(trees):
    compiler = [os.path.realpath(p) + "/" for p in lintlib.make_variable("CCINC").split()]
    seen = 0
    for tree in trees:
        for folder, _, files in os.walk(os.path.join(lintlib.BUILD, "obj", tree)):
            for name in (f for f in files if f.endswith(".d")):
                seen += 1
                text = lintlib.read(os.path.join(folder, name)).replace("\\\n", " ").split("\n", 1)[0]
                for word in text.split(":", 1)[1].split():
                    if os.path.isabs(word) and not os.path.realpath(word).startswith(tuple(compiler)) \
                            and not os.path.realpath(word).startswith(os.path.realpath(lintlib.BUILD) + "/"):
                        yield f"{name}: {word}"
    if not seen:
        yield "nothing was compiled"


def main():
    report = lintlib.Report()
    report.check("every compilation is C17 with all warnings as errors", flag_problems())
    kernel = [s for s in lintlib.kernel_sources() if s.endswith(".c")]
    flags = ["-Ikernel/include/config/release", *shlex.split(lintlib.make_variable("KCFLAGS"))]
    user = [s for s in lintlib.tree_files(".c") if s.startswith(("lib/libmnos/", "servers/", "fs/", "drivers/", "apps/"))]
    uflags = shlex.split(lintlib.make_variable("UCFLAGS"))
    report.check("no compiler extension outside the listed set [M075]",
                 [*unlisted_extensions(kernel, flags), *unlisted_extensions(user, uflags)])
    link = lintlib.make_variable("KLDFLAGS").split() + lintlib.make_variable("ULDFLAGS").split()
    report.check("no host header in kernel and programs, linked with -nostdlib [M071]",
                 [*host_headers(["kernel-release", "kernel-debug", "user"]),
                  *([] if link.count("-nostdlib") == 2 else ["a link is without -nostdlib"])])
    report.done()


main()
