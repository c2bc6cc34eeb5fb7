# SPDX-License-Identifier: BSD-2-Clause
"""How a driver's registers are mapped, as the machine sees its page tables; and that it can reach no others."""
import re


def run(session):
    machine = session.boot(extra=["-device", "edu"])
    at, size = machine.expect(r"# nosy: registers at (?:0x)?([0-9a-f]+), (\d+) bytes", timeout=30).groups()
    at, size = int(at, 16), int(size)
    said = machine.expect(r"(.*)# spinning\r?\n", timeout=40).group(1).decode()
    session.ok("not ok" not in said and len(re.findall(r"^ok ", said, re.M)) == 10, "it is refused everything", said[-500:])
    machine.drain(0.5)
    pages = {}
    for line in machine.monitor("info tlb").splitlines():
        if found := re.match(r"\s*([0-9a-f]{16}): ([0-9a-f]{16}) (\S+)", line):
            pages[int(found.group(1), 16)] = (int(found.group(2), 16), found.group(3))
    bar = [int(a, 16) for a in re.findall(r"BAR0: 32 bit memory at 0x([0-9a-f]+)", machine.monitor("info pci"))]
    mine = {a: p for a, p in pages.items() if at <= a < at + size}
    session.ok(mine and all("C" in flags and "U" in flags and "W" in flags for _, flags in mine.values()),
               "its registers are mapped uncached", str(list(mine.items())[:3]))
    session.ok(mine and min(p for p, _ in mine.values()) in bar and
               all(physical - min(p for p, _ in mine.values()) == a - at for a, (physical, _) in mine.items()),
               "they are those of its BAR", f"{bar} {list(mine.items())[:3]}")
    others = [(hex(a), hex(p)) for a, (p, flags) in pages.items() if "U" in flags and p >= 0x80000000 and a not in mine]
    session.ok(not others, "no other device memory is within its reach [M265]", str(others))
    session.ok(machine.wait(20) == 33, "the test ends well")
