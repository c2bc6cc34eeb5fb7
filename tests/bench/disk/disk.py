#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sequential read of a disk of 64 MiB, here and under Linux, in one run on the same machine of QEMU's: instructions for a MiB.

    tests/bench/disk/disk.py [--build build]

Linux is Debian's cloud kernel, downloaded as a package and unpacked below build/linux/.  The better of its two ways, direct
and through its page cache, counts.  Prints `ratio blk_seq OURS LINUX RATIO`, and TAP.
"""
import argparse
import array
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/harness")
import machine  # noqa: E402

MIB = 64
MACHINE = ["-machine", "q35", "-cpu", "max,-erms", "-smp", "1", "-m", "256", "-icount", "shift=0,sleep=off"]
LEAN = ("mitigations=off nopti init_on_alloc=0 randomize_kstack_offset=off hardened_usercopy=off lsm=yama audit=0 "
        "cgroup_disable=memory cryptomgr.notests")
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


def kernel_fetch(folder):
    """The kernel image and its modules; the package's name is what the meta package depends on."""
    os.makedirs(folder, exist_ok=True)
    if not glob.glob(f"{folder}/root/boot/vmlinuz-*"):
        depends = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"], check=True, capture_output=True,
                                 text=True).stdout
        package = re.search(r"Depends: (linux-image-[0-9]\S+)", depends).group(1)
        subprocess.run(["apt-get", "-q", "download", package], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        for deb in glob.glob(f"{folder}/*.deb"):
            subprocess.run(["dpkg-deb", "-x", deb, f"{folder}/root"], check=True)
    return glob.glob(f"{folder}/root/boot/vmlinuz-*")[0]


def module_order(folder):
    """Files of the modules, each behind those that it depends on; what is built in has none."""
    files = {os.path.basename(p)[:-3].replace("-", "_"): p for p in
             glob.glob(f"{folder}/root/lib/modules/**/*.ko", recursive=True)}
    order = []

    def add(name):
        path = files.get(name.replace("-", "_"))
        if path is None or path in order:
            return
        with open(path, "rb") as f:
            for depends in re.findall(rb"\0depends=([^\0]*)\0", f.read()):
                for other in filter(None, depends.decode().split(",")):
                    add(other)
        order.append(path)

    for module in MODULES:
        add(module)
    return order


def cpio(members):
    """A newc archive: {path: (mode, bytes)}."""
    out = bytearray()
    entries = list(members.items()) + [("TRAILER!!!", (0, b""))]
    for number, (path, (mode, data)) in enumerate(entries, 1):
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path) + 1, 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + path.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def initramfs_make(folder):
    program = f"{folder}/init"
    subprocess.run([os.environ.get("HOSTCC", "gcc"), "-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o", program,
                    os.path.join(os.path.dirname(os.path.abspath(__file__)), "linux.c")], check=True)
    members = {"modules": (0o40755, b""), "dev": (0o40755, b"")}
    with open(program, "rb") as f:
        members["init"] = (0o100755, f.read())
    order = module_order(folder)
    for path in order:
        with open(path, "rb") as f:
            members["modules/" + os.path.basename(path)] = (0o100644, f.read())
    members["modules/order"] = (0o100644, "".join(os.path.basename(p) + "\n" for p in order).encode())
    with open(f"{folder}/initramfs.cpio", "wb") as f:
        f.write(cpio(members))
    return f"{folder}/initramfs.cpio"


def disk_arguments(disk):
    return ["-drive", f"if=none,id=d0,format=raw,snapshot=on,file={disk}", "-device", "virtio-blk-pci,drive=d0"]


def linux_run(folder, disk):
    kernel, initramfs = kernel_fetch(folder), initramfs_make(folder)
    command = ["qemu-system-x86_64", *MACHINE, "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
               "-rtc", "base=2026-01-01,clock=vm", "-seed", "1", "-kernel", kernel, "-initrd", initramfs,
               "-append", "console=ttyS0 quiet nokaslr norandmaps panic=-1 " + LEAN, *disk_arguments(disk)]
    out = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=900)
    found = re.findall(r"linux blk_seq (\w+) (\d+) bytes (\d+) sum (\d+)", out.stdout)
    for line in out.stdout.splitlines():
        if line.startswith("linux"):
            print("# " + line)
    return found


def ours_run(build, disk):
    with tempfile.TemporaryDirectory(prefix="mnos-disk-") as scratch:
        volume = f"{scratch}/boot.vol.tar"
        machine.make_volume(volume, f"{build}/kernel.elf", [("boot/default.tar", f"{build}/tests/bench-dev.tar")], "test")
        out = subprocess.run(["tools/qemu", volume, *MACHINE, *disk_arguments(disk)], stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, errors="replace", timeout=900).stdout
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
