#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A million mutated boot packages through everything that init reads of them, built with sanitizers."""
import os
import re
import subprocess

from common import BUILD, done, ok, scratch

RUNS = 1000000
SEED = os.environ.get("MNOS_SEED", "1")


def main():
    found = scratch("found")
    os.makedirs(found)
    run = subprocess.run([os.path.join(BUILD, "host/fuzz/fuzz_package"), f"-runs={RUNS}", f"-seed={SEED}",
                          f"-artifact_prefix={BUILD}/crash-package-", "-timeout=10", found, "tests/fuzz/corpus/package"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    finished = re.search(r"^Done (\d+) runs", run.stdout, re.M)
    print(f"# seed: MNOS_SEED={SEED}")
    ok(run.returncode == 0 and finished and int(finished.group(1)) >= RUNS,
       f"{RUNS} mutated packages: archive, manifest and programs are refused or read, under sanitizers [M114]",
       run.stdout[-1500:])
    done()


main()
