# SPDX-License-Identifier: BSD-2-Clause
"""How a suite of each kind is run.  Each runner returns the list of tap.Point that the suite came to."""
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import traceback

import bench
import tap
from machine import Machine, Timeout, image_for, qemu_arguments

LIVE = set()  # process groups to end when the run is interrupted
ALARM = re.compile(r"panic|BUG|assert|ledger:.*differs")


def failure(name, note):
    return tap.Point(name, "failed", note)


def host_may_be_why(suite, points):
    """A machine that follows the host's clock may meet a host that stands still for a while; that explains a failed check, but no
    panic and no hang, and nothing of a machine that counts instructions."""
    bad = {p.name for p in points if p.status == "failed"}
    return bool(bad) and suite["kind"] in ("system", "interactive") and not suite["icount"] \
        and not bad & {"no unexpected kernel message", "ends in time", "runs at all", "what it needs is there"}


def run_process(suite, log_path, build):
    """Kinds host and script: a program that prints TAP."""
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", BUILD=build,
               ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", UBSAN_OPTIONS="print_stacktrace=1")
    env.update(suite["env"])
    program = suite["program"]
    if not os.path.exists(program):
        beside = os.path.join(suite["folder"], program)
        if not os.path.exists(beside):
            return [failure("starts", f"there is no {program}")]
        program = beside
    with open(log_path, "wb") as log:
        process = subprocess.Popen([os.path.abspath(program), *suite["args"]], stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=subprocess.STDOUT, env=env, start_new_session=True)
        LIVE.add(process.pid)
        try:
            status = process.wait(timeout=suite["timeout"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = None
        LIVE.discard(process.pid)
    lines = read_log(log_path)
    points, problems = tap.parse(lines) if suite["tap"] else ([], [])
    points += [failure("TAP stream", p) for p in problems]
    if status is None:
        points.append(failure("ends in time", f"killed after {suite['timeout']} s"))
    elif status != suite["exit"] and not any(p.status == "failed" for p in points):
        points.append(failure("exit status", f"expected {suite['exit']}, got {status}"))
    if suite["bench"] and not suite["tap"]:
        points += bench.judge(suite, lines)
    return points + expectations(suite, lines, status)


def run_system(suite, log_path, build):
    """Kind system: boot once, let the machine end by itself, judge its log and its status."""
    with tempfile.TemporaryDirectory(prefix="mnos-test-") as scratch:
        machine = Machine(image_for(suite, build, scratch), qemu_arguments(suite), log_path, suite["env"])
        try:
            status, late = machine.wait(suite["timeout"]), ""
        except Timeout as timeout:
            status, late = None, str(timeout)
        finally:
            machine.close()
    lines = read_log(log_path)
    points, problems = tap.parse(lines) if suite["tap"] else ([], [])
    points += [failure("TAP stream", p) for p in problems]
    if late:
        points.append(failure("ends in time", late))
    elif suite["exit"] != "any" and status not in as_list(suite["exit"]):
        points.append(failure("exit status", f"expected {suite['exit']}, QEMU ended with {status}"))
    points += [failure("no unexpected kernel message", line) for line in alarms(suite, lines)[:5]]
    for pattern in suite["require"]:
        if not any(re.search(pattern, line) for line in lines):
            points.append(failure("required log line", f"no line matches /{pattern}/"))
    for pattern in suite["forbid"]:
        hit = next((line for line in lines if re.search(pattern, line)), None)
        if hit is not None:
            points.append(failure("forbidden log line", hit))
    points += expectations(suite, lines, status)
    if suite["bench"]:
        points += bench.judge(suite, lines)
    return points


def run_interactive(suite, log_path, build):
    """Kind interactive: a Python file whose run(session) types at the machine."""
    session = Session(suite, log_path, build)
    try:
        spec = importlib.util.spec_from_file_location("interactive_" + re.sub(r"\W", "_", suite["name"]),
                                                      os.path.join(suite["folder"], suite["program"]))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.run(session)
    except Timeout as timeout:
        session.points.append(failure("conversation", str(timeout)))
    except Exception:
        session.points.append(failure("conversation", traceback.format_exc(limit=-3)))
    finally:
        session.close()
    lines = read_log(log_path)
    session.points += [failure("no unexpected kernel message", line) for line in alarms(suite, lines)[:5]]
    return session.points


class Session:
    """What an interactive script is given: boot() gives a Machine, ok() records a result."""

    def __init__(self, suite, log_path, build):
        self.suite, self.log_path, self.build = suite, log_path, build
        self.points, self.machine, self.boots = [], None, 0
        self.scratch = tempfile.mkdtemp(prefix="mnos-test-")

    def boot(self, extra=(), **changes):
        """Starts the suite's machine, with changes to its keys; an earlier one is ended first."""
        if self.machine:
            self.machine.close()
        suite = dict(self.suite, **changes)
        self.boots += 1
        log = self.log_path if self.boots == 1 else f"{self.log_path[:-4]}.boot{self.boots}.log"
        image = image_for(suite, self.build, self.scratch)
        self.machine = Machine(image, qemu_arguments(suite) + list(extra), log, suite["env"])
        return self.machine

    def ok(self, condition, name, note=""):
        """Records one result; a name ends with the promises it shows, in brackets."""
        self.points.append(tap.Point(name, "passed" if condition else "failed", "" if condition else note))
        return bool(condition)

    def skip(self, name, reason):
        self.points.append(tap.Point(name, "skipped", reason))

    def close(self):
        if self.machine:
            self.machine.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


RUNNERS = {"host": run_process, "script": run_process, "system": run_system, "interactive": run_interactive}


def alarms(suite, lines):
    """The kernel's log lines that no test may produce unless its suite says so."""
    return [line for line in lines if line.startswith("[") and ALARM.search(line)
            and not any(re.search(a, line) for a in suite["allow"])]


def expectations(suite, lines, status):
    """The results of the suite's [[suite.expect]] tables: log lines (in order if so asked), absent lines, status."""
    points = []
    for expect in suite["expect"]:
        missing, at = [], 0
        for pattern in as_list(expect.get("log", [])):
            hit = next((i for i in range(at, len(lines)) if re.search(pattern, lines[i])), None)
            if hit is None:
                missing.append(f"no line matches /{pattern}/" + (f" after line {at}" if at else ""))
            elif expect.get("ordered"):
                at = hit + 1
        for pattern in as_list(expect.get("not", [])):
            missing += [f"unwanted line: {line}" for line in lines if re.search(pattern, line)][:1]
        if "exit" in expect and status not in as_list(expect["exit"]):
            missing.append(f"expected status {expect['exit']}, got {status}")
        points.append(tap.Point(expect["name"], "failed" if missing else "passed", "; ".join(missing)))
    return points


def as_list(value):
    return value if isinstance(value, list) else [value]


def read_log(path):
    if not os.path.exists(path):
        return []
    with open(path, "rb") as f:
        return f.read().decode("utf-8", errors="replace").replace("\r", "").split("\n")
