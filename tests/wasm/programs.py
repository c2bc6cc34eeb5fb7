#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""C programs under wasm-host against the same programs compiled for the host; and how bad programs end.

usage: programs.py [--jit] [--node]      --node compares with node's WASI instead of the host's build
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
HOST = os.path.abspath(f"{BUILD}/wasm-host")
FOLDER = os.path.abspath(f"{BUILD}/wasm")
NODE = """
const {WASI} = require('wasi'), fs = require('fs');
const [file, dir, env, ...args] = process.argv.slice(2);
const wasi = new WASI({version: 'preview1', args: [file, ...args], env: env ? {GREETING: env} : {},
                       preopens: dir ? {'/data': dir} : {}, returnOnExit: true});
const code = new WebAssembly.Module(fs.readFileSync(file));
const instance = new WebAssembly.Instance(code, {wasi_snapshot_preview1: wasi.wasiImport});
process.exitCode = wasi.start(instance);
"""
JIT = "--jit" in sys.argv
BACKEND = ["--jit"] if JIT else ["--interp"]
number, failures = 0, 0


def tap(good, name, note=""):
    global number, failures
    number += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    if not good:
        for line in str(note).splitlines()[:20]:
            print(f"# {line}")


def run(command, stdin="", timeout=60, **more):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, errors="replace", timeout=timeout, **more)
    return done.returncode, done.stdout, done.stderr


def host(program, *args, options=(), stdin="", timeout=60):
    return run([HOST, *BACKEND, *options, program, *args], stdin, timeout)


def difference(ours, theirs):
    a, b = ours[1].splitlines(), theirs[1].splitlines()
    lines = [f"ours: {x}\ntheirs: {y}" for x, y in zip(a, b) if x != y][:5]
    return "\n".join([f"status {ours[0]} and {theirs[0]}, {len(a)} and {len(b)} lines", *lines, ours[2], theirs[2]])


def agree(name, args=(), stdin="", greeting=None, directory=False):
    """Our result of a program against the one of the other way to run it."""
    results = []
    for ours in (True, False):
        with tempfile.TemporaryDirectory(prefix="mnos-wasm-") as scratch:
            module = f"{FOLDER}/programs/{name}.wasm"
            if ours:
                options = ([f"--dir=/data={scratch}"] if directory else []) + \
                    (["--env", f"GREETING={greeting}"] if greeting else [])
                results.append(host(module, *(["/data"] if directory else args), options=options, stdin=stdin))
            elif "--node" in sys.argv:
                with tempfile.NamedTemporaryFile("w", suffix=".cjs", delete=False) as f:
                    f.write(NODE)
                results.append(run(["node", "--no-warnings", f.name, module, scratch if directory else "",
                                    greeting or "", *(["/data"] if directory else args)], stdin))
                os.unlink(f.name)
            else:
                env = {"GREETING": greeting} if greeting else {}
                results.append(run([f"{FOLDER}/programs/{name}.native", *([scratch] if directory else args)], stdin,
                                   env=env))
    ours, theirs = results
    other = "node" if "--node" in sys.argv else "the host's build"
    tap(ours[:2] == theirs[:2] and "trap" not in ours[2], f"{name} does what {other} does", difference(ours, theirs))


def computes():
    """The benchmark programs, once as they are measured and once with vectors: the checksums are the host's."""
    for path in sorted(glob.glob(f"{FOLDER}/bench/*.native")):
        name, native = os.path.basename(path)[:-7], run([path, "1"])
        plain, vectors = (host(f"{FOLDER}/bench/{name}{kind}", "1") for kind in (".wasm", ".simd.wasm"))
        tap(native[:2] == plain[:2], f"{name} computes what the host's build computes", difference(plain, native))
        tap(native[:2] == vectors[:2], f"{name} with vectors computes the same", difference(vectors, native))


def one_line(error, pattern):
    return error.count("\n") == 1 and re.search(pattern, error) is not None


def ends_badly():
    deep = f"{FOLDER}/programs/deep.wasm"
    for how, pattern in [("abort", "unreachable"), ("recursion", "call stack exhausted|out of bounds memory access"),
                         ("pointer", "out of bounds memory access"),
                         ("function", "uninitialized element|undefined element|indirect call type mismatch"),
                         ("divide", "integer divide by zero|unreachable")]:
        got = host(deep, how)
        tap(got[0] == 134 and one_line(got[2], pattern) and got[1] == "before\n", f"{how} is a trap: one line, status 134",
            got)
    got = host(deep, "forever", options=["--fuel", "1000000"])
    tap(got[0] == 134 and one_line(got[2], "fuel"), "an endless loop ends with its fuel", got)
    got = host(deep, "forever", options=["--timeout", "200"])
    tap(got[0] == 134 and one_line(got[2], "deadline"), "an endless loop ends at its deadline", got)
    got = host(deep, "memory", options=["--memory", "160"])
    mib = re.search(r"(\d+) MiB", got[1])
    tap(got[0] == 0 and mib and 4 <= int(mib.group(1)) <= 10, "memory ends at its limit", got)
    for status in (0, 1, 42, 255):
        tap(host(deep, "exit", str(status))[0] == status, f"status {status} is passed on")


