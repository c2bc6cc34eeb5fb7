#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The converted scripts as one file of records, for a machine that reads no JSON (tests/system/wasm_spec).

usage: pack.py FOLDER OUTDATED RESULT

u32 scripts; each: name, u32 commands.  A command is a byte and what it needs: M name bytes (a module), G name name
(register it as), A action, R action results (must return them), T action (must trap), B bytes (must be refused), L bytes
(must not link), U bytes (must trap when it is made).  name: u8 length; bytes: u32 length.  action: a byte i (call) or g
(global), name of the instance, u16 length of the field, u8 arguments of 16 bytes.  results: u8 count; each 16 bytes of mask
and 16 of what the masked value must be, or, where the mask is 0, n (not null).
"""
import json
import os
import struct
import sys

QUIET = {4: 0x7FC00000, 8: 0x7FF8000000000000}
LANES = {"i8": 1, "i16": 2, "i32": 4, "f32": 4, "i64": 8, "f64": 8}


def name(text):
    data = text.encode("utf-8", "surrogatepass")
    return struct.pack("<B", len(data)) + data


def blob(data):
    return struct.pack("<I", len(data)) + data


def lane(text, size):
    """(mask, value) of one number."""
    ones = (1 << 8 * size) - 1
    if text == "nan:canonical":
        return ones >> 1, QUIET[size]
    if text == "nan:arithmetic":
        return QUIET[size], QUIET[size]
    return ones, int(text) & ones


def pattern(value):
    kind, text = value["type"], value.get("value")
    if kind == "v128":
        size = LANES[value["lane_type"]]
        pairs = [lane(t, size) for t in text]
        return b"".join(m.to_bytes(size, "little") for m, _ in pairs), b"".join(v.to_bytes(size, "little") for _, v in pairs)
    if kind in ("externref", "funcref"):
        if text == "null":
            return (b"\xff" * 8).ljust(16, b"\0"), bytes(16)
        if text is None or kind == "funcref":
            return bytes(16), b"n".ljust(16, b"\0")
        return (b"\xff" * 8).ljust(16, b"\0"), (int(text) + 0x1000).to_bytes(16, "little")
    size = LANES[kind]
    mask, bits = lane(text, size)
    return mask.to_bytes(16, "little"), bits.to_bytes(16, "little")


def action(act):
    field = act["field"].encode("utf-8", "surrogatepass")
    args = act.get("args", [])
    return ((b"i" if act["type"] == "invoke" else b"g") + name(act.get("module", "")) + struct.pack("<H", len(field)) + field +
            struct.pack("<B", len(args)) + b"".join(pattern(a)[1] for a in args))


def record(folder, c):
    kind = c["type"]
    module = lambda: blob(open(os.path.join(folder, c["filename"]), "rb").read())  # noqa: E731
    if kind == "module":
        return b"M" + name(c.get("name", "")) + module()
    if kind == "register":
        return b"G" + name(c.get("name", "")) + name(c["as"])
    if kind == "action":
        return b"A" + action(c["action"])
    if kind == "assert_return":
        results = [pattern(e) for e in c["expected"]]
        return b"R" + action(c["action"]) + struct.pack("<B", len(results)) + b"".join(m + v for m, v in results)
    if kind in ("assert_trap", "assert_exhaustion"):
        return b"T" + action(c["action"])
    if kind in ("assert_malformed", "assert_invalid"):
        return b"B" + module()
    if kind == "assert_unlinkable":
        return (b"U" if "segment does not fit" in c.get("text", "") else b"L") + module()
    return b"U" + module()


def main(folder, outdated, result):
    skipped = {line.split()[0] for line in open(outdated, encoding="utf-8") if line.strip() and line[0] != "#"}
    scripts = []
    for line in open(os.path.join(folder, "list.txt"), encoding="utf-8"):
        words = line.split()
        if words[0] != "file":
            continue
        commands = json.load(open(os.path.join(folder, words[1] + ".json"), encoding="utf-8"))["commands"]
        records = [record(folder, c) for c in commands if c.get("module_type", "binary") != "text" and
                   f"{words[1]}:{c['line']}" not in skipped]
        if records:
            scripts.append(name(words[1]) + struct.pack("<I", len(records)) + b"".join(records))
    with open(result, "wb") as out:
        out.write(struct.pack("<I", len(scripts)) + b"".join(scripts))


main(*sys.argv[1:])
