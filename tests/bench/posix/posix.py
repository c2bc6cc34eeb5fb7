#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""posixbench here and under Linux, in one run on the same machine of QEMU's: instructions for an operation.

    tests/bench/posix/posix.py [--build build]

Linux is Debian's cloud kernel, with the program linked with Debian's musl; both come as packages and are unpacked below
build/linux/.  Each line of the benchmark runs in a process of its own.  Prints a table, `ratio NAME OURS LINUX RATIO` for each
line, the geometric mean of the ratios, and TAP.
"""
import argparse
import math
import os
import re
import subprocess
import sys

sys.path[:0] = ["tests/harness", "tests/bench"]
import linux_guest  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
MISSING = 2.0       # what a line counts that one of the two does not print
EXCEPTED = 5        # so many lines may be dearer than Linux
GOAL = 0.6          # of the geometric mean
LIBRARY = 1.02      # what a line may take that only calls the library
LIBRARY_LINES = {"memcpy_4k", "memcpy_1m", "memset_4k", "strlen_1k", "mutex_uncontended"}
LEFT_OUT = ("tcp", "udp", "socket_", "disk_")
BUDGETS = {
    "tmp_open_close_d1": 2500, "tmp_stat_d1": 1500, "tmp_read_1": 900, "tmp_read_64k": 200, "pipe_rt_proc": 4000,
    "unix_rt_proc": 6000, "pthread_create_join": 12000, "spawn_exit_wait": 110000, "fork_exit_wait": 150000,
    "page_fault": 1000, "mmap_touch_unmap_4k": 3500, "poll_64": 6000, "signal_raise": 2500}


def musl_compile(folder, source, program, *more):
    """A static program for the guest, with the distribution's musl, which need not be installed."""
    root = f"{folder}/root/usr"
    if not os.path.exists(f"{root}/lib/x86_64-linux-musl/libc.a"):
        linux_guest.package_fetch(folder, "musl-dev")
    lib = f"{root}/lib/x86_64-linux-musl"
    cc = os.environ.get("HOSTCC", "gcc")
    gcc_include = subprocess.run([cc, "-print-file-name=include"], check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run([cc, "-O2", "-Wall", "-Wextra", "-nostdinc", "-isystem", f"{root}/include/x86_64-linux-musl", "-isystem",
                    gcc_include, "-fno-pie", "-no-pie", "-static", "-nostdlib", "-s", *more, "-o", program, f"{lib}/crt1.o",
                    f"{lib}/crti.o", source, f"{lib}/libc.a", "-lgcc", f"{lib}/crtn.o"], check=True)


def initramfs_make(folder):
    musl_compile(folder, f"{HERE}/posixbench.c", f"{folder}/posixbench", "-std=c11")
    musl_compile(folder, f"{HERE}/init.c", f"{folder}/posix-init", "-Wl,-e,pb_start")
    members = {name: (0o40755, b"") for name in ("bin", "dev", "modules")}
    for name, path in (("init", "posix-init"), ("bin/posixbench", "posixbench")):
        with open(f"{folder}/{path}", "rb") as f:
            members[name] = (0o100755, f.read())
    members["modules/order"] = (0o100644, b"")
    path = f"{folder}/posix.cpio"
    with open(path, "wb") as f:
        f.write(linux_guest.cpio(members))
    return path


def lines_of(text):
    """{name: cost, or why there is none} in the order of the output."""
    found = {}
    for line in text.replace("\r", "").splitlines():
        hit = re.match(r"(?:# )?(\w+)\t(?:\d+\t([\d.]+)\tinsn|skipped\t(.*))", line)
        if hit:
            found[hit[1]] = float(hit[2]) if hit[2] else hit[3]
    return found


def linux_run(folder):
    kernel = linux_guest.kernel_fetch(folder)
    out = linux_guest.run(kernel, initramfs_make(folder), "pbmode=bench pbargs=-i,-T,30,-d,/tmp,-x,tcp,-x,udp,-x,socket_",
                          timeout=3000)
    return lines_of(out)


def names(program):
    listed = subprocess.run([program, "-l"], check=True, capture_output=True, text=True).stdout.split()
    return [name for name in listed if not name.startswith(LEFT_OUT)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    build = parser.parse_args().build
    ours = lines_of(linux_guest.ours_run(build, f"{build}/tests/bench-posix.tar", timeout=3000))
    linux = linux_run(f"{build}/linux")
    wanted = names(f"{build}/linux/posixbench")
    ratios, over, missing, budgets_over = {}, [], [], []
    print(f"{'line':24} {'ours':>12} {'linux':>12} {'ratio':>7} {'budget':>9}")
    for name in wanted:
        a, b = ours.get(name, "not printed"), linux.get(name, "not printed")
        both = isinstance(a, float) and isinstance(b, float)
        ratios[name] = a / b if both else MISSING
        if not both:
            missing.append(name)
        elif ratios[name] > (LIBRARY if name in LIBRARY_LINES else 1.0):
            over.append(name)
        budget = BUDGETS.get(name)
        if budget and not (isinstance(a, float) and a <= budget):
            budgets_over.append(name)
        cells = [f"{x:12.1f}" if isinstance(x, float) else f"{'-':>12}" for x in (a, b)]
        print(f"{name:24} {cells[0]} {cells[1]} {ratios[name]:7.3f} {budget or '':>9}"
              + ("" if both else "  " + (a if isinstance(a, str) else b)) + (" over its budget" if name in budgets_over else ""))
    for name, ratio in ratios.items():
        a, b = ours.get(name), linux.get(name)
        print(f"ratio {name} {a if isinstance(a, float) else '-'} {b if isinstance(b, float) else '-'} {ratio:.3f}")
    mean = math.exp(sum(math.log(r) for r in ratios.values()) / len(ratios))
    print(f"# {len(wanted)} lines, {len(missing)} missing here or there, {len(over)} over Linux, "
          f"{len(budgets_over)} of {len(BUDGETS)} over the budget")
    print(f"geometric mean {mean:.3f}")
    points = [
        (len(wanted) == 50 and all(isinstance(linux.get(n), float) for n in wanted), "Linux prints all fifty lines"),
        (not missing, "and so does this system"),
        (len(over) + len(missing) <= EXCEPTED, f"at most {EXCEPTED} lines take more instructions here than under Linux"),
        (not budgets_over, "each line with a budget keeps it"),
        (mean <= GOAL, f"the geometric mean of the ratios is at most {GOAL}")]
    print(f"1..{len(points)}")
    for number, (good, name) in enumerate(points, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    return 0 if all(good for good, _ in points) else 1


sys.exit(main())
