"""Runs the tests with every backend this Python has: `pypy3 run_tests.py [-v] [names]`."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    arguments = sys.argv[1:]
    selected = [one for one in arguments if not one.startswith("-")]
    options = [one for one in arguments if one.startswith("-")]
    failed = []
    for backend in ("cffi", "ctypes"):
        try:
            __import__(backend)
        except ImportError:
            print("SKIP backend %s: this Python has no module %s" % (backend, backend))
            continue
        print("backend", backend, flush=True)
        what = selected or ["discover", "-s", "tests", "-t", "."]
        status = subprocess.call(
            [sys.executable, "-m", "unittest"] + what + options,
            cwd=HERE,
            env=dict(os.environ, EMB_BACKEND=backend, PYTHONPATH=HERE),
        )
        if status:
            failed.append(backend)
    sys.exit("failed: %s" % ", ".join(failed) if failed else 0)


if __name__ == "__main__":
    main()
