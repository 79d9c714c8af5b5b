"""The host's own functions look at the memory of proxies: `memoryview(x)`, `file.write(x)`."""

import array
import ctypes
import gc
import io
import struct
import sys
import unittest
import zlib

import emb

from . import needs_numpy

_asks = sys.implementation.name == "pypy" or sys.version_info >= (3, 12)


@needs_numpy
@unittest.skipUnless(_asks, "this Python asks no object for its memory")
class Buffers(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_memoryview_has_format_and_shape(self):
        np = self.np
        cube = np.arange(24.0).reshape(2, 3, 4)
        for one in (cube, cube[0, 0], np.arange(3), np.zeros(2, "u1"), cube > 3, np.zeros(2, "f4")):
            view, numpy_s = memoryview(one), one.data
            self.assertEqual(view.format, numpy_s.format)
            self.assertEqual((view.shape, view.strides), (numpy_s.shape, numpy_s.strides))
            self.assertEqual(view.tobytes(), one.tobytes())
        self.assertEqual(memoryview(np.arange(4.0)).tolist(), [0.0, 1.0, 2.0, 3.0])
        self.assertEqual(memoryview(np.arange(6)[::-2]).tolist(), [5, 3, 1])

    def test_scalars(self):
        np, file = self.np, io.BytesIO()
        for one in (np.int32(-3), np.uint8(7), np.bool_(True), np.float32(1.5), np.int64(1 << 40)):
            file.write(one)
            self.assertEqual(memoryview(one).tobytes(), one.tobytes())
        self.assertEqual(file.getvalue(), struct.pack("<iB?fq", -3, 7, True, 1.5, 1 << 40))
        self.assertEqual(bytes(np.float64(0.5)), struct.pack("<d", 0.5))
        half = np.float64(0.5)
        self.assertEqual((memoryview(half).format, memoryview(half).tobytes()), ("d", half.tobytes()))
        file = io.BytesIO()
        file.write(half)
        file.write(np.arange(2.0)[1])
        self.assertEqual(struct.unpack("<2d", file.getvalue()), (0.5, 1.0))
        self.assertEqual(bytes(np.int32(2)), b"\0\0")

    def test_it_is_the_same_memory(self):
        row = self.np.zeros(4)
        view = memoryview(row)
        view[1] = 5.0
        row[2] = 6.0
        self.assertEqual((list(row), view.tolist()), ([0, 5, 6, 0], [0, 5, 6, 0]))
        del row
        gc.collect()
        self.assertEqual(view[1], 5.0)

    def test_read_only_and_gaps(self):
        np = self.np
        fixed = np.arange(3.0)
        fixed.flags.writeable = False
        self.assertTrue(memoryview(fixed).readonly)
        with self.assertRaises((TypeError, ValueError, BufferError)):
            io.BytesIO(b"12345678").readinto(fixed)
        turned = np.arange(6.0).reshape(2, 3).T
        self.assertEqual(memoryview(turned).tolist(), turned.tolist())
        if sys.implementation.name == "pypy":
            self.assertTrue(memoryview(turned).readonly)
        with self.assertRaises((ValueError, BufferError)):
            zlib.crc32(np.arange(6)[::2])

    def test_what_the_standard_library_does_with_it(self):
        np = self.np
        numbers = np.arange(3.0)
        data = bytes(array.array("d", [0, 1, 2]))
        self.assertEqual(zlib.crc32(numbers), zlib.crc32(data))
        self.assertEqual(struct.unpack("3d", numbers), (0.0, 1.0, 2.0))
        self.assertEqual(io.BytesIO(numbers).getvalue(), data)
        self.assertEqual(bytearray(numbers), data)
        self.assertEqual(io.BytesIO(data).readinto(numbers[:2]), 16)
        self.assertEqual((ctypes.c_double * 3).from_buffer(numbers)[1], 1.0)

    def test_of_a_class_of_the_host(self):
        class Named(self.np.ndarray):
            pass

        self.assertEqual(memoryview(self.np.arange(2.0).view(Named)).tolist(), [0.0, 1.0])

        class Plain(emb.evaluate("type('Plain', (), {})")):
            pass

        for one in (Plain(), emb.Object([1]), self.np.add):
            with self.assertRaises(TypeError):
                memoryview(one)


if __name__ == "__main__":
    unittest.main()
