#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Follows docs/wasm-programs.md: writes its C program, runs each command behind a `$`, compares what it prints."""
import os
import re
import subprocess
import sys
import tempfile

PAGE = "docs/wasm-programs.md"
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))


def steps(text):
    """(command, expected lines) of the console blocks, in order."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def same(got, wanted):
    """A place in a module is not the page's to tell."""
    return [re.sub(r" \(function .*\)$", "", line) for line in got] == wanted


def main():
    if not os.path.exists("/usr/include/wasm32-wasi"):
        print("1..1\nok 1 - the page on WebAssembly programs # SKIP wasi-libc is not installed")
        return 0
    with open(PAGE, encoding="utf-8") as f:
        text = f.read()
    program = re.search(r"```c\n(.*?)```", text, re.DOTALL).group(1)
    todo, status, bad = steps(text), 0, 0
    with tempfile.TemporaryDirectory(prefix="mnos-tutorial-") as scratch:
        with open(f"{scratch}/count.c", "w", encoding="utf-8") as f:
            f.write(program)
        os.symlink(BUILD, f"{scratch}/build")
        print(f"1..{len(todo)}")
        for number, (command, wanted) in enumerate(todo, 1):
            if command.startswith("make "):  # the harness has built it
                good, got = os.path.exists(f"{BUILD}/wasm-host"), []
            elif command == "echo $?":
                got = [str(status)]
                good = got == wanted
            else:
                done = subprocess.run(["bash", "-c", command], cwd=scratch, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, timeout=60)
                status, got = done.returncode, done.stdout.splitlines()
                good = same(got, wanted)
            bad += not good
            print(f"{'ok' if good else 'not ok'} {number} - {command}")
            if not good:
                print("".join(f"# got: {line}\n" for line in got), end="")
    return 1 if bad else 0


sys.exit(main())
