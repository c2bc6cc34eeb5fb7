#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The form of commit messages: one logical change each, with a subject that says what it does."""
import re
import subprocess

import lintlib

SUBJECT_MAX = 110
UNFINISHED = re.compile(r"^(wip|tmp|temp|fixup!|squash!|amend!|misc|stuff|updates?|changes|fix(es)?|checkpoint)\b[.! ]*$|^(fixup|squash|amend)!"
                        r"|\bWIP\b", re.IGNORECASE)


def problems_of(message):
    lines = message.rstrip("\n").split("\n")
    subject = lines[0]
    if not 10 <= len(subject) <= SUBJECT_MAX:
        yield f"the subject has {len(subject)} characters, 10 to {SUBJECT_MAX} are wanted"
    if subject.endswith("."):
        yield "the subject ends with a full stop"
    if not re.match(r"[A-Z]|[a-z0-9_./-]+(, [a-z0-9_./-]+)*: \S", subject):
        yield "the subject begins neither with a capital nor with `area: `"
    if UNFINISHED.search(subject):
        yield "the subject does not say what the change is"
    if len(lines) > 1 and lines[1].strip():
        yield "the second line is not empty"


def main():
    report = lintlib.Report()
    log = subprocess.run(["git", "log", "--no-merges", "--format=%h%x00%B%x01"], capture_output=True, text=True)
    if log.returncode:
        report.skip("commit messages have the agreed form [M285]", "this is no git repository")
        report.done()
    wrong = [m for m in ("wip", "Add a thing.", "fixup! Add a thing", "add a thing", "Add a thing\nat once")
             if not list(problems_of(m))]
    problems = [f"self-test: '{m}' passes" for m in wrong]
    for record in log.stdout.split("\x01"):
        if record.strip():
            commit, message = record.strip("\n").split("\0", 1)
            problems += [f"{commit} '{message.splitlines()[0]}': {p}" for p in problems_of(message)]
    report.check("commit messages have the agreed form [M285]", problems)
    report.done()


main()
