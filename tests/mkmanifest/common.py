# SPDX-License-Identifier: BSD-2-Clause
"""TAP, and ways to call the tool."""
import os
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
TOOL = os.path.join(BUILD, "host/bin/mkmanifest")
SCRATCH = tempfile.TemporaryDirectory()
points = failed = 0


def ok(condition, name, why=""):
    global points, failed
    points += 1
    failed += not condition
    print(f"{'ok' if condition else 'not ok'} {points} - {name}")
    if not condition and why:
        print("# " + str(why).replace("\n", "\n# "))
    return condition


def done():
    print(f"1..{points}")
    sys.exit(1 if failed else 0)


def tool(*arguments):
    """(status, stdout, lines of stderr)"""
    run = subprocess.run([TOOL, *arguments], capture_output=True, text=True)
    return run.returncode, run.stdout, run.stderr.splitlines()


def scratch(name):
    return os.path.join(SCRATCH.name, name)


def written(name, text):
    path = scratch(name)
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    return path


def programs(*names):
    """A build folder that holds these programs."""
    for name in names:
        os.makedirs(scratch("build/user/stripped"), exist_ok=True)
        with open(scratch("build/user/stripped/" + name), "wb") as f:
            f.write(b"program " + name.encode() + b"\n" * 700)
    return scratch("build")
