# SPDX-License-Identifier: BSD-2-Clause
"""What the boot log says about phases, cores and tables, compared with the machine that QEMU was told to be."""
import re


def boot_log(session, **machine):
    m = session.boot(**machine)
    m.expect(r"phase 5: [^\n]*\n", timeout=30)
    path = session.log_path if session.boots == 1 else f"{session.log_path[:-4]}.boot{session.boots}.log"
    with open(path, encoding="utf-8", errors="replace") as log:
        return log.read()


def phases(session, text):
    lines = [line for line in text.splitlines() if line.startswith("[")]
    session.ok(lines and re.match(r"\[ {4}\d\.\d{6}\] phase 1: deaf and blind: COM1", lines[0]),
               "the first line of the kernel is phase 1's, with a time in front [M042]", str(lines[:1]))
    names = re.findall(r"^\[ *\d+\.\d{6}\] phase (\d): ([^:]*):", text, re.MULTILINE)
    session.ok(names == [("1", "deaf and blind"), ("2", "can see"), ("3", "can remember"), ("4", "can think"),
                         ("5", "alive")], "the five phases come in order [M166]", str(names))
    told = re.search(r"phase 3: can remember: frames, page tables, pools; (\d+) KiB free", text)
    session.ok(told and 100 * 1024 < int(told[1]) < 128 * 1024, "phase 3 tells how much memory there is [M044]",
               str(told and told[0]))
    session.ok("serial: COM1 at 115200 baud (divisor 1), LCR 0x03" in text, "COM1 reads back 115200 8N1 [M160]")
    answers = [r"limine: base revision 3, loader \S+", r"limine: direct map at 0xffff8\d+, kernel base 0xffffffff80000000",
               r"memory: [0-9a-f]{12} to [0-9a-f]{12} usable", r"limine: command line \"", r"limine: boot package \S+, \d+ bytes",
               r"ACPI's root pointer at 0x[0-9a-f]+", r"limine: \d+ processors", r"framebuffer"]
    missing = [a for a in answers if not re.search(a, text)]
    session.ok(not missing, "each answer of the loader is printed [M041]", str(missing))
    session.ok(re.search(r"limine: direct map at .*, kernel base 0xffffffff80000000, image at 0xffffffff80200000", text),
               "the boot line shows the kernel base [M026]")
    tables = re.search(r"kmap: page tables at (0x[0-9a-f]+) instead of the loader's at (0x[0-9a-f]+)", text)
    session.ok(tables and tables[1] != tables[2], "the page tables are not the loader's after the line [M173]")
    session.ok("pic: masked (0xff 0xff)" in text, "both masks of the 8259s read 0xff [M187]")
    order = [text.find(word) for word in ("serial: COM1", "phase 3", "cpu: NX", "acpi: ", "pic: ", "ioapic: ", "clock: ",
                                          "phase 4")]
    session.ok(-1 not in order and order == sorted(order), "the steps of the boot come in their order", str(order))


def cores(session, text, count):
    session.ok(f"scheduler; {count} core" in text, f"phase 4 tells {count} cores online [M045 M196]")
    madt = re.search(r"MADT: (\d+) processors, (\d+) I/O APIC", text)
    session.ok(madt and madt[1] == str(count) and madt[2] == "1", f"the MADT has {count} processors and an I/O APIC [M181]",
               str(madt and madt[0]))
    found = re.findall(r"core (\d+): APIC (\d+) \(LAPIC (\d+)\), GDT (\S+), IDT (\S+), TSS (\S+)", text)
    columns = list(zip(*found))
    session.ok(len(found) == count and all(len(set(column)) == count for column in columns),
               f"{count} cores have a GDT, an IDT, a TSS and a LAPIC each [M197]", str(found))
    session.ok(bool(columns) and columns[1] == columns[2], "each core's own LAPIC has the number that the loader told")


def run(session):
    text = boot_log(session, smp=1)
    phases(session, text)
    cores(session, text, 1)
    cores(session, boot_log(session, smp=4), 4)
    cores(session, boot_log(session, smp=8, mem=8192), 8)
    cores(session, boot_log(session, smp=2, mem=16, machine="pc"), 2)
