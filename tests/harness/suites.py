# SPDX-License-Identifier: BSD-2-Clause
"""Finds the test suites: those declared in suite.toml files, and the host tests and fuzzers, by their names.

A suite.toml holds tables [[suite]]; README.md beside this file lists the keys.
"""
import fnmatch
import glob
import os
import tomllib

TIERS = ["quick", "gate", "full"]
KINDS = ["host", "system", "interactive", "script"]
KEYS = {  # key: default
    "name": None, "kind": None, "tier": "gate", "weight": 1, "exclusive": False, "timeout": 60, "tap": None,
    "variants": [], "expect": [], "exit": None, "program": None, "args": [], "env": {}, "needs": [],
    "kernel": "release", "package": "default", "modules": None, "cmdline": "", "config": None, "image": None,
    "smp": 1, "mem": 128, "machine": None, "cpu": None, "icount": False, "qemu": [],
    "allow": [], "require": [], "forbid": [], "bench": False,
}
EXPECT_KEYS = {"name", "log", "not", "exit", "ordered"}


class SuiteError(Exception):
    """A suite.toml that cannot be used; the text says where and why."""


def _suite(table, where, folder):
    unknown = set(table) - set(KEYS)
    if unknown:
        raise SuiteError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    suite = {key: table.get(key, default) for key, default in KEYS.items()}
    for key in ("name", "kind"):
        if not suite[key]:
            raise SuiteError(f"{where}: no '{key}'")
    if suite["kind"] not in KINDS:
        raise SuiteError(f"{where}: {suite['name']}: kind '{suite['kind']}' is none of {', '.join(KINDS)}")
    if suite["tier"] not in TIERS:
        raise SuiteError(f"{where}: {suite['name']}: tier '{suite['tier']}' is none of {', '.join(TIERS)}")
    for expect in suite["expect"]:
        if "name" not in expect or set(expect) - EXPECT_KEYS:
            raise SuiteError(f"{where}: {suite['name']}: an 'expect' needs a name and knows "
                             f"{', '.join(sorted(EXPECT_KEYS))}")
    if suite["tap"] is None:
        suite["tap"] = suite["kind"] in ("host", "script") or \
            (suite["kind"] == "system" and not suite["expect"] and not suite["bench"])
    if suite["exit"] is None:
        suite["exit"] = 33 if suite["kind"] == "system" else None if suite["kind"] == "interactive" else 0
    suite["folder"] = folder
    return suite


def declared(root):
    """All suites of all suite.toml files below root, with their variants as suites of their own."""
    found = []
    for path in sorted(glob.glob(os.path.join(root, "**/suite.toml"), recursive=True)):
        try:
            with open(path, "rb") as f:
                tables = tomllib.load(f)
        except tomllib.TOMLDecodeError as error:
            raise SuiteError(f"{path}: {error}") from None
        if set(tables) - {"suite"}:
            raise SuiteError(f"{path}: only [[suite]] tables belong here")
        for table in tables.get("suite", []):
            folder = os.path.dirname(path)
            variants = table.get("variants", [])
            if not variants:
                found.append(_suite(table, path, folder))
            for variant in variants:
                merged = {k: v for k, v in table.items() if k != "variants"}
                merged.update({k: v for k, v in variant.items() if k != "suffix"})
                if "suffix" not in variant:
                    raise SuiteError(f"{path}: {table.get('name')}: a variant needs a 'suffix'")
                merged["name"] = f"{table.get('name')}-{variant['suffix']}"
                found.append(_suite(merged, path, folder))
    return found


def implied(root, build):
    """Host tests and fuzzers need no declaration: the file is the suite."""
    found = []

    def add(**table):
        found.append(_suite(table, table["name"], os.path.dirname(table["program"])))

    for source in sorted(glob.glob(os.path.join(root, "host/test_*.c"))):
        name = os.path.basename(source)[:-2]
        add(name=f"host/{name[5:]}", kind="host", tier="quick", timeout=240, program=f"{build}/host/tests/{name}")
        add(name=f"host-clang/{name[5:]}", kind="host", tier="full", timeout=240,
            program=f"{build}/host/tests-clang/{name}")
    for source in sorted(glob.glob(os.path.join(root, "fuzz/fuzz_*.c"))):
        name = os.path.basename(source)[:-2]
        for tier, seconds in (("quick", 0), ("gate", 10), ("full", 600)):
            add(name=f"fuzz/{name[5:]}-{tier}", kind="script", tier=tier, timeout=seconds + 120,
                weight=seconds + 1, program=os.path.join(root, "harness/fuzz.py"),
                args=[f"{build}/host/fuzz/{name}", os.path.join(root, "fuzz/corpus", name[5:]), str(seconds)])
    return found


def select(root, build, tier=None, only=None, bench=False):
    """The suites of a run: those up to a tier, whose names match one of the patterns."""
    suites = declared(root) + implied(root, build)
    names = [s["name"] for s in suites]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise SuiteError(f"two suites have the same name: {', '.join(sorted(twice))}")
    if bench:
        suites = [s for s in suites if s["bench"]]
    elif tier:
        suites = [s for s in suites if TIERS.index(s["tier"]) <= TIERS.index(tier)]
    if only:
        suites = [s for s in suites if any(fnmatch.fnmatch(s["name"], p) for p in only)]
    return suites
