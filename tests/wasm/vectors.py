#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""SIMD: every vector instruction on vectors that provoke, against wabt's interpreter.

usage: vectors.py [--interp|--jit]

A module is generated with one function for each instruction and each pair of inputs; wabt's wasm-interp says what they
return, and the runner of the specification's scripts whether the engine returns the same.  Where wabt returns a NaN, any
quiet NaN will do.
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
INPUTS = [
    bytes(range(1, 17)),
    bytes([0x80, 0x7f, 0xff, 0, 0x81, 0x7e, 1, 0xfe, 0x80, 0x80, 0x7f, 0x7f, 0xff, 0xff, 0, 0]),
    struct.pack("<4f", 1.5, -2.5, float("inf"), -0.0),
    struct.pack("<4f", 3e9, -3e9, 0.5, float("nan")),
    struct.pack("<2d", -1.5, 1e300),
    struct.pack("<2d", float("nan"), -0.0),
    struct.pack("<4i", -2147483648, 2147483647, -1, 65536),
    struct.pack("<2q", -9223372036854775808, 9007199254740993),
    bytes(16),
    bytes([0xff] * 16),
]
INTEGER = {"i8x16": 8, "i16x8": 16, "i32x4": 32, "i64x2": 64}
FLOAT = {"f32x4": 32, "f64x2": 64}
COMPARE = ["lt_s", "gt_s", "le_s", "ge_s"]
UNSIGNED = ["lt_u", "gt_u", "le_u", "ge_u"]


def names():
    """(instruction, signature, shape of the result): v = vector, i = 32-bit number, r = result a number."""
    for shape, bits in INTEGER.items():
        binary = ["add", "sub", "eq", "ne", *COMPARE] + (UNSIGNED if bits < 64 else [])
        binary += ["mul"] if bits > 8 else []
        binary += ["min_s", "min_u", "max_s", "max_u"] if bits < 64 else []
        binary += ["add_sat_s", "add_sat_u", "sub_sat_s", "sub_sat_u", "avgr_u"] if bits < 32 else []
        binary += {8: ["swizzle", "narrow_i16x8_s", "narrow_i16x8_u"], 16: ["q15mulr_sat_s", "narrow_i32x4_s", "narrow_i32x4_u"],
                   32: ["dot_i16x8_s"], 64: []}[bits]
        half = {16: "i8x16", 32: "i16x8", 64: "i32x4"}.get(bits)
        if half:
            binary += [f"extmul_{part}_{half}_{sign}" for part in ("low", "high") for sign in "su"]
        unary = ["abs", "neg"] + (["popcnt"] if bits == 8 else [])
        if half:
            unary += [f"extend_{part}_{half}_{sign}" for part in ("low", "high") for sign in "su"]
        if bits in (16, 32):
            unary += [f"extadd_pairwise_{half}_{sign}" for sign in "su"]
        if bits == 32:
            unary += [f"trunc_sat_{f}" for f in ("f32x4_s", "f32x4_u", "f64x2_s_zero", "f64x2_u_zero")]
        yield from ((f"{shape}.{op}", "vv", "i32x4") for op in binary)
        yield from ((f"{shape}.{op}", "v", "i32x4") for op in unary)
        yield from ((f"{shape}.{op}", "vi", "i32x4") for op in ("shl", "shr_s", "shr_u"))
        yield from ((f"{shape}.{op}", "vr", "") for op in ("all_true", "bitmask"))
        lanes = 128 // bits
        sign = ["_s", "_u"] if bits < 32 else [""]
        if bits < 64:
            yield from ((f"{shape}.extract_lane{s} {lane}", "vr", "") for s in sign for lane in (0, lanes - 1))
            yield f"{shape}.splat", "i", "i32x4"
            yield from ((f"{shape}.replace_lane {lane}", "vi", "i32x4") for lane in (0, lanes - 1))
    for shape in FLOAT:
        yield from ((f"{shape}.{op}", "vv", shape) for op in ("add", "sub", "mul", "div", "min", "max", "pmin", "pmax"))
        yield from ((f"{shape}.{op}", "vv", "i32x4") for op in ("eq", "ne", "lt", "gt", "le", "ge"))
        yield from ((f"{shape}.{op}", "v", shape) for op in ("abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"))
    yield from ((f"f32x4.convert_i32x4_{s}", "v", "f32x4") for s in "su")
    yield from ((f"f64x2.convert_low_i32x4_{s}", "v", "f64x2") for s in "su")
    yield "f32x4.demote_f64x2_zero", "v", "f32x4"
    yield "f64x2.promote_low_f32x4", "v", "f64x2"
    yield from ((f"v128.{op}", "vv", "i32x4") for op in ("and", "or", "xor", "andnot"))
    yield from (("v128.not", "v", "i32x4"), ("v128.any_true", "vr", ""), ("v128.bitselect", "vvv", "i32x4"))
    for lanes in ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "31 0 30 1 29 2 28 3 27 4 26 5 25 6 24 7",
                  "16 17 18 19 20 21 22 23 0 0 0 0 15 15 15 15"):
        yield f"i8x16.shuffle {lanes}", "vv", "i32x4"
    for op in ("v128.load", "v128.load8x8_s", "v128.load8x8_u", "v128.load16x4_s", "v128.load16x4_u", "v128.load32x2_s",
               "v128.load32x2_u", "v128.load8_splat", "v128.load16_splat", "v128.load32_splat", "v128.load64_splat",
               "v128.load32_zero", "v128.load64_zero"):
        yield op, "a", "i32x4"
    for bits, lane in ((8, 15), (8, 0), (16, 7), (32, 2), (64, 1), (64, 0)):
        yield f"v128.load{bits}_lane offset=3 {lane}", "av", "i32x4"
        yield f"v128.store{bits}_lane offset=3 {lane}", "store", "i32x4"


