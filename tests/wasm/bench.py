#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How fast modules run, start and are compiled: instructions of wasm-host against those of the host's build.

usage: bench.py [--jit-only|--interp-only] [PROGRAM]...

Every program of tests/wasm/bench/ is built twice by the same clang at -O2: for the host, and for WASI.  Instructions are
those that valgrind's cachegrind counts, user mode only, the same on every machine.  What a run with 0 rounds takes, which
is starting, loading and ending, is taken off on both sides.  Prints

    bench wasm_interp_x100 N          the geometric mean of interpreter / host, times 100
    bench wasm_jit_x100 N             the same of compiled code
    bench wasm_load_per_byte_x100 N   decoding and validating the modules: instructions a byte, times 100; the worst
    bench wasm_compile_per_byte_x100 N    making x86-64 code of all functions: instructions a byte of module; the worst
    bench wasm_start N                wasm-host from its first instruction to the end of an empty program
"""
import concurrent.futures
import glob
import math
import os
import re
import shutil
import subprocess
import sys

BUILD = os.environ.get("BUILD", "build")
HOST = f"{BUILD}/wasm-host"
FOLDER = f"{BUILD}/wasm"
ROUNDS = {"calls": 40, "compress": 4, "floating": 3, "indirect": 20, "integer": 3, "memory": 2, "sha256": 3, "sorting": 4,
          "text": 10}


def count(*command):
    """(instructions, what it printed)."""
    done = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--smc-check=all",
                           *command], capture_output=True, text=True, timeout=500)
    hit = re.search(r"I +refs: +([\d,]+)", done.stderr)
    if not hit or done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: status {done.returncode}: {done.stderr[-300:]}")
    return int(hit.group(1).replace(",", "")), done.stdout


def rounds_cost(command, rounds):
    """(instructions of the rounds alone, what was printed)."""
    whole, printed = count(*command, str(rounds))
    return whole - count(*command, "0")[0], printed


def ratio(name, option, native):
    got, printed = rounds_cost([HOST, option, f"{FOLDER}/bench/{name}.wasm"], ROUNDS.get(name, 5))
    if printed != native[1]:
        raise RuntimeError(f"{name} {option}: printed {printed!r}, the host's build {native[1]!r}")
    print(f"# {name:10} {option:8} {native[0]:12} native {got:14} wasm  {got / native[0]:6.2f} times", flush=True)
    return got / native[0]


def geometric_mean(ratios):
    return round(100 * math.exp(sum(math.log(r) for r in ratios) / len(ratios)))


def load_costs(names):
    """(decoding and validating, compiling all functions besides), in instructions a byte."""
    base = count(HOST, "--validate", f"{FOLDER}/modules/empty.wasm")[0]
    for name in names:
        path = f"{FOLDER}/bench/{name}.wasm"
        size = os.path.getsize(path)
        got = count(HOST, "--validate", path)[0] - base
        compiled = count(HOST, "--jit", "--compile", path)[0] - base
        print(f"# {name:10} {size:7} bytes, {got:10} instructions to decode and validate: {got / size:.1f} a byte; "
              f"{compiled - got:10} to compile: {(compiled - got) / size:.1f}")
        yield got / size, (compiled - got) / size


def main(arguments):
    options = {"--interp": "wasm_interp_x100", "--jit": "wasm_jit_x100"}
    options = {o: n for o, n in options.items() if f"{o}-only" in arguments or not any("-only" in a for a in arguments)}
    names = [a for a in arguments if not a.startswith("--")] or \
        sorted(os.path.basename(p)[:-5] for p in glob.glob(f"{FOLDER}/bench/*.wasm")
               if not p.endswith(".simd.wasm"))
    if not names or shutil.which("valgrind") is None:
        for name in [*options.values(), "wasm_start", "wasm_load_per_byte_x100", "wasm_compile_per_byte_x100"]:
            print(f"bench {name} skip wasi-libc or valgrind is not installed")
        return
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        native = dict(zip(names, pool.map(lambda n: rounds_cost([f"{FOLDER}/bench/{n}.native"], ROUNDS.get(n, 5)), names)))
        for option, what in options.items():
            ratios = list(pool.map(lambda n, o=option: ratio(n, o, native[n]), names))
            print(f"bench {what} {geometric_mean(ratios)}")
    print(f"bench wasm_start {count(HOST, f'{FOLDER}/modules/empty.wasm')[0]}")
    loads, compiles = zip(*load_costs(names))
    print(f"bench wasm_load_per_byte_x100 {round(100 * max(loads))}")
    print(f"bench wasm_compile_per_byte_x100 {round(100 * max(compiles))}")


main(sys.argv[1:])
