#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which rows of docs/promises.md are shown by tests that ran on this tree and passed.

usage: promises.py [--build DIR] [--issue NAME]

Runs the gate first when there is no complete result for the tree as it stands.  Prints a line
`promises SECTION SHOWN TOTAL` for each section, then the failing and the open rows; with --issue only the rows that the
table at the end of promises.md gives to that issue.
"""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import results  # noqa: E402
from promises_table import owned_by, rows  # noqa: E402

DOCUMENT = "docs/promises.md"


def has_complete_result(folder, tree):
    try:
        with open(os.path.join(folder, "complete.txt"), encoding="utf-8") as f:
            done_tree, tier = f.read().split()
    except (OSError, ValueError):
        return False
    return done_tree == tree and tier in ("gate", "full")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--issue")
    options = parser.parse_args()
    folder = os.path.join(options.build, "results")
    tree = results.tree_hash()
    if not has_complete_result(folder, tree):
        print("promises: no complete result for this tree; running the gate first", flush=True)
        subprocess.run(["make", "test", f"BUILD={options.build}"], check=False)
    passed, failed = {}, {}
    for record in results.load(folder, tree):
        for test in record["tests"]:
            if test["status"] == "skipped":
                continue
            table = passed if test["status"] == "passed" else failed
            for row in test["ids"]:
                table.setdefault(row, []).append(f"{record['suite']}: {test['name']}")
    with open(DOCUMENT, encoding="utf-8") as f:
        text = f.read()
    owned = owned_by(options.issue, text) if options.issue else None
    if owned is not None and not owned:
        sys.exit(f"promises: the table at the end of {DOCUMENT} gives no row to '{options.issue}'")
    sections, open_rows = rows(text), []
    known = set().union(*(ids for _, _, ids in sections))
    for number, title, ids in sections:
        mine = {i: t for i, t in ids.items() if owned is None or i in owned}
        if not mine:
            continue
        shown = [i for i in mine if i in passed and i not in failed]
        open_rows += [(i, t) for i, t in mine.items() if i not in passed and i not in failed]
        print(f"promises {number} {len(shown)} {len(mine)}")
    print("\nfailing rows:" if set(failed) & known else "\nno row fails")
    for row in sorted(set(failed) & known):
        print(f"  {row}  {'; '.join(failed[row])}")
    print(f"\nopen rows (no test that ran): {len(open_rows)}")
    for row, promise in open_rows:
        print(f"  {row}  {promise}")
    unknown = sorted((set(passed) | set(failed)) - known)
    if unknown:
        print(f"\ntests name rows that {DOCUMENT} does not have: {', '.join(unknown)}")
    return 1 if failed or unknown else 0


sys.exit(main())
