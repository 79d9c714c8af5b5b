#!/usr/bin/python3 -I
"""Runs the steps of `make test`, or those that are named, and adds up what they counted.

Every step runs, whatever the ones before it did: some alone, the others two at a time. What could
not be tested on this machine is a line with SKIP in it; these are repeated at the end.
"""

import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
LIBRARY = os.path.join(TARGET, "release", "libemb.so")
CPYTHON = os.path.join(ROOT, ".venv-test", "bin", "python3")
PACKAGE = os.path.join(ROOT, "bindings", "pypy")
NEWER = os.path.join(ROOT, ".venv-test-new", "bin", "python3")
BESIDE = [os.path.join(PACKAGE, "tests", "beside"), PACKAGE]
DEMO_PYTHON = os.path.join(ROOT, ".venv")

LINTS = ["cargo", "clippy", "-q", "--all-targets", "--", "-D", "warnings"]
WINDOW = [CPYTHON, "tests/hosts/window.py", "pypy3", "demo/demo.py"]
# With the last of its clients a display begins anew, and refuses others meanwhile.
XVFB = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24 -noreset"]


def modules(backend):
    """Of the package's tests.  What programs see that know of one Python only does not depend on the FFI, and each
    of them is a process: modules in which all tests are such programs are left out with ctypes."""
    found = []
    for path in sorted(glob.glob(os.path.join(PACKAGE, "tests", "test_*.py"))):
        with open(path) as file:
            if backend == "cffi" or "unittest.TestCase" in file.read():
                found.append("tests." + os.path.basename(path)[: -len(".py")])
    return found


def package_tests(host, backend):
    command = [host, "-B", "-m", "unittest", "-v", *modules(backend)]
    variables = {"EMB_LIBRARY": LIBRARY, "EMB_PYTHON": CPYTHON, "EMB_BACKEND": backend}
    return command, variables, PACKAGE


def beside(command, variables, folder):
    """The same in a CPython that embeds an older one beside itself."""
    more = {"EMB_TEST_BESIDE": "3.13", "PYTHONPATH": os.pathsep.join(BESIDE)}
    return command, dict(variables, **more), folder


# These come first, each alone: the last of them builds what most of the others need.
FIRST = ("format", "lints", "release")
# So many of the others at a time; a step uses one core for most of its time.
TOGETHER = 2

# name: (command, variables, folder), those that take long first.
STEPS = {
    "format": (["cargo", "fmt", "--check"], {}, ROOT),
    "lints": (LINTS, {}, ROOT),
    "release": (["make", "-s", "build"], {}, ROOT),
    "cargo": (["cargo", "test", "--no-fail-fast"], {}, ROOT),
    "pypy-cffi": package_tests("pypy3", "cffi"),
    "pypy-ctypes": package_tests("pypy3", "ctypes"),
    "wheel": (["sh", "-c", "make -s wheel && exec %s tests/hosts/wheel.py -v" % CPYTHON], {}, ROOT),
    "cpython-cffi": package_tests(CPYTHON, "cffi"),
    "cpython-ctypes": package_tests(CPYTHON, "ctypes"),
    "cpython-beside": beside(*package_tests(NEWER, "cffi")),
    "notebook": (
        [os.path.join(ROOT, ".venv-jupyter", "bin", "pypy3"), "tests/hosts/notebook.py"],
        {"EMB_LIBRARY": LIBRARY, "EMB_PYTHON": CPYTHON, "PYTHONPATH": PACKAGE},
        ROOT,
    ),
    "prompt-window": (
        XVFB + [CPYTHON, "tests/hosts/prompt.py", "pypy3"],
        {"EMB_LIBRARY": LIBRARY, "EMB_PYTHON": CPYTHON, "PYTHONPATH": PACKAGE},
        ROOT,
    ),
    "tkinter-window": (
        XVFB + ["pypy3", "-m", "emb", "tests/hosts/toolkit.py"],
        {"EMB_LIBRARY": LIBRARY, "EMB_PYTHON": CPYTHON, "PYTHONPATH": PACKAGE},
        ROOT,
    ),
    "gallery": (["tests/gallery/gallery.py", "--sample", "40"], {}, ROOT),
    "demo-window": (
        XVFB + WINDOW,
        {"EMB_LIBRARY": LIBRARY, "EMB_PYTHON": DEMO_PYTHON, "PYTHONPATH": PACKAGE},
        ROOT,
    ),
}

CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed")
UNITTEST = re.compile(r"(?:\.\.\. |^)(ok|expected failure|FAIL|ERROR|unexpected success|skipped .*)$")
FAILURE = re.compile(r"^test .* FAILED$|(?:\.\.\. |^)(FAIL|ERROR|unexpected success)$")


class Counts:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped, self.failures = [], []  # lines

    def read(self, line):
        """Counts what a line of output says; False where the line is not worth showing."""
        found = CARGO.match(line)
        if found:
            self.passed += int(found[1])
            self.failed += int(found[2])
        found = UNITTEST.search(line)
        if found and found[1].startswith("skipped"):
            self.skipped.append("SKIP " + line)
        elif found and found[1] in ("ok", "expected failure"):
            self.passed += 1
            return False
        elif found:
            self.failed += 1
        elif "SKIP " in line:
            self.skipped.append(line[line.index("SKIP ") :])
        if FAILURE.search(line):
            self.failures.append(line)
        return True


def run(name):
    """Runs a step, shows its output as it comes, and returns its counts."""
    command, variables, folder = STEPS[name]

    def show(line):
        print("%-15s %s\n" % (name, line), end="", flush=True)

    show("=== " + " ".join(command))
    counts, start = Counts(), time.monotonic()
    if command[0] == NEWER and not os.path.exists(NEWER):
        counts.skipped.append("SKIP %s: pyenv has no CPython 3.13 for .venv-test-new" % name)
        return counts, "%-15s skipped" % name
    try:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(os.environ, **variables), errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        for line in process.stdout:
            if counts.read(line.rstrip()):
                show(line.rstrip())
        status = process.wait()
    except OSError as error:
        status = error
    # A step that says nothing of its tests is one; one that fails has failed somewhere.
    if status and not counts.failed:
        counts.failed = 1
    if not status and not counts.passed + counts.failed:
        counts.passed = 1
    verdict = "passed" if not status else "FAILED (%s)" % status
    told = counts.passed + counts.failed, time.monotonic() - start
    summary = "%s, %d tests, %.0f s" % (verdict, *told)
    show("=== " + summary)
    return counts, "%-15s %s" % (name, summary)


def selected(names):
    """The steps with these names, or with names that begin so: "pypy" for all of PyPy's."""
    chosen = [step for step in STEPS if not names or step.startswith(tuple(names))]
    if not chosen:
        sys.exit("no such step; there are: " + ", ".join(STEPS))
    return chosen


def run_all(names):
    """The results of all steps, in their order."""
    results = {name: run(name) for name in names if name in FIRST}
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        others = [name for name in names if name not in FIRST]
        results.update(zip(others, pool.map(run, others)))
    return [results[name] for name in names]


def main():
    results = run_all(selected(sys.argv[1:]))
    skipped = [line for counts, _summary in results for line in counts.skipped]
    failures = [line for counts, _summary in results for line in counts.failures]
    failed = sum(counts.failed for counts, _summary in results)
    print("\n" + "\n".join(skipped + [summary for _counts, summary in results] + failures))
    print("%d passed, %d failed" % (sum(counts.passed for counts, _summary in results), failed))
    sys.exit(1 if failed else 0)


main()
