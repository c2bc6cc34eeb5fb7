#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs one libFuzzer target as a TAP test.

usage: fuzz.py PROGRAM CORPUS SECONDS      SECONDS 0: only replay the corpus

New inputs that the fuzzer finds stay below build/; what it crashed on is kept there too and named.
"""
import os
import subprocess
import sys


def main(program, corpus, seconds):
    name = os.path.basename(program)
    inputs = [os.path.join(corpus, f) for f in sorted(os.listdir(corpus))] if os.path.isdir(corpus) else []
    if not inputs:
        print(f"1..1\nnot ok 1 - {name} has a corpus\n# no file in {corpus}")
        return 1
    found = os.path.join(os.path.dirname(os.path.dirname(program)), "fuzz-found", name)
    os.makedirs(found, exist_ok=True)
    command = [program, f"-artifact_prefix={found}/crash-", "-timeout=10", "-rss_limit_mb=2048"]
    if int(seconds):
        what = f"{name} survives {seconds} s of mutations"
        command += [f"-max_total_time={seconds}", "-print_final_stats=1", found, corpus]
    else:
        what = f"{name} survives its {len(inputs)} corpus files"
        command += inputs
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    for line in done.stdout.splitlines():
        print(f"# {line}")
    print(f"1..1\n{'ok' if done.returncode == 0 else 'not ok'} 1 - {what}")
    return 0 if done.returncode == 0 else 1


sys.exit(main(*sys.argv[1:]))
