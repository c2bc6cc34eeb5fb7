#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What readelf and objdump say of the linked kernels and programs."""
import glob
import os
import re

import lintlib

KERNEL_BASE = 0xFFFFFFFF80200000
PROGRAM_BASE = 0x400000
VECTOR = re.compile(r"%(?:[xyz]mm\d+|mm\d|st\b|k[0-7]\b)")


class Elf:
    """Entry, segments [(type, vaddr, memsize, flags)] and allocated sections {name: (address, size, flags)}."""

    def __init__(self, path):
        self.path = path
        header = lintlib.run("readelf", "-hW", path)
        self.entry = int(re.search(r"Entry point address:\s+(0x[0-9a-f]+)", header).group(1), 16)
        self.segments, self.sections = [], {}
        for line in lintlib.run("readelf", "-lW", path).splitlines():
            m = re.match(r"\s+(\w+)\s+0x\S+ (0x\S+) 0x\S+ 0x\S+ (0x\S+) (.{3}) ", line)
            if m:
                self.segments.append((m.group(1), int(m.group(2), 16), int(m.group(3), 16), m.group(4).replace(" ", "")))
        for line in lintlib.run("readelf", "-SW", path).splitlines():
            m = re.match(r"\s+\[ *\d+\] (\.\S+)\s+\S+\s+([0-9a-f]{16}) [0-9a-f]+ ([0-9a-f]+) \S+\s+(\w*) ", line)
            if m and "A" in m.group(4):
                self.sections[m.group(1)] = (int(m.group(2), 16), int(m.group(3), 16), m.group(4))
        self.loads = [s for s in self.segments if s[0] == "LOAD"]

    def problems_of_segments(self, base):
        for _, address, _, flags in self.loads:
            if address % 4096:
                yield f"{self.path}: a segment begins at {address:#x}, not on a page"
            if "W" in flags and "E" in flags:
                yield f"{self.path}: the segment at {address:#x} is writable and executable"
        pages = [(a // 4096, (a + size - 1) // 4096) for _, a, size, _ in self.loads if size]
        for (_, last), (first, _) in zip(sorted(pages), sorted(pages)[1:]):
            if first <= last:
                yield f"{self.path}: two segments share the page {first * 4096:#x}"
        if not self.loads or self.loads[0][1] != base:
            yield f"{self.path}: the first segment is not at {base:#x}"


def vector_instructions(path):
    function = "?"
    for line in lintlib.run("objdump", "-d", "--no-show-raw-insn", path).splitlines():
        if line.endswith(">:"):
            function = line.split("<")[1][:-2]
        elif VECTOR.search(line):
            yield f"{path}: {function}: {' '.join(line.split()[1:])}"


def misplaced_got(elf):
    writable = [(a, a + size) for _, a, size, flags in elf.loads if "W" in flags]
    for name, (address, size, _) in elf.sections.items():
        if name.startswith(".got") and size and any(a <= address < end for a, end in writable):
            yield f"{elf.path}: {name} lies in a writable segment"


def unaligned(elf):
    for name in (".text", ".rodata", ".data", ".bss"):
        if name not in elf.sections:
            yield f"{elf.path}: there is no section {name}"
        elif elf.sections[name][0] % 4096:
            yield f"{elf.path}: {name} begins at {elf.sections[name][0]:#x}"


def main():
    report = lintlib.Report()
    kernels = [Elf(f"{lintlib.BUILD}/{name}.elf") for name in ("kernel", "kernel-debug")]
    report.check("the kernel's entry and first segment are at 0xFFFFFFFF80200000 [M027]",
                 [f"{k.path}: entry {k.entry:#x}, first segment {k.loads[0][1]:#x}" for k in kernels
                  if k.entry != KERNEL_BASE or k.loads[0][1] != KERNEL_BASE])
    report.check("the kernel's sections begin on pages [M033]", [p for k in kernels for p in unaligned(k)])
    report.check("the linker script puts whole pages of one protection in the higher half [M156]",
                 [p for k in kernels for p in k.problems_of_segments(KERNEL_BASE)])
    report.check("no .got in a writable segment of the kernel [M172]", [p for k in kernels for p in misplaced_got(k)])
    report.check("no vector or x87 register in the kernel's code [M155]",
                 [p for k in kernels for p in vector_instructions(k.path)])
    programs = sorted(glob.glob(f"{lintlib.BUILD}/user/*.elf"))
    report.check("every program's segments are pages of one protection from 0x400000 on",
                 [p for path in programs for p in Elf(path).problems_of_segments(PROGRAM_BASE)]
                 or ([] if programs else ["there is no program"]))
    report.check("programs have no undefined symbols",
                 [f"{os.path.basename(p)}: {line.strip()}" for p in programs
                  for line in lintlib.run("nm", "-u", p).splitlines()])
    report.done()


main()
