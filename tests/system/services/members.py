# SPDX-License-Identifier: BSD-2-Clause
"""What a service reads of the boot package, against the archive as the host reads it."""
import os
import tarfile
import zlib


def run(session):
    with tarfile.open(os.path.join(session.build, "tests/services.tar")) as archive:
        wanted = [(m.name, m.size, zlib.crc32(archive.extractfile(m).read())) for m in archive.getmembers()]
    machine = session.boot()
    found = []
    for _ in wanted:
        line = machine.expect(r"# member (\S+) (\d+) ([0-9a-f]{8})\r?\n", timeout=30)
        found.append((line.group(1).decode(), int(line.group(2)), int(line.group(3), 16)))
    session.ok(found == wanted and len(wanted) >= 3 and wanted[1][0] == "sbin/init",
               "the guest reads the members that the host packed, byte for byte [M108]", f"{found} for {wanted}")
    session.ok(machine.wait(60) == 33, "and ends well")
