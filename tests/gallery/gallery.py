#!/usr/bin/python3 -I
"""Runs the example scripts of matplotlib and scipy under PyPy, and compares with CPython.

    gallery.py [--sample N] [--jobs N] [--again] [NAME ...]

Every script runs in CPython (.venv-test) twice, in two processes, which tells what is the same
each time (objects are at other addresses in each), and in stock PyPy through `python -m emb` in the same environment.  Figures are compared
pixel by pixel, other files and printed text byte by byte.  The results of CPython are kept
in build/gallery/reference; --again forgets them.  --sample runs each Nth script; names
select those whose path contains one of them.  The report is in build/gallery/report.txt
and report.json.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CPYTHON = os.path.join(ROOT, ".venv-test", "bin", "python3")
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
PLACE = os.path.join(ROOT, "build", "gallery")
SCRIPTS = os.path.join(PLACE, "scripts")
DRIVER = os.path.join(HERE, "driver.py")
SECONDS = 240  # for one script; PyPy gets twice as much

# The same for both Pythons, and as little chance as possible.
SURROUNDINGS = {
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": os.path.join(PLACE, "matplotlib"),
    "SOURCE_DATE_EPOCH": "1000000000",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}
PYPY = {
    "EMB_PYTHON": CPYTHON,
    "EMB_LIBRARY": os.path.join(TARGET, "release", "libemb.so"),
    "PYTHONPATH": os.path.join(ROOT, "bindings", "pypy"),
}
VERDICTS = (
    "identical",
    "different",
    "PyPy fails",
    "CPython fails",
    "CPython differs from itself",
)


def environment(**more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return dict(kept, **SURROUNDINGS, **more)


# --- running


class Reference:
    """CPython's results, made by processes that fork for each script, others for each run."""

    def __init__(self, again):
        stamp = os.path.join(ROOT, ".venv-test", "libemb-stamp")
        made_of = hashlib.sha1(repr(sorted(SURROUNDINGS.items())).encode())
        for path in (DRIVER, stamp):
            with open(path, "rb") as file:
                made_of.update(file.read())
        self.folder = os.path.join(PLACE, "reference")
        label = os.path.join(self.folder, "made-of")
        if again or _read(label) != made_of.hexdigest():
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.folder)
            with open(label, "w") as file:
                file.write(made_of.hexdigest())
        self._idle = {"first": queue.SimpleQueue(), "second": queue.SimpleQueue()}

    def results(self, name):
        """The folders of both runs."""
        folders = []
        for run in ("first", "second"):
            folder = os.path.join(self.folder, run, name)
            folders.append(folder)
            if _read(os.path.join(folder, "status")) is None:
                shutil.rmtree(folder, ignore_errors=True)
                status = self._run(os.path.join(SCRIPTS, name), folder, self._idle[run])
                with open(os.path.join(folder, "status"), "w") as file:
                    file.write(str(status))
        return folders

    def _run(self, script, folder, idle):
        try:
            server = idle.get_nowait()
        except queue.Empty:
            server = subprocess.Popen(
                [CPYTHON, DRIVER, "--serve"],
                env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        server.stdin.write("%s\t%s\t%d\n" % (script, folder, SECONDS))
        server.stdin.flush()
        status = int(server.stdout.readline())
        idle.put(server)
        return status

    def close(self):
        for idle in self._idle.values():
            while not idle.empty():
                server = idle.get()
                server.stdin.close()
                server.wait()


def run_in_pypy(name):
    """The folder of PyPy's results."""
    folder = os.path.join(PLACE, "pypy", name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    script = os.path.join(SCRIPTS, name)
    with open(os.path.join(folder, "output"), "wb") as output:
        with open(os.path.join(folder, "errors"), "wb") as errors:
            try:
                status = subprocess.call(
                    ["pypy3", "-m", "emb", DRIVER, script, folder],
                    env=environment(**PYPY), stdin=subprocess.DEVNULL,
                    stdout=output, stderr=errors, timeout=2 * SECONDS,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                status = "no end after %d seconds" % (2 * SECONDS)
                errors.write(("emb.Timeout: %s\n" % status).encode())
    with open(os.path.join(folder, "status"), "w") as file:
        file.write(str(status))
    return folder


# --- comparing


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return None


def contents(folder):
    """{name: hash} of what a run has made; text without the addresses in it."""
    found = {}
    for part in ("figures", "files"):
        for where, _folders, files in os.walk(os.path.join(folder, part)):
            for one in files:
                path = os.path.join(where, one)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = hashlib.sha1(file.read()).hexdigest()
    found["output"] = re.sub(r"0x[0-9a-f]+", "0x", _read(os.path.join(folder, "output")))
    return found


_PIXELS = """
import sys
import numpy
from PIL import Image
one, other = [numpy.asarray(Image.open(path).convert("RGBA")) for path in sys.argv[1:]]
if one.shape != other.shape:
    sys.exit("%s and %s pixels" % (one.shape[1::-1], other.shape[1::-1]))
count = int((one != other).any(axis=2).sum())
if count:
    sys.exit("%d of %d pixels" % (count, one.shape[0] * one.shape[1]))
"""


def difference(name, one, other):
    """In what a picture differs, or any other file; None if it does not."""
    if name.endswith(".png"):
        done = subprocess.run(
            [CPYTHON, "-c", _PIXELS, os.path.join(one, name), os.path.join(other, name)],
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stderr.strip() if done.returncode else None
    return "the text" if name == "output" else "the file"


def compare(name, reference, pypy):
    """The verdict on a script, and the reason for it."""
    first, second = reference
    if _read(os.path.join(first, "status")) != "0":
        return "CPython fails", reason(first)
    expected, again = contents(first), contents(second)
    if set(expected) != set(again) or not any(one.startswith("figures") for one in expected):
        if expected != again:
            return "CPython differs from itself", "other files"
    unstable = sorted(one for one in expected if expected[one] != again[one])
    if any(one.startswith("figures") for one in unstable):
        return "CPython differs from itself", ", ".join(unstable)
    if _read(os.path.join(pypy, "status")) != "0":
        return "PyPy fails", reason(pypy)
    got = contents(pypy)
    if set(got) != set(expected):
        return "different", "files: %s" % sorted(set(got) ^ set(expected))
    for one in sorted(expected):
        if got[one] != expected[one] and one not in unstable:
            told = difference(one, first, pypy)
            if told:
                return "different", "%s: %s" % (one, told)
    return "identical", "%d figures" % sum(one.startswith("figures") for one in expected)


def reason(folder):
    """The exception that ended a run."""
    status = _read(os.path.join(folder, "status"))
    text = (_read(os.path.join(folder, "errors")) or "").strip()
    lines = re.findall(r"(?m)^[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Timeout)\b.*", text)
    if lines:
        return lines[-1][:300]
    return "status %s: %s" % (status, text.splitlines()[-1][:200] if text else "")


# --- the whole


def chosen(sample, names):
    found = []
    for where, _folders, files in os.walk(SCRIPTS):
        found += [os.path.relpath(os.path.join(where, one), SCRIPTS) for one in files]
    found = sorted(one for one in found if one.endswith(".py") and "conftest" not in one)
    if names:
        found = [one for one in found if any(part in one for part in names)]
    return found[sample // 2 :: sample]


def report(results):
    lines = []
    for verdict in VERDICTS:
        for name, (its, why) in sorted(results.items()):
            if its == verdict:
                lines.append("%-28s %s: %s" % (its, name, why))
    groups = collections.Counter(
        re.sub(r"\d+|0x\w+|'[^']*'", "…", why)[:120]
        for verdict, why in results.values()
        if verdict == "PyPy fails"
    )
    if groups:
        lines.append("\nWhat PyPy fails with:")
        lines += ["%5d  %s" % (count, why) for why, count in groups.most_common()]
    lines.append("")
    counts = collections.Counter(verdict for verdict, _why in results.values())
    lines += ["%5d  %s" % (counts[verdict], verdict) for verdict in VERDICTS]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--reference-only", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.nice(10)
    subprocess.check_call([os.path.join(HERE, "sources.sh")])
    os.makedirs(SURROUNDINGS["MPLCONFIGDIR"], exist_ok=True)
    subprocess.check_call([CPYTHON, "-c", "import matplotlib.pyplot"], env=environment())
    reference = Reference(options.again)
    results = {}

    def one(name):
        folders = reference.results(name)
        if options.reference_only:
            return "identical", ""
        if _read(os.path.join(folders[0], "status")) != "0":
            return compare(name, folders, None)
        return compare(name, folders, run_in_pypy(name))

    names = chosen(options.sample, options.names)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(one, name): name for name in names}
        for done in concurrent.futures.as_completed(running):
            name = running[done]
            results[name] = done.result()
            print("%s %s: %s" % (results[name][0], name, results[name][1]), flush=True)
    reference.close()
    text = report(results)
    for file_name, what in (("report.txt", text), ("report.json", json.dumps(results, indent=1))):
        with open(os.path.join(PLACE, file_name), "w") as file:
            file.write(what + "\n")
    print("\n" + text)
    bad = [one for one in results.values() if one[0] in ("different", "PyPy fails")]
    sys.exit(1 if bad or not results else 0)


main()
