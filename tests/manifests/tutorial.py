# SPDX-License-Identifier: BSD-2-Clause
"""Follows docs/add-a-service.md in a copy of the tree: its files, its commands, and what it types at the prompt."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../harness"))
from worktree import Worktree  # noqa: E402

PAGE = "docs/add-a-service.md"


def fenced(text, language):
    return [(text[:m.start()], m.group(1)) for m in re.finditer(rf"```{language}\n(.*?)```", text, re.DOTALL)]


def named(before):
    """The file that the sentence in front of a block names."""
    return re.findall(r"`([\w/]+\.\w+)`", before)[-1]


def run(session):
    copy = Worktree(os.path.join(session.build, "tutorial-service"))
    with open(PAGE, encoding="utf-8") as f:
        text = f.read()
    (before, program), = fenced(text, "c")
    path = os.path.join(copy.top, named(before))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(program)
    (before, entry), = fenced(text, "toml")
    with open(os.path.join(copy.top, named(before)), "a", encoding="utf-8") as f:
        f.write(entry)
    made = copy.command("make", "-j2", "build/default.tar", timeout=600)
    session.ok(made.returncode == 0, "the program and its entry are built into the system", made.stdout[-2000:])
    for _, block in fenced(text, "console"):
        for command in re.findall(r"^\$ (.*)$", block, re.M):
            done = copy.command("bash", "-c", command)
            session.ok(done.returncode == 0 and done.stdout == "", f"{command}: says nothing", done.stdout)

    machine = session.boot()
    machine.expect(r"mnos> ", timeout=30)
    for _, block in fenced(text, "monitor"):
        for part in re.split(r"^mnos> ", block, flags=re.M)[1:]:
            command, *answers = part.splitlines()
            machine.send(command + "\r")
            machine.expect(re.escape(command), timeout=10)
            for answer in answers:
                machine.expect(re.escape(answer), timeout=10)
            machine.expect(r"mnos> ", timeout=10)
            session.ok(True, f"at the prompt: {command}")
    machine.send("poweroff\r")
    session.ok(machine.wait(15) == 0, "and off")
