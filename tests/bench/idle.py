# SPDX-License-Identifier: BSD-2-Clause
"""A system with nothing to do takes no timer interrupts, and QEMU hardly any time of the host's processor."""
import time

HOST_SHARE = 0.02
SECONDS = 3


def run(session):
    machine = session.boot()
    machine.expect(r"^idle begins", timeout=30)
    started, used = time.monotonic(), machine.cpu_seconds()
    machine.drain(SECONDS)
    used, passed = machine.cpu_seconds() - used, time.monotonic() - started
    share = used / passed
    machine.monitor("sendkey a")
    machine.expect(r"^idle ends", timeout=10)
    session.ok(share < HOST_SHARE, f"idle, QEMU uses under {HOST_SHARE:.0%} of a host core ({used:.2f} s of {passed:.1f} s) [M195]")
    found = machine.expect(r"^(not ok|ok) 1 - ", timeout=10)
    session.ok(found.group(1) == b"ok", "idle cores take no timer interrupt [M195]")
    session.ok(machine.wait(10) == 33, "the machine ends well")
