#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every header compiles alone, in each world that uses it."""
import concurrent.futures
import re
import shlex
import subprocess

import lintlib

WORLDS = {  # world: (variable with its flags, folders of its headers)
    "the kernel": ("KCFLAGS", ["kernel/include/", "abi/include/", "lib/include/"]),
    "programs": ("UCFLAGS", ["abi/include/", "lib/include/"]),
}


def compile_alone(command, header):
    language = "assembler-with-cpp" if re.search(r"^\s*\.macro\b", lintlib.read(header), re.MULTILINE) else "c"
    done = subprocess.run([*command, "-c", "-o", "/dev/null", "-x", language, "-"], input=f'#include "{header}"\n',
                          capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
    return None if done.returncode == 0 else f"{header}: {errors[0]}"


def main():
    report = lintlib.Report()
    headers = lintlib.tree_files(".h")
    for world, (variable, folders) in WORLDS.items():
        flags = shlex.split(lintlib.make_variable(variable))
        mine = [h for h in headers if h.startswith(tuple(folders))]
        if variable == "KCFLAGS":
            mine = [h for h in mine if not h.startswith(("lib/include/libmnos/", "lib/include/idl/", "lib/include/driver/"))]
        for flavour in ("release", "debug") if variable == "KCFLAGS" else ("",):
            other = "release" if flavour == "debug" else "debug"
            command = ["gcc", "-I.", *([f"-Ikernel/include/config/{flavour}"] if flavour else []), *flags]
            chosen = [h for h in mine if not h.startswith(f"kernel/include/config/{other}/")]
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                results = pool.map(lambda h: compile_alone(command, h), chosen)
            report.check(f"every header of {world} compiles alone{', ' + flavour if flavour else ''} "
                         f"({len(chosen)})", [r for r in results if r])
    report.done()


main()
