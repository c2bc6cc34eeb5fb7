# SPDX-License-Identifier: BSD-2-Clause
"""Reads docs/promises.md: its sections and rows, and which issue shows which."""
import re


def rows(text):
    """[(section number, section title, {id: promise})] in the order of the document."""
    sections = []
    for line in text.split("\n"):
        head = re.match(r"## (\d+)\. (.*)", line)
        if head:
            sections.append((int(head.group(1)), head.group(2).strip(), {}))
        row = re.match(r"\| (M\d{3}) \| (.*?) \|", line)
        if row and sections:
            sections[-1][2][row.group(1)] = row.group(2)
    return sections


def expand(text):
    """The ids in a text, with `M010 to M013` spelled out."""
    found = set(re.findall(r"M\d{3}", text))
    for first, last in re.findall(r"M(\d{3}) to M(\d{3})", text):
        found |= {f"M{n:03}" for n in range(int(first), int(last) + 1)}
    return found


def owned_by(issue, text):
    """The ids that the closing table gives to an issue; half a row counts as the issue's."""
    sections = {number: set(ids) for number, _, ids in rows(text)}
    owned = set()
    table = text.split("## Which issue shows which rows", 1)
    for line in table[1].split("\n") if len(table) == 2 else []:
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) != 3 or not re.match(r"\d", cells[0]):
            continue
        numbers = []
        for part in re.split(r", ?", cells[0]):
            ends = [int(n) for n in re.findall(r"\d+", part)]
            numbers += range(ends[0], ends[-1] + 1)
        mine = set().union(*(sections.get(n, set()) for n in numbers))
        named = expand(cells[1])
        if issue.lower() in cells[1].lower():
            rest, _, whose = cells[2].partition(":")
            others = expand(re.sub(r"M\d{3}(?: \([^)]*half\)| release half)", "", rest)) if "issue" in whose else set()
            owned |= (named or mine) - others
    return owned
