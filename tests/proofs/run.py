#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs all bounded proofs and prints one TAP stream.

usage: run.py enumerate|fuzz      BUILD names the build folder
"""
import glob
import os
import re
import subprocess
import sys

FUZZ_RUNS = 300000
HERE = os.path.dirname(os.path.abspath(__file__))


def programs(prefix):
    """Every harness must have been built: what is missing is a failed test, not a smaller number of tests."""
    build = os.environ.get("BUILD", "build")
    for source in sorted(glob.glob(os.path.join(HERE, "proof_*.c"))):
        name = prefix + os.path.basename(source)[:-2]
        yield name, os.path.join(build, "host/proofs", name)


def run(command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, stdout=f"{error}\n")


def enumerate_all():
    for name, program in programs(""):
        done = run([program])
        found = False
        for line in done.stdout.splitlines():
            point = re.match(r"(ok|not ok) \d+ - (.*)", line)
            if point:
                found = True
                yield point[1] == "ok", point[2]
            elif not re.match(r"1\.\.\d+$", line):
                print(line if line.startswith("#") else f"# {line}")
        if not found or done.returncode not in (0, 1):
            yield False, f"{name} ends with status {done.returncode}"


def fuzz_all():
    for name, program in programs("fuzz_"):
        done = run([program, f"-runs={FUZZ_RUNS}", "-max_len=64", "-artifact_prefix=" + program + "-"])
        for line in done.stdout.splitlines()[-20:] if done.returncode else []:
            print(f"# {line}")
        yield done.returncode == 0 and f"Done {FUZZ_RUNS} runs" in done.stdout, f"{name} survives {FUZZ_RUNS} runs"


def main(how):
    number, failed = 0, 0
    for good, name in {"enumerate": enumerate_all, "fuzz": fuzz_all}[how]():
        number += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    print(f"1..{number}")
    return 1 if failed or not number else 0


sys.exit(main(*sys.argv[1:]))
