# SPDX-License-Identifier: BSD-2-Clause
"""A slow host at the other end of the second serial line, whose driver is killed under load: no line is lost."""
import fcntl
import os
import re
import select
import time

WRITERS, LINES, KILLS = 4, 1000, 20


def collect(fd, machine, seconds):
    """What comes, and what the test says meanwhile: nothing is taken off the line before the driver has been killed once
    more, so that it stands."""
    text, said, taken, deadline = b"", b"", 0, time.monotonic() + seconds
    while not text.endswith(b"end\r\n") and time.monotonic() < deadline:
        said += machine.drain(0.02)
        kills = len(re.findall(rb"# kill \d+:", said))
        go_on = b"# the line stands once more" in said
        while (go_on or taken < kills < KILLS) and select.select([fd], [], [], 0.1)[0]:
            text += os.read(fd, 65536)
            taken += 1
    return text, said


def run(session):
    path = os.path.join(session.scratch, "line")
    os.mkfifo(path + ".in")
    os.mkfifo(path + ".out")
    fd = os.open(path + ".out", os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)
    machine = session.boot(extra=["-chardev", f"pipe,id=com2,path={path}", "-device", "isa-serial,chardev=com2,index=1"])
    text, said = collect(fd, machine, 60)
    os.close(fd)
    session.ok(text.endswith(b"end\r\n"), "the end of the output comes")
    session.ok(b"serial: 16550 at 0x2f8, pid " in text, "the driver says its first line through its own ports")
    missing = []
    for writer in range(WRITERS):
        for i in range(LINES):
            line = b"<%d %04d %016x>\r\n" % (writer, i, (i + 1) * 0x9e3779b97f4a7c15 % 2**64 ^ writer)
            if line not in text:
                missing.append((writer, i))
    session.ok(not missing, "every line that was acknowledged has come whole, over 20 deaths of the driver", str(missing[:5]))
    session.ok(b"ok 2 - the driver was killed 20 times" in said, "the driver was killed 20 times with writes in flight")
    session.ok(machine.wait(20) == 33, "the test ends well")
