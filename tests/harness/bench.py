# SPDX-License-Identifier: BSD-2-Clause
"""Measurements against tests/bench/budgets.toml.

A benchmark program prints `bench NAME VALUE` lines in column 0, with `key=number` pairs behind them when there is
more to tell, or `bench NAME skip REASON` where it cannot judge.  Any log may hold lines `path NAME ... cr3=1 msr=0
locked=2`, as tests/bench/trace prints them: they are shown beside the number.  A budget table says

    [[budget]]
    name = "null_syscall"
    suite = "bench/kernel"          # the suite whose log has the line
    max = 60
    what = "the cheapest real system call"
    ids = ["M200"]                  # the rows shown by keeping it, if any
    standing = 75                   # not reached yet: what the tests hold it to meanwhile; only ever lowered
"""
import re
import tomllib

import tap

LINE = re.compile(r"^bench ([a-z0-9_]+) (skip|-?\d+)(.*)$")
PATH = re.compile(r"^path ([a-z0-9_]+) .*\b(cr3=\d+ msr=\d+ locked=\d+)")


def budgets(path="tests/bench/budgets.toml"):
    try:
        with open(path, "rb") as f:
            return tomllib.load(f)["budget"]
    except FileNotFoundError:
        return []


def measured(lines):
    """{name: (value or None, rest of the line)}; of several lines of one name the last counts."""
    found = {}
    for line in lines:
        hit = LINE.match(line)
        if hit:
            value = None if hit.group(2) == "skip" else int(hit.group(2))
            found[hit.group(1)] = (value, hit.group(3).strip())
    return found


def judge(suite, lines):
    """One result for every budget of the suite: kept, exceeded, skipped or never measured."""
    found, points = measured(lines), []
    mine = [b for b in budgets() if b["suite"] == suite["name"]]
    if not mine:
        points.append(tap.Point("budgets", "failed", f"budgets.toml has no budget for {suite['name']}"))
    for budget in mine:
        ids = " ".join(budget.get("ids", []))
        limit = budget.get("standing", budget["max"])
        if limit > budget["max"]:
            name = f"{budget['name']} over its budget, but not more than it was"
        else:
            name = f"{budget['name']} within its budget" + (f" [{ids}]" if ids else "")
        value, rest = found.get(budget["name"], (None, None))
        if rest is None:
            points.append(tap.Point(name, "failed", "was not measured"))
        elif value is None:
            points.append(tap.Point(name, "skipped", rest))
        else:
            points.append(tap.Point(name, "passed" if value <= limit else "failed", f"{value} of at most {limit}"))
    return points


def report(suite_lines):
    """Prints the table and then the lines `bench NAME BUDGET MEASURED` for {suite name: log lines}."""
    rows, dear = [], {}
    for lines in suite_lines.values():
        dear |= {hit.group(1): hit.group(2) for hit in map(PATH.match, lines) if hit}
    for budget in budgets():
        value, rest = measured(suite_lines.get(budget["suite"], [])).get(budget["name"], (None, None))
        rows.append((budget, value, rest))
    if not rows:
        return
    print(f"\n{'name':22} {'budget':>10} {'measured':>10}  {'':4} {'dear instructions':22} what")
    for budget, value, rest in rows:
        shown = "-" if value is None else f"{value}"
        verdict = "skip" if value is None and rest is not None else "none" if value is None else \
            "ok" if value <= budget["max"] else "OVER"
        print(f"{budget['name']:22} {budget['max']:>10} {shown:>10}  {verdict:4} {dear.get(budget['name'], ''):22} "
              f"{budget.get('what', '')}"
              + (f"  ({rest})" if rest else ""))
    print()
    for budget, value, _ in rows:
        if value is not None:
            print(f"bench {budget['name']} {budget['max']} {value}")
    print()
