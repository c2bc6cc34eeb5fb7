#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Breaks the code as each patch below tests/mutants/ says, and fails where the test named for it stays green.

usage: mutants.py [--build DIR] [--only PATTERN]... [--again]

A patch begins with
    # promise: M113
    # test: system/boot-two            the suites (a pattern), and optionally
    # test: system/ipc :: badge        ... a regular expression for the test in it that must turn red
    # kills: build                     where the mistake must already fail to compile
Works in a copy of the tree below build/mutants/.  What was judged is kept there and not judged again for the same tree and
patch, so that an interrupted run goes on where it was; --again forgets it.
"""
import argparse
import fnmatch
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import results  # noqa: E402
from worktree import Worktree  # noqa: E402


class Copy(Worktree):
    """The copy that is broken and mended again."""

    def build(self):
        return self.command("make", "-j2", "test-build")

    def run(self, suites):
        """The results of these suites that were not skipped."""
        folder = os.path.join(self.top, "build/results")
        shutil.rmtree(folder, ignore_errors=True)
        self.command("make", "-s", "run-suites", f"ONLY={suites}")
        return [t for r in results.load(folder) for t in r["tests"] if t["status"] != "skipped"]


# A machine that hangs or dies never prints the result that was to fail: the suite's own failure counts too.
OWN = {"ends in time", "exit status", "TAP stream", "no unexpected kernel message", "conversation"}


def target(said):
    """The suites, and the pattern of the test in them; '': any."""
    suites, _, test = (part.strip() for part in said["test"].partition("::"))
    return suites, test


def not_green(tests, said):
    """What is wrong with the named test in the tree as it is; None: nothing."""
    suites, test = target(said)
    named = [t for t in tests if not test or re.search(test, t["name"])]
    if not named:
        return f"no such test: {said['test']}"
    if any(t["status"] == "failed" and (t in named or t["name"] in OWN) for t in tests):
        return f"{said['test']} is not green without the patch"
    return None


def header(path):
    """What the comment lines at the top of a patch say."""
    said = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"# (promise|test|kills): *(.*\S)", line)
            if m:
                said[m.group(1)] = m.group(2)
            elif line.startswith(("diff ", "---")):
                break
    return said


def judge(copy, path, said):
    """'killed', or what is wrong."""
    suites, test = target(said)
    applied = copy.command("git", "apply", os.path.abspath(path))
    if applied.returncode:
        return "does not apply: " + applied.stdout.strip().split("\n")[0]
    try:
        built = copy.build()
        if said.get("kills") == "build":
            return "killed" if built.returncode else "SURVIVED: it builds"
        if built.returncode:
            return "does not build: " + "; ".join([x for x in built.stdout.split("\n") if "error" in x.lower()][:1])
        for t in copy.run(suites):
            if t["status"] == "failed" and (not test or re.search(test, t["name"]) or t["name"] in OWN):
                return "killed"
        return "SURVIVED"
    finally:
        copy.command("git", "apply", "-R", os.path.abspath(path))


def book_key(tree, path):
    """By this a verdict is found again."""
    with open(path, "rb") as f:
        return f"{tree} {hashlib.sha256(f.read()).hexdigest()[:16]}"


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", action="append")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    patches = [p for p in sorted(glob.glob("tests/mutants/*.patch"))
               if any(fnmatch.fnmatch(os.path.basename(p), pattern) for pattern in options.only or ["*"])]
    if not patches:
        sys.exit("mutants: there is no patch in tests/mutants/")
    top = os.path.join(options.build, "mutants")
    os.makedirs(top, exist_ok=True)
    book_path, tree = os.path.join(top, "judged.json"), results.tree_hash()
    book = {}
    if os.path.exists(book_path) and not options.again:
        with open(book_path, encoding="utf-8") as f:
            book = json.load(f)
    copy = Copy(os.path.join(top, "tree"))
    clean = copy.build()
    if clean.returncode:
        print(clean.stdout[-2000:])
        sys.exit("mutants: the tree itself does not build")
    patches = [(path, header(path), book_key(tree, path)) for path in patches]
    # What must be green is run before anything is broken, so that the tree is not built twice for each patch.
    green, verdicts = {}, []
    for _, said, key in patches:
        if key not in book and {"promise", "test"} <= set(said) and "kills" not in said and target(said)[0] not in green:
            green[target(said)[0]] = copy.run(target(said)[0])
    for path, said, key in patches:
        if not {"promise", "test"} <= set(said):
            verdict = "says neither promise nor test" if not said else "lacks its promise or its test"
        elif key in book:
            verdict = book[key]
        else:
            wrong = not_green(green[target(said)[0]], said) if target(said)[0] in green else None
            verdict = wrong or judge(copy, path, said)
            if not wrong:
                book[key] = verdict
            with open(book_path, "w", encoding="utf-8") as f:
                json.dump(book, f, indent=1)
        verdicts.append(verdict)
        print(f"{'ok  ' if verdict == 'killed' else 'FAIL'} {os.path.basename(path)[:-6]:40} {said.get('promise', '-'):10} "
              f"{said.get('test', '-'):32} {verdict}", flush=True)
    killed = verdicts.count("killed")
    print(f"{killed} mutants killed, {len(verdicts) - killed} not")
    return 0 if killed == len(verdicts) else 1


sys.exit(main())
