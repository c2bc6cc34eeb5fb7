# SPDX-License-Identifier: BSD-2-Clause
"""Boots to the prompt, asks for help, and powers off."""


def run(session):
    machine = session.boot()
    machine.expect(r"init: system 'default' of default.toml: \d+ services are sound", timeout=30)
    machine.expect(r"mnos> ", timeout=30)
    machine.send("help\r")
    machine.expect(r"poweroff", timeout=10)
    machine.expect(r"mnos> ", timeout=10)
    session.ok(True, "the prompt answers")
    machine.send("poweroff\r")
    session.ok(machine.wait(15) == 0, "judged, started, at the prompt, and poweroff ends the machine [M128 M146]")
