#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""ports/fetch without a network: what the cache decides, what a damaged or missing file does, and what is done to apt's sources."""
import hashlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402


def the_tool():
    """Its functions; its own main does not run."""
    source = lintlib.read("ports/fetch").rsplit("\n\nmain()", 1)[0]
    spec = importlib.machinery.ModuleSpec("fetch", None)
    module = importlib.util.module_from_spec(spec)
    module.__file__ = os.path.abspath("ports/fetch")
    exec(compile(source, "ports/fetch", "exec"), module.__dict__)
    return module


def lock_problems():
    with open("ports/ports.lock", "rb") as file:
        lock = tomllib.load(file)
    for name, pins in lock.items():
        for pin in pins:
            if len(pin["sha256"]) != 64 or pin["size"] <= 0 or not pin["suites"] or "://" in str(pin):
                yield f"{name}: {pin}"
    if "musl" not in lock:
        yield "musl is not pinned"


def tarball():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        text = tarfile.TarInfo("thing-1.0/README")
        text.size = 6
        archive.addfile(text, io.BytesIO(b"hello\n"))
    return data.getvalue()


def cache_problems(tool, scratch):
    good = tarball()
    pin = {"file": "thing.tar.gz", "size": len(good), "sha256": hashlib.sha256(good).hexdigest()}
    path = os.path.join(scratch, "file")
    for content, wanted in ((good, True), (good[:-1], False), (good[:-1] + b"x", False)):
        with open(path, "wb") as file:
            file.write(content)
        if tool.is_pinned(path, pin) != wanted:
            yield f"{len(content)} bytes are taken for {'a bad' if wanted else 'the pinned'} file"
    with open(path, "wb") as file:
        file.write(good)
    folder = os.path.join(scratch, "unpacked")
    tool.unpack(path, folder)
    if lintlib.read(os.path.join(folder, "README")) != "hello\n":
        yield "unpacking did not take the outermost folder away"


def source_problems(tool):
    stanza = "Types: deb\nURIs: http://mirror.example/debian\nSuites: stable stable-updates\nComponents: main\nSigned-By: /k.gpg"
    other = tool.stanza_for(stanza, "testing")
    if other != "Types: deb-src\nURIs: http://mirror.example/debian\nSuites: testing\nComponents: main\nSigned-By: /k.gpg":
        yield f"deb822: {other!r}"
    if tool.stanza_for(stanza.replace("/debian", "/debian-security"), "testing") is not None:
        yield "security updates of another suite are asked where they are not"
    line = tool.line_for("deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian stable main", "testing")
    if line != "deb-src [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian testing main":
        yield f"one line: {line!r}"


def optional_problems(scratch):
    """Without an apt that works: an optional port is skipped in words, a mandatory one fails."""
    empty = os.path.join(scratch, "bin")
    os.makedirs(empty)
    with open(os.path.join(empty, "apt-get"), "w") as file:
        file.write("#!/bin/sh\nexit 100\n")
    os.chmod(os.path.join(empty, "apt-get"), 0o755)
    env = dict(os.environ, PATH=f"{empty}:{os.environ['PATH']}", MNOS_PORTS_CACHE=os.path.join(scratch, "cache"))
    target = os.path.join(scratch, "dash")
    for more, status in (["--optional"], 0), ([], 1):
        done = subprocess.run(["ports/fetch", "dash", "--unpack", target, "--tries", "1", *more], env=env, capture_output=True, text=True)
        if done.returncode != status or "cannot be had" not in done.stderr or os.path.exists(target):
            yield f"{more}: status {done.returncode}: {done.stderr[-200:]}"


def main():
    report = lintlib.Report()
    tool = the_tool()
    with tempfile.TemporaryDirectory(dir=lintlib.BUILD) as scratch:
        report.check("every port is pinned by the hash of its tarball, and names no host", lock_problems())
        report.check("nothing but the pinned bytes is a hit", cache_problems(tool, scratch))
        report.check("the machine's sources are copied with another suite, and nothing else", source_problems(tool))
        report.check("an optional port that cannot be had is skipped in words, a mandatory one fails", optional_problems(scratch))
    report.done()


main()
