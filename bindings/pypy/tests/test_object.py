"""The proxy behaves like an object of the host."""

import collections.abc
import math
import numbers
import operator
import sys
import unittest

import emb

emb.run(
    """
class Thing:
    "a thing"
    limit = 10
    def __init__(self, value=1): self.value = value
    def add(self, other, *, twice=False): return self.value + other * (2 if twice else 1)
    def __enter__(self): self.entered = True; return self
    def __exit__(self, kind, value, traceback): self.seen = kind; return kind is KeyError
    def __matmul__(self, other): return ('matmul', other)
    def __rmatmul__(self, other): return ('rmatmul', other)
    def __format__(self, spec): return 'thing:' + spec
"""
)
Thing = emb.evaluate("Thing")


class Protocols(unittest.TestCase):
    def test_attributes(self):
        thing = Thing()
        self.assertEqual(thing.value, 1)
        thing.value = "new"
        self.assertEqual(thing.value, "new")
        del thing.value
        self.assertFalse(hasattr(thing, "value"))
        with self.assertRaises(AttributeError):
            del thing.value
        self.assertEqual(getattr(thing, "nothing", 5), 5)
        setattr(thing, "ünïcode", 3)
        self.assertEqual(getattr(thing, "ünïcode"), 3)
        self.assertIn("limit", dir(thing))
        self.assertEqual(thing.__doc__, "a thing")
        self.assertIn("embedded", emb.Object.__doc__)

    def test_calls(self):
        thing = Thing(value=3)
        self.assertEqual(thing.add(2), 5)
        self.assertEqual(thing.add(2, twice=True), 7)
        self.assertEqual(emb.method(thing, "add", 2, twice=True), 7)
        self.assertTrue(callable(thing.add))

    def test_items(self):
        mapping = emb.Object({"a": 1})
        mapping["b"] = [1, 2]
        self.assertEqual(mapping["b"][-1], 2)
        del mapping["a"]
        self.assertEqual(len(mapping), 1)
        self.assertIn("b", mapping)
        self.assertNotIn("a", mapping)
        numbers = emb.Object(list(range(10)))
        self.assertEqual(list(numbers[2:8:3]), [2, 5])
        numbers[::5] = [100, 101]
        self.assertEqual(list(numbers), [100, 1, 2, 3, 4, 101, 6, 7, 8, 9])

    def test_iteration(self):
        numbers = emb.Object([3, 1, 2])
        self.assertEqual([x for x in numbers], [3, 1, 2])
        self.assertEqual(sorted(numbers), [1, 2, 3])
        self.assertEqual(list(reversed(numbers)), [2, 1, 3])
        self.assertEqual(max(numbers), 3)
        self.assertEqual(list(zip(numbers, "abc"))[0], (3, "a"))
        iterator = iter(numbers)
        self.assertEqual(next(iterator), 3)
        self.assertEqual(list(iterator), [1, 2])
        self.assertEqual(next(iterator, "end"), "end")
        self.assertEqual(list(emb.evaluate("(i for i in range(3))")), [0, 1, 2])
        with self.assertRaises(TypeError):
            iter(emb.Object(5))

    def test_text(self):
        value = emb.Object([1, "a"])
        self.assertEqual(str(value), "[1, 'a']")
        self.assertEqual(repr(value), "[1, 'a']")
        self.assertEqual("%s|%r" % (value, value), "[1, 'a']|[1, 'a']")
        self.assertEqual(f"{Thing():spec}", "thing:spec")
        self.assertEqual("{:.2f}".format(emb.Object(1.234)), "1.23")
        self.assertEqual("%d" % emb.Object(3), "3")
        self.assertEqual(bytes(emb.Object(b"ab")), b"ab")

    def test_numbers(self):
        three, half = emb.Object(3), emb.Object(0.5)
        self.assertEqual(int(three), 3)
        self.assertIs(type(int(three)), int)
        self.assertEqual(float(half), 0.5)
        self.assertEqual(complex(half), 0.5)
        self.assertEqual([10, 20, 30, 40][three], 40)
        self.assertEqual(int(emb.Object(2**100)), 2**100)
        self.assertEqual(operator.index(emb.Object(-(2**70))), -(2**70))
        self.assertEqual(round(emb.Object(2.567), 1), 2.6)
        self.assertEqual(round(emb.Object(2.567)), 3)
        self.assertEqual(math.floor(half), 0)
        self.assertEqual(math.ceil(half), 1)
        self.assertEqual(math.trunc(half), 0)
        self.assertEqual(math.cos(emb.Object(0)), 1)
        self.assertEqual(int(emb.Object("12")), 12)
        with self.assertRaises(TypeError):
            [1][half]
        with self.assertRaises(TypeError):
            float(emb.Object([]))

    def test_truth_hash_equality(self):
        self.assertFalse(emb.Object([]))
        self.assertTrue(emb.Object([0]))
        self.assertEqual(hash(emb.Object(5)), 5)
        self.assertEqual({emb.Object(5): "x"}[emb.Object(5)], "x")
        with self.assertRaises(TypeError):
            hash(emb.Object([]))
        self.assertTrue(emb.Object([1]) == [1])
        self.assertTrue([1] == emb.Object([1]))
        self.assertFalse(emb.Object([1]) == object())
        self.assertTrue(emb.Object([1]) != object())

    def test_operators(self):
        for name in "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor".split():
            function = getattr(operator, name)
            expected = function(13, 3)
            for left, right in ((13, 3), (emb.Object(13), 3), (13, emb.Object(3))):
                self.assertEqual(function(left, right), expected, name)
            in_place = getattr(operator, "i" + name.rstrip("_"), None) or getattr(
                operator, "i" + name.rstrip("_") + "_", None
            )
            if in_place:
                self.assertEqual(in_place(emb.Object(13), emb.Object(3)), expected, name)
        for name in "lt le eq ne gt ge".split():
            function = getattr(operator, name)
            for left, right in ((1, 2), (2, 1), (2, 2)):
                self.assertIs(function(emb.Object(left), right), function(left, right))
                self.assertIs(function(left, emb.Object(right)), function(left, right))
        for name in "neg pos abs invert".split():
            function = getattr(operator, name)
            self.assertEqual(function(emb.Object(-5)), function(-5))
        self.assertEqual(divmod(emb.Object(13), 3), (4, 1))
        self.assertEqual(divmod(13, emb.Object(3)), (4, 1))
        self.assertEqual(pow(emb.Object(3), 4, 5), 1)
        self.assertEqual(Thing() @ 2, ("matmul", 2))
        self.assertEqual(2 @ Thing(), ("rmatmul", 2))
        self.assertEqual(list([1] + emb.Object([2])), [1, 2])
        with self.assertRaises(TypeError):
            emb.Object(1) + object()
        with self.assertRaises(TypeError):
            emb.Object(1) + "a"

    def test_in_place_keeps_identity(self):
        numbers = same = emb.Object([1])
        numbers += [2]
        self.assertIs(numbers, same)
        self.assertEqual(list(same), [1, 2])
        count = emb.Object(1)
        count += 1
        self.assertEqual(count, 2)

    def test_with(self):
        with Thing() as thing:
            self.assertTrue(thing.entered)
        self.assertIsNone(thing.seen)
        with Thing() as thing:
            raise KeyError("swallowed")
        self.assertEqual(thing.seen.__name__, "KeyError")
        with self.assertRaises(ZeroDivisionError):
            with Thing() as thing:
                emb.evaluate("1/0")
        self.assertEqual(thing.seen.__name__, "ZeroDivisionError")
        with self.assertRaises(ArithmeticError):
            with Thing() as thing:
                raise ArithmeticError("of the host")

    def test_isinstance(self):
        view = emb.evaluate("memoryview")
        self.assertTrue(isinstance(emb.evaluate("memoryview(b'')"), view))
        self.assertTrue(isinstance(Thing(), Thing))
        self.assertFalse(isinstance("x", view))
        self.assertFalse(isinstance(object(), view))
        heir = emb.evaluate("type('Heir', (int,), {})")
        self.assertTrue(issubclass(heir, int) and issubclass(heir, object))
        if sys.implementation.name != "cpython":  # whose abstract classes want real ones
            self.assertTrue(issubclass(heir, numbers.Integral))
            self.assertFalse(issubclass(heir, str) or issubclass(heir, collections.abc.Sized))
            many = emb.evaluate("type('L', (list,), {})")
            self.assertTrue(issubclass(many, collections.abc.Iterable))
        self.assertEqual(heir.__bases__, (int,))

    def test_only_what_the_object_can(self):
        for source, abilities in (
            ("3 .conjugate", "Callable Hashable"),
            ("object()", "Hashable"),
            ("[1]", "Iterable Sized Container Reversible Collection"),
            ("iter([])", "Iterable Iterator Hashable"),
            ("(i for i in ())", "Iterable Iterator Generator Hashable"),
            ("{}", "Iterable Sized Container Reversible Collection"),
            ("object", "Callable Hashable"),
            ("__import__('enum').Enum('E', 'A')", "Callable Iterable Sized Container Hashable"
             " Reversible Collection"),
            ("__import__('pathlib').Path()", "Hashable"),
        ):  # fmt: skip
            value = emb.evaluate(source)
            with self.subTest(source):
                self.assertEqual(callable(value), "Callable" in abilities)
                for name in (
                    "Callable Iterable Iterator Sized Container Hashable Reversible Generator"
                    " Collection Awaitable"
                ).split():
                    has = isinstance(value, getattr(collections.abc, name))
                    self.assertEqual(has, name in abilities.split(), name)
        self.assertFalse(hasattr(Thing(), "__len__"))
        self.assertTrue(hasattr(Thing(), "__enter__"))
        with self.assertRaisesRegex(TypeError, "unhashable"):
            hash(emb.evaluate("[]"))
        with self.assertRaisesRegex(TypeError, "Thing.*not callable"):
            Thing()()
        self.assertEqual(float(emb.evaluate("type('S', (str,), {})('2.5')")), 2.5)

    def test_only_classes_have_heirs(self):
        # As in Python, where the class of the base is called for it.
        with self.assertRaisesRegex(TypeError, "takes from 1 to 2 positional arguments but 4"):

            class Sub(Thing()):
                pass

        with self.assertRaisesRegex(TypeError, "no class"):

            class Other(emb.Object(Thing())):
                pass

    def test_modules(self):
        self.assertEqual(emb.import_mod("os.path").basename("/a/b"), "b")
        self.assertAlmostEqual(emb.import_mod("math").pi, math.pi)
        for bad in (None, 3, b"x"):
            with self.assertRaises(TypeError):
                emb.import_mod(bad)
            with self.assertRaises(TypeError):
                emb.run(bad)

    def test_globals(self):
        space = emb.Object({})
        emb.run("x = 1\ny = x + 1", space)
        self.assertEqual(space["y"], 2)
        self.assertEqual(emb.evaluate("x + y", globals=space), 3)
        with self.assertRaises(TypeError):
            emb.run("x = 1", {})

    def test_more_names_than_are_kept(self):
        one = emb.evaluate("type('Open', (), {})()")
        names = ["n%d" % i for i in range(9000)] + ["__own__", "naïve", "_"]
        for value, name in enumerate(names):
            setattr(one, name, value)
        for _ in range(2):
            self.assertEqual([getattr(one, name) for name in names], list(range(len(names))))
        with self.assertRaises(AttributeError):
            one.n9000

    def test_free_function_of_released(self):
        value = emb.Object([1])
        emb.release(value)
        emb.release(value)
        with self.assertRaises(emb.BadHandle):
            len(value)
        with self.assertRaises(emb.Error):
            value.append(1)
        with self.assertRaises(TypeError):
            emb.release(3)
