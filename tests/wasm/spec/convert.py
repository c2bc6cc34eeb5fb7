#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the specification's tests ready to run: test/spec/*.wast of binaryen's source, converted by wabt's wast2json.

usage: convert.py FOLDER      writes NAME.json and NAME.N.wasm, and `list.txt`: what is there and what is not

list.txt has a line `file NAME COMMANDS` for each script, `skip NAME:LINE REASON` for each command that wast2json refuses,
or `none REASON` alone where the tests cannot be had.  Two old forms are rewritten, on the same line:
assert_return_canonical_nan and assert_return_arithmetic_nan, which today are assert_return with a NaN pattern.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import fetch  # noqa: E402

# What the engine promises; wast2json refuses the rest.
FEATURES = ["--enable-tail-call", "--enable-extended-const", "--enable-multi-memory"]
# What wast2json converts all the same, and the engine does not promise.
UNPROMISED = {"64-bit memories": re.compile(r"\(memory[^()]*\bi64\b|\(memory i64")}
ROUNDS = 60
SKIP = re.compile(r"[\s]+|;;[^\n]*|\(;.*?;\)", re.DOTALL)
NAN = re.compile(r"\(\s*assert_return_(canonical|arithmetic)_nan\b")
OWNED = re.compile(r"\(\s*(?:assert_return\w*|assert_trap|assert_exhaustion|invoke|get|register)\b[^$]*?(\$\S+)?[\s\"]")


def forms(text):
    """(start, end) of each top-level form."""
    found, at, size = [], 0, len(text)
    while at < size:
        hit = SKIP.match(text, at)
        if hit:
            at = hit.end()
            continue
        start, depth = at, 0
        while at < size:
            c = text[at]
            if c == '"':
                at += 1
                while at < size and text[at] != '"':
                    at += 2 if text[at] == "\\" else 1
            elif text.startswith(";;", at):
                at = text.find("\n", at) if "\n" in text[at:] else size
                continue
            elif text.startswith("(;", at):
                at = text.index(";)", at) + 1
            elif c == "(":
                depth += 1
            elif c == ")":
                depth -= 1
                if depth == 0:
                    at += 1
                    break
            at += 1
        found.append((start, at))
    return found


def blank(text, start, end):
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def head(text, form):
    hit = re.match(r"\(\s*(\w+)", text[form[0]:form[1]])
    return hit.group(1) if hit else "?"


def result_type(module, invoke):
    """The type of what an exported function returns, as far as the module's text says."""
    name = re.search(r'"((?:[^"\\]|\\.)*)"', invoke).group(1)
    at = module.find(f'(export "{name}")')
    hit = re.compile(r"\(result\s+(\w+)\)").search(module, at) if at >= 0 else None
    return hit.group(1) if hit else re.findall(r"(f32|f64)\.", invoke)[0]


def modern(text):
    """The old NaN assertions in today's form."""
    if not NAN.search(text):
        return text
    module, parts, done = "", [], 0
    for start, end in forms(text):
        form = text[start:end]
        old = NAN.match(form)
        if head(text, (start, end)) == "module":
            module = form
        elif old:
            body = form[old.end():-1].strip()
            form = f"(assert_return {body} ({result_type(module, body)}.const nan:{old.group(1)}))"
        parts += [text[done:start], form]
        done = end
    return "".join(parts) + text[done:]


def refused(text, complaints):
    """Blanks the forms that wast2json complained about, and what needs a module among them."""
    lines = {int(n): why for n, why in reversed(re.findall(r":(\d+):\d+: error: (.*)", complaints))}
    dropped, skips, starts = None, [], [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for start, end in forms(text):
        form = text[start:end]
        first = text.count("\n", 0, start) + 1
        last = first + form.count("\n")
        why = next((why for n, why in lines.items() if first <= n <= last), None)
        kind = head(text, (start, end))
        if why is None and dropped is not None:
            owner = OWNED.match(form)
            if kind == "module":
                dropped = None
            elif owner and (owner.group(1) in (None, dropped) or kind == "register" and owner.group(1) == dropped):
                why = "its module was refused"
        if why is not None:
            if kind == "module":
                named = re.match(r"\(\s*module\s+(\$\S+)", form)
                dropped = named.group(1) if named else ""
            skips.append((first, f"{kind}: {why}"))
            text = blank(text, start, end)
    return text, skips


def convert(path, folder):
    """(commands, skips) of one script."""
    name = os.path.basename(path)[:-5]
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        text = modern(f.read())
    output, skips = os.path.join(folder, f"{name}.json"), []
    for proposal, sign in UNPROMISED.items():
        if sign.search(text):
            return name, 0, [(1, f"the whole file: it is about {proposal}, which the engine does not promise")]
    for _ in range(ROUNDS):
        source = os.path.join(folder, f"{name}.wast")
        with open(source, "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(text)
        done = subprocess.run(["wast2json", *FEATURES, source, "-o", output], capture_output=True, text=True,
                              errors="replace")
        if done.returncode == 0:
            with open(output, encoding="utf-8") as f:
                return name, len(json.load(f)["commands"]), sorted(skips)
        text, more = refused(text, done.stderr + done.stdout)
        skips += more
        if not forms(text):
            break
        if not more:
            skips.append((1, "the whole file: " + (done.stderr.strip().split("\n") or ["?"])[0][:100]))
            break
    if os.path.exists(output):
        os.unlink(output)
    return name, 0, sorted(skips)


def make(folder):
    if shutil.which("wast2json") is None:
        return ["none wast2json (package wabt) is not installed"]
    archive, why = fetch.fetch("binaryen")
    if archive is None:
        return [f"none {why}"]
    sources = os.path.join(folder, "source")
    with tarfile.open(archive) as tar:
        for member in tar:
            if re.search(r"/test/spec/[\w.-]+\.wast$", member.name) and ".fail." not in member.name:
                member.name = os.path.basename(member.name)
                tar.extract(member, sources, filter="data") if hasattr(tarfile, "data_filter") else \
                    tar.extract(member, sources)
    lines = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        paths = sorted(os.path.join(sources, n) for n in os.listdir(sources))
        for name, commands, skips in pool.map(lambda p: convert(p, folder), paths):
            lines += [f"file {name} {commands}"] if commands else []
            lines += [f"skip {name}:{line} {why}" for line, why in skips]
    return lines


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    lines = make(folder)
    if lines[0].startswith("none "):
        print(f"  SKIP     {lines[0][5:]}")
    with open(os.path.join(folder, "list.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


main(sys.argv[1])
