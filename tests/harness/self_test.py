#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The harness judged by itself: what must turn red does, and what must not does not.  Prints TAP."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402
import kinds  # noqa: E402
import promises_table  # noqa: E402
import suites  # noqa: E402
import tap  # noqa: E402
from machine import limine_conf, parse_ppm  # noqa: E402

COUNT = [0, 0]


def check(name, condition):
    COUNT[0] += 1
    COUNT[1] += not condition
    print(f"{'ok' if condition else 'not ok'} {COUNT[0]} - {name}")


def statuses(text):
    points, problems = tap.parse(text.split("\n"))
    return [p.status for p in points], len(problems)


def suite(**keys):
    return suites._suite({"name": "x", "kind": "system", **keys}, "here", ".")


def tap_rules():
    check("tap: passes, failures and skips are told apart",
          statuses("1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no disk") == (["passed", "failed", "skipped"], 0))
    check("tap: a missing plan is a problem", statuses("ok 1 - a") == (["passed"], 1))
    check("tap: a missing result is a problem", statuses("1..2\nok 1 - a") == (["passed"], 1))
    check("tap: a result too many is a problem", statuses("1..1\nok 1 - a\nok 2 - b") == (["passed"] * 2, 1))
    check("tap: two programs with a plan each", statuses("1..1\nok 1 - a\n1..1\nok 1 - b") == (["passed"] * 2, 0))
    check("tap: kernel messages in between are ignored",
          statuses("[  0.1] ok then\n1..1\r\n  ok 9\nokay\nok 1 - a\r") == (["passed"], 0))
    check("tap: giving up is a problem", statuses("1..1\nok 1 - a\nBail out! no disk") == (["passed"], 1))
    points, _ = tap.parse(["1..1", "ok 1 - two modules are refused [M113 M132]"])
    check("tap: a name's rows are read", points[0].ids == ["M113", "M132"])
    points, _ = tap.parse(["1..1", "ok 1 - index [3] of M113"])
    check("tap: only the brackets at the end name rows", points[0].ids == [])


def log_rules():
    lines = ["[ 0.1] boot: up", "[ 0.2] panic: no memory", "init: alive"]
    check("log: a panic is unexpected", kinds.alarms(suite(), lines) == [lines[1]])
    check("log: a panic that the suite expects is not", kinds.alarms(suite(allow=["panic: no memory"]), lines) == [])
    check("log: a ledger that differs is unexpected", len(kinds.alarms(suite(), ["[1] ledger: frames differs by 3"])) == 1)

    def expect(status=37, **keys):
        return kinds.expectations(suite(expect=[{"name": "n", **keys}]), lines, status)[0].status
    check("expect: a matching line passes", expect(log="no memory") == "passed")
    check("expect: a missing line fails", expect(log="no disk") == "failed")
    check("expect: the wrong order fails", expect(log=["alive", "up"], ordered=True) == "failed")
    check("expect: the right order passes", expect(log=["up", "alive"], ordered=True) == "passed")
    check("expect: an unwanted line fails", expect(**{"not": "alive"}) == "failed")
    check("expect: the wrong status fails", expect(exit=33) == "failed")
    check("expect: one of several statuses passes", expect(exit=[33, 37]) == "passed")


def process_rules():
    with tempfile.TemporaryDirectory() as folder:
        def run(script, **keys):
            path = os.path.join(folder, "program")
            with open(path, "w", encoding="utf-8") as f:
                f.write("#!/bin/sh\n" + script)
            os.chmod(path, 0o755)
            points = kinds.run_process(suite(kind="script", program=path, **keys), os.path.join(folder, "log"), "build")
            return [p.status for p in points]
        check("process: success is success", run("echo 1..1; echo ok 1 - a") == ["passed"])
        check("process: a bad status fails although all results passed",
              run("echo 1..1; echo ok 1 - a; exit 3") == ["passed", "failed"])
        check("process: silence fails", run("true") == ["failed"])
        check("process: one that hangs is killed and fails",
              run("echo 1..1; echo ok 1 - a; sleep 60", timeout=0.5) == ["passed", "failed"])
        check("process: one that is not there fails",
              [p.status for p in kinds.run_process(suite(kind="script", program="no/such"), "log", "build")] == ["failed"])


