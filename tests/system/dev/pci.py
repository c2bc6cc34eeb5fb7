# SPDX-License-Identifier: BSD-2-Clause
"""The device manager's list of the default system, against what QEMU's monitor says of the same machine."""
import re

KINDS = {"ports": "io", "memory": "mem32", "memory (64 bits)": "mem64"}


def qemu_devices(text):
    """{address: {"ids", "class", "irq", "bars": {index: (kind, prefetchable, base, size)}}} from `info pci`."""
    devices, current = {}, None
    for line in text.splitlines():
        head = re.match(r"\s*Bus\s+(\d+), device\s+(\d+), function (\d+):", line)
        ids = re.match(r"\s+(.*): PCI device ([0-9a-f]{4}):([0-9a-f]{4})", line)
        bar = re.match(r"\s+BAR(\d): (I/O|32 bit|64 bit)( prefetchable)?(?: memory)? at 0x([0-9a-f]+) \[0x([0-9a-f]+)\]", line)
        buses = re.match(r"\s+(secondary|subordinate) bus (\d+)\.", line)
        if head:
            current = {"bars": {}}
            devices["%02x:%02x.%d" % tuple(map(int, head.groups()))] = current
        elif ids:
            current["class"], current["ids"] = ids.group(1), ids.group(2) + ":" + ids.group(3)
        elif bar and int(bar.group(1)) < 6:
            index, kind, prefetchable, base, end = bar.groups()
            kind = {"I/O": "io", "32 bit": "mem32", "64 bit": "mem64"}[kind]
            if int(base, 16) not in (0, 0xffffffffffffffff, 0xffffffff):
                current["bars"][int(index)] = (kind, bool(prefetchable), int(base, 16), int(end, 16) - int(base, 16) + 1)
        elif buses:
            current[buses.group(1)] = int(buses.group(2))
    return devices


def our_devices(text):
    """The same from the monitor's `devices all`; and the platform devices."""
    devices, platform, current = {}, [], None
    for line in text.replace("\r", "").splitlines():
        head = re.match(r"([0-9a-f]{2}:[0-9a-f]{2}\.\d)\s+([0-9a-f]{4}:[0-9a-f]{4}) ([0-9a-f]{4}) (.*?): (.*) \[(.*)\]$", line)
        bar = re.match(r"\s+bar (\d): (.*?)(, prefetchable,)? at 0x([0-9a-f]+), (\d+) bytes", line)
        buses = re.match(r"\s+bridge to buses (\d+) to (\d+)", line)
        capability = re.match(r"\s+capability (0x[0-9a-f]+) at (0x[0-9a-f]+)", line)
        if head:
            current = {"ids": head.group(2), "code": head.group(3), "class": head.group(4), "name": head.group(5),
                       "state": head.group(6), "bars": {}, "capabilities": []}
            devices[head.group(1)] = current
        elif line and not line.startswith(" "):
            if "platform device" in line:
                platform.append(line.split()[0])
            current = {"bars": {}, "capabilities": []}
        elif bar and current is not None:
            index, kind, prefetchable, base, size = bar.groups()
            if int(base, 16) != 0:
                current["bars"][int(index)] = (KINDS[kind], bool(prefetchable), int(base, 16), int(size))
        elif buses:
            current["secondary"], current["subordinate"] = int(buses.group(1)), int(buses.group(2))
        elif capability:
            current["capabilities"].append((int(capability.group(1), 16), int(capability.group(2), 16)))
    return devices, platform


def compare(session, ours, theirs, what):
    def differences(*keys):
        return [f"{at}: {key}: {ours.get(at, {}).get(key)} against {theirs.get(at, {}).get(key)}"
                for at in sorted(set(ours) | set(theirs)) for key in keys
                if ours.get(at, {}).get(key) != theirs.get(at, {}).get(key)]

    session.ok(len(theirs) > 4 and sorted(ours) == sorted(theirs),
               f"{what}: all functions are found, and no other [M252 M314 M318]", f"{sorted(ours)} against {sorted(theirs)}")
    session.ok(not differences("ids"), f"{what}: vendors and devices are those of info pci [M251 M253]", str(differences("ids")))
    wrong = differences("bars")
    session.ok(not wrong, f"{what}: each BAR's kind, base and size are those of info pci [M256]", str(wrong))
    wrong = differences("secondary", "subordinate")
    session.ok(not wrong, f"{what}: bridges lead to the buses of info pci", str(wrong))


