#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a newcomer does with a fresh copy of the tree: build it without a network, run it, push and release it."""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path[:0] = ["tools/lint", "tests/harness"]
import lintlib  # noqa: E402
from worktree import Worktree  # noqa: E402


def same_files(top):
    """The files that two builds of one tree in two folders make must be the same byte for byte."""
    for name in ("kernel.elf", "default.tar", "default.img", "default.iso"):
        ours, theirs = os.path.join(lintlib.BUILD, name), os.path.join(top, "build", name)
        if not os.path.isfile(theirs):
            yield f"the fresh tree has no build/{name}"
        elif os.path.isfile(ours) and open(ours, "rb").read() != open(theirs, "rb").read():
            yield f"{name} differs from that of {lintlib.BUILD}/"


def run_to_prompt(tree, limit):
    """`make run`, typed at: the prompt comes, and poweroff ends it.  Returns what went wrong."""
    process = subprocess.Popen(["make", "run"], cwd=tree.top, env=tree.environment(), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    os.set_blocking(process.stdout.fileno(), False)
    said, typed, deadline = b"", False, time.monotonic() + limit
    while process.poll() is None and time.monotonic() < deadline:
        said += process.stdout.read() or b""
        if b"mnos> " in said and not typed:
            typed = True
            process.stdin.write(b"poweroff\r")
            process.stdin.flush()
        time.sleep(0.1)
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()
        return [f"{'no end after poweroff' if typed else 'no prompt'} within {limit} s; last: {said[-200:]!r}"]
    return [] if typed and process.returncode == 0 else [f"ended with {process.returncode}; last: {said[-200:]!r}"]


def checksums(top):
    folder = os.path.join(top, "build/release")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    for pattern in (r"\.iso$", r"source\.tar\.gz$", r"^SHA256SUMS$"):
        if not any(re.search(pattern, n) for n in names):
            yield f"no file {pattern} in build/release/"
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True) if names else None
    if done and done.returncode:
        yield done.stdout + done.stderr


def main():
    report = lintlib.Report()
    top = os.path.join(lintlib.BUILD, "fresh")
    shutil.rmtree(top, ignore_errors=True)
    tree = Worktree(top)
    tree.commit("Start from the tree as it stands")

    offline = ["unshare", "-rn"] if tree.command("unshare", "-rn", "true").returncode == 0 else []
    built = tree.command(*offline, "make", "-j2", "all", "iso", timeout=600)
    problems = [] if built.returncode == 0 else built.stdout.strip().split("\n")[-15:]
    if offline:
        report.check("make builds all from a clean tree without a network [M073]", problems)
    else:
        report.skip("make builds all from a clean tree without a network [M073]", "no network namespaces here")
        report.check("make builds all from a clean tree", problems)
    # What is compared must be of this tree, too.
    subprocess.run(["make", "-s", f"BUILD={lintlib.BUILD}", "build", "image", "iso"], env=tree.environment(), check=True,
                   stdout=subprocess.DEVNULL)
    report.check("two builds are the same byte for byte", same_files(top))

    text = tree.command("make", "help").stdout
    shown = set(re.findall(r"^  make ([a-z-]+)", text, re.MULTILINE))
    missing = {"all", "run", "test", "test-quick", "test-full", "bench", "promises", "mutants", "loc", "debug", "image",
               "iso", "release", "clean"} - shown
    problems = [f"make help does not list {m}" for m in sorted(missing)]
    report.check("clone, enter, make run reaches the prompt, and poweroff ends it; make help lists the targets [M167]",
                 problems or run_to_prompt(tree, 180))

    began = time.monotonic()
    pushed = tree.command("tools/hooks/pre-push", timeout=300)
    seconds = time.monotonic() - began
    print(f"# pre-push hook: {seconds:.1f} s")
    report.check("the pre-push hook boots the system in under 60 s [M286]",
                 ([] if pushed.returncode == 0 else pushed.stdout.split("\n")[-15:]) +
                 ([] if seconds < 60 else [f"{seconds:.0f} s"]))

    released = tree.command("make", "release", timeout=300)
    report.check("a release has the ISO, the source archive and checksums that hold; CI runs the same gate [M074]",
                 ([] if released.returncode == 0 else released.stdout.split("\n")[-15:]) + list(checksums(top)) +
                 ([] if "make test" in lintlib.read(".ci/run") and
                  ".ci/run" in lintlib.read(".github/workflows/ci.yml") else ["CI does not run the gate"]))
    report.done()


main()
