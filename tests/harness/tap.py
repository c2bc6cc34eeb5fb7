# SPDX-License-Identifier: BSD-2-Clause
"""Reads test results in the Test Anything Protocol out of a log that holds other lines too.

A result line starts in column 0 with `ok` or `not ok`, a plan is `1..N`.  A log may hold the output of several
programs, each with its own plan; the plans together must announce exactly the results that are there.
"""
import re
from dataclasses import dataclass, field

RESULT = re.compile(r"^(not ok|ok)\b(?: +(\d+))?(?: +-)? *([^#]*?) *(?:# *(.*))?$")
PLAN = re.compile(r"^1\.\.(\d+)(?: *# *[Ss][Kk][Ii][Pp]\S* *(.*))?$")
IDS = re.compile(r"\[((?:M\d{3}[ ,]*)+)\]\s*$")


@dataclass
class Point:
    """One test result: status is 'passed', 'failed' or 'skipped'."""
    name: str
    status: str
    note: str = ""
    ids: list = field(default_factory=list)

    def __post_init__(self):
        found = IDS.search(self.name)
        if found and not self.ids:
            self.ids = re.findall(r"M\d{3}", found.group(1))


def parse(lines):
    """Returns (points, problems): the results, and what is wrong with the stream as a whole."""
    points, problems, planned, plans = [], [], 0, 0
    for line in lines:
        line = line.rstrip("\r\n")
        plan = PLAN.match(line)
        if plan:
            plans += 1
            planned += int(plan.group(1))
            if int(plan.group(1)) == 0:
                points.append(Point(plan.group(2) or "whole program", "skipped", plan.group(2) or ""))
                planned += 1
            continue
        if line.startswith("Bail out!"):
            problems.append(line)
            continue
        result = RESULT.match(line)
        if not result:
            continue
        verdict, _, name, directive = result.groups()
        status = "passed" if verdict == "ok" else "failed"
        if directive and directive.lower().startswith("skip"):
            status = "skipped"
            name = name or directive[4:].strip()
        points.append(Point(name or f"test {len(points) + 1}", status, directive or ""))
    if plans == 0:
        problems.append("no TAP plan (1..N) was printed")
    elif planned != len(points):
        problems.append(f"{planned} results were announced, {len(points)} were printed")
    return points, problems
