"""Times the package emb beside its crossings alone, CPython as the library that is embedded, CPython
itself, numpy on PyPy's cpyext, and rpyc.

    python3 run.py [--rounds N] [--json FILE] [--memory OPERATIONS]

Each contender is a process that waits for its turn; the rounds go through the operations,
each operation through all contenders, and the best of all rounds counts. So whatever else the
machine does meanwhile happens to all of them.
"""

import argparse
import json
import os
import subprocess

from operations import OPERATIONS

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
EMBEDDED = os.path.join(ROOT, ".venv-test", "bin", "python3")

# The column's head, the interpreter, and what worker.py is told.
CONTENDERS = {
    "emb": ("pypy3", "emb"),
    "emb, locked": ("pypy3", "locked"),
    "crossing": ("pypy3", "crossings"),
    "embedded": ("pypy3", "embedded"),
    "CPython": (EMBEDDED, "plain"),
    "cpyext": (os.path.join(ROOT, ".venv-pypy", "bin", "pypy3"), "plain"),
    "rpyc": (os.path.join(ROOT, ".venv-bench", "bin", "pypy3"), "rpyc"),
}


class Contender:
    def __init__(self, interpreter, mode):
        self.process = subprocess.Popen(
            [interpreter, os.path.join(HERE, "worker.py"), mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, EMB_PYTHON=EMBEDDED, PYTHONPATH=os.path.dirname(HERE)),
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n", mode

    def time(self, operation):
        self.process.stdin.write(operation + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        return None if answer == "None" else float(answer)


def measure(rounds):
    contenders = {name: Contender(*what) for name, what in CONTENDERS.items()}
    best = {operation: dict.fromkeys(contenders) for operation in OPERATIONS}
    for _ in range(rounds):
        for operation, times in best.items():
            for name, contender in contenders.items():
                took = contender.time(operation)
                if took is not None and (times[name] is None or took < times[name]):
                    times[name] = took
    return best


def ratio(one, other):
    return "-" if one is None or other is None else "%.2f" % (one / other)


def table(best):
    """The times in ns, and how often emb with the lock held goes into those of the others."""
    heads = list(CONTENDERS) + ["/ CPython", "cpyext /", "rpyc /"]
    yield "%-28s" % "ns" + "".join("%12s" % head for head in heads)
    for operation, times in best.items():
        line = ["-" if time is None else "%.1f" % time for time in times.values()]
        held = times["emb, locked"]
        line += [
            ratio(held, times["CPython"]),
            ratio(times["cpyext"], held),
            ratio(times["rpyc"], held),
        ]
        yield "%-28s" % operation + "".join("%12s" % cell for cell in line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    parser.add_argument("--memory", type=int, default=10_000_000)
    arguments = parser.parse_args()
    best = measure(arguments.rounds)
    print("\n".join(table(best)))
    if arguments.json:
        os.makedirs(os.path.dirname(arguments.json), exist_ok=True)
        with open(arguments.json, "w") as file:
            json.dump(best, file, indent=1)
    if arguments.memory:
        subprocess.check_call(
            ["pypy3", os.path.join(HERE, "memory.py"), str(arguments.memory)],
            env=dict(os.environ, EMB_PYTHON=EMBEDDED, PYTHONPATH=os.path.dirname(HERE)),
        )


main()
