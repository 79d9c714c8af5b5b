"""Classes and values of ctypes are the same C types on the same memory on both sides."""

import ctypes
import gc
import unittest

import emb

from . import needs, needs_numpy

DOUBLES = ctypes.POINTER(ctypes.c_double)


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]

    def sum(self):
        return self.x + self.y


class Deep(Point):
    _fields_ = [("z", ctypes.c_int16)]


class Packed(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("flag", ctypes.c_uint8), ("points", Point * 2)]


class Foreign(ctypes.BigEndianStructure):
    _fields_ = [("one", ctypes.c_uint8), ("two", ctypes.c_uint32)]


class Link(ctypes.Structure):
    pass


Link._fields_ = [("value", ctypes.c_int), ("next", ctypes.POINTER(Link))]


def there(source):
    return emb.evaluate(source, emb.Object({"ctypes": emb.import_mod("ctypes")}))


class Classes(unittest.TestCase):
    def test_they_are_pythons_and_come_back(self):
        same = there("lambda kind: kind")
        size = there("ctypes.sizeof")
        prototype = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int, DOUBLES)
        kinds = (ctypes.c_int, DOUBLES, ctypes.c_char * 4, (Point * 2) * 3, Deep, Packed, Link, prototype)
        for kind in kinds:
            self.assertIs(same(kind), kind)
            self.assertEqual(size(kind), ctypes.sizeof(kind))

    def test_those_of_python_are_the_hosts(self):
        self.assertIs(there("ctypes.c_double"), ctypes.c_double)
        self.assertIs(there("ctypes.POINTER(ctypes.c_int)"), ctypes.POINTER(ctypes.c_int))
        self.assertIs(there("ctypes.c_int16 * 3 * 2"), ctypes.c_int16 * 3 * 2)

    def test_both_orders_of_bytes(self):
        for name in ("__ctype_le__", "__ctype_be__"):
            kind = getattr(ctypes.c_int32, name)
            self.assertIs(there("ctypes.c_int32.%s" % name), kind)
            self.assertIs(there("lambda kind: kind")(kind), kind)
            self.assertIs(there("lambda kind: kind is ctypes.c_int32.%s" % name)(kind), True)
        one = Foreign(1, 2)
        self.assertEqual(there("lambda one: (bytes(one), one.two)")(one), (b"\1\0\0\0\0\0\0\2", 2))
        there("lambda one: setattr(one, 'two', 3)")(one)
        self.assertEqual(one.two, 3)

    def test_other_classes_are_proxies(self):
        kind = there("type('Own', (ctypes.Structure,), {'_fields_': [('a', ctypes.c_int)]})")
        made = kind(4)
        self.assertIsInstance(made, emb.Object)
        self.assertEqual(made.a, 4)
        self.assertIsInstance(there("ctypes.py_object('x')"), emb.Object)


class Values(unittest.TestCase):
    def test_pointers_and_structures_of_python(self):
        numbers = there("(ctypes.c_double * 3)(1, 2, 3)")
        self.assertIs(type(numbers), ctypes.c_double * 3)
        numbers[1] = 5.0
        pointer = there("lambda numbers: ctypes.cast(numbers, ctypes.POINTER(ctypes.c_double))")(numbers)
        self.assertIs(type(pointer), DOUBLES)
        self.assertEqual((pointer[1], pointer.contents.value), (5.0, 1.0))
        self.assertIs(there("lambda a, b: a is b")(numbers, numbers), True)

    def test_those_of_the_host(self):
        points = (Point * 2)((1, 2), (3, 4))
        change = there("lambda points: (setattr(points[1], 'x', 7), points)[1]")
        self.assertIs(change(points), points)
        self.assertEqual(points[1].sum(), 11.0)
        first = there("lambda link: link.next[0].value")
        self.assertEqual(first(Link(1, ctypes.pointer(Link(2)))), 2)

    def test_each_side_keeps_what_the_other_holds(self):
        keep = there("[]")
        keep.append(ctypes.pointer((ctypes.c_int * 1000)(*range(1000))))
        pointer = there("ctypes.pointer((ctypes.c_int * 1000)(*range(1000)))")
        for _ in range(3):
            gc.collect()
            emb.collect()
            [bytearray(4000) for _ in range(100)]
        self.assertEqual(there("lambda kept: sum(kept[0].contents)")(keep), 499500)
        self.assertEqual(sum(pointer.contents), 499500)

    def test_functions(self):
        prototype = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
        twice = prototype(lambda x: 2 * x)
        self.assertEqual(there("lambda f: (f(1.5), f.restype.__name__)")(twice), (3.0, "c_double"))
        self.assertIs(there("lambda f: f")(twice), twice)
        cos = ctypes.CDLL("libm.so.6").cos
        cos.restype, cos.argtypes = ctypes.c_double, [ctypes.c_double]
        self.assertEqual(list(emb.import_mod("builtins").map(cos, [0.0])), [1.0])


