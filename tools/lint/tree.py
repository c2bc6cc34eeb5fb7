#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The tree as a whole: licences, no paths of somebody's machine, documents that name only what exists."""
import os
import re
import subprocess
import sys

import lintlib

sys.path.insert(0, "tests/harness")
import machine  # noqa: E402

LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
SOURCES = (".c", ".h", ".S", ".py", ".ld", ".sh", ".def")
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:home|Users|work|root)/\w")
BACKTICKED = re.compile(r"`([\w./*-]+/[\w.*-]*)`")
PLACEHOLDER = re.compile(r"\*|NAME|FLAVOUR|(^|[/_])X\b|<")


def unlicensed():
    for path in lintlib.tree_files(*SOURCES):
        if not path.startswith("tests/bench/posix/") and LICENCE not in "\n".join(lintlib.read(path).split("\n")[:3]):
            yield f"{path}: no licence line"
    for path in lintlib.tree_files():
        if "third_party" in path or "vendor/" in path:
            yield f"{path}: third-party text has no place in the tree"


def machine_paths():
    for path in lintlib.tree_files():
        if path.endswith((".bin", ".elf", ".png", ".ppm", ".tar")) or path.startswith("tests/fuzz/corpus/"):
            continue
        for number, line in enumerate(lintlib.read(path).split("\n"), 1):
            if MACHINE_PATH.search(line):
                yield f"{path}:{number}: {line.strip()[:100]}"


def dead_references(document):
    """Files that a document names in backticks, with a slash, and that are not there."""
    for name in set(BACKTICKED.findall(lintlib.read(document))):
        if name.startswith(("build/", "sbin/", "/")) or PLACEHOLDER.search(name):
            continue
        roots = ("", os.path.dirname(document), "lib/include", "abi/include", "kernel/include")
        if not any(os.path.exists(os.path.join(root, name)) for root in roots):
            yield f"{document}: there is no {name}"


def code_map():
    path = "docs/code-map.md"
    if not os.path.isfile(path):
        return [f"there is no {path}"]
    rows = [r for r in lintlib.read(path).split("\n") if r.startswith("|") and "`" in r]
    return [*dead_references(path), *([] if len(rows) >= 9 else [f"{path} maps {len(rows)} duties; the boot has more"])]


def roadmap():
    """Every open item of the roadmap names promise rows or a place of tests that exists."""
    path = "docs/ROADMAP.md"
    if not os.path.isfile(path):
        return [f"there is no {path}"]
    known = set(re.findall(r"^\| (M\d{3}) \|", lintlib.read("docs/promises.md"), re.MULTILINE))
    items = [line for line in lintlib.read(path).split("\n") if line.startswith("- ")]
    problems = [] if items else [f"{path} lists no item"]
    for item in items:
        rows = set(re.findall(r"M\d{3}", item))
        if rows - known:
            problems.append(f"{path}: no such row {', '.join(sorted(rows - known))}: {item}")
        if not rows and "`tests/" not in item:
            problems.append(f"{path}: an item without its tests: {item}")
    return problems + list(dead_references(path))


def loader_configuration():
    """boot/limine.conf names protocol, kernel and one module; it and what the tests boot with wait for nobody."""
    for name, text in (("boot/limine.conf", lintlib.read("boot/limine.conf")),
                       ("the tests' configuration", machine.limine_conf(["boot/default.tar"], "quiet"))):
        keys = re.findall(r"^\s*(\w+): *(.*\S)", text, re.MULTILINE)
        for wanted in (("timeout", "0"), ("protocol", "limine"), ("module_path", "boot():/boot/default.tar")):
            if [value for key, value in keys if key == wanted[0]] != [wanted[1]]:
                yield f"{name}: `{wanted[0]}: {wanted[1]}` does not stand in it once"
        # The key has two names; both may be given.
        kernels = {value for key, value in keys if key in ("path", "kernel_path")}
        if kernels != {"boot():/boot/kernel.elf"}:
            yield f"{name}: the kernel's path is {kernels or 'missing'}"


def lowered_count():
    """The stored number of tests is not below that of the commit before."""
    def number(text):
        return int(re.search(r"^gate (\d+)$", text, re.MULTILINE).group(1))
    if not os.path.isfile("tests/count.txt"):
        return ["there is no tests/count.txt"]
    now, problems = number(lintlib.read("tests/count.txt")), []
    for commit in ("HEAD", "HEAD~1"):
        before = subprocess.run(["git", "show", f"{commit}:tests/count.txt"], capture_output=True, text=True)
        if before.returncode == 0 and number(before.stdout) > now:
            problems.append(f"tests/count.txt says {now}, in {commit} it was {number(before.stdout)}")
    return problems


def main():
    report = lintlib.Report()
    sources = lintlib.tree_files(*SOURCES)
    print(f"# {len(sources)} sources, all of this project's own making; licence BSD-2-Clause")
    report.check("every source names its licence, and none is third-party [M076]", unlicensed())
    report.check("no path of one machine in the tree", machine_paths())
    report.check("the code map names an owner file for every boot duty, and each exists [M151]", code_map())
    report.check("the roadmap's open items name their tests [M281]", roadmap())
    guide = lintlib.read("CONTRIBUTING.md")
    report.check("the contribution guide's checklist asks for comments that say why [M284]",
                 [] if "## Review checklist" in guide and re.search(r"^- \[ \] Comments say why", guide, re.MULTILINE)
                 else ["CONTRIBUTING.md has no such line"])
    report.check("documents name only files that exist",
                 [p for d in ["CONTRIBUTING.md", *lintlib.tree_files("README.md")]
                  for p in dead_references(d)])
    report.check("the loader's configuration is in the tree, and the tests boot with timeout 0 [M157]",
                 loader_configuration())
    report.check("the stored number of tests was not lowered", lowered_count())
    report.done()


main()