def listing(session, machine):
    machine.expect(r"mnos> ", timeout=30)
    # The device manager may still be on its way.
    for _ in range(50):
        machine.send("devices all\r")
        text = machine.expect(r"\n((?:devices: |serial).*?)mnos> ", timeout=20).group(1).decode()
        if not text.startswith("devices: "):
            break
        machine.drain(0.1)
    return our_devices(text), qemu_devices(machine.monitor("info pci"))


def run(session):
    disk = ["-drive", "if=none,id=d0,format=raw,snapshot=on,file=build/tests/disk.img"]
    # The pinned machine: these seven devices and no other.
    machine = session.boot(machine="pc", env=dict(session.suite["env"], VGA="std"),
                           extra=disk + ["-nic", "user,model=e1000", "-device", "virtio-blk-pci,drive=d0"])
    (ours, platform), theirs = listing(session, machine)
    compare(session, ours, theirs, "pc")
    kinds = sorted(d["class"] for d in ours.values())
    session.ok(kinds == sorted(["Host bridge", "ISA bridge", "IDE interface", "Bridge", "VGA compatible controller",
                                "Ethernet controller", "SCSI storage controller"]),
               "pc: host bridge, ISA, IDE, ACPI, VGA, Ethernet and virtio-blk, and nothing else [M255]", str(kinds))
    blk = [(at, d) for at, d in ours.items() if d["ids"] == "1af4:1001"]
    session.ok(len(blk) == 1, "pc: the virtio disk is 1af4:1001 [M254]")
    at, blk = blk[0]
    session.ok(blk["bars"].get(0) == theirs[at]["bars"].get(0) and blk["bars"][0][0] == "io" and blk["bars"][0][3] == 128,
               "pc: its BAR 0 is 128 ports where QEMU has them [M257]", str(blk["bars"]))
    session.ok(blk["bars"].get(1) == theirs[at]["bars"].get(1) and blk["bars"][1][0] == "mem32" and
               blk["bars"][1][3] == 4096, "pc: its BAR 1 is a page of registers where QEMU has it [M258]", str(blk["bars"]))
    session.ok(blk["bars"].get(4) == theirs[at]["bars"].get(4) and blk["bars"][4][:2] == ("mem64", True) and
               blk["bars"][4][3] == 16384, "pc: its BAR 4 is 64 bits wide, prefetchable, 16 KiB [M259]", str(blk["bars"]))
    session.ok((0x11, 0x98) in blk["capabilities"] and [c for c, _ in blk["capabilities"]].count(9) == 5,
               "pc: its MSI-X and vendor capabilities are found", str(blk["capabilities"]))
    session.ok(set(platform) >= {"serial", "rtc", "ps2"}, "pc: serial line, clock and keyboard controller are listed too [M314]",
               str(platform))
    session.ok(any("Red Hat" in d["name"] for d in ours.values()) and all(d["class"] != "?" for d in ours.values()),
               "pc: classes and vendors have names [M253]")
    states = {d["class"]: d["state"] for d in ours.values()}
    session.ok(states["Host bridge"] == states["Ethernet controller"] == "no driver" and
               states["SCSI storage controller"].startswith("virtio_blk, running"),
               "pc: the disk has its driver, and what nobody drives is listed as such [M315]", str(states))

    # q35, with a device of several functions and one behind a bridge.
    machine = session.boot(machine="q35", extra=disk + [
        "-device", "pcie-root-port,id=rp0,slot=0,chassis=1",
        "-device", "virtio-blk-pci,drive=d0,bus=rp0",
        "-device", "virtio-rng-pci,addr=7.0,multifunction=on", "-device", "edu,addr=7.3",
        "-device", "pci-bridge,id=br,chassis_nr=2,addr=9", "-device", "edu,bus=br,addr=4"])
    (ours, platform), theirs = listing(session, machine)
    compare(session, ours, theirs, "q35")
    session.ok(any(at.endswith("07.3") for at in ours) and any(not at.startswith("00:") for at in ours),
               "q35: a function 3 and devices behind bridges are among them [M252]", str(sorted(ours)))
    session.ok(any("running" in d["state"] for d in ours.values() if d["ids"] in ("1af4:1001", "1af4:1042")),
               "q35: the disk behind the bridge is driven", str(ours))
    session.ok(all(d["state"].startswith("edu, running") for d in ours.values() if d["ids"] == "1234:11e8"),
               "q35: the tutorial's driver runs, one for each device", str(ours))
    machine.send("poweroff\r")
    session.ok(machine.wait(15) == 0, "poweroff ends the machine")
