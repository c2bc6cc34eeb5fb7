#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fetches upstream source archives of Debian packages, each pinned by its SHA-256.

usage: fetch.py NAME          prints the path of the archive, or says on stderr why there is none (status 1)

What can be fetched is in sources.toml.  An archive that was fetched once is kept by its hash below MNOS_CACHE (default:
~/.cache/mnos); nothing but the hash decides whether it is the right one.  apt-get is run with lists and sources of its
own, so that neither root nor a changed system is needed.
"""
import glob
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def stanzas(suite):
    """The system's deb822 stanzas of Debian itself, as source entries of one suite."""
    for path in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        with open(path, encoding="utf-8") as f:
            for stanza in f.read().split("\n\n"):
                lines = [line for line in stanza.split("\n") if line and not line.startswith("#")]
                if "debian" not in stanza or "-security" in stanza or not lines:
                    continue
                lines = [re.sub(r"^Types:.*", "Types: deb-src", line) for line in lines]
                yield "\n".join(re.sub(r"^Suites:.*", f"Suites: {suite}", line) for line in lines)
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*.list"))]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                for line in f:
                    hit = re.match(r"deb\s+(\[[^]]*\]\s+)?(\S*/debian/?)\s+\S+\s+(.*)", line)
                    if hit:
                        yield (f"Types: deb-src\nURIs: {hit.group(2)}\nSuites: {suite}\nComponents: main\n"
                               "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg")


def apt_root(folder, suite):
    for part in ("sources.list.d", "lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(folder, part))
    with open(os.path.join(folder, "sources.list.d", "source.sources"), "w", encoding="utf-8") as f:
        f.write("\n\n".join(stanzas(suite)) + "\n")
    config = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": f"{folder}/sources.list.d",
              "Dir::State": folder, "Dir::State::Lists": f"{folder}/lists", "Dir::State::status": "/var/lib/dpkg/status",
              "Dir::Cache": f"{folder}/cache", "APT::Sandbox::User": "", "Acquire::Languages": "none",
              "Acquire::Retries": "2", "Acquire::http::Timeout": "20", "APT::Get::List-Cleanup": "0"}
    with open(os.path.join(folder, "apt.conf"), "w", encoding="utf-8") as f:
        f.writelines(f'{key} "{value}";\n' for key, value in config.items())
    return dict(os.environ, APT_CONFIG=os.path.join(folder, "apt.conf"))


def download(source, suite, cached):
    with tempfile.TemporaryDirectory(prefix="mnos-fetch-") as folder:
        env = apt_root(folder, suite)
        for command in (["update"], ["source", "--download-only", "--only-source", "--tar-only", source["package"]]):
            done = subprocess.run(["apt-get", "-q", *command], env=env, cwd=folder, capture_output=True, text=True,
                                  timeout=300)
            if done.returncode != 0:
                return (done.stderr.strip().split("\n") or ["apt-get failed"])[-1]
        path = os.path.join(folder, source["file"])
        if not os.path.exists(path):
            return f"apt-get brought no {source['file']}"
        if sha256(path) != source["sha256"]:
            return f"{source['file']} has another SHA-256 than sources.toml says"
        os.makedirs(os.path.dirname(cached), exist_ok=True)
        with open(path, "rb") as got, open(f"{cached}.{os.getpid()}", "wb") as f:
            f.write(got.read())
        os.replace(f"{cached}.{os.getpid()}", cached)
    return None


def fetch(name):
    """(path, None) or (None, reason)."""
    with open(os.path.join(HERE, "sources.toml"), "rb") as f:
        source = tomllib.load(f)[name]
    cache = os.environ.get("MNOS_CACHE") or os.path.expanduser("~/.cache/mnos")
    cached = os.path.join(cache, "sha256", source["sha256"])
    if os.path.exists(cached) and sha256(cached) == source["sha256"]:
        return cached, None
    reason = "no suite is listed"
    for suite in source["suites"]:
        try:
            reason = download(source, suite, cached)
        except (OSError, subprocess.SubprocessError) as error:
            reason = str(error)
        if reason is None:
            return cached, None
    return None, f"the source of {source['package']} cannot be fetched: {reason}"


if __name__ == "__main__":
    got, why = fetch(sys.argv[1])
    print(got or f"fetch.py: {why}", file=sys.stdout if got else sys.stderr)
    sys.exit(0 if got else 1)
