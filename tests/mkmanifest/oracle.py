#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The TOML reader against Python's tomllib: documents of the subset, written out and made at random, and damaged ones."""
import json
import os
import random
import tomllib

from common import done, ok, tool, written

GOOD = [
    "", "# only a comment", "a = 1\n", "a = 1 # with a comment\r\nb = 2\r\n", "\n\n  a\t=\t'x'  \n",
    'a = "\\b\\t\\n\\f\\r\\"\\\\ \\u00e9 \\U0001F600"', "a = 'C:\\no\\escapes'", 'bare_key-1 = 1\n"quoted key" = 2\n\'lit\' = 3\n1234 = 4',
    "a.b.c = 1\na.b.d = 2\na . e = 3\n'x y'.\"z\" = 4", "[t]\na = 1\n[t.u]\nb = 2\n[v.w.x]\nc = 3\n[v]\nd = 4",
    "[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 3\n[[a.c]]\nz = 4\n[[a.c]]\nz = 5", "a = [1, 2, 3]\nb = []\nc = [\n 1, # one\n\n 2,\n]",
    "a = [[1], ['x', \"y\"], [{b = 1}]]", "a = { b = 1, c.d = 'x', 'e f' = [1] }\nb = {}", "a = true\nb = false",
    "a = +1\nb = -1\nc = 0\nd = -0\ne = 1_000\nf = 0xdead_BEEF\ng = 0o17\nh = 0b1_0\ni = 9223372036854775807\nj = -9223372036854775808",
    "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true",
    "[a.b]\nx=1\n[a]\ny=2", "[ t . 'u' ]\na=1", "\u00e4 = 1".replace("\u00e4", '"\u00e4"'), "a = \"tab\there\"",
    "[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[a.c]\ny = 1",
]
BAD = [
    "a", "a =", "= 1", "a = 1 b = 2", "a = 1\na = 2", "[a]\n[a]", "a = 1\n[a]", "[a]\nb=1\n[a.b]", "a.b = 1\na.b.c = 2",
    "[a.b]\n[a]\nb.c = 1", "a.b = 1\n[a]", "a = {b = 1}\na.c = 2", "a = {b = 1}\n[a.c]", "a = [1]\n[[a]]", "[[a]]\n[a]", "[a]\n[[a]]",
    "a = {b = 1,}", "a = {b = 1\n}", "a = [1 2]", "a = [1,,2]", "a = [", "a = \"x", "a = 'x\n'", 'a = "\\x41"', 'a = "\\ud800"',
    'a = "\\u12"', "a = 01", "a = 1__0", "a = _1", "a = 1_", "a = 0x", "a = 0xg", "a = +0x1", "a = 9223372036854775808",
    "a = -9223372036854775809", "a = truely", "a = True", "a = inf1", "[a", "[]", "[a]]", "[[a]", "a b = 1", "a..b = 1", ".a = 1", "a. = 1",
    "a = 1 # \x01", "a = \"\x02\"", "a = 'x\x7f'", "a\n= 1", "a = 1\rb = 2", "a = {b = 1, b = 2}", "a = {b.c = 1, b = 2}", "[a] b = 1",
    "a = '''", "é = 1", "a = [1]b", "a = 1, ",
]
UNSUPPORTED = {"a = 1.5": "floats", "a = 1e3": "floats", "a = inf": "floats", "a = 2026-01-02": "dates", "a = 07:32:00": "begins with 0",
               'a = """x"""': "multi-line", "a = '''x'''": "multi-line"}


def read(text):
    status, out, lines = tool("toml", written("document.toml", text))
    return (json.loads(out) if status == 0 else None), lines


def random_string(rng):
    text = "".join(rng.choice("ab \t\"'\\\n#[]{}=,.\u00e9\U0001f600") for _ in range(rng.randrange(6)))
    if rng.random() < 0.3 and not set("'\n") & set(text):
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=rng.random() < 0.5) if "\U0001f600" not in text else json.dumps(text, ensure_ascii=False)


def random_value(rng, depth):
    kind = rng.randrange(6 if depth < 3 else 3)
    if kind == 0:
        number = rng.randrange(-10 ** rng.randrange(1, 19), 10 ** rng.randrange(1, 19))
        return rng.choice((str, lambda n: hex(n) if n >= 0 else str(n), lambda n: f"{n:_}"))(number)
    if kind == 1:
        return rng.choice(("true", "false"))
    if kind == 2 or kind == 5:
        return random_string(rng)
    values = [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 3:
        gap = rng.choice(("", " ", "\n  ", " # note\n"))
        return "[" + gap + ("," + gap).join(values) + ("," if values and rng.random() < 0.3 else "") + gap + "]"
    return "{ " + ", ".join(f"{random_key(rng)} = {v}".replace("\n", " ").replace(" # note", " ") for v in values) + " }"


def random_key(rng):
    key = rng.choice("abcdefgh")
    return rng.choice((key, key, f'"{key} {key}"', f"{key}.{rng.choice('xyz')}"))


def random_document(rng):
    lines = []
    for _ in range(rng.randrange(1, 12)):
        what = rng.randrange(6)
        if what == 0:
            lines.append(f"[{random_key(rng)}]")
        elif what == 1:
            lines.append(f"[[{random_key(rng)}]]")
        else:
            lines.append(f"{random_key(rng)} = {random_value(rng, 0)}")
    return rng.choice(("\n", "\n", "\r\n")).join(lines) + rng.choice(("", "\n"))


def wanted(text):
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def main():
    wrong = [t for t in GOOD if wanted(t) is None or read(t)[0] != wanted(t)]
    ok(not wrong, f"{len(GOOD)} documents are read as tomllib reads them [M306]", wrong)
    wrong = [t for t in BAD if wanted(t) is not None and t not in ("a = -9223372036854775809", "a = 9223372036854775808")]
    wrong += [t for t in BAD if read(t)[0] is not None or not read(t)[1][0].split(":")[1].isdigit()]
    ok(not wrong, f"{len(BAD)} that are no TOML are refused with a line number [M306]", wrong)
    wrong = [t for t, word in UNSUPPORTED.items() if word not in "".join(read(t)[1])]
    ok(not wrong, "what is not supported is named", wrong)
    document = "a = 1\n\n# three\n[t]\nb = [1,\n 2,\n 3]\nc = ?\n"
    ok(":8: toml: " in read(document)[1][0], "the line is counted through comments and arrays [M306]", read(document)[1])

    seed = int(os.environ.get("MNOS_SEED", "20260101"))
    rng = random.Random(seed)
    print(f"# seed: MNOS_SEED={seed}")
    wrong, sound = [], 0
    for _ in range(400):
        text = random_document(rng)
        if rng.random() < 0.2 and text:
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice("\"'[]{}=,.#\n a1") + text[at + 1:]
        oracle = wanted(text)
        got, lines = read(text)
        sound += oracle is not None
        if got != oracle and not (got is None and any("not supported" in line for line in lines)):
            wrong.append(text)
    ok(not wrong and sound > 50, f"400 random documents, {sound} of them sound, are judged as tomllib does [M306]", "\n---\n".join(wrong[:3]))
    done()


main()
