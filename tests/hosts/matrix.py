#!/usr/bin/python3
"""`make hosts`: each CPython of this machine, and PyPy, hosts each other one, with all packages.

Every pair runs the standard library and the packages of `.venv-test`, with and without another
allocator in front; then 300 processes each of some pairs have to end well. About an hour. An
environment for each embedded version is made in build/hosts. Arguments: words that the pairs to be
run have in their names ("pypy3" or "hosts 3.12").
"""

import glob
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIBRARY = os.path.join(os.environ.get("CARGO_TARGET_DIR", ROOT + "/target"), "release/libemb.so")
JEMALLOC = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"
REQUIREMENTS = os.path.join(ROOT, "scripts", "requirements-test.txt")
EMBEDDED = ["3.11", "3.12", "3.13"]
ENDS = 300
ENDING = ["3.12 hosts 3.11", "static 3.11 hosts 3.13", "pypy3 hosts 3.11"]


def pyenv(version):
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    found = glob.glob("%s/versions/%s.*/bin/python3" % (root, version))
    return max(found, default=None)


def hosts():
    """name -> (interpreter, version)"""
    found = {"pypy3": ("pypy3", None), "static 3.11": ("/usr/bin/python3", "3.11")}
    for version in ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13"):
        if pyenv(version):
            found[version] = (pyenv(version), version)
    return found


def environment(version):
    """The embedded Python of a version, with the packages."""
    if version == "3.11":
        return os.path.join(ROOT, ".venv-test")
    folder = os.path.join(ROOT, "build", "hosts", version)
    if not os.path.exists(folder + "/ready"):
        print("making", folder, flush=True)
        subprocess.run([pyenv(version), "-I", "-m", "venv", "--clear", folder], check=True)
        pip = [folder + "/bin/python3", "-I", "-m", "pip", "install", "-q", "--only-binary", ":all:"]
        subprocess.run(pip + ["-r", REQUIREMENTS], check=True)
        open(folder + "/ready", "w").close()
    return folder


def run(host, python, script, preload=""):
    """None, or how it failed."""
    variables = dict(os.environ, EMB_LIBRARY=LIBRARY, EMB_PYTHON=python, LD_PRELOAD=preload)
    try:
        done = subprocess.run(
            [host, os.path.join(HERE, script)], env=variables, timeout=300, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "%s: too long" % script
    if done.returncode:
        return "%s ended with %d: %s" % (script, done.returncode, done.stdout[-800:])
    return None


def pairs():
    words = " ".join(sys.argv[1:])
    for name, (host, own) in hosts().items():
        for version in EMBEDDED:
            title = "%s hosts %s" % (name, version)
            # Debian's 3.11 and pyenv's are two installations, but one version is no news.
            if own != version and words in title and (version == "3.11" or pyenv(version)):
                yield title, host, version


def main():
    failed = []
    for title, host, version in pairs():
        start, python = time.monotonic(), environment(version)
        tries = [("stdlib.py", ""), ("packages.py", ""), ("packages.py", JEMALLOC)]
        if host != "pypy3":
            tries.append(("beside.py", ""))
        trouble = [one for one in (run(host, python, *each) for each in tries) if one]
        if title in ENDING:
            ends = [run(host, python, "exits.py") for _ in range(ENDS)]
            trouble += [one for one in ends if one]
            print("%d processes ended, %d badly" % (len(ends), len(ends) - ends.count(None)))
        print("%-24s %s, %.0f s" % (title, "FAILED" if trouble else "passed",
                                    time.monotonic() - start), flush=True)  # fmt: skip
        print("".join("    %s\n" % one for one in trouble), end="", flush=True)
        failed += trouble
    sys.exit(1 if failed else 0)


main()
