#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs test suites and says how it went; the last line is `N passed, N failed`.

usage: run.py [--build DIR] [--tier quick|gate|full] [--only PATTERN]... [--bench] [--list] [--jobs N] [--publish DIR]
"""
import argparse
import datetime
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402
import kinds  # noqa: E402
import results  # noqa: E402
import suites  # noqa: E402
import tap  # noqa: E402

TAIL_LINES = 25

SECOND_TRIES = 2    # suites of a run that get one: told, and kept in the results


class Run:
    """The suites of one run: two at a time; then one by one those with a machine of several cores, since a core that waits for
    another one that the host does not run takes a time slice for each turn of a lock; then those that ask for it."""

    def __init__(self, options):
        self.options = options
        self.folder = os.path.join(options.build, "results")
        os.makedirs(self.folder, exist_ok=True)
        self.tree = results.tree_hash()
        self.commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True).stdout.strip()
        self.lock = threading.Lock()
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.ids, self.failing = set(), []
        self.logs, self.finished, self.total = {}, 0, 0
        self.unsteady = []

    def run_all(self, chosen):
        self.total = len(chosen)
        wide = [s for s in chosen if not s["exclusive"] and s["smp"] > 2]
        shared = sorted((s for s in chosen if not s["exclusive"] and s["smp"] <= 2), key=lambda s: -s["weight"])
        workers = [threading.Thread(target=self._work, args=(shared,)) for _ in range(self.options.jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self._work(wide)
        self._work([s for s in chosen if s["exclusive"]])

    def _work(self, queue):
        while True:
            with self.lock:
                if not queue:
                    return
                suite = queue.pop(0)
            self._run_one(suite)

    def _run_one(self, suite):
        log = os.path.join(self.folder, results.file_name(suite["name"]) + ".log")
        if os.path.exists(log):
            os.unlink(log)
        began = time.monotonic()
        lacking = [n for n in suite["needs"] if not os.path.exists(n.replace("build/", self.options.build + "/", 1))]
        try:
            if lacking:
                points = [kinds.failure("what it needs is there", f"there is no {lacking[0]}")]
            else:
                points = kinds.RUNNERS[suite["kind"]](suite, log, self.options.build)
        except Exception:  # a broken suite is a failed suite, and the others still run
            points = [kinds.failure("runs at all", traceback.format_exc(limit=-3))]
        if not points:
            points = [kinds.failure("has results", "the suite came to no result at all")]
        if self._try_again(suite, points, log):
            if os.path.exists(log):
                os.replace(log, log + ".first")
            self._run_one(suite)
            return
        seconds = time.monotonic() - began
        results.store(self.folder, suite, points, log, seconds, self.tree)
        with self.lock:
            self._tell(suite, points, log, seconds)

    def _try_again(self, suite, points, log):
        bad = [p for p in points if p.status == "failed"]
        with self.lock:
            if (not kinds.host_may_be_why(suite, points) or len(self.unsteady) == SECOND_TRIES
                    or suite["name"] in self.unsteady):
                return False
            self.unsteady.append(suite["name"])
            print(f"       unsteady: {suite['name']} runs once more; the end of its first log:")
            for point in bad:
                print(f"       not ok: {point.name} {point.note}")
            for line in kinds.read_log(log)[-TAIL_LINES:]:
                print(f"       | {line}")
        return True

    def _tell(self, suite, points, log, seconds):
        for point in points:
            self.counts[point.status] += 1
            if point.status == "passed":
                self.ids.update(point.ids)
        bad = [p for p in points if p.status == "failed"]
        skipped = [p for p in points if p.status == "skipped"]
        self.logs[suite["name"]] = kinds.read_log(log)
        self.finished += 1
        print(f"[{self.finished}/{self.total}] {'FAIL' if bad else 'ok  '} {suite['name']:40} "
              f"{len(points) - len(bad) - len(skipped):4} passed {seconds:7.1f} s", flush=True)
        for point in skipped:
            print(f"       skipped: {point.name}: {point.note}")
        for point in bad:
            self.failing.append(f"{suite['name']}: {point.name}")
            print(f"       not ok: {point.name}" + (f"\n               {point.note}" if point.note else ""))
        if bad:
            print(f"       the end of {log}:")
            for line in self.logs[suite["name"]][-TAIL_LINES:]:
                print(f"       | {line}")
        sys.stdout.flush()

    def publish(self, folder):
        """Keeps a summary of a full run with commit and date, for the record."""
        commit = self.commit
        now = datetime.datetime.now(datetime.timezone.utc)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"{now:%Y-%m-%d}-{commit or 'no-commit'}.md")
        with open(path, "w", encoding="utf-8") as f:
            title = "Part of the full tier: " + ", ".join(self.options.only) if self.options.only else "Full test run"
            f.write(f"# {title}\n\nCommit {commit or 'unknown'}, tree {self.tree}, {now:%Y-%m-%d %H:%M} UTC.\n\n"
                    f"{self.closing_line()}\n\n| suite | passed | failed | skipped | seconds |\n|---|---:|---:|---:|---:|\n")
            for record in results.load(self.folder, self.tree):
                if record["suite"] not in self.logs:
                    continue
                by = [t["status"] for t in record["tests"]]
                f.write(f"| {record['suite']} | {by.count('passed')} | {by.count('failed')} | {by.count('skipped')} "
                        f"| {record['seconds']} |\n")
            f.write("".join(f"\n{name} had a second try.\n" for name in self.unsteady))
            said = [(name, line[2:]) for name, log in sorted(self.logs.items()) for line in log
                    if re.match(r"# \d+ of \d+ calls", line)]
            if said:
                f.write("\nRandom system calls, succeeded of all:\n\n" + "".join(f"- {name}: {line}\n" for name, line in said))
        print(f"results: {path}")

    def judge_count(self, tier):
        """The number of tests of the gate may not fall below what tests/count.txt says."""
        try:
            with open("tests/count.txt", encoding="utf-8") as f:
                wanted = int(next(line.split()[1] for line in f if line.startswith("gate ")))
        except (OSError, StopIteration, IndexError, ValueError):
            wanted = None
        count = sum(self.counts.values())
        point = tap.Point("the number of tests has not fallen [M282]", "passed")
        if wanted is None:
            point.status, point.note = "failed", "tests/count.txt has no line `gate N`"
        elif count < wanted:
            point.status, point.note = "failed", f"{count} results, tests/count.txt asks for {wanted}"
        suite = {"name": "harness/count", "tier": "gate"}
        results.store(self.folder, suite, [point], "", 0, self.tree)
        self.total += 1
        self._tell(suite, [point], "", 0)
        if wanted is not None and count > wanted and tier == "gate":
            print(f"       tests/count.txt may be raised from {wanted} to {count}")

    def close_books(self, tier):
        """Notes that every suite of the tier has a result for this tree."""
        with open(os.path.join(self.folder, "complete.txt"), "w", encoding="utf-8") as f:
            f.write(f"{self.tree} {tier}\n")

    def closing_line(self):
        skipped = f", {self.counts['skipped']} skipped" if self.counts["skipped"] else ""
        return f"{self.counts['passed']} passed, {self.counts['failed']} failed{skipped}"


def interrupted(number, _):
    """Ctrl-C ends what runs, too; machines end with this process by themselves."""
    for group in list(kinds.LIVE):
        os.killpg(group, signal.SIGKILL)
    print("\ninterrupted", flush=True)
    os._exit(128 + number)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--build", default="build")
    parser.add_argument("--tier", choices=suites.TIERS, default="gate")
    parser.add_argument("--only", action="append")
    parser.add_argument("--bench", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--publish")
    options = parser.parse_args()
    try:
        chosen = suites.select("tests", options.build, options.tier, options.only, options.bench)
    except suites.SuiteError as error:
        sys.exit(f"run.py: {error}")
    if options.list:
        for suite in chosen:
            print(f"{suite['name']:40} {suite['kind']:12} {suite['tier']}")
        return 0
    if options.bench:
        options.jobs = 1
    os.environ.setdefault("LOADER", os.path.join(options.build, "pvh-loader.elf"))
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    run = Run(options)
    run.run_all(chosen)
    if not options.only and not options.bench:
        if options.tier != "quick":
            run.judge_count(options.tier)
        run.close_books(options.tier)
    if options.bench:
        bench.report(run.logs)
    if options.publish:
        run.publish(options.publish)
    for name in run.unsteady:
        print(f"unsteady: {name} had a second try")
    if run.failing:
        print("\nfailed:")
        for name in run.failing:
            print(f"  {name}")
    print(run.closing_line(), flush=True)
    ran = run.counts["passed"] + run.counts["failed"]
    return 1 if run.counts["failed"] or ran == 0 else 0


sys.exit(main())
