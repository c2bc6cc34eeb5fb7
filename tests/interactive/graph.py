# SPDX-License-Identifier: BSD-2-Clause
"""The authority graph: the monitor's listing of the kernel's derivation tree, and what the host's tool makes of it."""
import os
import re
import subprocess
import xml.dom.minidom


def run(session):
    tool = os.path.join(session.build, "host/bin/graph")
    log = os.path.join(session.scratch, "graph.log")

    def graph(*arguments, text=None):
        if text is not None:
            with open(log, "w", encoding="utf-8") as file:
                file.write(text)
        return subprocess.run([tool, *arguments, log], capture_output=True, text=True, timeout=20, check=False)

    machine = session.boot()
    machine.expect(r"mnos> ", timeout=60)
    machine.send("graph\r")
    listing = machine.expect(r"(graph: process 1 .*?graph: end \d+)\r\n", timeout=20).group(1).decode()
    machine.expect(r"mnos> ", timeout=10)

    done = graph(text=listing)
    session.ok(done.returncode == 0 and done.stderr == "", "the listing is complete and agrees with itself")
    blocks = dict(re.findall(r"^(\w+) \(\d+\)\n((?:  .*\n)*)", done.stdout, re.M))
    serial = blocks["serial_driver"]
    session.ok(re.search(r"Interrupt +----V-- .* of init \(1\)", serial)
               and re.search(r"IoPort +RW----- .* of init \(1\)", serial)
               and not re.search(r"Memory|System|Process", serial),
               "the serial driver has its interrupt and its ports from init, and nothing else of the machine")
    session.ok(not re.search(r", of ", blocks["init"].split("\n")[0]) and "of init (1)" in blocks["monitor"],
               "init's first capability is a root, the monitor's are init's")
    dot = graph("--dot").stdout
    session.ok(re.search(r"p1 -> p\d+ \[label = \"[^\"]*System", dot) and dot.endswith("}\n"),
               "as a Graphviz file it has the same edges")
    picture = xml.dom.minidom.parseString(graph("--svg").stdout)
    boxes = [t.firstChild.data for t in picture.getElementsByTagName("text")]
    session.ok(all(any(b.startswith(name + " (") for b in boxes) for name in blocks), "the picture shows every process")

    package = os.path.join(session.build, "default.tar")
    closure = graph("--compare", package, text=listing)
    session.ok(closure.returncode == 0 and "0 differences between" in closure.stdout,
               "nobody holds anything beyond the closure of the manifest in the package [M106 M112]", closure.stdout + closure.stderr)
    machine.send("graph check\r")
    session.ok(machine.expect(r"graph: 0 differences from the manifest\r\n", timeout=20), "the running system says so itself")
    machine.expect(r"mnos> ", timeout=10)
    machine.send("graph picture\r")
    session.ok(machine.expect(r"graph picture: .*\r\n", timeout=20), "another word is refused")
    machine.expect(r"mnos> ", timeout=10)
    # The monitor's capability to the serial line, with rights or a holder that nothing lists.
    console = re.search(r"graph: cap 3 (\d+) Endpoint ---S-G- \d+ (\d+) .*", listing)
    last = int(re.search(r"graph: end (\d+)", listing).group(1))
    ports = re.search(r"graph: cap 2 \d+ IoPort RW----- (\d+ \d+ \d+) \d+ (\d+)", listing)
    stolen = listing.replace(console.group(0), console.group(0).rstrip("\r") +
                             f"\r\ngraph: cap 3 200 IoPort RW----- {ports.group(1)} 900001 {ports.group(2)}", 1)
    stolen = stolen.replace(f"graph: end {last}", f"graph: end {last + 1}")
    wrongs = {
        "one more": stolen,
        "more rights": re.sub(r"(graph: cap 2 \d+ IoPort )RW-----", r"\1RW---G-", listing, count=1),
        "another part": re.sub(r"(graph: cap 2 \d+ IoPort RW-----) 1016 ", r"\1 1017 ", listing, count=1),
        "another's process": re.sub(r"graph: process 3 1 monitor", "graph: process 3 1 stranger", listing, count=1),
        "another role at init": re.sub(r"(graph: cap 4 \d+ Endpoint ---S---) (\d+)", lambda m: f"{m.group(1)} {int(m.group(2)) + 2}",
                                       listing, count=1),
    }
    told = {what: graph("--compare", package, text=text) for what, text in wrongs.items()}
    session.ok(all(t.returncode == 1 and t.stdout.startswith("difference: ") for t in told.values()),
               "a capability too many, a right too many, another part, another role, a stranger: each is a difference",
               " ".join(f"{what}: {t.stdout}{t.stderr}" for what, t in told.items() if t.returncode != 1))

    lines = listing.splitlines(keepends=True)
    wrong = {
        "a line is missing": "".join(lines[:-2] + lines[-1:]),
        "the last line is missing": "".join(lines[:-1]),
        "a process twice": lines[0] + listing,
        "a capability of nobody": re.sub(r"graph: cap 2 ", "graph: cap 4711 ", listing, count=1),
        "an origin that is not there": re.sub(r"(graph: cap 2 .* )\d+(\r?\n)", r"\g<1>999999\2", listing, count=1),
        "no number": listing.replace("graph: cap 1 0", "graph: cap x 0", 1),
        "nothing": "",
    }
    answers = {what: graph(text=text) for what, text in wrong.items()}
    session.ok(all(a.returncode == 2 and a.stderr.startswith("graph: ") for a in answers.values()),
               "a listing that is damaged is refused with a line that says why",
               " ".join(what for what, a in answers.items() if a.returncode != 2))
