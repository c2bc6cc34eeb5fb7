#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mistakes that must not compile: each tests/negative/X.c compiles as it is and fails with -DMISTAKE.

Its comment `ERROR: regex` says what the compiler must complain about, `SHOWS: M159` which rows that shows.
"""
import glob
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402


def compile_one(flags, source, *more):
    return subprocess.run(["gcc", *flags, *more, "-fsyntax-only", source], capture_output=True, text=True)


def main():
    flags = ["-Ikernel/include/config/debug", *shlex.split(lintlib.make_variable("KCFLAGS"))]
    report = lintlib.Report()
    for source in sorted(glob.glob("tests/negative/*.c")):
        text = lintlib.read(source)
        said = dict(re.findall(r"(ERROR|SHOWS): (.*?)(?: \*/)?$", text, re.MULTILINE))
        right, wrong = compile_one(flags, source), compile_one(flags, source, "-DMISTAKE")
        problems = []
        if right.returncode:
            problems.append("without the mistake: " + right.stderr.strip().split("\n")[0])
        if not wrong.returncode:
            problems.append("the mistake compiles")
        elif not re.search(said["ERROR"], wrong.stderr):
            problems.append("another error than /" + said["ERROR"] + "/: " + wrong.stderr.strip().split("\n")[0])
        name = os.path.basename(source)[:-2].replace("_", " ")
        report.check(f"does not compile: {name}" + (f" [{said['SHOWS']}]" if "SHOWS" in said else ""), problems)
    report.done()


main()
