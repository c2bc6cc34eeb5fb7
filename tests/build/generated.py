#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is generated and kept in the tree is what the generator makes today."""
import glob
import os
import sys

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402

# file in the tree: the command that makes it, a program of the build or of the tree
GENERATED = {
    "docs/reference/syscalls.md": ["host/bin/abigen", "reference"],
    "lib/manifest/layout.h": ["tools/mkmanifest/mklayout"],
}


def differing():
    for path, (program, *arguments) in GENERATED.items():
        made = lintlib.run(program if program.startswith("tools/") else os.path.join(lintlib.BUILD, program), *arguments)
        if made != lintlib.read(path):
            yield f"{path} is not what `{program} {' '.join(arguments)}` prints; make it anew"


def pages():
    """The reference pages of the service interfaces, which the plugin of the capnp compiler has made anew."""
    names = [os.path.basename(p)[:-6] for p in sorted(glob.glob("idl/*.capnp"))]
    for name in names:
        made, kept = os.path.join(lintlib.BUILD, "gen/idl", name + ".md"), f"docs/reference/{name}.md"
        if not os.path.exists(made):
            continue
        if not os.path.exists(kept) or lintlib.read(made) != lintlib.read(kept):
            yield f"{kept} is not what `make reference` writes"
    for kept in glob.glob("docs/reference/*.md"):
        if os.path.basename(kept)[:-3] not in names + ["syscalls"]:
            yield f"{kept} belongs to no file of idl/"


def main():
    report = lintlib.Report()
    report.check("generated files in the tree are current [M150]", differing())
    report.check("the reference pages of the interfaces are current [M150]", pages())
    report.done()


main()
