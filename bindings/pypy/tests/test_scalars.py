"""numpy's scalars cross by value, and nobody can tell."""

import cmath
import collections.abc
import copy
import itertools
import json
import math
import numbers
import operator
import pickle
import struct
import sys
import unittest

import emb
from tests import needs_numpy

VALUES = [0.0, -0.0, 1.0, -2.5, 0.1, 1e-310, 1e300, -1e308, math.inf, math.nan, 3, 0, -7, 64, 2**53 + 1]
NAMES = "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift lt le eq ne gt ge".split()
ALONE = "neg pos abs invert".split()


def outcome(function, *operands):
    """The bits and the type of what comes of it, or the class of what is raised."""
    try:
        return bits(function(*operands))
    except Exception as error:
        return type(error).__name__


def bits(value):
    """The bits and the type of a scalar."""
    return bytes(value.tobytes()), value.dtype.str


@needs_numpy
class Scalars(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_there_is_one_true_and_one_false(self):
        np = self.np
        self.assertIs(np.float64(1.0) > 0, np.True_)
        self.assertIs(np.array([0.0])[0] == 1, np.bool_(False))
        self.assertIs(np.ma.array([1]).mask, np.ma.nomask)

    def test_complex_numbers(self):
        np = self.np
        one = np.array([1 + 2j])[0]
        self.assertIs(type(one), np.complex128)
        self.assertIs(type(np.complex128(1)), np.complex128)
        self.assertTrue(issubclass(np.complex128, complex))
        self.assertEqual({1 + 2j: "found"}[one], "found")
        for value in (one + 1, 2j * one, -one, one / np.float64(2), sum([one, one])):
            self.assertIs(type(value), np.complex128)
        self.assertEqual(("%s" % one, f"{one:.1f}"), ("(1+2j)", "1.0+2.0j"))
        self.assertIs(type(pickle.loads(pickle.dumps(one))), np.complex128)
        self.assertEqual(cmath.phase(one), cmath.phase(1 + 2j))
        self.assertEqual((one == np.array([1, 1 + 2j])).tolist(), [False, True])

    def test_every_type_comes_and_goes_unchanged(self):
        for name in (
            "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 longlong ulonglong float16 "
            "float32 float64 longdouble complex128"
        ).split():
            dtype = self.np.dtype(name)
            for number in (0, 1, 100, -1) if dtype.kind in "if" else (0, 1):
                value = self.np.array(number, dtype)[()]
                with self.subTest(name, number=number):
                    self.assertIsInstance(value, complex if name == "complex128" else emb.Object)
                    self.assertTrue(self.np.asarray([value])[0].dtype == dtype)
                    self.assertTrue(value == number)
                    self.assertEqual(repr(value), repr(emb.evaluate("lambda x: x")(value)))

    def test_extremes(self):
        for name in "int8 uint8 int16 uint16 int32 uint32 int64 uint64".split():
            limits = self.np.iinfo(name)
            for number in (int(limits.min), int(limits.max)):
                value = self.np.dtype(name).type(number)
                self.assertEqual(int(value), number)
                self.assertEqual(operator.index(value), number)
                self.assertEqual(int(emb.method(value, "item")), number)
        for number in (math.nan, math.inf, -0.0, 5e-324):
            value = self.np.float64(number)
            self.assertEqual(struct.pack("d", float(value)), struct.pack("d", number))
            self.assertEqual(bytes(value.tobytes()), struct.pack("d", number))

    def test_what_the_constructor_keeps_is_what_it_was_given(self):
        class Keeps(emb.evaluate("type('Base', (), {})")):
            def __init__(self, given):
                self.given = given

        kept = emb.evaluate("lambda kind, x: kind(x).given is x")
        for name in "float64", "float32", "int64", "uint8", "bool_":
            self.assertTrue(kept(Keeps, emb.Object(getattr(self.np, name)(1))), name)

    def test_arithmetic_is_numpys_to_the_last_bit(self):
        np, there = self.np, emb.import_mod("operator")
        numbers = [np.float64(one) for one in VALUES] + [np.float32(0.1), np.bool_(True), np.bool_(False)]
        numbers += [np.int64(one) for one in (3, 0, -7, 64, 2**53 + 1, 2**63 - 1, -(2**63))]
        warnings = emb.import_mod("warnings")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, one, other in itertools.product(NAMES, numbers, VALUES + [True] + numbers):
                for operands in ((one, other), (other, one)):
                    with self.subTest(name, operands=operands):
                        expected = outcome(getattr(there, name), *operands)
                        self.assertEqual(outcome(getattr(operator, name), *operands), expected)
            for name, one in itertools.product(ALONE, numbers):
                with self.subTest(name, one=one):
                    expected = outcome(getattr(there, name), one)
                    self.assertEqual(outcome(getattr(operator, name), one), expected)

    def test_powers_are_those_of_numpy(self):
        there = emb.evaluate("lambda base, exponents: [base ** one for one in exponents]")
        for number in range(1, 2000):
            base, exponents = self.np.float64(number / 7), [2, 3, 0.5, -1.5]
            self.assertEqual([base**one for one in exponents], list(there(base, exponents)))
        with self.assertRaises(TypeError):  # numpy has none of three operands
            pow(self.np.int64(7), 2, 5)

    def test_copies_are_scalars_of_the_same_value(self):
        for name in "bool uint8 int64 float32 float64".split():
            value = self.np.dtype(name).type(1)
            for made in (copy.copy(value), copy.deepcopy([value])[0]):
                self.assertEqual(bits(made), bits(value))
                self.assertIs(type(made), type(value))
                self.assertEqual(made is value, name == "bool")

    def test_each_type_has_its_class(self):
        np = self.np
        for name in "bool int8 uint16 int64 longlong float32 float64 complex128".split():
            kind = np.dtype(name).type
            value = kind(1)
            with self.subTest(name):
                self.assertTrue(type(value) == kind and kind == type(value))
                self.assertEqual({kind: 1}[type(value)], 1)
                self.assertEqual(type(value).__name__, kind.__name__)
                self.assertEqual(repr(type(value)(0)), repr(kind(0)))
                self.assertEqual(type(value).__mro__[1:], kind.__mro__[1:])

    def test_a_float64_is_a_float(self):
        one = self.np.float64(1.5)
        self.assertEqual(float.__repr__(one), "1.5")
        self.assertEqual(json.dumps({"a": [one]}), '{"a": [1.5]}')
        self.assertEqual(struct.pack("d", one), struct.pack("d", 1.5))
        for what in (1.0 + one, one.real, one.conjugate(), one * 2, -one, abs(one)):
            self.assertTrue(type(what) == self.np.float64)

    def test_objects_of_the_program_beside_them(self):
        class Vector:
            def __init__(self, x):
                self.x = x

            def __rmul__(self, number):
                return type(number), Vector(self.x * number).x

            def __mul__(self, number):
                return type(number), "other way"

            def __radd__(self, number):
                return NotImplemented

        class Sequence(Vector):
            def __len__(self):
                return 2

            def __getitem__(self, place):
                return (1.0, 2.0)[place]

        class Array(Vector):
            def __array__(self, dtype=None, copy=None):
                return self.np.ones(2)

        Array.np = self.np
        double, integer = self.np.float64(2), self.np.int64(3)
        self.assertEqual(double * Vector(4), (float, 8.0))
        self.assertEqual(integer * Vector(4), (int, 12))
        self.assertEqual(Vector(4) * double, (self.np.float64, "other way"))
        for wrong in lambda: double + Vector(1), lambda: double / Vector(1), lambda: Vector(1) - integer:
            self.assertRaisesRegex(TypeError, "unsupported operand", wrong)
        self.assertEqual((double * Sequence(1)).tolist(), [2.0, 4.0])
        self.assertEqual((integer * Array(1)).tolist(), [3.0, 3.0])
        there = emb.evaluate("lambda number, vector: number * vector")
        self.assertEqual(there(double, Vector(4)), (float, 8.0))

    def test_no_scalar_is_iterable(self):
        for one in (self.np.float64(1), self.np.int32(1), self.np.bool_(True), self.np.complex64(1)):
            with self.subTest(one):
                for take in (iter, list, lambda x: (lambda *y: y)(*x), lambda x: 1 in x):
                    self.assertRaises(TypeError, take, one)
                if sys.implementation.name == "pypy":
                    self.assertFalse(hasattr(one, "__iter__"))
                self.assertNotIsInstance(one, collections.abc.Iterable)
                self.assertIsInstance(one, collections.abc.Hashable)
                self.assertTrue(one[()] == one)

    def test_abstract_numbers(self):
        np = self.np
        self.assertIsInstance(np.int8(1), numbers.Integral)
        self.assertIsInstance(np.float32(1), numbers.Real)
        self.assertNotIsInstance(np.float32(1), (numbers.Integral, float))
        self.assertNotIsInstance(np.bool_(1), numbers.Number)
        self.assertRaises(TypeError, operator.index, np.float64(1))

    def test_numpy_warns_where_it_does(self):
        zero, big = self.np.float64(0.0), self.np.float64(1e308)
        with self.np.errstate(all="raise"):
            for compute in (lambda: 1 / zero, lambda: big * 10, lambda: zero / 0.0, lambda: big + big):
                self.assertRaises(FloatingPointError, compute)
            self.assertRaises(FloatingPointError, lambda: self.np.int64(2**63 - 1) + 1)

    def test_what_the_host_does_with_numbers(self):
        x, n, yes = self.np.float64(2.25), self.np.int64(3), self.np.float64(1) < 2
        self.assertEqual(math.sqrt(x), 1.5)
        self.assertEqual([10, 20, 30, 40][n], 40)
        self.assertEqual("%.3f %d" % (x, n), "2.250 3")
        self.assertEqual("{:.1f} {:>4}".format(x, n), "2.2    3")
        self.assertTrue(yes)
        self.assertEqual({2.25: "a", 3: "b"}[x] + {3: "b"}[n], "ab")
        self.assertEqual((-x, abs(-x), round(x)), (-2.25, 2.25, 2))
        self.assertRaises(TypeError, lambda: [1, 2][x])
        self.assertEqual(sum([x, x, n]), 7.5)

    def test_it_is_an_object_as_soon_as_one_is_needed(self):
        x = self.np.float64(2.0)
        self.assertEqual(x.shape, ())
        self.assertIn("float64", repr(type(x + 1)) + repr(x.dtype))
        self.assertTrue(emb.evaluate("lambda x: isinstance(x, float)")(x))
        self.assertRaises(AttributeError, getattr, x, "nothing")

    def test_none_without_numpy_scalars(self):
        import subprocess
        import sys

        code = (
            "import emb; emb.init(); x = emb.evaluate('object()'); "
            "assert not emb.evaluate(\"__import__('sys').modules.get('numpy')\"); print('fine')"
        )
        self.assertEqual(subprocess.check_output([sys.executable, "-c", code]).strip(), b"fine")


class Lists(unittest.TestCase):
    def test_numbers_arrive_as_they_are(self):
        types = emb.evaluate("lambda x: ' '.join(sorted({type(i).__name__ for i in x}))")
        for numbers, expected in (
            ([0.5] * 1000, "float"),
            ([5] * 1000, "int"),
            ([5, 0.5] * 500, "float int"),
            ([2**70] * 1000, "int"),
            ([True] * 1000, "bool"),
            ([-0.0, math.inf, -1e-320] * 100, "float"),
            ([-(2**63), 2**63 - 1] * 100, "int"),
        ):
            self.assertEqual(types(numbers), expected)
            self.assertEqual(list(emb.Object(numbers)), numbers)
            self.assertEqual(emb.evaluate("lambda *x: x")(numbers, numbers)[1][0], numbers[0])

    def test_a_nan_stays_one(self):
        self.assertTrue(math.isnan(list(emb.Object([math.nan] * 50))[49]))
