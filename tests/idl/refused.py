#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the plugin of the capnp compiler cannot carry, it refuses with a sentence that names it."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tools/lint")
import lintlib  # noqa: E402

PLUGIN = os.path.abspath(os.path.join(lintlib.BUILD, "host/bin/capnpc-mnos"))
IDL = os.path.abspath("idl")
HEAD = '@0xb0dd2d6b3a5c9f77;\nusing Mnos = import "/mnos.capnp";\n'
FACE = HEAD + "interface Bad @0xfaa4a6a15ab2b477 {{ {} }}\n"

# what is wrong: the method (or a whole file), and what the sentence says
REFUSED = {
    "nine words": ("m @0 (" + ", ".join(f"a{i} :UInt64" for i in range(9)) + ");", "Bad.m: 9 words one way and 0 the other"),
    "nine words with the room for bytes": ("m @0 (" + ", ".join(f"a{i} :Int8" for i in range(8)) + ") -> (b :Data);",
                                           "Bad.m: 9 words one way"),
    "five capabilities": ("m @0 (" + ", ".join(f"c{i} :Bad" for i in range(5)) + ");", "Bad.m: 'c4' is one capability too many"),
    "a Data before another": ("m @0 (a :Data, b :Data);", "Bad.m: 'b' cannot share the buffer"),
    "a struct behind a text": ("struct S { x @0 :UInt8; } m @0 (a :Text, b :S);", "Bad.m: 'b' cannot share the buffer"),
    "two results in the buffer": ("m @0 () -> (a :Text, b :Text);", "Bad.m: 'b' cannot share the buffer"),
    "a number with a point": ("m @0 (a :Float64);", "Bad.m: 'a': numbers with a point do not travel"),
    "a list of texts": ("m @0 (a :List(Text));", "Bad.m: 'a': lists are of numbers or structs"),
    "a union": ("struct S { union { x @0 :UInt8; y @1 :UInt8; } } m @0 (a :S);", "S.x: groups and unions have no form in memory"),
    "a struct that holds itself": ("struct S { x @0 :S; } m @0 (a :S);", "S holds itself"),
    "a text in a struct without a size": ("struct S { x @0 :Text; } m @0 (a :S);", "S.x: its `size` is missing"),
    "an empty struct": ("struct S { } m @0 (a :S);", "S is empty"),
    "a capability in a struct": ("struct S { x @0 :Bad; } m @0 (a :S);", "S.x: its type has no form in memory"),
    "a needed capability behind an optional one": ("m @0 (a :Bad $Mnos.optional, b :Bad);",
                                                   "Bad.m: 'b' stands behind an optional capability"),
    "a number in words": ("m @0 (a :UInt8 $Mnos.words(2));", "Bad.m: 'a': only a Text of up to 8 words can travel in words"),
    "bytes in words": ("m @0 (a :Data $Mnos.words(2));", "Bad.m: 'a': only a Text of up to 8 words can travel in words"),
    "a text to be fetched": ("m @0 (a :Text $Mnos.pulled);", "Bad.m: 'a': only a Data that is alone in the buffer can be pulled"),
    "much to be put together": ("m @0 (a :Text, b :Text, c :Text);", "more than 8192 bytes"),
    "an error that nobody has": ('m @0 () $Mnos.raises([(error = "NONSENSE", when = "")]);', "Bad.m raises NONSENSE"),
    "errors that are the kernel's": ("enum E $Mnos.errors(3) { x @0; } m @0 ();", "E: the first error is 0x200 to 0xffff"),
    "two interfaces with one half of an id": (HEAD + "interface Bad @0xfaa4a6a15ab2b477 {}\ninterface Worse @0xfaa4a6a15ab2b478 {}\n",
                                              "the upper halves of their ids are the same"),
    "an interface that extends another": (HEAD + "interface Base @0xfaa4a6a15ab2b477 {}\n"
                                          "interface Bad @0xeaa4a6a15ab2b478 extends(Base) {}\n", "interfaces do not extend others"),
}


def compile_schema(text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bad.capnp")
        open(path, "w", encoding="utf-8").write(text)
        done = subprocess.run(["capnp", "compile", f"-I{IDL}", f"--src-prefix={folder}", f"-o{PLUGIN}:{folder}", path],
                              capture_output=True, text=True)
        return done.returncode, done.stderr


def main():
    report = lintlib.Report()
    for name, (text, sentence) in REFUSED.items():
        status, said = compile_schema(text if text.startswith("@") else FACE.format(text))
        good = status != 0 and sentence in said
        report.check(f"refused by name: {name}", [] if good else [f"status {status}: {said}"])
    for name, request in {"nothing": b"", "half a request": b"\0\0\0\0\x05\0\0\0", "noise": bytes(range(256)) * 16}.items():
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([PLUGIN], input=request, capture_output=True, cwd=folder)
            report.check(f"{name} instead of a request is an error", [] if done.returncode == 1 and b"request" in done.stderr
                         else [f"status {done.returncode}: {done.stderr}"])
    report.done()


main()
