#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's boundary: which sources are in it, which headers its rooms include, how large it is, what it names."""
import re
import tomllib

import lintlib

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    """The room that a file of the kernel belongs to; None for the shared headers and what a flavour adds."""
    parts = path.split("/")
    if parts[:2] == ["kernel", "config"]:
        return None
    if parts[:2] == ["kernel", "include"]:
        return parts[2] if len(parts) > 3 and parts[2] != "config" else None
    return parts[1] if parts[0] == "kernel" and len(parts) > 2 else None


def include_order(config):
    order, loose = config["order"], config.get("loose", {})
    rooms = set(order)
    for path in lintlib.tree_files(".c", ".h", ".S"):
        room = room_of(path)
        if not path.startswith("kernel/") or room is None:
            continue
        if room not in rooms:
            yield f"{path}: '{room}' is no room of the kernel"
            continue
        allowed = set(order[:order.index(room) + 1]) | set(loose.get(room, []))
        for header in INCLUDE.findall(lintlib.read(path)):
            other = header.split("/")[0] if "/" in header else None
            if other in rooms and other not in allowed:
                yield f"{path}: room {room} may not include <{header}>"


def foreign_sources(config):
    allowed = ("kernel/config/",) + tuple(f"kernel/{room}/" for room in config["order"]) + tuple(f"{lib}/" for lib in config["libraries"])
    linked = lintlib.kernel_sources()
    if not linked:
        yield "no source is linked into the kernel"
    for source in linked:
        generated = source.startswith(lintlib.BUILD + "/gen/")
        if not generated and not source.startswith(allowed):
            yield f"{source} is linked into the kernel but lies in none of its rooms and listed libraries"


def too_large(config):
    sizes = {"text": 0, "loaded": 0}
    for line in lintlib.run("readelf", "-lW", f"{lintlib.BUILD}/kernel.elf").splitlines():
        words = line.split()
        if words[:1] == ["LOAD"]:
            memory, flags = int(words[5], 16), "".join(words[6:-1])
            sizes["loaded"] += memory
            sizes["text"] += 0 if "W" in flags else memory
    print(f"# code and read-only data: {sizes['text']} bytes of {config['max_text_bytes']}; "
          f"all segments: {sizes['loaded']} of {config['max_loaded_bytes']}")
    for what in sizes:
        if sizes[what] > config[f"max_{what}_bytes"]:
            yield f"{what}: {sizes[what]} bytes, at most {config[f'max_{what}_bytes']}"


def symbols():
    out = lintlib.run("nm", "--defined-only", f"{lintlib.BUILD}/kernel.elf")
    return [line.split()[2] for line in out.splitlines() if len(line.split()) == 3]


def main():
    with open("tools/lint/rooms.toml", "rb") as f:
        config = tomllib.load(f)
    report = lintlib.Report()
    report.check("kernel rooms include only what lies before them", include_order(config))
    report.check("the kernel is linked from an allow-list of rooms [M001]", foreign_sources(config))
    report.check("the kernel's size gate [M001]", too_large(config))
    names = symbols() + [re.sub(r"\W", "_", s) for s in lintlib.kernel_sources()]
    for what, pattern in config["symbols"].items():
        report.check(f"no symbol and no source of the kernel speaks of {what}",
                     [f"{n} is in the kernel" for n in names if re.search(pattern, n)])
    report.done()


main()
