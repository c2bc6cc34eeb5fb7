# SPDX-License-Identifier: BSD-2-Clause
"""Follows "A driver in one file" in docs/drivers.md: its files, its commands, and what it types at the prompt.

The tree has that driver already: it is taken out of a copy first.
"""
import os
import re
import shlex
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../harness"))
from worktree import Worktree  # noqa: E402

PAGE, DRIVER, HEADER, SYSTEM = "docs/drivers.md", "drivers/misc/edu", "lib/include/driver/edu.h", "systems/default.toml"
ENTRY = '\n[[files]]\npath = "sbin/edu"\nfile = "build/user/stripped/edu"\n'


def take_out(session, top):
    """Nothing of the driver is left, so that what is built is what the page says."""
    shutil.rmtree(os.path.join(top, DRIVER))
    os.unlink(os.path.join(top, HEADER))
    with open(os.path.join(top, SYSTEM), encoding="utf-8") as f:
        system = f.read()
    without = system.replace(ENTRY, "\n", 1).replace('"edu0", ', "", 1)
    session.ok(ENTRY in system and "edu" not in without, "the driver is taken out of the copy")
    with open(os.path.join(top, SYSTEM), "w", encoding="utf-8") as f:
        f.write(without)


def blocks(section):
    """(language, text, the file that the sentence in front names)."""
    for m in re.finditer(r"```(\w+)\n(.*?)```", section, re.DOTALL):
        names = re.findall(r"`([\w/]+\.\w+)`", section[:m.start()])
        yield m.group(1), m.group(2), names[-1] if names else None


def file_write(top, name, text, mode):
    path = os.path.join(top, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode, encoding="utf-8") as f:
        f.write(text)


def commands_run(session, copy, text):
    for command in re.findall(r"^\$ (.*)$", text, re.M):
        done = copy.command("bash", "-c", command, timeout=900)
        session.ok(done.returncode == 0, f"{command}: succeeds", done.stdout[-2000:])


def prompt_follow(session, machine, text):
    for part in re.split(r"^mnos> ", text, flags=re.M)[1:]:
        command, *answers = part.splitlines()
        machine.send(command + "\r")
        machine.expect(re.escape(command), timeout=10)
        for answer in answers:
            machine.expect(re.escape(answer), timeout=10)
        session.ok(True, f"at the prompt: {command}")
        machine.drain(0.3)


def run(session):
    copy = Worktree(os.path.join(session.build, "tutorial-driver"))
    with open(PAGE, encoding="utf-8") as f:
        section = re.search(r"^## A driver in one file\n(.*?)^What to know beyond it", f.read(), re.M | re.S).group(1)
    take_out(session, copy.top)
    machine = None
    for language, text, name in blocks(section):
        if language == "c":
            file_write(copy.top, name, text, "w")
        elif language == "toml":
            file_write(copy.top, name, text, "a")
        elif language == "console":
            commands_run(session, copy, text)
        elif language == "boot":
            tool, image, *extra = shlex.split(text)
            session.ok(tool == "tools/qemu", "the machine is started as everywhere")
            machine = session.boot(image=f"tutorial-driver/{image}", extra=extra)
            machine.expect(r"mnos> ", timeout=60)
            machine.drain(1)
        elif language == "monitor":
            prompt_follow(session, machine, text)
    for name in (DRIVER + "/edu.c", HEADER):
        with open(name, encoding="utf-8") as mine, open(os.path.join(copy.top, name), encoding="utf-8") as told:
            session.ok(mine.read() == told.read(), f"{name} is what the page shows")
    machine.send("poweroff\r")
    session.ok(machine.wait(30) == 0, "and off")
