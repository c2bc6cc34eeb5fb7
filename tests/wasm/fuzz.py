#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The fuzzer of the engine on the specification's modules: all of them as they are, then a fixed series of mutations.

usage: fuzz.py [RUNS]         how many mutations, 0 for none; the series is the same each time
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
RUNS = sys.argv[1] if len(sys.argv) > 1 else "20000"


def main():
    modules = glob.glob(f"{BUILD}/wasm/spec/*.wasm")
    if not modules:
        print("1..1\nok 1 - the engine's fuzzer on the specification's modules # SKIP the modules are not there")
        return 0
    found = f"{BUILD}/host/fuzz-found/wasm-spec"
    os.makedirs(found, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mnos-fuzz-") as corpus:
        for path in modules:
            shutil.copy(path, corpus)
        done = subprocess.run([f"{BUILD}/host/fuzz/fuzz_wasm", "-seed=1", f"-runs={len(modules) + int(RUNS)}",
                               "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", "-entropic=0", "-print_final_stats=1",
                               f"-artifact_prefix={found}/crash-", corpus],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    for line in done.stdout.splitlines()[-40:]:
        print(f"# {line}")
    print(f"1..1\n{'ok' if done.returncode == 0 else 'not ok'} 1 - the engine survives {len(modules)} modules and {RUNS} "
          "mutations of them, interpreted and compiled alike")
    return 0 if done.returncode == 0 else 1


sys.exit(main())
