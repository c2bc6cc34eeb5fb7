#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The boot packages that the tool makes."""
import os
import subprocess
import tarfile

from common import done, ok, programs, scratch, tool, written


def package(build, description, name):
    status, _, lines = tool("package", "--build", build, description, scratch(name))
    return status, lines


def main():
    build = programs("init", "greeter", "vfs", "devmgr", "netstack")
    everything = "tests/manifests/good/everything.toml"
    status, lines = package(build, everything, "one.tar")
    ok(status == 0, "a package is made", "\n".join(lines))
    with tarfile.open(scratch("one.tar"), format=tarfile.USTAR_FORMAT) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}
        infos = archive.getmembers()
    ok([m.name for m in infos] == ["boot/manifest.bin", "sbin/init", "sbin/driver", "bin/client", "etc/motd"],
       "the manifest comes first, then init, each program once, and the files", [m.name for m in infos])
    ok(members["sbin/driver"] == members["bin/client"] == open(build + "/user/stripped/greeter", "rb").read(),
       "programs are embedded byte for byte [M143 M149]")
    ok(members["etc/motd"] == open("tests/manifests/good/motd", "rb").read(), "files are embedded byte for byte")
    ok(all(m.mtime == 0 and m.uid == 0 and m.gid == 0 for m in infos), "members have neither times nor owners")
    listing = subprocess.run(["tar", "-tf", scratch("one.tar")], capture_output=True, text=True)
    ok(listing.returncode == 0 and listing.stdout.split() == [m.name for m in infos], "tar lists it [M107]", listing.stderr)

    package(build, everything, "two.tar")
    os.utime(build + "/user/stripped/greeter", (1, 1))
    package(build, everything, "three.tar")
    one, two, three = (open(scratch(f"{n}.tar"), "rb").read() for n in ("one", "two", "three"))
    ok(one == two == three, "the same input gives the same bytes [M143]")
    tool("encode", everything, scratch("message.bin"))
    ok(open(scratch("message.bin"), "rb").read() == members["boot/manifest.bin"], "encode writes what package embeds")

    status, lines = package(build, "tests/manifests/good/field.toml", "field.tar")
    ok(status == 0, "a description in the plain form is packed as it stands", "\n".join(lines))
    status, out, _ = tool("show", "tests/manifests/good/field.toml")
    for text, name in (("capability package: package, read", "CAP_FS_MOUNT is the boot package"),
                       ("provides vfs (0)", "CAP_IPC_CREATE lets a service provide its own name"),
                       ("capability net_admin: service net.admin late optional", "CAP_NET_ADMIN is a service to look up"),
                       ("capability net_raw: service net.raw late optional", "CAP_NET_RAW is a service to look up"),
                       ("after devmgr", "depends_on is kept")):
        ok(text in out, name, out)

    head = '[[services]]\nname = "a"\npath = "/sbin/a"\nbinary = "greeter"\n'
    for text, word, name in (
            (head + '[[services]]\nname = "b"\npath = "/sbin/a"\nbinary = "vfs"\n', "package: 'sbin/a' is both",
             "one path for two programs is refused"),
            (head + '[[files]]\npath = "x"\nfile = "/nowhere/x"\n', "package: no file", "a file that is not there is named"),
            (head + '[[files]]\npath = "x"\nfile = "README.md"\n[[files]]\npath = "/x"\nfile = "README.md"\n',
             "package: 'x' is there twice", "a member that is there twice is refused"),
            (head + '[[files]]\npath = "../x"\nfile = "README.md"\n', "package: a member cannot be named",
             "a member outside the archive is refused")):
        if os.path.exists(scratch("bad.tar")):
            os.remove(scratch("bad.tar"))
        status, lines = package(build, written("bad.toml", text), "bad.tar")
        ok(status == 1 and any(word in line for line in lines) and not os.path.exists(scratch("bad.tar")), name,
           "\n".join(lines))
    done()


main()