def declaration_rules():
    def refused(text):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "suite.toml"), "w", encoding="utf-8") as f:
                f.write(text)
            try:
                return suites.declared(folder) is None
            except suites.SuiteError:
                return True
    check("suite.toml: an unknown key is refused", refused('[[suite]]\nname="a"\nkind="host"\ntimout=3'))
    check("suite.toml: an unknown kind is refused", refused('[[suite]]\nname="a"\nkind="hots"'))
    check("suite.toml: an unknown tier is refused", refused('[[suite]]\nname="a"\nkind="host"\ntier="later"'))
    check("suite.toml: a table that is no suite is refused", refused('[[suit]]\nname="a"'))
    check("suite.toml: a good one is taken", not refused('[[suite]]\nname="a"\nkind="host"'))
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "suite.toml"), "w", encoding="utf-8") as f:
            f.write('[[suite]]\nname="a"\nkind="system"\nvariants=[{suffix="1"},{suffix="4",smp=4}]')
        found = suites.declared(folder)
    check("suite.toml: variants are suites of their own", [(s["name"], s["smp"]) for s in found] == [("a-1", 1), ("a-4", 4)])
    check("configuration: modules and command line stand in it",
          "module_path: boot():/boot/x.tar" in limine_conf(["boot/x.tar"], "quiet") and
          "cmdline: quiet" in limine_conf([], "quiet"))


def run_rules():
    """run.py as a whole: nothing run is no success."""
    runner = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.py")]
    with tempfile.TemporaryDirectory() as build:
        done = subprocess.run([*runner, "--build", build, "--only", "no/such/suite"], capture_output=True, text=True)
    check("run: zero tests are a failure", done.returncode != 0)
    check("run: the last line counts", done.stdout.strip().split("\n")[-1] == "0 passed, 0 failed")


def second_try_rules():
    def may(kind="system", icount=False, name="x", status="failed"):
        return kinds.host_may_be_why({"kind": kind, "icount": icount}, [tap.Point("y", "passed"), tap.Point(name, status)])
    check("second try: for a failed check of a machine that follows the host's clock", may() and may(kind="interactive"))
    check("second try: not for what passed", not may(status="passed") and not may(status="skipped"))
    check("second try: not for a host test, nor where instructions are counted", not may(kind="host") and not may(icount=True))
    check("second try: not for a panic, nor for a hang",
          not may(name="no unexpected kernel message") and not may(name="ends in time"))


def bench_rules():
    found = bench.measured(["bench a 12 cr3=1", "bench b skip one core", "[1] bench c 4", "bench a 10"])
    check("bench: the last line of a name counts, skips say so, other lines do not",
          found == {"a": (10, ""), "b": (None, "one core")})


def promise_rules():
    text = "## 1. One\n| M001 | a | b |\n| M002 | a | b |\n| M003 | c | d |\n## 2. Two\n| M004 | e | f |\n" \
           "## Which issue shows which rows\n| section | shown by | except |\n|---|---|---|\n" \
           "| 1 | kernel | M001 (second half), M002 to M003: network issues |\n| 2 | M004: system | - |\n"
    check("promises: sections and rows are read",
          [(n, len(r)) for n, _, r in promises_table.rows(text)] == [(1, 3), (2, 1)])
    check("promises: an issue's rows are those of its sections without the exceptions",
          promises_table.owned_by("kernel", text) == {"M001"})
    check("promises: rows named in the cell are all that the issue has",
          promises_table.owned_by("system", text) == {"M004"})


def picture_rules():
    check("ppm: a picture is read", parse_ppm(b"P6\n2 1\n255\nabcdef") == (2, 1, b"abcdef"))
    try:
        parse_ppm(b"P6\n2 1\n255\nabc")
        check("ppm: half a picture is refused", False)
    except ValueError:
        check("ppm: half a picture is refused", True)


for rules in (tap_rules, log_rules, process_rules, declaration_rules, run_rules, second_try_rules, bench_rules, promise_rules, picture_rules):
    rules()
print(f"1..{COUNT[0]}")
sys.exit(1 if COUNT[1] else 0)
