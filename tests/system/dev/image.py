# SPDX-License-Identifier: BSD-2-Clause
"""A disk of 2,048 sectors is written by the driver; after the power is off, its image is read on the host."""
import os
import struct

SECTORS = 2048


def run(session):
    for machine_type, options in (("pc", ""), ("q35", ""), ("pc", ",disable-modern=on")):
        what = machine_type + (", legacy" if options else "")
        path = os.path.join(session.scratch, "disk.img")
        with open(path, "wb") as f:
            f.truncate(SECTORS * 512)
        machine = session.boot(machine=machine_type, extra=["-drive", f"if=none,id=d0,format=raw,file={path}",
                                                            "-device", "virtio-blk-pci,drive=d0" + options])
        words = machine.expect(r"block0: features 0x([0-9a-f]+):([a-z0-9_ ]+)\r?\n", timeout=30)
        names = words.group(2).decode().split()
        session.ok({"seg_max", "geometry", "blk_size", "flush", "topology", "config_wce", "discard"} <= set(names),
                   f"{what}: the feature word 0x{words.group(1).decode()} is told, and decoded by name [M262]", str(names))
        sectors = int(machine.expect(r"# image: (\d+) sectors", timeout=30).group(1))
        session.ok(sectors == SECTORS, f"{what}: the disk has as many sectors as its image, 2,048 [M262]", str(sectors))
        session.ok(machine.wait(20) == 33, f"{what}: the test ends well")
        with open(path, "rb") as f:
            image = f.read()
        expected = b"".join(struct.pack("<Q", (at * 0x9e3779b97f4a7c15 + 1) % 2**64) for at in range(0, SECTORS * 512, 8))
        session.ok(image == expected, f"{what}: the image holds what the driver wrote [M266]")
