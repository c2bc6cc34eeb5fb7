# SPDX-License-Identifier: BSD-2-Clause
"""Results on disk: build/results/SUITE.json, each with the hash of the tree that it was made from."""
import glob
import hashlib
import json
import os
import subprocess


def tree_hash():
    """A hash over the contents of every file of the tree, committed or not; results of tests are left out."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True)
    if listed.returncode == 0:
        names = [n for n in listed.stdout.decode().split("\0") if n]
    else:
        names = [os.path.join(d, f)[2:] for d, _, files in os.walk(".") for f in files
                 if not d.startswith(("./build", "./.git"))]
    total = hashlib.sha256()
    for name in sorted(names):
        if name.startswith("docs/results/") or not os.path.isfile(name):
            continue
        with open(name, "rb") as f:
            total.update(name.encode() + b"\0" + hashlib.sha256(f.read()).digest())
    return total.hexdigest()[:16]


def file_name(suite_name):
    return suite_name.replace("/", ".")


def store(folder, suite, points, log_path, seconds, tree):
    record = {
        "suite": suite["name"], "tier": suite["tier"], "tree": tree, "seconds": round(seconds, 1), "log": log_path,
        "tests": [{"name": p.name, "ids": p.ids, "status": p.status, "note": p.note} for p in points],
    }
    path = os.path.join(folder, file_name(suite["name"]) + ".json")
    with open(path + ".new", "w", encoding="utf-8") as f:
        json.dump(record, f, indent=1)
    os.replace(path + ".new", path)


def load(folder, tree=None):
    """All stored results, or only those of one tree."""
    records = []
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path, encoding="utf-8") as f:
            record = json.load(f)
        if tree is None or record.get("tree") == tree:
            records.append(record)
    return records
