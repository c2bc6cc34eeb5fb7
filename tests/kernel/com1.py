# SPDX-License-Identifier: BSD-2-Clause
"""Who touches COM1, and in which ring: QEMU's trace of the chip's registers beside that of executed code."""
import re

KERNEL = 0xffffffff80000000
ACCESS = re.compile(r"serial_(?:read|write) ")
BLOCK = re.compile(r"Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/")


def run(session):
    trace = f"{session.scratch}/trace"
    # Programs lie at 0x400000, the kernel at the top; what runs elsewhere is not of interest.
    machine = session.boot(extra=["-D", trace, "-trace", "serial_read", "-trace", "serial_write",
                                  "-dfilter", "0x400000..0x4fffff,0xffffffff80200000..0xffffffff802fffff"])
    machine.expect(r"mnos> ", timeout=40)
    with open(trace, encoding="ascii", errors="replace") as f:
        before = sum(1 for line in f if ACCESS.search(line))
    session.ok(before > 1000, "the kernel's boot messages went through COM1, and QEMU's trace shows it", f"{before} accesses")

    machine.monitor("log trace:serial_*,exec,nochain")
    with open(trace, encoding="ascii", errors="replace") as f:
        start = sum(1 for _ in f)
    machine.send("help\r")
    machine.expect(r"mnos> ", timeout=60)
    # The kernel has something to say of its own at the end.
    machine.send("crash\r")
    machine.expect(r"mnos> ", timeout=60)
    machine.send("poweroff\r")
    session.ok(machine.wait(60) == 0, "the system works while it is traced")

    user, kernel, blocks, rings = 0, [], {True: 0, False: 0}, set()
    pc = 0
    with open(trace, encoding="ascii", errors="replace") as f:
        for number, line in enumerate(f):
            block = BLOCK.search(line)
            if block:
                pc = int(block[1], 16)
                blocks[pc >= KERNEL] += 1
                rings.add((pc >= KERNEL, int(block[2], 16) & 3))  # the two lowest flags are the privilege level
            elif number >= start and ACCESS.search(line) and pc:
                if pc >= KERNEL:
                    kernel.append(hex(pc))
                else:
                    user += 1
    session.ok(blocks[True] > 1000 and blocks[False] > 1000, "kernel and programs are both in the trace", str(blocks))
    session.ok(user > 1000 and not kernel, "after the hand-over only the driver's code touches COM1 [M009]",
               f"{user} accesses by programs, {len(kernel)} by the kernel: {kernel[:5]}")
    session.ok(rings == {(True, 0), (False, 3)}, "all servers run in ring 3, the kernel alone in ring 0 [M001]", str(rings))
