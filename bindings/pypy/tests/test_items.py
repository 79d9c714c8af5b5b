"""Arrays of the host on Python's memory: what they give, and what they refuse."""

import array
import gc
import math
import os
import subprocess
import unittest

import emb
from tests import needs_numpy, on_pypy

_PYPY = os.path.join(
    os.path.dirname(__file__), "..", "..", "..", ".venv-pypy", "bin", "pypy3"
)  # fmt: skip

_WITH_CPYEXT = """
import numpy as ours, emb
theirs = emb.import_mod("numpy")
assert ours.__version__ != theirs.__version__
a = ours.arange(12.0).reshape(3, 4)
b = theirs.asarray(a[:, ::2])
assert b.ctypes.data == a.ctypes.data and tuple(b.strides) == a[:, ::2].strides
b *= 10
assert a[1, 2] == 60 and a[1, 1] == 5
c = theirs.arange(6, dtype="int32").reshape(2, 3)
d = ours.asarray(emb.Array(c))
d[1, 2] = -5
assert c[1, 2] == -5 and d.dtype == "int32" and d.ctypes.data == c.ctypes.data
del a
assert b[2, 1] == 100
print("shared")
"""


@needs_numpy
class Items(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_every_number_is_read_and_written(self):
        for dtype in "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split():
            theirs = self.np.ones(3, dtype)
            ours = emb.Array(theirs)
            self.assertEqual((ours.dtype, ours.shape, ours[1]), (dtype, (3,), 1))
            ours[2] = 0
            self.assertEqual(theirs.tolist()[2], 0)
            theirs[0] = 0
            self.assertEqual(ours.tolist(), [0, 1, 0])

    def test_no_copy_in_either_direction(self):
        theirs = self.np.arange(10.0)
        ours = emb.Array(theirs)
        again = self.np.asarray(ours)
        self.assertEqual(again.ctypes.data, theirs.ctypes.data)
        self.assertEqual(ours.address, theirs.ctypes.data)
        again[4] = 44
        self.assertEqual((ours[4], float(theirs[4])), (44.0, 44.0))

    def test_parts_are_those_of_numpy(self):
        theirs = self.np.arange(60).reshape(3, 4, 5)
        ours = emb.Array(theirs)
        keys = (
            0, -1, (1, 2), (1, 2, 3), (-1, -1, -1), slice(1, None), slice(None, None, -1),
            (slice(None), 1), (slice(2), slice(None, None, 2), 3), Ellipsis, (Ellipsis, 0),
            (0, Ellipsis), (1, Ellipsis, slice(4, 0, -3)), slice(5, 9), (slice(None), slice(3, 1)),
            self.np.int64(2),
        )  # fmt: skip
        for key in keys:
            with self.subTest(key=key):
                expected, part = theirs[key], ours[key]
                if isinstance(part, int):
                    self.assertEqual(part, expected)
                    continue
                self.assertEqual(part.shape, expected.shape)
                self.assertEqual(part.tolist(), eval(repr(expected.tolist())))
                if part.size:
                    self.assertEqual(part.strides, expected.strides)
                    self.assertEqual(part.address, expected.ctypes.data)

    def test_strides_of_all_kinds(self):
        for expression in ("a[::-1]", "a[::3]", "a.reshape(4, 5).T", "np.broadcast_to(a[2], (3, 2))"):
            names = emb.Object({"np": self.np, "a": self.np.arange(20.0)})
            theirs = emb.evaluate(expression, names)
            ours = emb.Array(theirs)
            self.assertEqual(repr(ours.tolist()), repr(theirs.tolist()))
            self.assertEqual(repr([x for x in emb.Array(theirs.ravel())]), repr(theirs.ravel().tolist()))

    def test_assigning_parts(self):
        theirs = self.np.zeros((3, 4))
        ours = emb.Array(theirs)
        ours[1] = (1, 2, 3, 4)
        ours[:, 0] = 9
        ours[2:, 1:3] = ((5, 6),)
        ours[0, 1:] = ours[1, 1:]
        self.assertEqual(repr(theirs.tolist()), "[[9.0, 2.0, 3.0, 4.0], [9.0, 2.0, 3.0, 4.0], [9.0, 5.0, 6.0, 0.0]]")
        line = emb.Array(self.np.arange(5.0))
        line[1:] = line[:-1]
        self.assertEqual(line.tolist(), [0, 0, 1, 2, 3])

    def test_refusals(self):
        ours = emb.Array(self.np.arange(3.0))
        for key, error in ((3, IndexError), (-4, IndexError), ((0, 0), IndexError), ("x", TypeError), (1.0, TypeError), (None, TypeError)):
            self.assertRaises(error, lambda: ours[key])
        self.assertRaises(ValueError, ours.__setitem__, slice(None), (1, 2))
        self.assertRaises(TypeError, ours.__setitem__, 0, "x")
        self.assertRaises(TypeError, emb.Array, self.np.array(["x"]))
        self.assertRaises(TypeError, emb.Array, self.np.arange(3).astype(">i4"))
        self.assertRaises(TypeError, emb.Array, self.np.zeros(2, complex))
        self.assertRaises(TypeError, emb.Array, [1.0])
        frozen = self.np.arange(3)
        frozen.flags.writeable = False
        self.assertRaises(ValueError, emb.Array(frozen).__setitem__, 0, 1)
        self.assertRaises(Exception, emb.Array, frozen, writable=True)
        records = self.np.zeros(3, dtype=[("a", "i1"), ("b", "f8")])
        self.assertRaises(BufferError, emb.Array, records["b"])

    def test_no_dimensions_and_no_items(self):
        self.assertEqual(emb.Array(self.np.array(2.5)).tolist(), 2.5)
        self.assertRaises(TypeError, len, emb.Array(self.np.array(2.5)))
        self.assertEqual(emb.Array(self.np.zeros((0, 3))).tolist(), [])
        self.assertEqual(list(emb.Array(self.np.zeros(0))), [])

    def test_memory_lives_as_long_as_a_part(self):
        part = emb.Array(self.np.arange(1000.0))[10:20]
        emb.collect()
        self.np.zeros(1000).fill(-1)
        self.assertEqual(part.tolist(), [float(i) for i in range(10, 20)])

    def test_memory_that_never_moves(self):
        ours = emb.zeros((2, 3), "int32")
        theirs = self.np.asarray(ours)
        theirs[1, 2] = 7
        self.assertEqual(ours[1, 2], 7)
        self.assertEqual((ours.shape, ours.strides, ours.ndim, ours.size), ((2, 3), (12, 4), 2, 6))
        address = ours.address
        del ours
        gc.collect()
        self.assertEqual(theirs.ctypes.data, address)
        self.assertEqual(int(theirs.sum()), 7)
        self.assertEqual(emb.zeros(0).tolist(), [])
        self.assertRaises(ValueError, emb.zeros, 3, "text")
        self.assertRaises(ValueError, emb.zeros, -3)

    @on_pypy("this host locks shared memory")
    def test_the_guard_of_memory_that_moves(self):
        ours = array.array("d", range(10))
        theirs = emb.array(ours)
        ours.extend(range(100_000))
        with self.assertWarnsRegex(RuntimeWarning, "was resized while Python looks at"):
            emb.array(array.array("d", [1.0]))
        del theirs

    @unittest.skipUnless(os.path.exists(_PYPY), "there is no .venv-pypy")
    def test_arrays_of_cpyext(self):
        out = subprocess.check_output([_PYPY, "-c", _WITH_CPYEXT], cwd=os.path.dirname(emb.__path__[0]))
        self.assertEqual(out.strip(), b"shared")

    def test_nan_and_infinity(self):
        ours = emb.Array(self.np.array([math.nan, math.inf, -0.0]))
        self.assertTrue(math.isnan(ours[0]))
        self.assertEqual((ours[1], math.copysign(1, ours[2])), (math.inf, -1.0))