def constant(index):
    return f"(v128.const i8x16 {' '.join(str(b) for b in INPUTS[index % len(INPUTS)])})"


def body(op, signature, i, k):
    if signature == "store":
        return (f"({op} (i32.const {i}) {constant(k)}) (v128.store (i32.const 64) (v128.load (i32.const {i})))"
                f" (v128.store (i32.const {i}) {constant(0)}) (v128.load (i32.const 64))")
    operands = {"v": constant(i), "vv": constant(i) + constant(k), "vvv": constant(i) + constant(k) + constant(i + k + 1),
                "vi": f"{constant(i)} (i32.const {k * 5 - 7})", "vr": constant(i), "i": f"(i32.const {i * 1000003 - 77})",
                "a": f"(i32.const {i})", "av": f"(i32.const {i}) {constant(k)}"}[signature]
    return f"({op} {operands})"


def module(todo):
    data = "".join(f"\\{b:02x}" for b in INPUTS[1] + INPUTS[3] + INPUTS[7] + INPUTS[0])
    lines = ["(module", "(memory 1)", f'(data (i32.const 0) "{data}")']
    for name, (op, signature, _, i, k) in todo.items():
        result = "i32" if signature == "vr" else "v128"
        lines.append(f'(func (export "{name}") (result {result}) {body(op, signature, i, k)})')
    return "\n".join(lines) + ")\n"


def expected_lanes(shape, words):
    raw = struct.pack("<4I", *words)
    if shape == "f32x4":
        return {"type": "v128", "lane_type": "f32", "value":
                ["nan:arithmetic" if w & 0x7fffffff > 0x7f800000 else str(w) for w in struct.unpack("<4I", raw)]}
    if shape == "f64x2":
        return {"type": "v128", "lane_type": "f64", "value":
                ["nan:arithmetic" if w & (1 << 63) - 1 > 0x7ff << 52 else str(w) for w in struct.unpack("<2Q", raw)]}
    return {"type": "v128", "lane_type": "i32", "value": [str(w) for w in words]}


def commands(todo, printed):
    yield {"type": "module", "line": 1, "filename": "vectors.wasm"}
    for name, words in re.findall(r"^(\S+)\(\) => (?:i32:|v128 i32x4:)(.*)$", printed, re.MULTILINE):
        shape, values = todo[name][2], [int(w, 0) for w in words.split()]
        result = expected_lanes(shape, values) if len(values) == 4 else {"type": "i32", "value": str(values[0] & 0xffffffff)}
        yield {"type": "assert_return", "line": name, "expected": [result],
               "action": {"type": "invoke", "field": name, "args": []}}


def main():
    if shutil.which("wasm-interp") is None:
        print("1..1\nok 1 - vector instructions # SKIP wabt is not installed")
        return 0
    todo, ops = {}, 0
    for op, signature, shape in names():
        ops += 1
        single = signature in ("v", "vr", "i", "a")
        for i in range(len(INPUTS)):
            for k in ([0] if single else range(len(INPUTS))):
                todo[f"{re.sub('[^a-z0-9_.]', '-', op)}#{i}.{k}"] = (op, signature, shape, i, k)
    with tempfile.TemporaryDirectory(prefix="mnos-vectors-") as folder:
        with open(f"{folder}/vectors.wat", "w", encoding="utf-8") as f:
            f.write(module(todo))
        subprocess.run(["wat2wasm", f"{folder}/vectors.wat", "-o", f"{folder}/vectors.wasm"], check=True)
        printed = subprocess.run(["wasm-interp", f"{folder}/vectors.wasm", "--run-all-exports"], check=True,
                                 capture_output=True, text=True).stdout
        script = {"commands": list(commands(todo, printed))}
        with open(f"{folder}/vectors.json", "w", encoding="utf-8") as f:
            json.dump(script, f)
        with open(f"{folder}/list.txt", "w", encoding="utf-8") as f:
            f.write(f"file vectors {len(script['commands'])}\n")
        if len(script["commands"]) != len(todo) + 1:
            print(f"1..1\nnot ok 1 - wabt says what every function returns\n# {len(script['commands']) - 1} of {len(todo)}")
            return 1
        print(f"# {ops} instructions")
        return subprocess.run([f"{BUILD}/host/bin/wasm-spec", *sys.argv[1:], folder]).returncode


sys.exit(main())
