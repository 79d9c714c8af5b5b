"""One contender: reads names of operations, and writes the nanoseconds of one block of each.

    python worker.py plain | emb | locked | crossings | embedded | rpyc
"""

import contextlib
import gc
import math
import os
import subprocess
import sys
import time

import operations
from operations import OF_MATH, OPERATIONS, Packages, callback


def plain():
    """numpy as this Python imports it: CPython itself, or PyPy through cpyext."""
    import importlib

    return Packages(importlib.import_module), contextlib.nullcontext()


def through_emb():
    import emb

    return Packages(emb.import_mod, lambda a: list(a.tolist())), contextlib.nullcontext()


def locked():
    import emb

    packages, _ = through_emb()
    return packages, emb.gil()


def crossings():
    """What emb does with the lock held, without its proxies."""
    from crossings import OF

    packages, scope = locked()
    packages.instead = OF
    return packages, scope


def embedded():
    """The embedded CPython by itself, loops and all: distributions build the library otherwise than the
    program, and it is slower."""
    import emb

    packages, scope = locked()
    with open(operations.__file__) as file:
        emb.run(file.read())
    inside = emb.evaluate("Packages(__import__('importlib').import_module)")

    def there(function):
        run = emb.evaluate(function.__name__)
        return lambda _packages, repetitions: run(inside, repetitions)

    packages.instead = {function: there(function) for function, _ in OPERATIONS.values()}
    return packages, scope


def through_rpyc():
    """A CPython in another process. It cannot see this one's memory: bytes are sent, and read."""
    import rpyc

    server = subprocess.Popen(
        [os.environ["EMB_PYTHON"], os.path.join(os.path.dirname(__file__), "server.py")],
        stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=os.path.dirname(os.path.dirname(rpyc.__file__))),
    )
    port = int(server.stdout.readline())
    connection = rpyc.classic.connect("127.0.0.1", port)
    packages = Packages(
        lambda name: connection.root.getmodule(name),
        lambda a: rpyc.classic.obtain(a.tolist()),
        memory=bytes(80),
        numbers=1000,
    )
    packages.connection = connection
    return packages, contextlib.closing(connection)


MODES = {
    "plain": plain,
    "emb": through_emb,
    "locked": locked,
    "crossings": crossings,
    "embedded": embedded,
    "rpyc": through_rpyc,
}


def block(name, packages, slowness):
    """Nanoseconds a repetition; None where this contender has no such thing."""
    function, repetitions = OPERATIONS[name]
    if packages.instead is not None and function not in packages.instead:
        return None
    if function is callback and packages.quad is None:
        return None
    if function in OF_MATH and packages.math is math and sys.implementation.name == "pypy":
        return None
    repetitions = max(repetitions // slowness, 42)
    function = (packages.instead or {}).get(function, function)
    settle(function, packages, repetitions)
    start = time.perf_counter()
    function(packages, repetitions)
    return (time.perf_counter() - start) / repetitions * 1e9


def settle(function, packages, repetitions):
    """What the operation before has left behind is released, and what this one needs is in the caches,
    before its time begins.  What it leaves behind itself is released in its own time: a block makes
    many times more than a collector lets live."""
    gc.collect()
    function(packages, max(repetitions // 20, 21))


def main(mode):
    packages, scope = MODES[mode]()
    slowness = 1000 if mode == "rpyc" else 1
    with scope:
        print("ready", flush=True)
        for line in sys.stdin:
            print(block(line.strip(), packages, slowness), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
