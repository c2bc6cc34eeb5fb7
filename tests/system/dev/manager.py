# SPDX-License-Identifier: BSD-2-Clause
"""The device manager is killed: its drivers end, and the next one starts them anew."""
import re
import time


def processes(machine):
    machine.send("ps\r")
    table = machine.expect(r"CPU-MS\r\n(.*?)mnos> ", timeout=15).group(1).decode()
    return [(int(pid), int(parent), name) for pid, parent, name in
            re.findall(r"^\s+(\d+)\s+(\d+) (\S+)\s+(?!dead)\S+", table.replace("\r", ""), re.MULTILINE)]


def run(session):
    disk = ["-drive", "if=none,id=d0,format=raw,snapshot=on,file=build/tests/disk.img", "-device", "virtio-blk-pci,drive=d0"]
    machine = session.boot(extra=disk)
    machine.expect(r"mnos> ", timeout=30)
    before = None
    for turn in range(3):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            now = processes(machine)
            names = [name for _, _, name in now]
            manager = [pid for pid, _, name in now if name == "devmgr"]
            if manager and manager[0] != before and {"virtio_blk", "rtc", "ps2"} <= set(names):
                break
            machine.drain(0.2)
        parents = {parent for _, parent, name in now if name in ("virtio_blk", "rtc", "ps2")}
        session.ok(len(manager) == 1 and parents == {manager[0]} and names.count("virtio_blk") == 1,
                   f"turn {turn}: one device manager, and each driver once, as its child [M310]", str(now))
        before = manager[0]
        if turn < 2:
            machine.send(f"kill {before}\r")
            machine.expect(r"mnos> ", timeout=10)
    machine.send("poweroff\r")
    session.ok(machine.wait(15) == 0, "poweroff ends the machine")
