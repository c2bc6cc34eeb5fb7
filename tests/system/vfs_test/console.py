# SPDX-License-Identifier: BSD-2-Clause
"""The console: a program reads lines from /dev/console that a person types on the serial line."""


def run(session):
    machine = session.boot()
    machine.expect(r"name\? ", timeout=60)
    machine.send("Adax\x7f\r")
    session.ok(machine.expect(r"Adax\x08 \x08\r\nhello Ada\r\n", timeout=20), "a line is echoed, edited and read [M324]")
    machine.expect(r"name\? ", timeout=20)
    machine.send("gone\x15Bob\r")
    session.ok(machine.expect(r"hello Bob\r\n", timeout=20), "the kill character drops what was typed")
    machine.expect(r"name\? ", timeout=20)
    machine.send("\x04")
    session.ok(machine.expect(r"bye", timeout=20), "an end of file is read")
    session.ok(machine.wait(20) == 33, "and the machine goes off")
