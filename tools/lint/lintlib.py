# SPDX-License-Identifier: BSD-2-Clause
"""What the lints share: TAP output, the files of the tree, variables of the build."""
import os
import subprocess
import sys

BUILD = os.environ.get("BUILD", "build")


class Report:
    """Collects results; done() prints the plan and ends the program with the right status."""

    def __init__(self):
        self.count = self.bad = 0

    def check(self, name, problems, limit=20):
        """One result: ok when the list of problems is empty."""
        problems = list(problems)
        self.count += 1
        for problem in problems[:limit]:
            print(f"# {problem}")
        if len(problems) > limit:
            print(f"# ... and {len(problems) - limit} more")
        self.bad += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}", flush=True)

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}")

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.bad else 0)


def run(*command, **options):
    """A command's standard output; the lint fails where the command does."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def tree_files(*suffixes):
    """The files of the tree, without what is ignored; of all kinds or with these suffixes."""
    if os.path.isdir(".git") or os.path.isfile(".git"):
        names = run("git", "ls-files", "-co", "--exclude-standard").splitlines()
    else:
        names = [os.path.join(d, f)[2:] for d, _, files in os.walk(".") for f in files]
        names = [n for n in names if not n.startswith(("build/", ".git/"))]
    return sorted(n for n in set(names) if os.path.isfile(n) and (not suffixes or n.endswith(suffixes)))


def make_variable(name):
    """The value that a variable of the build has."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return run("make", "-s", "--no-print-directory", f"BUILD={BUILD}", f"print-{name}", env=env).strip()


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def kernel_sources(flavour="release"):
    """What is linked into a kernel: the sources of both flavours, and those of the flavour's own folder."""
    return make_variable("KERNEL_SRCS").split() + \
        [f for f in tree_files(".c", ".S") if f.startswith(f"kernel/config/{flavour}/")]


def dependencies(flavour="release"):
    """{object's source: [every file it was compiled from]} of a kernel flavour, from the compiler's own lists."""
    found = {}
    top = os.path.join(BUILD, "obj", f"kernel-{flavour}")
    for folder, _, files in os.walk(top):
        for name in files:
            if name.endswith(".d"):
                text = read(os.path.join(folder, name)).replace("\\\n", " ")
                words = text.split("\n", 1)[0].split(":", 1)[1].split()
                words = [w for w in words if not w.endswith("/.flags")]
                found[words[0]] = words
    linked = set(kernel_sources(flavour))
    return {source: words for source, words in found.items() if source in linked}
