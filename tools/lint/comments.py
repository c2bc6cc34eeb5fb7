#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every asm block and volatile access says why it is there.

A comment counts that stands on the line, in the statement that the line is part of, directly above it (up to four lines,
within the same paragraph), or directly above the function or the run of one-line functions it is in. A file that wraps
instructions or device registers may say so once, in the comment at its top: one that speaks of asm or instructions covers
the asm, one that speaks of volatile, MMIO or registers the volatile accesses.
"""
import re
import sys

import lintlib

MARK = re.compile(r"\b(?:asm|__asm__|volatile)\b")
ROOMS = ("abi/", "boot/", "kernel/", "lib/", "servers/", "drivers/", "apps/")
COMMENT_END = re.compile(r"\*/\s*$|^\s*//")


def blank_strings(line):
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', line)


def uncommented(text):
    """Yields the numbers of lines with an asm or volatile that nothing explains."""
    lines = text.split("\n")
    top = " ".join(re.findall(r"/\*.*?\*/", text.split("\n#", 1)[0], re.DOTALL))
    covered = {"asm": re.search(r"\basm\b|instructions?\b", top, re.IGNORECASE),
               "volatile": re.search(r"\bvolatile\b|MMIO|\bregisters?\b", top, re.IGNORECASE)}
    inside = False          # in a block comment
    is_comment, code = [], []
    for line in lines:
        rest, has = blank_strings(line), inside
        out = ""
        while rest:
            if inside:
                end = rest.find("*/")
                rest, inside, has = ("", True, True) if end < 0 else (rest[end + 2:], False, True)
            else:
                begin, slashes = rest.find("/*"), rest.find("//")
                if slashes >= 0 and (begin < 0 or slashes < begin):
                    out, rest, has = out + rest[:slashes], "", True
                elif begin >= 0:
                    out, rest, inside, has = out + rest[:begin], rest[begin + 2:], True, True
                else:
                    out, rest = out + rest, ""
        is_comment.append(has)
        code.append(out)
    for i, line in enumerate(code):
        marks = MARK.findall(line)
        if not marks or is_comment[i] or covered["asm" if any("asm" in m for m in marks) else "volatile"]:
            continue
        if not explained(code, is_comment, i):
            yield i + 1


def explained(code, is_comment, i):
    # Upwards through the statement and its paragraph, then through the function to what stands above it.
    near = i - 1
    while near >= 0 and i - near <= 4 and (code[near].strip() or is_comment[near]):
        if is_comment[near]:
            return True
        near -= 1
    # The lines of the statement itself: an asm block's operands may carry the comment.
    at, depth = i, 0
    while at < len(code):
        depth += code[at].count("(") - code[at].count(")")
        if is_comment[at]:
            return True
        if depth <= 0 and ";" in code[at]:
            break
        at += 1
    # The function's start: the nearest line above that begins in column 0 with a declarator.
    top = i
    while top > 0 and (not code[top][:1].strip() or code[top][:1] in "{}#"):
        top -= 1
    # Over a run of one-line functions and over attributes to the comment above them.
    top -= 1
    while top >= 0 and code[top].strip() and not is_comment[top] and not code[top].startswith(("}", "#")):
        top -= 1
    return top >= 0 and is_comment[top]


def self_test():
    good = ["/* why */\nstatic void f(void)\n{\n    __asm__ volatile(\"hlt\");\n}\n",
            "void f(void)\n{\n    __asm__(\"x\"); /* why */\n}\n",
            "/* Instructions of the processor. */\n#ifndef X\n\nint a;\n\nvoid f(void)\n{\n    __asm__(\"x\");\n}\n",
            "/* why all */\nstatic inline void a(void) { __asm__(\"a\"); }\nstatic inline void b(void) { __asm__(\"b\"); }\n"]
    bad = ["void f(void)\n{\n    __asm__ volatile(\"hlt\");\n}\n",
           "/* one */\nint x;\n\nvoid f(void)\n{\n    int y;\n\n    *(volatile int *)0 = 1;\n}\n"]
    return [f"self-test: good {i} is reported" for i, text in enumerate(good) if list(uncommented(text))] + \
           [f"self-test: bad {i} is not reported" for i, text in enumerate(bad) if not list(uncommented(text))]


def main():
    problems = self_test()
    for path in lintlib.tree_files(".c", ".h"):
        if path.startswith(ROOMS):
            problems += [f"{path}:{n}" for n in uncommented(lintlib.read(path))]
    if sys.argv[1:] == ["--list"]:
        print("\n".join(problems))
        return
    report = lintlib.Report()
    report.check("every asm block and volatile access says why [M283]", problems, limit=60)
    report.done()


main()
