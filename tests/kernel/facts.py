# SPDX-License-Identifier: BSD-2-Clause
"""Facts of the boot: the loader's protocol, the frame bitmap, ACPI's tables, and init's first steps."""
import re
import struct

ENTRY = 0x400000
IMAGE_END = 0x4fffff  # nothing else that init executes is mapped, and nothing of the firmware or the loader lies there
BASE_TAG = struct.pack("<QQQ", 0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, 3)
MEMMAP_ID = struct.pack("<QQ", 0x67cf3d9d378a806f, 0xe304acdfc50c3c62)


def boot_log(session, **machine):
    m = session.boot(**machine)
    m.expect(r"phase 5: [^\n]*\n", timeout=30)
    return text_of(session)


def text_of(session):
    path = session.log_path if session.boots == 1 else f"{session.log_path[:-4]}.boot{session.boots}.log"
    with open(path, encoding="utf-8", errors="replace") as log:
        return log.read().replace("\r", "")


def bitmap(session, text, mem):
    """The line about frames, compared with the memory map that was printed before."""
    ends = [int(end, 16) for end in re.findall(r"memory: [0-9a-f]+ to ([0-9a-f]+) (?:usable|loader)$", text, re.MULTILINE)]
    line = re.search(r"frames: (\d+) usable, bitmap of (\d+) bytes", text)
    frames = max(ends) // 4096
    session.ok(line and int(line[2]) == (frames + 63) // 64 * 8 and int(line[2]) >= (frames + 7) // 8
               and 0 < int(line[1]) <= frames,
               f"{mem} MiB: the bitmap has a bit for each frame up to the highest usable one, in whole words [M034]",
               f"{frames} frames; {line and line[0]}")
    return int(line[2]) if line else 1 << 40


def patched(session, old, new):
    """The kernel with these bytes changed, of which there must be one place."""
    with open(f"{session.build}/kernel.elf", "rb") as f:
        image = f.read()
    assert image.count(old) == 1, "the record is not in the kernel exactly once"
    path = f"{session.scratch}/patched.elf"
    with open(path, "wb") as f:
        f.write(image.replace(old, new))
    return path


def requests(session, text):
    session.ok("limine: base revision 3, loader " in text,
               "the loader found the requests, and offers base revision 3 [M162]")
    machine = session.boot(kernel=patched(session, BASE_TAG, BASE_TAG[:16] + struct.pack("<Q", 4711)))
    machine.expect(r"limine: a base revision before 3, loader ", timeout=20)
    session.ok(True, "a base revision that the loader does not confirm is noticed [M162]")
    machine = session.boot(kernel=patched(session, MEMMAP_ID, bytes(16)))
    machine.expect(r"boot: the loader did not answer the memory map request", timeout=20)
    session.ok(machine.wait(10) == 37, "so does a request that it does not find [M162 M041]")


def acpi(session, text, kind):
    ram = [(int(a, 16), int(b, 16)) for a, b in
           re.findall(r"memory: ([0-9a-f]+) to ([0-9a-f]+) (?:usable|loader|kernel and modules)$", text, re.MULTILINE)]
    root = re.search(r"ACPI's root pointer at (0x[0-9a-f]+)", text)
    outside = root and not any(a <= int(root[1], 16) < b for a, b in ram)
    tables = re.search(r"acpi: [XR]SDT with (\d+) tables; MADT: \d+ processors", text)
    session.ok("base revision 3" in text and outside and tables and int(tables[1]) > 2,
               f"{kind}: ACPI lies outside the loader's direct map of base revision 3, and is read [M182]",
               str((root and root[0], tables and tables[0])))


def init(session, text):
    line = re.search(r"init: sbin/init, \d+ bytes, entry (0x[0-9a-f]+), pid (\d+), cr3 (0x[0-9a-f]+)", text)
    tables = re.search(r"kmap: page tables at (0x[0-9a-f]+)", text)
    session.ok(line and tables and line[2] == "1" and int(line[3], 16) not in (0, int(tables[1], 16)),
               "init is process 1 with page tables of its own, and both are printed [M228]", str(line and line[0]))
    trace = f"{session.scratch}/trace"
    machine = session.boot(extra=["-d", "in_asm", "-dfilter", f"{ENTRY:#x}..{IMAGE_END:#x}", "-D", trace])
    machine.expect(r"mnos> ", timeout=40)
    with open(trace, encoding="utf-8", errors="replace") as f:
        first = next((int(m[1], 16) for m in (re.match(r"0x([0-9a-f]+):", l) for l in f) if m), 0)
    session.ok(line and int(line[1], 16) == ENTRY and first == ENTRY,
               "the first instruction of ring 3 in QEMU's trace is the one at 0x400000 [M227]", hex(first))


def run(session):
    text = boot_log(session)
    bitmap(session, text, 128)
    acpi(session, text, "q35")
    size = bitmap(session, boot_log(session, mem=512), 512)
    session.ok(size <= 16384, "with 512 MiB the bitmap has at most 16 KiB, whatever lies above [M035]", str(size))
    acpi(session, boot_log(session, machine="pc"), "pc")
    requests(session, text)
    init(session, text)
