"""Host memory as arrays of Python, without a copy."""

import array
import ctypes
import gc
import mmap
import sys
import unittest
import weakref

import emb
from emb import _memory, _share
from tests import needs_numpy, on_pypy

PYPY = sys.implementation.name == "pypy"
_READONLY_HAS_ADDRESS = not (PYPY and emb._library.backend.name == "ctypes")


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
        if not _READONLY_HAS_ADDRESS:
            with self.assertRaisesRegex(BufferError, "EMB_BACKEND=cffi"):
                look(memoryview(b"ab"))
        else:
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

    def test_borrowed(self):
        data = bytearray(b"abc")
        self.assertEqual(emb.borrowed(data), 0)
        first, second = emb.array(data), emb.array(data)[1:]
        emb.collect()
        self.assertEqual(emb.borrowed(data), 2)
        self.assertEqual(emb.borrowed(bytearray(b"abc")), 0)
        emb.release(first)
        self.assertEqual(emb.borrowed(data), 1)
        emb.release(second)
        self.assertEqual(emb.borrowed(data), 0)
        data += b"d"
        self.assertEqual(len(data), 4)

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

    def test_lifetime(self):
        emb.collect()
        before = len(_share.lent())
        numbers = array.array("d", [1, 2])
        keep = self.np.asarray(numbers)
        part = keep[1:]
        del numbers, keep
        emb.collect()
        self.assertGreater(len(_share.lent()), before)
        self.assertEqual(float(part[0]), 2)
        del part
        emb.collect()
        self.np.add(1, 1)
        self.assertEqual(len(_share.lent()), before)

    def test_arguments_are_let_go(self):
        numbers = array.array("d", range(10))
        emb.collect()
        before = len(_share.lent())
        for _ in range(100):
            self.np.sum(numbers)
        self.np.add(1, 1)
        self.assertLessEqual(len(_share.lent()), before + 1)

    def test_several_arrays_on_the_same_memory(self):
        numbers = array.array("d", range(10))
        kept = [self.np.asarray(numbers) for _ in range(3)]
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 3)
        kept[0].shape = 2, 5
        self.assertEqual([one.shape for one in kept[1:]], [(10,), (10,)])
        kept.pop()
        self.np.sum(numbers)
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 2)
        del kept
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 0)

    @unittest.skipUnless(PYPY, "the host locks what Python looks at")
    def test_views_alone_are_of_one_array(self):
        numbers = array.array("d", range(10))
        kept = [self.np.frombuffer(numbers) for _ in range(3)]
        is_same = emb.evaluate("lambda one, other: one is other")
        self.assertTrue(is_same(kept[0].base, kept[2].base))
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 1)
        first, second = self.np.asarray(numbers), self.np.asarray(numbers)
        self.assertFalse(is_same(first, second))
        for one in (first, second):
            self.assertFalse(is_same(self.np.frombuffer(numbers).base, one))
        first.shape = 5, 2
        self.assertEqual((second.shape, self.np.asarray(numbers).shape), ((10,), (10,)))
        numbers[3] = 33
        self.assertEqual([one[3] for one in kept + [second]], [33] * 4)
        numbers.pop()
        self.assertEqual(len(self.np.frombuffer(numbers)), 9)
        del kept, first, second, one
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 0)

    @unittest.skipUnless(PYPY, "the host locks what Python looks at")
    def test_the_length_and_the_type_are_what_they_are_now(self):
        numbers = array.array("d", range(10))
        for _ in range(3):
            self.assertEqual(len(self.np.asarray(numbers)), len(numbers))
            numbers.pop()
        for letter in "dbHqfd" * 50:
            self.assertEqual(float(self.np.sum(array.array(letter, [1, 2, 3]))), 6)

    def test_an_array_is_not_kept_after_the_call(self):
        numbers = array.array("d", range(1000))
        reference = weakref.ref(numbers)
        self.np.sum(numbers)
        del numbers
        gc.collect()
        self.assertIsNone(reference())
        numbers = array.array("d", range(1000))
        reference = weakref.ref(numbers)
        kept = self.np.asarray(numbers)
        del numbers
        gc.collect()
        self.assertEqual(len(reference()), 1000)
        emb.release(kept)
        emb.collect()
        gc.collect()
        self.assertIsNone(reference())

    def test_failure_lets_go(self):
        before = len(_share.lent())
        with self.assertRaises((TypeError, ValueError, emb.Error)):
            emb.from_ptr(1 << 20, "no dtype at all", (1,))
        self.assertLessEqual(len(_share.lent()), before)

    def test_resizing(self):
        numbers = array.array("d", range(10))
        shared = emb.array(numbers)
        if not PYPY:
            with self.assertRaises(BufferError):
                numbers.append(1)
            return
        numbers.extend(range(100000))
        with self.assertWarnsRegex(RuntimeWarning, "moved"):
            emb.array(bytearray(1))
        emb.release(shared)

    @unittest.skipUnless(PYPY, "the host locks what Python looks at")
    def test_resizing_what_a_call_has_kept(self):
        for numbers in (array.array("d", range(10)), bytearray(80)):
            kept = self.np.asarray(numbers)
            numbers.extend(bytes(100000))
            for other in (array.array("d", [1]), numbers):
                with self.assertWarnsRegex(RuntimeWarning, "%s was resized" % type(numbers).__name__):
                    self.np.sum(other)
            emb.release(kept)
            emb.collect()

    @on_pypy("where arrays are lent without a call")
    def test_an_argument_is_no_crossing_of_its_own(self):
        numbers = array.array("d", range(10))
        total, there = self.np.sum, self.np.arange(10.0)

        def crossings(argument):
            before = _memory.crossings
            total(argument)
            return _memory.crossings - before

        crossings(numbers)  # what was lent from the same place before is looked at
        self.assertEqual(crossings(numbers), crossings(there))

    def test_kept_by_thousands(self):
        emb.collect()
        before = len(_share.lent())
        arrays = [array.array("i", [i]) for i in range(10000)]
        kept = emb.evaluate("[]")
        for one in arrays:
            kept.append(self.np.asarray(one))
        emb.collect()
        self.assertEqual(len(_share.lent()), before + 10000)
        del arrays
        self.assertEqual(int(kept[-1][0]) + int(kept[4097][0]), 9999 + 4097)
        kept.clear()
        emb.collect()
        self.assertEqual(len(_share.lent()), before)

    def test_a_call_that_fails_keeps_nothing(self):
        numbers = array.array("d", [1])
        with self.assertRaises(TypeError):
            self.np.sum(numbers, no_such_keyword=1)
        with self.assertRaises(ValueError):
            emb.evaluate("lambda *args: len(args)")(numbers, bytearray(8), deep_list())
        self.assertEqual(emb.borrowed(numbers), 0)


def deep_list():
    items = []
    items.append(items)
    return items


class WithoutNumpy(unittest.TestCase):
    def test_plain_numbers(self):
        shared = emb.array(array.array("d", [1, 2, 3]))
        self.assertEqual(list(emb.evaluate("lambda a: memoryview(a).tolist()")(shared)), [1, 2, 3])


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
