# SPDX-License-Identifier: BSD-2-Clause
"""A Linux guest to compare with: Debian's cloud kernel, downloaded as a package and unpacked below build/linux/.

Both systems run on MACHINE; LEAN is the kernel command line with which Linux is fastest (tests/bench/posix/RESULTS.md).
"""
import glob
import os
import re
import subprocess
import tempfile

import machine

MACHINE = ["-machine", "q35", "-cpu", "max,-erms", "-smp", "1", "-m", "256", "-icount", "shift=0,sleep=off"]
LEAN = ("mitigations=off nopti init_on_alloc=0 randomize_kstack_offset=off hardened_usercopy=off lsm=yama audit=0 "
        "cgroup_disable=memory cryptomgr.notests")


def package_fetch(folder, package):
    """Unpacked below folder/root."""
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["apt-get", "-q", "download", package], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    for deb in glob.glob(f"{folder}/{package}_*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, f"{folder}/root"], check=True)


def kernel_fetch(folder):
    """The kernel image; the package's name is what the meta package depends on."""
    if not glob.glob(f"{folder}/root/boot/vmlinuz-*"):
        depends = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"], check=True, capture_output=True,
                                 text=True).stdout
        package_fetch(folder, re.search(r"Depends: (linux-image-[0-9]\S+)", depends).group(1))
    return glob.glob(f"{folder}/root/boot/vmlinuz-*")[0]


def module_order(folder, modules):
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

    for module in modules:
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


def run(kernel, initramfs, arguments="", devices=(), timeout=900):
    """What the guest says until it powers off."""
    command = ["qemu-system-x86_64", *MACHINE, "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
               "-rtc", "base=2026-01-01,clock=vm", "-seed", "1", "-kernel", kernel, "-initrd", initramfs,
               "-append", f"console=ttyS0 quiet nokaslr norandmaps panic=-1 {LEAN} {arguments}", *devices]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                          timeout=timeout).stdout


def ours_run(build, package, devices=(), timeout=900):
    """What this system says with that boot package, on the same machine."""
    with tempfile.TemporaryDirectory(prefix="mnos-beside-") as scratch:
        volume = f"{scratch}/boot.vol.tar"
        machine.make_volume(volume, f"{build}/kernel.elf", [("boot/default.tar", package)], "test")
        return subprocess.run(["tools/qemu", volume, *MACHINE, *devices], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=timeout).stdout
