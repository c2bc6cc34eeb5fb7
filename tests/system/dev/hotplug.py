# SPDX-License-Identifier: BSD-2-Clause
"""Devices are plugged in and taken out through QEMU's monitor: their drivers start and end."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pci  # noqa: E402


def state(machine, ids):
    """What the monitor says of the first device with these ids; None: it is not listed, or removed."""
    machine.send("devices all\r")
    text = machine.expect(r"\n((?:devices: |serial).*?)mnos> ", timeout=20).group(1).decode()
    devices, _ = pci.our_devices(text)
    found = [d["state"] for d in devices.values() if d["ids"] == ids and "removed" not in d["state"]]
    return found[0] if found else None


def reaches(machine, ids, wanted):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        now = state(machine, ids)
        if wanted(now):
            return True
        machine.drain(0.2)
    return False


def running(now):
    return now is not None and ", running" in now


def run(session):
    machine = session.boot(extra=["-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
                                  "-device", "pcie-root-port,id=rp0,slot=1,chassis=1",
                                  "-device", "pcie-root-port,id=rp1,slot=2,chassis=2",
                                  "-drive", "if=none,id=d0,format=raw,snapshot=on,file=build/tests/disk.img"])
    machine.expect(r"mnos> ", timeout=30)
    session.ok(state(machine, "1af4:1044") is None, "nothing is in the slots")
    for turn in range(3):
        machine.monitor("device_add virtio-rng-pci,bus=rp0,id=hot")
        session.ok(reaches(machine, "1af4:1044", running), f"turn {turn}: a device is plugged in, and its driver runs [M317]")
        machine.monitor("device_del hot")
        session.ok(reaches(machine, "1af4:1044", lambda now: now is None), f"turn {turn}: it is taken out, and its driver ends")
        deadline = time.monotonic() + 10
        while '"hot"' in machine.monitor("info qtree") and time.monotonic() < deadline:
            machine.drain(0.1)
        session.ok('"hot"' not in machine.monitor("info qtree"), f"turn {turn}: QEMU has let it go [M317]")
    machine.monitor("device_add virtio-blk-pci,bus=rp1,id=disk,drive=d0")
    session.ok(reaches(machine, "1af4:1042", running), "a disk is plugged in, and driven, without a word in any configuration")
    machine.monitor("device_add edu,bus=rp0,id=other")
    session.ok(reaches(machine, "1234:11e8", running), "and another kind of device in the slot of the first")
    machine.send("poweroff\r")
    session.ok(machine.wait(15) == 0, "poweroff ends the machine")
