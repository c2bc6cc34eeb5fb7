#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The validator against wabt's: both say the same of random changes to the specification's modules.

usage: oracle.py [CHANGES]     how many changed modules (a seeded series)

A difference fails the test unless WABT_ACCEPTS knows it.
"""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
HOST = f"{BUILD}/wasm-host"
FEATURES = ["--enable-tail-call", "--enable-extended-const", "--enable-multi-memory"]
# Where ours is right and wabt 1.0.32 is not: it takes a constant expression that its section ends in the middle of.
WABT_ACCEPTS = re.compile(r"unexpected end")


def ours(path):
    done = subprocess.run([HOST, "--validate", path], capture_output=True, text=True, errors="replace", timeout=30)
    return done.returncode == 0, done.stderr.strip()


def theirs(path):
    done = subprocess.run(["wasm-validate", *FEATURES, path], capture_output=True, text=True, errors="replace", timeout=30)
    return done.returncode == 0, done.stderr.strip()


def changed(content, rng):
    content = bytearray(content)
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(8, len(content))
        content[at] = rng.choice([rng.randrange(256), content[at] ^ 1 << rng.randrange(8), 0x7f, 0x80, 0])
    return bytes(content)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    modules = sorted(p for p in glob.glob(f"{BUILD}/wasm/spec/*.wasm") if os.path.getsize(p) > 8)
    if not modules or shutil.which("wasm-validate") is None:
        print("1..1\nok 1 - the validator against wabt's # SKIP wabt or the specification's modules are not there")
        return 0
    rng, differences, excused = random.Random(6), [], 0
    with tempfile.TemporaryDirectory(prefix="mnos-oracle-") as scratch:
        for _ in range(count):
            origin, path = rng.choice(modules), f"{scratch}/module.wasm"
            with open(origin, "rb") as f:
                content = changed(f.read(), rng)
            with open(path, "wb") as f:
                f.write(content)
            (a, why_a), (b, why_b) = ours(path), theirs(path)
            if a == b:
                continue
            if not a and WABT_ACCEPTS.search(why_a):
                excused += 1
                continue
            kept = f"{BUILD}/wasm/oracle-{len(differences)}.wasm"
            shutil.copy(path, kept)
            differences.append(f"{kept} ({os.path.basename(origin)}): ours {why_a or 'accepts'}; wabt {why_b or 'accepts'}")
    for difference in differences[:40]:
        print("# " + difference.replace("\n", " "))
    print(f"# {excused} modules that wabt accepts by mistake")
    print(f"1..1\n{'not ok' if differences else 'ok'} 1 - the validator agrees with wabt's on {count} changed modules")
    return 1 if differences else 0


sys.exit(main())
