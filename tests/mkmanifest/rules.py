#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One description for each rule: refused under that rule's name, with file, line and the members involved."""
import glob
import os
import re

from common import done, ok, programs, scratch, tool, written

BAD = "tests/manifests/bad/"
# What the sentence must name besides.
MEMBERS = {
    "dependency-cycle": "alpha -> beta -> gamma -> alpha",
    "call-cycle": "alpha -> beta -> alpha",
    "duplicate-provided": "'server' is provided by 'a' and by 'b'",
    "shared-device": "'a' and 'b'",
    "unknown-dependency": "'a' depends on 'b'",
    "nobody-provides": "'client' uses 'server'",
    "unknown-program": "sbin/nowhere",
}
IDS = {"dependency-cycle": "[M143 M299]", "duplicate-service": "[M143 M297]", "unknown-program": "[M143 M298]",
       "nobody-provides": "[M143]", "wrong-interface": "[M141]", "schema-version": "[M142]"}


def judge(rule, path, build):
    status, _, lines = tool("check", "--build", build, path)
    here = [n for n, line in enumerate(open(path, "rb").read().splitlines(), 1) if b"# here" in line]
    where = f":{here[0]}" if here else ""
    wanted = re.compile(re.escape(f"{path}{where}: {rule}: "))
    good = status == 1 and len(lines) == 1 and wanted.match(lines[0]) and MEMBERS.get(rule, "") in lines[0]
    ok(good, f"{rule} is refused by name {IDS.get(rule, '')}".rstrip(), "\n".join(lines) or "accepted")


def main():
    build = programs("init", "greeter", "wasm", "vfs", "devmgr", "netstack")
    status, out, _ = tool("rules")
    rules = [line.split()[0] for line in out.splitlines()]
    files = {os.path.splitext(os.path.basename(p))[0]: p for p in glob.glob(BAD + "*")}
    ok(sorted(rules) == sorted(files) and len(rules) >= 30, "there is one bad manifest for each rule",
       set(rules) ^ set(files))
    for rule in rules:
        judge(rule, files.get(rule, "/none"), build)

    for path in sorted(glob.glob("tests/manifests/good/*.toml")):
        status, _, lines = tool("check", "--build", build, path)
        ok(status == 0, f"{os.path.basename(path)} is accepted", "\n".join(lines))
    for path in sorted(glob.glob("systems/*.toml")):
        status, _, lines = tool("check", path)
        ok(status == 0, f"{os.path.basename(path)} is accepted", "\n".join(lines))

    service = '[[services]]\nname = "a"\npath = "/sbin/greeter"\n'
    _, out, _ = tool("show", written("policy.toml", service))
    ok("restart never" in out, "without a restart policy a service is not started again")
    status, _, lines = tool("check", written("policy.toml", service + 'restart_policy = "sometimes"\n'))
    ok(status == 1 and ":4: restart-policy: " in lines[0] and '"sometimes"' in lines[0],
       "a restart policy that there is not is refused by its name [M300]", lines)
    for number, (text, line, rule) in enumerate((
            (service + "memory = 1.5\n", 4, "toml"), (service + "nmae = 1\n", 4, "key"), (service + "path = 3\n", 4, "toml"),
            (service + "memory = true\n", 4, "key"), (service + 'memory = "5 apples"\n', 4, "key"),
            (service + 'capabilities = ["CAP_EVERYTHING"]\n', 4, "key"), ("services = 1\n", 1, "key"),
            (service + 'capabilities = [{ source = "log", rights = ["fly"] }]\n', 4, "key"),
            (service + "slots = -1\n", 4, "key"), (service + 'provides = [{ name = "x", interface = "y" }]\n', 4, "key"),
            ("[system]\nschema = \"new\"\n" + service, 2, "key"))):
        status, _, lines = tool("check", written("shape.toml", text))
        ok(status == 1 and any(f":{line}: {rule}: " in e for e in lines),
           f"what has the wrong shape is refused with its line ({number + 1}) [M306]", "\n".join(lines) + "\n" + text)
    status, _, lines = tool("check", scratch("nothing.toml"))
    ok(status == 1 and "cannot be read" in lines[0], "a file that is not there is named")
    done()


main()
