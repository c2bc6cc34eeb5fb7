# SPDX-License-Identifier: BSD-2-Clause
"""`wasm` at the prompt: docs/wasm-guest.md, line by line."""
import re
import pathlib


def commands():
    """The page's consoles: (what is typed behind the prompt, the lines that follow)."""
    text = pathlib.Path("docs/wasm-guest.md").read_text(encoding="utf-8")
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("mnos> "):
                found.append((line[6:], []))
            elif found:
                found[-1][1].append(line)
    return found


def run(session):
    machine = session.boot()
    machine.expect(r"mnos> ", timeout=60)
    todo = commands()
    session.ok(len(todo) >= 6, f"the page has {len(todo)} commands")
    for command, lines in todo:
        machine.send(command + "\r")
        got = machine.expect(r"\n(.*?)mnos> ", timeout=30).group(1).decode(errors="replace").replace("\r", "")
        missing = [l for l in lines if l not in got.splitlines()]
        session.ok(not missing, f"{command!r} says what the page says", f"{missing} of {got!r}")
    machine.send("wasm run bin/nothing.wasm\r")
    machine.expect(r"the boot package has no file bin/nothing.wasm", timeout=10)
    machine.expect(r"mnos> ")
    machine.send("poweroff\r")
    session.ok(machine.wait(20) == 0, "poweroff ends the machine")
