#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sequential read of a disk of 64 MiB, here and under Linux, in one run on the same machine of QEMU's: instructions for a MiB.

    tests/bench/disk/disk.py [--build build]

Linux is Debian's cloud kernel, downloaded as a package and unpacked below build/linux/.  The better of its two ways, direct
and through its page cache, counts.  Prints `ratio blk_seq OURS LINUX RATIO`, and TAP.
"""
import argparse
import array
import os
import re
import subprocess
import sys

sys.path[:0] = ["tests/harness", "tests/bench"]
import linux_guest  # noqa: E402

MIB = 64
MODULES = ["virtio_pci", "virtio_blk"]


def disk_make(path):
    """Each page begins with a number of its own."""
    if os.path.exists(path) and os.path.getsize(path) == MIB << 20:
        return
    words = array.array("Q", bytes(MIB << 20))
    for page in range(MIB * 256):
        words[page * 512] = page * 0x9e3779b97f4a7c15 % 2**64
    with open(path, "wb") as f:
        words.tofile(f)


def expected_sum():
    return sum(page * 0x9e3779b97f4a7c15 % 2**64 for page in range(MIB * 256)) % 2**64


def initramfs_make(folder):
    program = f"{folder}/init"
    subprocess.run([os.environ.get("HOSTCC", "gcc"), "-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o", program,
                    os.path.join(os.path.dirname(os.path.abspath(__file__)), "linux.c")], check=True)
    members = {"modules": (0o40755, b""), "dev": (0o40755, b"")}
    with open(program, "rb") as f:
        members["init"] = (0o100755, f.read())
    order = linux_guest.module_order(folder, MODULES)
    for path in order:
        with open(path, "rb") as f:
            members["modules/" + os.path.basename(path)] = (0o100644, f.read())
    members["modules/order"] = (0o100644, "".join(os.path.basename(p) + "\n" for p in order).encode())
    with open(f"{folder}/initramfs.cpio", "wb") as f:
        f.write(linux_guest.cpio(members))
    return f"{folder}/initramfs.cpio"


def disk_arguments(disk):
    return ["-drive", f"if=none,id=d0,format=raw,snapshot=on,file={disk}", "-device", "virtio-blk-pci,drive=d0"]


def linux_run(folder, disk):
    kernel = linux_guest.kernel_fetch(folder)
    out = linux_guest.run(kernel, initramfs_make(folder), devices=disk_arguments(disk))
    found = re.findall(r"linux blk_seq (\w+) (\d+) bytes (\d+) sum (\d+)", out)
    for line in out.splitlines():
        if line.startswith("linux"):
            print("# " + line)
    return found


def ours_run(build, disk):
    out = linux_guest.ours_run(build, f"{build}/tests/bench-dev.tar", disk_arguments(disk))
    value = re.search(r"^bench blk_seq (\d+)", out, re.MULTILINE)
    total = re.search(r"^# blk_seq: (\d+) bytes, sum (\d+)", out, re.MULTILINE)
    for line in out.splitlines():
        if "blk_seq" in line:
            print("# ours: " + line.lstrip("# "))
    return value, total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    build = parser.parse_args().build
    disk = f"{build}/tests/disk64.img"
    disk_make(disk)
    points = []
    value, total = ours_run(build, disk)
    linux = linux_run(f"{build}/linux", disk)
    want = (MIB << 20, expected_sum())
    points.append((bool(total) and (int(total.group(1)), int(total.group(2))) == want, "all of the disk is read here, and rightly"))
    points.append((len(linux) == 6 and all((int(b), int(s)) == want for _, _, b, s in linux), "and under Linux"))
    if value and linux:
        ours, best = int(value.group(1)), min(int(cost) for _, cost, _, _ in linux)
        print(f"ratio blk_seq {ours} {best} {ours / best:.3f}")
        points.append((ours <= best, "a MiB takes no more instructions here than under Linux"))
    else:
        points.append((False, "both were measured"))
    print(f"1..{len(points)}")
    for number, (good, name) in enumerate(points, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    return 0 if all(good for good, _ in points) else 1


sys.exit(main())
