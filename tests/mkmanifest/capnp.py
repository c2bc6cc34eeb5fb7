#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The encoding against the `capnp` tool, in both directions."""
import glob
import subprocess

from common import done, ok, scratch, tool

SCHEMA = ["idl/manifest.capnp", "SystemManifest"]


def capnp(command, data, *options):
    return subprocess.run(["capnp", command, *options, *SCHEMA], input=data, capture_output=True)


def main():
    for path in sorted(glob.glob("systems/*.toml") + glob.glob("tests/manifests/good/*.toml")):
        name = path.rsplit("/", 1)[1]
        tool("encode", path, scratch("ours.bin"))
        ours = open(scratch("ours.bin"), "rb").read()
        decoded = capnp("decode", ours)
        ok(decoded.returncode == 0 and not decoded.stderr, f"{name}: capnp decodes what mkmanifest wrote", decoded.stderr)
        text = decoded.stdout
        encoded = capnp("encode", text)
        open(scratch("theirs.bin"), "wb").write(encoded.stdout)
        _, ours_shown, _ = tool("show", path)
        status, theirs_shown, lines = tool("show", scratch("theirs.bin"))
        ok(status == 0 and theirs_shown == ours_shown and ours_shown,
           f"{name}: what capnp encodes of that is read as the same [M114]", "\n".join(lines))
        again = capnp("decode", encoded.stdout)
        ok(again.stdout == text, f"{name}: and says the same to capnp")
        # As many segments as the tool can be made to use.
        segments = capnp("encode", text, "--segment-size=8")
        open(scratch("segments.bin"), "wb").write(segments.stdout)
        count = int.from_bytes(segments.stdout[:4], "little") + 1
        status, shown, lines = tool("show", scratch("segments.bin"))
        ok(count > 1 and ((status == 0 and shown == ours_shown) if count <= 64 else "too many segments" in "".join(lines)),
           f"{name}: in {count} segments it is {'read as well' if count <= 64 else 'refused'}", "\n".join(lines))

    minimal = b'(major = %d, minor = %d, services = [(name = "a", program = "sbin/a", memory = 1048576, slots = 64, ' \
              b'priority = 100, instances = 1)])'
    for major, minor, good in ((1, 0, True), (1, 9, True), (2, 0, False), (0, 9, False)):
        encoded = capnp("encode", minimal % (major, minor))
        open(scratch("version.bin"), "wb").write(encoded.stdout)
        status, _, lines = tool("check", scratch("version.bin"))
        ok((status == 0) == good, f"schema {major}.{minor} is {'accepted' if good else 'refused'} [M142]", "\n".join(lines))
    # A later minor version has grown the structs: the fields that this reader knows stay where they are.
    larger = open("idl/manifest.capnp").read().replace("  onRequest @19 :Bool;", "  onRequest @19 :Bool;\n  more @20 :UInt64;\n"
                                                       "  evenMore @21 :Text;\n  most @22 :List(Text);")
    open(scratch("later.capnp"), "w").write(larger)
    text = (minimal % (1, 1)).replace(b"instances = 1", b'instances = 1, more = 7, evenMore = "x", most = ["y"]')
    encoded = subprocess.run(["capnp", "encode", scratch("later.capnp"), "SystemManifest"], input=text, capture_output=True)
    open(scratch("later.bin"), "wb").write(encoded.stdout)
    status, _, lines = tool("check", scratch("later.bin"))
    ok(status == 0 and encoded.stdout, "a later minor version's additions are accepted [M142]",
       "\n".join(lines) + encoded.stderr.decode())
    done()


main()
