# SPDX-License-Identifier: BSD-2-Clause
"""A copy of the tree as it stands, committed or not, that can be built and changed without touching the original."""
import os
import shutil
import subprocess


class Worktree:
    """The copy in `top`, a git repository of its own.  Files are replaced only where they differ, so builds stay small."""

    def __init__(self, top):
        self.top = top
        os.makedirs(top, exist_ok=True)
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], check=True, capture_output=True)
        names = {n for n in listed.stdout.decode().split("\0") if n and os.path.isfile(n)}
        for name in sorted(names):
            target = os.path.join(top, name)
            if not self._same(name, target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy(name, target)
        for folder, folders, files in os.walk(top):
            here = os.path.relpath(folder, top)
            folders[:] = [d for d in folders if (here, d) not in ((".", "build"), (".", ".git"))]
            for name in files:
                path = os.path.normpath(os.path.join(here, name))
                if path not in names:
                    os.unlink(os.path.join(top, path))
        if not os.path.isdir(os.path.join(top, ".git")):
            self.command("git", "init", "-q")

    @staticmethod
    def _same(a, b):
        if not os.path.isfile(b):
            return False
        with open(a, "rb") as x, open(b, "rb") as y:
            return x.read() == y.read() and os.access(a, os.X_OK) == os.access(b, os.X_OK)

    def environment(self):
        """Without what an outer make left for its children."""
        return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD", "CC")}

    def command(self, *words, timeout=None):
        """Runs a command in the copy; returns the finished process with output and errors in stdout."""
        return subprocess.run(words, cwd=self.top, env=self.environment(), stdin=subprocess.DEVNULL, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def commit(self, message):
        """Makes one commit of everything, without asking whose name git knows."""
        self.command("git", "add", "-A")
        return self.command("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-q",
                            "--allow-empty", "-m", message)
