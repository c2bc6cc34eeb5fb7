#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each wrapper that the library's headers offer is called by a test program."""
import glob
import os
import re
import sys

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402

# Pure tables and texts are tested on the host.
TESTS = ("tests/system/**/*.c", "tests/host/*.c")

# Clients of servers are tested with those servers.
PROTOCOLS = {"console.h", "initctl.h", "names.h"}
# main is the program's; the mnos_fast_* calls are made of the other.
PARTS = {"main", "mnos_fast_do"}


def code(path):
    """A C file's text without comments, strings and preprocessor lines."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", lintlib.read(path), flags=re.DOTALL)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", "", text, flags=re.MULTILINE)


def offered(path):
    """The functions that a header declares or defines."""
    text = re.sub(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)", " ", code(path))
    while re.search(r"\{[^{}]*\}", text):
        text = re.sub(r"\{[^{}]*\}", ";", text)
    return re.findall(r"[\w*]\s*\b(\w+)\s*\((?:[^()]|\([^()]*\))*\)\s*;", text)


def called():
    names = set()
    for pattern in TESTS:
        for path in glob.glob(pattern, recursive=True):
            names |= set(re.findall(r"\b(\w+)\s*\(", code(path)))
            names |= set(re.findall(r"[(,]\s*(\w+)\s*[,)]", code(path)))  # handed over as a function
    return names


def main():
    headers = [h for h in sorted(glob.glob("lib/include/libmnos/*.h")) if os.path.basename(h) not in PROTOCOLS]
    headers.append(f"{lintlib.BUILD}/gen/mnos/calls.h")
    functions = {name: path for path in headers for name in offered(path) if name not in PARTS}
    report = lintlib.Report()
    print(f"# {len(functions)} functions in {len(headers)} headers")
    report.check("the library's headers offer functions", [] if len(functions) > 80 else [str(sorted(functions))])
    names = called()
    report.check("each wrapper of the library is called by a test program [M230]",
                 [f"{path}: {name} is called by no test" for name, path in sorted(functions.items()) if name not in names])
    report.done()


main()
