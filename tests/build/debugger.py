#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A debugger session as `make debug` starts it: stopped where init is about to run, its commands show init."""
import os
import re
import subprocess
import sys

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402


def main():
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD")}
    volume = os.path.join(lintlib.BUILD, "debug.vol.tar")
    subprocess.run(["make", "-s", f"BUILD={lintlib.BUILD}", volume], env=env, check=True, stdout=subprocess.DEVNULL)
    commands = ["hbreak sched_start", "continue", "mnos-threads", "mnos-caps 1", "mnos-aspace 1", "kill"]
    done = subprocess.run(["tools/gdb/debug", lintlib.BUILD, volume, "-batch", *[w for c in commands for w in ("-ex", c)]],
                          env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=100)
    for line in done.stdout.splitlines():
        print(f"# {line}")
    report = lintlib.Report()
    for name, pattern in (
            ("gdb stops the machine where the scheduler starts", r"(Breakpoint|breakpoint) 1.*sched_start"),
            ("mnos-threads shows init's thread", r"^ +\d+ +1 init +ready"),
            ("mnos-caps shows init's pool in slot 0", r"^ +0 gen 0 +pool"),
            ("mnos-aspace shows init's code at 0x400000", r"^0x0000000000400000 - \S+ r-x")):
        report.check(name, [] if re.search(pattern, done.stdout, re.MULTILINE) else [f"no /{pattern}/ in what gdb printed"])
    report.done()


main()
