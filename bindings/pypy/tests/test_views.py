"""Arrays of Python as memoryviews and pointers of the host, without a copy."""

import unittest

import emb
from tests import needs_numpy


@needs_numpy
class Views(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_memoryview(self):
        numbers = self.np.arange(6.0).reshape(2, 3)
        view = emb.view(numbers)
        self.assertEqual((view.shape, view.format, view.readonly), ((2, 3), "d", False))
        view[1, 2] = 50
        self.assertEqual(float(numbers[1, 2]), 50)
        self.assertEqual(view.tolist(), [[0, 1, 2], [3, 4, 50]])

    def test_formats(self):
        integers = ["%s%d" % (kind, bits) for kind in ("int", "uint") for bits in (8, 16, 32, 64)]
        for name in integers + ["float32", "float64", "bool"]:
            view = emb.view(self.np.ones(3, name))
            self.assertEqual(view.tolist(), [1, 1, 1], name)
        self.assertEqual(emb.view(self.np.array([1 + 2j])).tolist(), [[1, 2]])
        self.assertEqual(emb.view(self.np.array([1, 2], ">i2")).tolist(), [[0, 1], [0, 2]])
        self.assertEqual(emb.view(self.np.array([b"ab"])).tobytes(), b"ab")

    def test_strides(self):
        numbers = self.np.arange(10)
        self.assertEqual(emb.view(numbers[::-2]).tolist(), [9, 7, 5, 3, 1])
        self.assertEqual(emb.view(numbers[2:5]).tolist(), [2, 3, 4])
        self.assertEqual(emb.view(numbers[:0]).tolist(), [])
        with self.assertRaisesRegex(BufferError, "copy=True"):
            emb.view(numbers.reshape(2, 5)[:, ::2])
        description = emb.View(numbers.reshape(2, 5)[:, ::2])
        self.assertEqual((description.shape, description.strides), ((2, 3), (40, 16)))
        self.assertEqual(emb.view(self.np.array(5)).tolist(), [5])

    def test_copies(self):
        gaps = self.np.arange(6).reshape(2, 3)[:, ::2]
        self.assertFalse(emb.View(gaps).copied)
        description = emb.View(gaps, copy=True)
        self.assertTrue(description.copied)
        self.assertEqual(description.memoryview().tolist(), [[0, 2], [3, 5]])
        self.assertFalse(emb.View(self.np.arange(3), copy=True).copied)
        self.assertEqual(emb.view(emb.Object([1.5, 2]), copy=True).tolist(), [1.5, 2])
        with self.assertRaises(emb.BadArgument):
            emb.View(gaps, writable=True, copy=True)

    def test_times(self):
        times = self.np.array(["1970-01-02", "1970-01-03"], "M8[D]")
        self.assertEqual(emb.View(times).format, "M8[D]")
        view = emb.view(times)
        self.assertEqual(view.tolist(), [1, 2])
        view[0] = 0
        self.assertEqual(str(times[0]), "1970-01-01")

    def test_read_only(self):
        numbers = self.np.arange(3)
        numbers.flags.writeable = False
        self.assertTrue(emb.view(numbers).readonly)
        with self.assertRaises((BufferError, ValueError, TypeError)):
            emb.view(numbers, writable=True)
        self.assertTrue(emb.view(self.np.frombuffer(b"abc", "u1")).readonly)
        self.assertEqual(bytes(emb.view(emb.Object(b"abc"))), b"abc")

    def test_lifetime(self):
        view = emb.view(self.np.arange(1000.0) + 1)
        emb.collect()
        others = [self.np.zeros(1000) for _ in range(20)]
        self.assertEqual(sum(view), 500500)
        growing = emb.evaluate("bytearray(b'abc')")
        view = emb.view(growing)
        with self.assertRaises(BufferError):
            growing.append(1)
        del view
        emb.collect()
        growing.append(1)
        self.assertEqual(len(growing), 4)
        del others

    def test_pointer(self):
        numbers = self.np.arange(4.0)
        pointer = emb.pointer(numbers)
        self.assertEqual(pointer[2], 2)
        pointer[2] = 20
        self.assertEqual(float(numbers[2]), 20)
        del numbers
        emb.collect()
        self.assertEqual(pointer[3], 3)

    def test_refusals(self):
        for bad in (emb.Object(5), emb.Object([1])):
            with self.assertRaises((TypeError, BufferError)):
                emb.view(bad)
        with self.assertRaises(TypeError):
            emb.view([1])
