"""PyPy's own cpyext works before and after libpython is in the process, on shared memory.

Runs in a PyPy that has a numpy of its own, which is a C extension that PyPy has loaded.
"""

import ctypes

import numpy
from numpy.linalg import inv

import raw


def use_own_numpy():
    a = numpy.arange(10.0)
    assert a.sum() == 45.0 and (a * 2)[3] == 6.0
    assert numpy.allclose(inv(numpy.array([[2.0, 0.0], [0.0, 4.0]])), [[0.5, 0], [0, 0.25]])
    spectrum = numpy.abs(numpy.fft.rfft(numpy.cos(numpy.arange(32) * numpy.pi / 4)))
    assert spectrum.argmax() == 4


def share_ours():
    """The memory of PyPy's numpy, seen and written by the embedded one."""
    ours = numpy.arange(1000.0)
    raw.bind("theirs", raw.array(ours.ctypes.data, "float64", len(ours)))
    assert raw.evaluate("type(theirs).__module__") == "numpy"
    assert raw.evaluate("float(theirs.sum())") == 499500.0
    raw.run("theirs *= 2; theirs[7] = -1")
    assert ours[8] == 16.0 and ours[7] == -1.0
    ours[9] = 123.0
    assert raw.evaluate("float(theirs[9])") == 123.0
    raw.run("del theirs")


def share_theirs():
    """The memory of the embedded numpy, seen and written by PyPy's."""
    raw.run("import numpy; made = numpy.arange(6, dtype='int32').reshape(2, 3)")
    view = raw.view(raw.evaluate("made"))
    assert (view.ndim, view.shape[0], view.shape[1], view.nbytes) == (2, 2, 3, 24)
    assert view.format == b"i" and not view.readonly
    memory = (ctypes.c_char * view.nbytes).from_address(view.data)
    ours = numpy.frombuffer(memory, dtype="int32").reshape(2, 3)
    assert ours.tolist() == [[0, 1, 2], [3, 4, 5]]
    ours += 100
    assert raw.evaluate_json("made.tolist()") == [[100, 101, 102], [103, 104, 105]]
    raw.run("made[1, 2] = -5")
    assert ours[1, 2] == -5
    del ours, memory
    raw.check(raw.lib.emb_object_free(view.owner))


def main():
    use_own_numpy()
    raw.start()
    use_own_numpy()
    raw.run("import numpy, scipy.linalg")
    versions = numpy.__version__, raw.evaluate("numpy.__version__")
    assert "venv-pypy" in numpy.__file__ and "venv-pypy" not in raw.evaluate("numpy.__file__")
    for _ in range(3):
        share_ours()
        share_theirs()
        use_own_numpy()
    # An extension of PyPy that is loaded only now still binds to PyPy.
    from numpy.random import default_rng

    assert default_rng(0).integers(0, 10, 3).tolist() == [8, 6, 5]
    assert raw.evaluate_json("numpy.random.default_rng(0).integers(0, 10, 3).tolist()") == [8, 6, 5]
    twice = {one["library"]: one["files"] for one in raw.doctor()["twice"]}
    assert len(twice["libgfortran"]) == 2, twice  # each numpy has brought its own
    print("numpy %s of PyPy and numpy %s of CPython shared their memory" % versions)


main()
