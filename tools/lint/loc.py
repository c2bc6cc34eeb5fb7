#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Lines of code of everything linked into kernel.elf, headers included, generated tables apart.

usage: loc.py [--build DIR] [--tap | --files]      a table of the rooms, the caps as tests, or a list of the files
"""
import re
import sys
import tomllib

import lintlib

COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.DOTALL)


def code_lines(text, assembly=False):
    """Lines that are neither blank nor comment."""
    keep = COMMENT.sub(lambda m: m.group(0) if m.group(0)[0] in "\"'" else "\n" * m.group(0).count("\n"), text)
    lines = [line.strip() for line in keep.split("\n")]
    return sum(1 for line in lines if line and not (assembly and line.startswith("#") and
                                                    not re.match(r"#\s*(include|define|if|el|endif|undef)", line)))


def room(path):
    parts = path.split("/")
    if parts[:2] == ["kernel", "include"]:
        return parts[2] if len(parts) > 3 else "shared headers"
    return parts[1] if parts[0] == "kernel" else "/".join(parts[:2])


def without_rows(name, text):
    """A .def file is a table: of the system calls the kernel expands the SYSCALL rows, and those are counted."""
    return re.sub(r"^(ARG|ERROR|RESULT)\(.*\)$", "", text, flags=re.M) if name.endswith(".def") else text


def files():
    """{file: lines} of the release kernel."""
    names = {f for words in lintlib.dependencies().values() for f in words
             if not f.startswith(("/", lintlib.BUILD + "/"))}
    return {name: code_lines(without_rows(name, lintlib.read(name)), name.endswith(".S")) for name in names}


def count():
    """({room: lines of C}, {room: lines of assembly}) of the release kernel."""
    c, assembly = {}, {}
    for path, lines in files().items():
        table = assembly if path.endswith(".S") else c
        table[room(path)] = table.get(room(path), 0) + lines
    return c, assembly


def main(argv):
    if argv[:1] == ["--build"]:
        lintlib.BUILD, argv = argv[1], argv[2:]
    with open("tools/lint/rooms.toml", "rb") as f:
        config = tomllib.load(f)
    if argv == ["--files"]:
        for path, lines in sorted(files().items(), key=lambda item: -item[1]):
            print(f"{lines:6} {path}")
        return
    c, assembly = count()
    total_c, total_s = sum(c.values()), sum(assembly.values())
    if argv == ["--tap"]:
        report = lintlib.Report()
        cap, standing = config["max_c_lines"], config.get("standing_c_lines", 0)
        if standing > cap:
            report.check(f"the kernel has more than {cap} lines of C, but not more than it had [M001]",
                         [f"{total_c} lines of {standing}"] if not 0 < total_c <= standing else [])
        else:
            report.check(f"the kernel has at most {cap} lines of C [M001]",
                         [f"{total_c} lines"] if not 0 < total_c <= cap else [])
        cap = config["max_asm_lines"]
        report.check(f"the kernel has at most {cap} lines of assembly",
                     [f"{total_s} lines"] if not 0 < total_s <= cap else [])
        report.done()
    print(f"{'room':16} {'C':>6} {'asm':>6} {'guide':>6}")
    order = config["order"] + sorted((set(c) | set(assembly)) - set(config["order"]))
    for name in order:
        if name in c or name in assembly:
            print(f"{name:16} {c.get(name, 0):6} {assembly.get(name, 0):6} {config['guide'].get(name, ''):>6}")
    print(f"{'total':16} {total_c:6} {total_s:6}")
    print(f"{'cap':16} {config['max_c_lines']:6} {config['max_asm_lines']:6}")


main(sys.argv[1:])
