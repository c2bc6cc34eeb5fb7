#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The compilers' versions are checked before anything is built."""
import os
import subprocess
import tempfile


def install_deps(fake=None, **environment):
    """Runs tools/install-deps with a compiler of another version in front of the real one."""
    with tempfile.TemporaryDirectory() as folder:
        if fake:
            path = os.path.join(folder, fake)
            with open(path, "w", encoding="utf-8") as f:
                f.write("#!/bin/sh\necho 99.1.0\n")
            os.chmod(path, 0o755)
        env = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}", **environment)
        return subprocess.run(["tools/install-deps"], env=env, capture_output=True, text=True)


def main():
    results = [("the expected compilers are accepted in silence [M153]",
                (done := install_deps()).returncode == 0 and not done.stdout + done.stderr)]
    for compiler in ("gcc", "clang"):
        done = install_deps(compiler)
        results.append((f"{compiler} of another version is refused by name and number [M153]",
                        done.returncode != 0 and f"{compiler} is version 99" in done.stderr))
    results.append(("MNOS_ANY_COMPILER lets one try it", install_deps("gcc", MNOS_ANY_COMPILER="1").returncode == 0))
    for number, (name, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    print(f"1..{len(results)}")
    return 0 if all(good for _, good in results) else 1


raise SystemExit(main())
