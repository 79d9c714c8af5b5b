"""What converts to what, both ways."""

import collections
import datetime
import decimal
import fractions
import math
import os
import pathlib
import struct
import threading
import types
import typing
import unittest

import emb
from emb._abi import _memory
from tests import needs_numpy, settle

same = emb.evaluate("lambda x: x")
python_repr = emb.evaluate("repr")
python_type = emb.evaluate("lambda x: type(x).__name__")


class Word(str):
    def __str__(self):
        return "overridden"


Point = collections.namedtuple("Point", "x y")


class RoundTrips(unittest.TestCase):
    def test_scalars_come_back_as_they_went(self):
        for value in (
            None, True, False, 0, -1, 2**31, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64,
            -(2**64), 3**200, -(3**200), 0.0, 1.5, 5e-324, float("inf"), 1j, complex(-0.0, 2),
            "", "text", "a\0b", "äöü€😀", "x" * 5000, b"", b"\0\xff", b"y" * 5000,
        ):  # fmt: skip
            with self.subTest(repr(value)[:40]):
                result = same(value)
                self.assertEqual(result, value)
                self.assertIs(type(result), type(value))
                self.assertEqual(python_repr(value), repr(value))

    @needs_numpy
    def test_not_a_number_is_numpy_s(self):
        nan = emb.import_mod("numpy").nan
        self.assertTrue(emb.evaluate("lambda x: x is __import__('numpy').nan")(nan))
        self.assertIn(nan, emb.evaluate("[1.0, __import__('numpy').nan]"))
        looked_up = emb.evaluate("lambda names, xs: [names.get(x) for x in xs]")
        self.assertEqual(looked_up({nan: "none", 1.0: "one"}, ("x", 1.0, nan))[2], "none")
        bits = emb.evaluate("lambda x: __import__('struct').pack('<d', x).hex()")
        for one in ("000000000000f87f", "000000000000f8ff", "010000000000f87f"):
            self.assertEqual(bits(*struct.unpack("<d", bytes.fromhex(one))), one)

    def test_signs_and_nan(self):
        self.assertEqual(math.copysign(1, same(-0.0)), -1)
        self.assertTrue(math.isnan(same(float("nan"))))
        self.assertEqual(str(same(complex(-0.0, -0.0))), str(complex(-0.0, -0.0)))

    def test_bool_is_not_int(self):
        self.assertEqual(python_type(True), "bool")
        self.assertEqual(python_type(1), "int")

    def test_tuples(self):
        for value in ((), (1,), (1, ("a", (2.5, None)), b"b", 2**70, 1j)):
            self.assertEqual(same(value), value)
            self.assertIs(type(same(value)), tuple)
        first, (second, *rest) = same((1, (2, 3, 4)))
        self.assertEqual((first, second, rest), (1, 2, [3, 4]))

    def test_tuple_with_objects(self):
        numbers, text = emb.evaluate("([1, 2], 'x')")
        self.assertIsInstance(numbers, emb.Object)
        self.assertEqual(numbers[1], 2)
        self.assertEqual(text, "x")

    def test_lone_surrogates(self):
        self.assertEqual(emb.evaluate("ord")("\ud800"), 0xD800)
        self.assertEqual(emb.evaluate("len")("a\udc80b"), 3)
        self.assertEqual(str(emb.evaluate("'\\udc80x'")), "\udc80x")
        text = emb.evaluate("['\\udc80x']")[0]
        self.assertIs(type(text), str)
        self.assertEqual({text: 1}["\udc80x"], 1)
        self.assertEqual(repr(emb.evaluate("type('R', (), {'__repr__': lambda self: '\\udc80'})()")), "\udc80")
        with self.assertRaisesRegex(UnicodeEncodeError, "can't encode character") as raised:
            emb.evaluate("lambda text: text.encode()")(text)
        self.assertEqual((raised.exception.object, raised.exception.start), (text, 0))


