#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The tree builds with clang as it does with gcc, with the same warnings as errors, and its assembly is capped."""
import os
import subprocess
import sys

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402


def main():
    build = os.path.join(lintlib.BUILD, "clang")
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD")}
    done = subprocess.run(["make", "-j2", "build", "CC=clang", f"BUILD={build}"], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    problems = [] if done.returncode == 0 else done.stdout.strip().split("\n")[-15:]
    for kernel in ("kernel.elf", "kernel-debug.elf"):
        if not os.path.isfile(os.path.join(build, kernel)):
            problems.append(f"there is no {build}/{kernel}")
    for stamp in ("kernel-release", "kernel-debug", "user"):
        words = lintlib.read(os.path.join(build, "obj", stamp, ".flags")).split()
        problems += [f"{stamp}: no {w}" for w in ("clang", "-Wall", "-Wextra", "-Werror") if w not in words]
    counted = subprocess.run(["tools/lint/loc.py", "--tap"], env=dict(env, BUILD=lintlib.BUILD), capture_output=True, text=True)
    capped = [line for line in counted.stdout.split("\n") if line.startswith("ok") and line.endswith("lines of assembly")]
    report = lintlib.Report()
    report.check("clang builds kernels, programs and package without a warning", problems)
    report.check("both compilers build it, and its assembly is counted and capped [M070]",
                 problems + ([] if capped else counted.stdout.split("\n")))
    report.done()


main()
