# SPDX-License-Identifier: BSD-2-Clause
"""The default system, typed at through the serial port the way a person does."""
import re

PROMPT = r"mnos> (?:\x1b\[K)?$"


def command(machine, line, pattern, timeout=10):
    """Types a line, waits for a pattern and then for the next prompt; the match, or None."""
    machine.send(line + "\r")
    found = machine.expect(pattern, timeout=timeout)
    machine.expect(r"mnos> ", timeout=timeout)
    return found


def run(session):
    machine = session.boot()
    machine.expect(r"serial: 16550 at 0x3f8", timeout=30)
    session.ok(True, "the serial driver says its first line through its own ports [M231 M098]")
    machine.expect(r"mnos> ", timeout=30)
    session.ok(True, "the monitor prompts")

    for name in ("help", "mem", "ps", "caps", "graph", "cores", "ledger", "spawn", "kill", "crash", "reboot", "poweroff"):
        if name == "help":
            machine.send("help\r")
        machine.expect(rf"\s{name}\s", timeout=10)
    machine.expect(r"mnos> ", timeout=10)
    session.ok(True, "help lists the commands")

    command(machine, "mem", r"free\s+\d+ KiB")
    session.ok(True, "mem tells free memory")
    found = command(machine, "ps", r"\s(\d+)\s+1 serial_driver\s")
    driver = found.group(1).decode()
    session.ok(True, "ps lists the serial driver as init's child [M078]")

    machine.send(f"caps {driver}\r")
    table = machine.expect(r"PARENT\r\n(.*?)mnos> ", timeout=10).group(1).decode()
    kinds = sorted(line.split()[1] for line in table.splitlines() if re.match(r"\s*\d+ ", line))
    session.ok([k for k in kinds if k in ("Interrupt", "IoPort")] == ["Interrupt", "IoPort"]
               and kinds.count("Endpoint") == 1 and set(kinds) <= {"Interrupt", "IoPort", "Endpoint", "Pool", "Reply",
                                                                    "Notification"},
               "the serial driver holds its line, its ports, its endpoint and what it made of its own memory [M099]")

    command(machine, "cores", r"CORE .*\r\n\s+0\s")
    command(machine, "ledger", r"frames\s+\d+ free of \d+")
    session.ok(True, "cores and ledger answer")

    command(machine, "frobnicate now", r"frobnicate: unknown command; 'help' lists the commands")
    command(machine, "caps", r"usage: caps PID")
    command(machine, "caps 4711", r"there is no process 4711")
    command(machine, "kill x", r"'x' is no pid")
    command(machine, "kill 4711", r"init has no child 4711")
    command(machine, "spawn nothing", r"no program 'nothing'")
    session.ok(True, "wrong commands are answered with what is wrong")

    # Editing: left, insert, home, delete, end, cut, history.
    command(machine, "hlp\x1b[D\x1b[De\x05", r"this list")
    command(machine, "xxmem\x01\x04\x1b[3~\x05", r"usable\s+\d+ KiB")
    command(machine, "rubbish\x15mem", r"usable\s+\d+ KiB")
    command(machine, "\x1b[A\x1b[A", r"this list")
    session.ok(True, "the line is edited as on a terminal: input comes back through a client of the driver [M101]")

    machine.send("crash\r")
    machine.expect(r"init: crash \(pid \d+\) crashed: page fault at address 0x0\r\n", timeout=10)
    machine.expect(r"rip [0-9a-f]{16} rsp [0-9a-f]{16}", timeout=10)
    machine.expect(r"rax [0-9a-f]{16} rbx", timeout=10)
    machine.expect(r"mnos> ", timeout=10)
    command(machine, "mem", r"usable\s+\d+ KiB")
    session.ok(True, "a crash is reported with name, cause, address and registers, and nothing else is disturbed")

    machine.send(f"kill {driver}\r")
    machine.expect(r"init: serial_driver restarted \(pid (\d+)\)", timeout=15)
    machine.send("\r")
    machine.expect(r"mnos> ", timeout=10)
    found = command(machine, "ps", r"\s(\d+)\s+1 serial_driver\s")
    session.ok(found.group(1).decode() != driver, "a killed serial driver is restarted, and the monitor goes on [M088]")

    machine.send("services\r")
    table = machine.expect(r"KIB\r\n(.*?)mnos> ", timeout=10).group(1).decode()
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.strip()}
    session.ok(rows["serial_driver"][0] == rows["monitor"][0] == "running" and int(rows["serial_driver"][2]) >= 1
               and rows["crash"][0] in ("stopped", "failed"), "services lists all services with their state [M296]")
    command(machine, "why crash", r"crash is \w+: ")
    command(machine, "why nobody", r"there is no service 'nobody'")
    command(machine, "start serial_driver", r"serial_driver runs already")
    before = rows["serial_driver"][1]
    machine.send("restart serial_driver\r")
    machine.expect(r"mnos> ", timeout=10)
    found = command(machine, "services", r"serial_driver\s+running\s+(\d+)")
    session.ok(found.group(1).decode() != before, "a service is restarted on command")

    found = command(machine, "names", r"serial_driver\s+\d+\s+\d+")
    session.ok(bool(found), "the name directory lists the serial driver")

    machine.send("poweroff\r")
    session.ok(machine.wait(15) == 0, "poweroff switches the machine off")