def refuses():
    with tempfile.TemporaryDirectory(prefix="mnos-wasm-") as scratch:
        def bad(content, what, pattern):
            path = f"{scratch}/bad.wasm"
            with open(path, "wb") as f:
                f.write(content)
            got = host(path)
            tap(got[0] == 2 and got[1] == "" and one_line(got[2], pattern), f"{what} is refused: one line, status 2", got)

        with open(f"{FOLDER}/programs/deep.wasm", "rb") as f:
            good = f.read()
        bad(b"", "an empty file", "offset 0x0")
        bad(b"\x7fELF" + bytes(60), "an ELF file", "offset 0x0: .*magic")
        bad(b"\0asm\2\0\0\0", "another version", "offset 0x4")
        bad(good[:len(good) // 2], "half a module", r"offset 0x[0-9a-f]+: \w+")
        bad(good[:8], "a module without anything", "_start")
        got = host(f"{scratch}/none.wasm")
        tap(got[0] == 2 and one_line(got[2], "No such file"), "a file that is not there is refused", got)
        got = run([HOST, "--bogus"])
        tap(got[0] == 2 and one_line(got[2], "bogus"), "an unknown option is refused", got)
        got = host(f"{FOLDER}/modules/import.wasm")
        tap(got[0] == 2 and one_line(got[2], "env"), "an import that was not granted is refused", got)


def confined():
    """Everything outside the granted directory, by every way that a program might try."""
    with tempfile.TemporaryDirectory(prefix="mnos-wasm-") as scratch:
        os.makedirs(f"{scratch}/data/sub")
        os.makedirs(f"{scratch}/out")
        for path in ("secret", "out/file", "data/inner"):
            with open(f"{scratch}/{path}", "w", encoding="utf-8") as f:
                f.write("content")
        for target, name in (("..", "up"), ("../secret", "link"), (f"{scratch}/secret", "absolute"), ("/", "root"),
                             ("sub/../../out", "mixed"), ("../out/file", "sub/relative")):
            os.symlink(target, f"{scratch}/data/{name}")
        before = sorted(os.listdir(scratch))
        paths = [f"/data/{p}" for p in ("../secret", "sub/../../secret", "up/secret", "link", "absolute", "root/etc/passwd",
                                        "mixed/file", "sub/../up/out/file", "..", "../data/../secret", "up", "root",
                                        "./sub/./../../secret")]
        paths += ["/etc/passwd", "/", "../secret", "secret", f"{scratch}/secret", "//etc/passwd", "/data/../../etc/passwd"]
        # What the program removes are the links themselves: they are its own.
        reach = [p for p in paths if not p.split("/")[-1] in ("link", "absolute", "up", "root")]
        got = host(f"{FOLDER}/programs/reach.wasm", *reach, options=[f"--dir=/data={scratch}/data"])
        tap(got[0] == 0 and got[1] == "", "no path reaches what is outside the granted directory", got)
        tap(sorted(os.listdir(scratch)) == before, "nothing outside was made or removed", os.listdir(scratch))
        got = host(f"{FOLDER}/programs/reach.wasm", "/data/inner", options=[f"--dir=/data={scratch}/data"])
        tap(got[0] == 1 and "reached /data/inner" in got[1], "what is inside is reached", got)
        got = host(f"{FOLDER}/programs/reach.wasm", "/data/sub", ".", "/data")
        tap(got[0] == 0, "without a directory no path is reached at all", got)


def main():
    if not os.path.exists(f"{FOLDER}/programs/deep.wasm"):
        print("1..1\nok 1 - C programs under wasm-host # SKIP wasi-libc and lld are not installed")
        return 0
    if "--node" in sys.argv and shutil.which("node") is None:
        print("1..1\nok 1 - C programs under node # SKIP node is not installed")
        return 0
    agree("library")
    agree("environment", ["one", "", "drei vier"], "first\nsecond\nthird", "hello there")
    agree("environment", [], "")
    agree("files", directory=True)
    agree("clocks")
    if "--node" not in sys.argv:
        computes()
        ends_badly()
        refuses()
        confined()
    print(f"1..{number}")
    return 1 if failures else 0


sys.exit(main())
