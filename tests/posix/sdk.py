#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The sysroot judged from outside: what is in libc.a, and whether both compilers make programs with it."""
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402

SYSROOT = os.path.join(lintlib.BUILD, "sysroot")
SEAM = {"__mnos_entry", "__mnos_syscall", "__mnos_syscall_cp", "__mnos_set_tp", "__mnos_clone", "__mnos_spawn", "__mnos_unmapself",
        "__mnos_sigreturn", "__cp_begin", "__cp_end", "__cp_cancel"}
PROGRAM = '#include <stdio.h>\n#include <math.h>\nint main(int c, char **v) { printf("%s %.3f\\n", v[0] + 0 * c, exp(c)); return 7; }\n'


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def kernel_entries(path):
    """Members with an instruction that enters the kernel."""
    member = None
    for line in run("objdump", "-d", "--no-show-raw-insn", path).stdout.split("\n"):
        found = re.match(r"(\S+\.o):\s+file format", line)
        member = found.group(1) if found else member
        if re.match(r"\s*[0-9a-f]+:\s+(syscall|sysenter|int\s+\$0x80)\b", line):
            yield member or path


def libc_problems():
    for name, ours in (("lib/libc.a", "libposix.o"), ("lib/host/libc.a", "libposix-host.o")):
        entries = set(kernel_entries(os.path.join(SYSROOT, name)))
        if entries != {ours}:
            yield f"{name}: instructions that enter the kernel are in {sorted(entries)}, not in {ours} alone"


def crt_problems():
    for name in ("crt1.o", "crti.o", "crtn.o", "rcrt1.o"):
        path = os.path.join(SYSROOT, "lib", name)
        if not os.path.isfile(path):
            yield f"no {name}"
        elif list(kernel_entries(path)):
            yield f"{name} enters the kernel"
    for name in ("stdio.h", "pthread.h", "sys/mman.h", "bits/syscall.h", "spawn.h", "termios.h"):
        if not os.path.isfile(os.path.join(SYSROOT, "include", name)):
            yield f"no header {name}"


def visible_problems():
    seen = {line.split()[-1] for line in run("nm", "-g", "--defined-only", os.path.join(lintlib.BUILD, "posix/libposix.o")).stdout.split("\n") if line}
    if seen != SEAM:
        yield f"visible of libposix: {sorted(seen ^ SEAM)}"


def compile_problems(scratch):
    source = os.path.join(scratch, "program.c")
    with open(source, "w") as file:
        file.write(PROGRAM)
    for name in ("mnos-cc", "mnos-clang", "mnos-host-cc", "mnos-host-clang"):
        compiler, program = os.path.join(SYSROOT, "bin", name), os.path.join(scratch, name)
        # In two steps, as a Makefile does it.
        done = run(compiler, "-O2", "-Wall", "-Werror", "-c", source, "-o", program + ".o")
        if done.returncode == 0:
            done = run(compiler, program + ".o", "-lm", "-lpthread", "-o", program)
        if done.returncode != 0 or done.stderr:
            yield f"{name}: {(done.stderr or done.stdout)[:300]}"
            continue
        if "INTERP" in run("readelf", "-l", program).stdout:
            yield f"{name}: the program wants an interpreter"
        if "host" in name:
            ran = run(program)
            if (ran.returncode, ran.stdout) != (7, f"{program} 2.718\n"):
                yield f"{name}: the program ended with {ran.returncode} and said {ran.stdout!r}"


def stranger_problems(scratch):
    """What a configure script does to see whether it is cross-compiling."""
    program = os.path.join(scratch, "mnos-cc")
    try:
        ended = run(program, timeout=20).returncode
    except subprocess.TimeoutExpired:
        yield "it went on for 20 s"
        return
    if ended != -signal.SIGILL:
        yield f"it ended with {ended}"


def configure_problems(scratch):
    """A configure script takes it for a compiler: an absolute path, and nothing else said."""
    compiler = os.path.abspath(os.path.join(SYSROOT, "bin/mnos-cc"))
    test = os.path.join(scratch, "conftest.c")
    with open(test, "w") as file:
        file.write("#include <unistd.h>\nint main(void) { return fork() < 0; }\n")
    done = run(compiler, "-o", "conftest", "conftest.c", cwd=scratch)
    if done.returncode != 0 or not os.path.isfile(os.path.join(scratch, "conftest")):
        yield f"no executable: {done.stderr[:300]}"
    if run(compiler, "-E", "conftest.c", cwd=scratch).stdout.count("/usr/include") > 0:
        yield "headers of the host are seen"


def main():
    report = lintlib.Report()
    with tempfile.TemporaryDirectory(dir=lintlib.BUILD) as scratch:
        report.check("no instruction that enters the kernel is in libc.a, outside libposix", libc_problems())
        report.check("start files and headers are in the sysroot", crt_problems())
        report.check("of libposix, the seam alone can be seen", visible_problems())
        report.check("gcc and clang make static programs, for the system and for the host", compile_problems(scratch))
        report.check("a program of the system that another one starts ends at once", stranger_problems(scratch))
        report.check("the wrapper serves a configure script, and shows no header of the host", configure_problems(scratch))
    report.done()


main()