class Arguments(unittest.TestCase):
    def check(self, value, expected):
        self.assertEqual(python_repr(value), expected)

    def test_much_text_in_one_call(self):
        texts = ["é" * (i % 40) + str(i) for i in range(4000)] + ["", "x" * 2048, "y" * 2049, "z" * 100000]
        data = [one.encode() for one in texts]
        for values in (texts, data, [(one, one.encode()) for one in texts]):
            with self.subTest(type(values[0])):
                self.assertEqual(list(emb.Object(values)), values)
                self.assertEqual(list(emb.evaluate("lambda *args: args")(*values)), values)

    def test_containers(self):
        self.check([1, [2.5, "x"], (None,)], "[1, [2.5, 'x'], (None,)]")
        self.check({"a": 1, 2: [3], (4,): {}}, "{'a': 1, 2: [3], (4,): {}}")
        self.check([], "[]")
        self.check({}, "{}")
        self.check(list(range(1000)), repr(list(range(1000))))
        self.check([{"k": (i, [i])} for i in range(50)], repr([{"k": (i, [i])} for i in range(50)]))

    def test_slices_come_back(self):
        for one in (slice(1, None, -1), slice(None), slice("a", (1, 2))):
            found = emb.evaluate("lambda x: x")(one)
            self.assertIs(type(found), slice)
            self.assertEqual(found, one)

        class Numbers(list):
            def __getitem__(self, key):
                return super().__getitem__(key)

        class Grid:
            def __getitem__(self, key):
                return key

        self.assertEqual(emb.evaluate("lambda x: list(x[1:])")(Numbers([1, 2, 3])), [2, 3])
        self.assertEqual(emb.evaluate("lambda x: x[1:2, ...]")(Grid()), (slice(1, 2), ...))

    def test_slices_and_ellipsis(self):
        self.check(slice(1, None, -1), "slice(1, None, -1)")
        self.check(..., "Ellipsis")
        self.check((slice(None), ..., None), "(slice(None, None, None), Ellipsis, None)")

    def test_subclasses_travel_as_their_base(self):
        self.check(Word("w"), "'w'")
        self.check(Point(1, 2), "Point(x=1, y=2)")  # but named tuples

    def test_types_of_annotations(self):
        T = typing.TypeVar("T")
        for one in (
            typing.List[int], typing.Optional[str], typing.Dict[str, typing.List[float]], typing.Any,
            typing.Callable[[int], str], typing.Callable[..., int], typing.Tuple[int, ...],
            typing.Union[int, str], typing.Generic[T], typing.Literal["a"], typing.List[T], T, typing.List, type(None),
        ):  # fmt: skip
            self.check(one, repr(one))

    def test_sets_and_ranges(self):
        self.check({1}, "{1}")
        self.check(frozenset("a"), "frozenset({'a'})")
        self.check(range(1, 10, 2), "range(1, 10, 2)")

    def test_views_of_dicts(self):
        table = {"a": 1, "b": [2]}
        for view, kind in (
            (table.keys(), "dict_keys"), (table.values(), "dict_values"), (table.items(), "dict_items"),
        ):  # fmt: skip
            self.assertEqual(python_type(view), kind)
            self.assertEqual(list(emb.evaluate("lambda x: list(x)")(view))[0], list(view)[0])
        self.assertEqual(emb.evaluate("{'b': 0, 'a': 0}").keys(), table.keys())
        keys = collections.OrderedDict(table).keys()
        self.assertTrue(emb.evaluate("lambda keys: isinstance(keys, type({}.keys()))")(keys))

    def test_one_pass(self):
        self.assertEqual(list(emb.evaluate("lambda x: list(x)")(zip([1, 2], "ab"))), [(1, "a"), (2, "b")])
        self.assertEqual(emb.evaluate("sum")(i * i for i in range(4)), 14)
        self.check({"a": 1}.keys(), "dict_keys(['a'])")

    def test_standard_library(self):
        self.check(datetime.datetime(2026, 1, 2, 3, 4), "datetime.datetime(2026, 1, 2, 3, 4)")
        self.check(datetime.timedelta(days=1), "datetime.timedelta(days=1)")
        self.assertEqual(str(same(decimal.Decimal("1.50"))), "1.50")
        self.assertEqual(str(same(fractions.Fraction(2, 6))), "1/3")
        self.assertEqual(str(same(pathlib.PurePosixPath("/a/b"))), "/a/b")

    def test_classes_without_a_name(self):
        for kind in (types.FunctionType, types.GeneratorType, types.ModuleType, types.FrameType):
            seen = emb.evaluate("lambda kind, name: kind is getattr(__import__('types'), name)")
            name = next(name for name in dir(types) if getattr(types, name) is kind)
            self.assertTrue(seen(kind, name), name)

    def test_classes_and_builtin_functions(self):
        self.check(float, "<class 'float'>")
        self.check(ValueError, "<class 'ValueError'>")
        self.assertEqual(list(emb.evaluate("map")(len, ["a", "bc"])), [1, 2])
        self.check(collections.OrderedDict, "<class 'collections.OrderedDict'>")

    def test_classes_and_functions_take_no_crossing_of_their_own(self):
        take, error = emb.evaluate("lambda x: None"), emb.evaluate("type('Text', (str,), {})")("text")
        settle()
        for value in (int, float, len, types.FunctionType, error):
            take(value)
            before = _memory.crossings
            take(value)
            self.assertEqual(_memory.crossings - before, 1, value)

    def test_methods_of_builtin_classes(self):
        same = emb.evaluate("lambda a, b, c: (a is str.upper, b is dict.get, c is list.append)")
        self.assertEqual(same(str.upper, dict.get, list.append), (True, True, True))
        items = []
        emb.evaluate("lambda append: append(3)")(items.append)
        self.assertEqual(items, [3])

    def test_modules_of_the_standard_library(self):
        self.assertTrue(emb.evaluate("lambda m: m is __import__('math')")(math))
        self.assertTrue(emb.evaluate("lambda m: m is __import__('os').path")(os.path))

    def test_what_stands_in_classes(self):
        class Plain:
            @classmethod
            def name(cls):
                return cls.__name__

        emb.run("def put(method, number):\n"
                "    kind = type('Made', (), {'m': method, 'p': number})\n"
                "    return kind.m(), kind().p")
        got = emb.evaluate("put")(Plain.__dict__["name"], property(lambda self: 5))
        self.assertEqual(got, ("Made", 5))

    def test_exceptions(self):
        self.check(KeyError("k"), "KeyError('k')")

    def test_proxies_in_containers(self):
        item = emb.Object([1])
        result = same([item, {"k": item}])
        self.assertTrue(emb.evaluate("lambda x: x[0] is x[1]['k']")(result))

    def test_keywords(self):
        call = emb.evaluate("lambda *args, **kwargs: (args, sorted(kwargs.items()))")
        self.assertEqual(call(1, a=2, b="x"), ((1,), [("a", 2), ("b", "x")]))
        many = {"k%d" % i: i for i in range(40)}
        self.assertEqual(call(*range(30), **many)[0], tuple(range(30)))
        self.assertEqual(len(call(**many)[1]), 40)
        self.assertEqual(call(**{"a,b": 1, "": 2, "c d": 3})[1][0], ("", 2))

    def test_other_objects_come_back_as_themselves(self):
        class Strange:
            pass

        for value in (Strange(), object(), Strange, threading.Lock(), iter("ab").__next__):
            self.assertIs(same(value), value)
            self.assertIs(same([value])[0], value)
        with self.assertRaises(TypeError):
            emb.evaluate("{}")[[]] = 1

    def test_containers_that_contain_themselves(self):
        loop = []
        loop.append(loop)
        mapping = {}
        mapping["self"] = mapping
        for value in (loop, mapping):
            with self.assertRaisesRegex(ValueError, "nested deeper"):
                same(value)
        deep = []
        for _ in range(50):
            deep = [deep]
        self.assertEqual(python_repr(deep), repr(deep))