@needs_numpy
class Arrays(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_data_as(self):
        numbers = self.np.array([3.0, 1.0, 2.0])
        compare = ctypes.CFUNCTYPE(ctypes.c_int, DOUBLES, DOUBLES)
        in_order = compare(lambda a, b: (a[0] > b[0]) - (a[0] < b[0]))
        pointer = numbers.ctypes.data_as(DOUBLES)
        self.assertIs(type(pointer), DOUBLES)
        ctypes.CDLL(None).qsort(pointer, 3, 8, in_order)
        self.assertEqual(list(numbers), [1, 2, 3])
        self.assertEqual(numbers.ctypes.shape[:], [3])

    def test_a_checked_argument(self):
        libc = ctypes.CDLL(None)
        numbers = self.np.ones(3, "u1")
        libc.memset.argtypes = [
            self.np.ctypeslib.ndpointer(dtype="u1", ndim=1), ctypes.c_int, ctypes.c_size_t,
        ]  # fmt: skip
        libc.memset(numbers, 7, 2)
        self.assertEqual(list(numbers), [7, 7, 1])
        self.assertRaises(ctypes.ArgumentError, libc.memset, self.np.ones(3), 7, 2)
        find = ctypes.CDLL(None).memchr
        find.restype = self.np.ctypeslib.ndpointer("u1", shape=(1,))
        find.argtypes = [self.np.ctypeslib.ndpointer("u1"), ctypes.c_int, ctypes.c_size_t]
        found = find(numbers, 1, 3)
        self.assertIsInstance(found, self.np.ndarray)
        self.assertEqual(found.ctypes.data, numbers.ctypes.data + 2)
        self.assertIs(emb.evaluate("lambda kind: kind")(find.restype), find.restype)
        self.assertEqual(find.restype._shape_, (1,))

    def test_as_array_and_as_ctypes(self):
        lib = self.np.ctypeslib
        memory = (ctypes.c_int * 3)(1, 2, 3)
        lib.as_array(ctypes.cast(memory, ctypes.POINTER(ctypes.c_int)), (3,))[0] = 9
        self.assertEqual(memory[0], 9)
        points = (Point * 2)()
        lib.as_array(points)["y"] = 4.0
        self.assertEqual([one.y for one in points], [4.0, 4.0])
        self.assertEqual(self.np.dtype(Packed).itemsize, 33)
        rows = self.np.arange(6, dtype="i2").reshape(2, 3)
        lib.as_ctypes(rows)[1][2] = 8
        self.assertEqual(rows[1, 2], 8)

    @needs("scipy")
    def test_a_callback_that_scipy_calls_as_c(self):
        prototype = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int, DOUBLES)
        square = prototype(lambda count, x: x[0] * x[0])
        low_level = emb.import_mod("scipy").LowLevelCallable(square)
        self.assertEqual(low_level.signature, "double (int, double *)")
        self.assertAlmostEqual(emb.import_mod("scipy.integrate").quad(low_level, 0, 3)[0], 9.0)


if __name__ == "__main__":
    unittest.main()
