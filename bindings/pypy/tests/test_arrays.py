"""Host memory as arrays of Python, without a copy."""

import array
import ctypes
import io
import mmap
import sys
import unittest

import emb
from tests import needs_numpy

_READONLY_HAS_ADDRESS = sys.implementation.name != "pypy" or emb._abi._library.backend.name != "ctypes"


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int32), ("y", ctypes.c_double)]


@needs_numpy
class Sharing(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_array_array(self):
        for code in "bBhHiIlLqQfd":
            numbers = array.array(code, [1, 2, 3])
            shared = emb.array(numbers)
            self.assertEqual(shared.shape, (3,))
            self.assertEqual(shared.dtype, self.np.dtype(code))
            shared[0] = 9
            self.assertEqual(numbers[0], 9)
            numbers[1] = 8
            self.assertEqual(shared.tolist()[1], 8)

    def test_as_argument(self):
        numbers = array.array("d", [1, 2, 3])
        self.assertEqual(float(self.np.sum(numbers)), 6)
        self.np.multiply(numbers, 2.0, out=numbers)
        self.assertEqual(list(numbers), [2, 4, 6])
        self.assertEqual(float(self.np.add(numbers, bytearray(b"\1\2\3"))[2]), 9)

    def test_bytes_are_a_memoryview(self):
        look = emb.evaluate(
            "lambda x: (isinstance(x, memoryview), x.format, x.shape, x.readonly, x[0], x[:1] == b'a')"
        )
        data = bytearray(b"abc")
        self.assertEqual(look(data), (True, "B", (3,), False, 97, True))
        self.assertEqual(look(memoryview(b"ab")), (True, "B", (2,), True, 97, True))
        numbers = memoryview(array.array("d", [1, 2]))
        self.assertEqual(look(numbers)[:5], (True, "d", (2,), False, 1.0))
        emb.evaluate("lambda x: x.__setitem__(1, 5)")(numbers)
        self.assertEqual(numbers.tolist(), [1, 5])

    def test_bytearray(self):
        data = bytearray(b"abc")
        shared = emb.array(data)
        self.assertEqual(str(shared.dtype), "uint8")
        shared[0] = ord("z")
        self.assertEqual(data, b"zbc")

    def test_empty(self):
        for empty in (array.array("d"), bytearray(), memoryview(bytearray()).cast("d")):
            self.assertEqual(emb.array(empty).shape, (0,))

    def test_memoryview(self):
        data = array.array("d", range(24))
        view = memoryview(data).cast("B").cast("d", (2, 3, 4))
        shared = emb.array(view)
        self.assertEqual(shared.shape, (2, 3, 4))
        self.assertEqual(float(shared[1, 2, 3]), 23)
        shared[0, 0, 0] = -1
        self.assertEqual(data[0], -1)
        for part in (slice(3, 9), slice(None, None, 2), slice(None, None, -1), slice(20, 3, -3)):
            piece = memoryview(data)[part]
            self.assertEqual(emb.array(piece).tolist()[:], list(data[part]), part)

    def test_memory_without_an_address_is_read(self):
        file = io.BytesIO(array.array("d", [1, 2, 3, 4]).tobytes())
        look = emb.evaluate("lambda x: (x.format, x.shape, x.tolist())")
        for view in (
            file.getbuffer(),
            file.getbuffer()[8:16],
            file.getbuffer()[::2],
            file.getbuffer().cast("d"),
            file.getbuffer().cast("d", (2, 2)),
            memoryview(b"abcdef")[::2],
            memoryview(b"abcdef")[::-1],
            memoryview(file.getvalue()).cast("d")[1::2],
            io.BytesIO().getbuffer(),
        ):
            self.assertEqual(look(view), (view.format, view.shape, emb.Object(view.tolist())), view.tolist())
        self.assertEqual(self.np.frombuffer(file.getbuffer()).tolist()[:], [1, 2, 3, 4])

    @unittest.skipUnless(_READONLY_HAS_ADDRESS, "ctypes here gives no address of such memory")
    def test_read_only(self):
        shared = emb.array(memoryview(b"abc"))
        self.assertFalse(shared.flags.writeable)
        with self.assertRaises(ValueError):
            shared[0] = 1
        self.assertEqual(list(shared.tolist()), [97, 98, 99])

    def test_read_only_by_wish(self):
        data = bytearray(3)
        self.assertFalse(emb.array(data, readonly=True).flags.writeable)
        self.assertTrue(emb.array(data).flags.writeable)

    def test_ctypes(self):
        matrix = ((ctypes.c_double * 3) * 2)()
        shared = emb.array(matrix)
        self.assertEqual(shared.shape, (2, 3))
        shared[1, 2] = 5
        self.assertEqual(matrix[1][2], 5)
        for kind in (ctypes.c_long, ctypes.c_ubyte, ctypes.c_float, ctypes.c_bool):
            self.assertEqual(emb.array((kind * 2)()).itemsize, ctypes.sizeof(kind))
        points = (Point * 3)()
        shared = emb.array(points)
        shared["y"][1] = 2.5
        self.assertEqual(points[1].y, 2.5)
        self.assertEqual(shared.dtype.names, ("x", "y"))

    def test_an_interface_that_tells_of_another_object(self):
        np = emb.import_mod("numpy")

        class Interface:
            def __init__(self, **told):
                self.told = told

            __array_interface__ = property(lambda self: self.told)

        of_bytes = Interface(shape=(2,), typestr="<i2", data=b"\1\0\2\0", version=3)
        self.assertEqual(np.asarray(of_bytes).tolist(), [1, 2])
        rows = np.array([(1, 2.5)], dtype="i4,f8")
        self.assertEqual(np.asarray(Interface(**rows.__array_interface__)).dtype, rows.dtype)

    def test_cffi(self):
        try:
            import cffi
        except ImportError:
            self.skipTest("this host has no cffi")
        ffi = cffi.FFI()
        matrix = ffi.new("double[2][3]")
        shared = emb.array(matrix)
        shared[1, 2] = 7
        self.assertEqual(matrix[1][2], 7)
        self.assertEqual(str(emb.array(ffi.new("uint16_t[4]")).dtype), "uint16")
        self.assertEqual(emb.array(ffi.buffer(matrix)).shape, (48,))
        numbers = ffi.new("double[4]", [1, 2, 3, 4])
        self.assertEqual(float(emb.from_ptr(numbers, "d", 4, owner=numbers).sum()), 10)
        with self.assertRaises(BufferError):
            emb.array(ffi.new("double *"))

    def test_mmap(self):
        memory = mmap.mmap(-1, 4096)
        emb.array(memory)[0] = 65
        self.assertEqual(memory[:1], b"A")

    def test_dtype_and_shape(self):
        data = bytearray(24)
        shared = emb.array(data, dtype="<f8", shape=(3,))
        shared[1] = 1.5
        self.assertEqual(memoryview(data).cast("d")[1], 1.5)
        self.assertEqual(emb.array(data, "i2", (2, 3), strides=(12, 2)).shape, (2, 3))
        dtype = self.np.dtype([("a", "i4"), ("b", "f8")])
        self.assertEqual(emb.array(data, dtype).shape, (2,))
        self.assertEqual(emb.array(data, dtype)["b"].shape, (2,))
        for bad in (
            dict(dtype="d", shape=4),
            dict(dtype="d", shape=(3,), strides=(16,)),
            dict(dtype="d", shape=(2,), strides=(-8,)),
            dict(dtype="d", shape=(2,), strides=(8, 8)),
            dict(dtype="d", shape=-1),
            dict(dtype="V5"),
        ):
            with self.assertRaises(ValueError, msg=bad):
                emb.array(data, **bad)
        for bad in ("nonsense", ""):
            with self.assertRaises((TypeError, ValueError)):
                emb.array(data, dtype=bad)

    def test_from_ptr(self):
        numbers = (ctypes.c_double * 6)(*range(6))
        last = ctypes.addressof(numbers) + 40
        backwards = emb.from_ptr(last, "d", (6,), strides=(-8,), owner=numbers)
        self.assertEqual(list(backwards.tolist()), [5, 4, 3, 2, 1, 0])
        same = emb.from_ptr(ctypes.addressof(numbers), "d", (3, 2), strides=(0, 8), owner=numbers)
        self.assertEqual([list(row) for row in same.tolist()], [[0, 1]] * 3)
        pointer = ctypes.cast(numbers, ctypes.POINTER(ctypes.c_double))
        self.assertEqual(float(emb.from_ptr(pointer, "d", 6, owner=numbers)[5]), 5)
        with self.assertRaises(ValueError):
            emb.from_ptr(0, "d", 1)
        with self.assertRaises(TypeError):
            emb.from_ptr("address", "d", 1)

    def test_refusals(self):
        for bad in ([1, 2], 5, None, "text"):
            with self.assertRaises(TypeError):
                emb.array(bad)


class WithoutNumpy(unittest.TestCase):
    def test_plain_numbers(self):
        shared = emb.array(array.array("d", [1, 2, 3]))
        self.assertEqual(list(emb.evaluate("lambda a: memoryview(a).tolist()")(shared)), [1, 2, 3])
