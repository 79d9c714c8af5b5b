#!/usr/bin/env pypy3
"""A strange attractor: computed by PyPy, drawn by CPython's matplotlib, in one process.

    demo.py [FILE]      FILE: where the picture goes, plot.png by default

Opens a window as well where there is a display.  `make demo` sets up all that it needs.
"""

import math
import platform
import sys
import time
from array import array

import emb
from emb import import_mod

POINTS = 500_000


def attractor(points):
    """The orbit of Pickover's map x, y -> sin(ay) + c cos(ax), sin(bx) + d cos(by)."""
    a, b, c, d = -1.4, 1.6, 1.0, 0.7
    xs, ys = array("d", bytes(8 * points)), array("d", bytes(8 * points))
    x = y = 0.1
    for i in range(points):
        x, y = (
            math.sin(a * y) + c * math.cos(a * x),
            math.sin(b * x) + d * math.cos(b * y),
        )
        xs[i] = x
        ys[i] = y
    return xs, ys


def plot(a, b, path):
    """a, b: array.array('d') of PyPy; CPython reads them where they are."""
    pylab = import_mod("matplotlib.pylab")
    pylab.figure(figsize=(9, 7), layout="constrained")
    pylab.plot(a, b, ",", color="midnightblue", alpha=0.2)
    pylab.plot(a[:12], b[:12], "o-", color="orangered", lw=0.8, ms=4, label="the first 12 points")
    pylab.title("Clifford attractor, 500,000 points")
    pylab.xlabel("x")
    pylab.ylabel("y")
    pylab.legend(loc="upper left")
    pylab.savefig(path)
    return pylab


REASONS = {
    "EMB_PYTHON": "EMB_PYTHON names it",
    "VIRTUAL_ENV": "it is the active virtual environment",
    "CONDA_PREFIX": "it is the active conda environment",
    "python3 on PATH": "it is the first usable python3 on PATH",
}


def report():
    """Who is who, why this CPython, and how the two were kept apart."""
    facts = emb.doctor(json=True)
    python, clash = facts["python"], facts["clash"]
    host = sys.version.split("[")[-1].split(" with")[0]
    print("host      %s, which is Python %s" % (host, platform.python_version()))
    print("embedded  CPython %s, %s" % (facts["version"].split()[0], python["executable"]))
    print("          its library: %s" % python["libpython"])
    for one in facts["candidates"]:
        if one["verdict"] == "taken":
            print("          because %s" % REASONS.get(one["source"], one["source"]))
        else:
            print("          not %s: %s" % (one["path"], one["why"]))
    if clash and clash["names"]:
        count, method = len(clash["names"]), clash["method"]
        print("clash     %d names are in both; solved by method '%s'" % (count, method))
        print("          for libpython and %d extension modules" % clash["extensions"])
    else:
        print("clash     no name is in both")


def prove_sharing(xs):
    """One write from each side, read by the other."""
    seen = emb.array(xs)
    xs[0] = 1234.5
    seen[1] = 5432.1
    assert float(seen[0]) == 1234.5 and xs[1] == 5432.1, "the memory is not shared"
    assert seen.ctypes.data == xs.buffer_info()[0], "the memory is not at one address"
    print("sharing   PyPy wrote %r, CPython reads %r" % (xs[0], float(seen[0])))
    print("          CPython wrote 5432.1, PyPy reads %r" % xs[1])


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "plot.png"
    start = time.perf_counter()
    xs, ys = attractor(POINTS)
    computed = time.perf_counter()
    pylab = plot(xs, ys, path)
    plotted = time.perf_counter()
    print("computed  {:,} points in {:.0f} ms".format(POINTS, 1e3 * (computed - start)))
    print("plotted   {} in {:.1f} s".format(path, plotted - computed))
    report()
    prove_sharing(xs)
    backend = str(pylab.get_backend())
    if backend.lower() == "agg":
        print("window    none: no display that CPython's tkinter can use")
        return
    print("window    open (%s); close it, or press q in it" % backend, flush=True)
    pylab.show()
    print("window    closed")


if __name__ == "__main__":
    main()
