# SPDX-License-Identifier: BSD-2-Clause
"""Keys and a virtio console, with this script at the other end of both."""
import os
import socket


def run(session):
    path = os.path.join(session.scratch, "console")
    machine = session.boot(extra=["-chardev", f"socket,id=vc,path={path},server=on,wait=off",
                                  "-device", "virtio-serial-pci", "-device", "virtconsole,chardev=vc"])
    machine.expect(r"# talk: ready", timeout=30)
    machine.monitor("sendkey a")
    session.ok(machine.expect(r"# key 0x1e down 97\r?\n.*?# key 0x1e up", timeout=10), "a key that is typed comes, down and up")
    machine.monitor("sendkey shift-b")
    session.ok(machine.expect(r"# key 0x30 down 66", timeout=10), "with the shift key held it is a capital")
    machine.monitor("sendkey up")
    session.ok(machine.expect(r"# key 0xc8 down 0", timeout=10), "an arrow key has a code of its own")
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(path)
        s.sendall(b"hello")
        said = b""
        while b"hello" not in said:
            said += s.recv(100)
        session.ok(said == b"echo hello", "what is said on the virtio console comes back", repr(said))
        long = bytes(range(32, 127)) * 40
        s.sendall(long)
        said = b""
        while len(said.replace(b"echo ", b"")) < len(long):
            said += s.recv(65536)
        session.ok(said.replace(b"echo ", b"") == long, "and so do 3,800 bytes, in order")
