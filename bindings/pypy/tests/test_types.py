"""A class of Python is one class of the host, whether it comes itself or is that of an object."""

import abc
import collections
import collections.abc
import copy
import datetime
import functools
import inspect
import pickle
import unittest
import unittest.mock

import emb

from . import needs_numpy

space = emb.Object({})
emb.run(
    """
import abc, enum

class Meta(type):
    def __add__(cls, other):
        return (cls.__name__, other)
    def __contains__(cls, item):
        return item == 1

class Plain:
    kind = "plain"
    def __init__(self, x=0):
        self.x = x
    def __eq__(self, other):
        return isinstance(other, Plain) and self.x == other.x
    def __hash__(self):
        return hash(self.x)
    @classmethod
    def make(cls):
        return cls(5)

class Derived(Plain):
    def register(self, what):
        return "registered " + what

class Odd(metaclass=Meta):
    pass

class Asked(abc.ABC):
    @abc.abstractmethod
    def go(self): "Goes."

class Color(enum.Enum):
    RED = 1
    BLUE = 2

class Table(dict):
    pass

def many():
    "New classes, of whose objects nobody knows, and then text that nobody else has."
    made = tuple(type("Made%d" % i, (), {})() for i in range(60))
    return made + ("-".join(map(str, range(50))), (7, "-".join(map(str, range(40)))))
""",
    space,
)
Plain, Derived, Odd, Asked, Color, Table = [
    space[one] for one in "Plain Derived Odd Asked Color Table".split()
]


class Types(unittest.TestCase):
    def test_the_class_of_an_object_is_the_class(self):
        for kind in (Plain, Derived, Odd):
            one = kind()
            self.assertIs(type(one), kind)
            self.assertIs(one.__class__, kind)
            self.assertIs(type(one), type(kind()))
            self.assertIsInstance(one, kind)
        self.assertIs(Derived.__bases__[0], Plain)
        self.assertEqual(Derived.__mro__, (Derived, Plain, object))
        self.assertIs(type(Derived.make()), Derived)
        self.assertIs(emb.evaluate("lambda x: type(x)")(Plain()), Plain)

    @needs_numpy
    def test_classes_of_numpy(self):
        np = emb.import_mod("numpy")
        for value, kind in (
            (np.arange(3), np.ndarray), (np.float64(1), np.float64), (np.arange(2)[1], np.int64),
            (np.bool_(1), np.bool_), (np.str_("a"), np.str_), (np.dtype("f4").type(1), np.float32),
            (np.add, np.ufunc),
        ):  # fmt: skip
            with self.subTest(kind):
                self.assertIs(type(value), kind)
                self.assertTrue(type(value) in (kind, list))
                self.assertIsInstance(value, kind)
        self.assertIs(np.arange(3.0).dtype.type, np.float64)
        self.assertTrue(issubclass(np.float64, (np.floating, float)))
        self.assertFalse(issubclass(np.float32, float))

    def test_it_is_a_class_like_any_other(self):
        self.assertTrue(isinstance(Plain, type) and inspect.isclass(Plain) and callable(Plain))
        self.assertIsInstance(Plain, emb.Object)
        self.assertEqual((Plain.__name__, Plain.__module__, Plain.kind), ("Plain", "builtins", "plain"))
        self.assertEqual(repr(Plain), "<class 'Plain'>")
        self.assertEqual(str(inspect.signature(Plain)), "(x=0)")
        Plain.later = 3
        self.assertEqual((Plain.later, Derived().later), (3, 3))
        del Plain.later
        self.assertFalse(hasattr(Plain, "later"))
        self.assertEqual({Plain: 1, Derived: 2}[type(Derived())], 2)
        self.assertIs(copy.deepcopy([Plain])[0], Plain)
        self.assertEqual(Plain.__eq__(Plain(1), Plain(1)), True)
        self.assertTrue(issubclass(Derived, Plain) and not issubclass(Plain, Derived))
        self.assertFalse(issubclass(int, Plain))
        self.assertIs(emb.Object([Plain])[0], Plain)

    def test_what_its_own_class_can(self):
        self.assertEqual((Odd + 2, 1 in Odd, 2 in Odd), (("Odd", 2), True, False))
        self.assertEqual([one.name for one in Color], ["RED", "BLUE"])
        self.assertEqual((len(Color), Color["RED"] is Color.RED, Color(2).name), (2, True, "BLUE"))
        self.assertIsInstance(Color, collections.abc.Iterable)
        for take in (len, iter, lambda x: x[0]):
            self.assertRaises(TypeError, take, Plain)
        self.assertFalse(hasattr(Plain, "__iter__"))
        self.assertNotIsInstance(Plain, collections.abc.Iterable)
        self.assertFalse(hasattr(Plain, "register"))
        for _ in range(2):
            self.assertEqual(Derived().register("me"), "registered me")
        Asked.register(Derived)
        self.assertTrue(issubclass(Derived, Asked))

    def test_classes_of_the_host_derive_from_it(self):
        class Mixin(abc.ABC):
            @abc.abstractmethod
            def mixed(self):
                "Is mixed."

        class Own(Plain):
            pass

        class Both(Own, Mixin, Asked):
            def go(self):
                return "goes"

            def mixed(self):
                return "mixed"

        class OfOdd(Odd):
            pass

        both = Both(3)
        self.assertIs(type(both), Both)
        self.assertEqual((both.x, both.go(), both.mixed()), (3, "goes", "mixed"))
        for kind in (Own, Mixin, Asked, Plain):
            self.assertTrue(isinstance(both, kind) and issubclass(Both, kind))
        self.assertNotIsInstance(Plain(), Own)
        self.assertFalse(issubclass(Plain, Own))
        self.assertEqual(OfOdd + 1, ("OfOdd", 1))

    def test_dispatch_on_classes(self):
        @functools.singledispatch
        def name(value):
            return "other"

        name.register(Plain, lambda value: "plain")
        self.assertEqual((name(Derived()), name(Odd()), name(3)), ("plain", "other", "other"))

    @needs_numpy
    def test_containers_of_the_library(self):
        emb.run("import collections\nclass Tally(collections.Counter): pass\nclass Names(collections.OrderedDict): pass")
        tally, names = emb.evaluate("Tally('aab')"), emb.evaluate("Names(a=1)")
        self.assertIsInstance(tally, collections.Counter)
        self.assertIsInstance(names, collections.OrderedDict)
        self.assertNotIsInstance(tally, collections.OrderedDict)
        self.assertIsInstance(tally, dict)
        self.assertIsInstance(emb.evaluate("type('Last', (collections.deque,), {})()"), collections.deque)

    def test_what_only_says_that_it_is_a_function_is_bound_in_its_own_way(self):
        emb.run(
            "class Wrapper:\n"
            "  def __init__(self, f): self.f = f\n"
            "  __class__ = property(lambda self: type(self.f))\n"
            "  def __call__(self, *args): return ('called', *args)\n"
            "  def __getattr__(self, name): return getattr(self.f, name)\n"
            "  def __get__(self, instance, owner): return lambda *args: ('bound', *args)\n"
        )

        class Own:
            work = emb.evaluate("Wrapper")(emb.evaluate("lambda self: 1"))

        self.assertEqual(Own().work(1), ("bound", 1))

    def test_instances_that_show_another_class(self):
        emb.run(
            "class Shows:\n"
            "  def __init__(self, held): self.held = held\n"
            "  __class__ = property(lambda self: type(self.held))\n"
        )

        class Own(emb.evaluate("Shows")):
            def __init__(self, held):
                super().__init__(held)
                self.count = 1

            def seen(self):
                return type(self) is Own

        own = Own([1])
        self.assertIs(type(own), Own)
        self.assertEqual((own.count, own.seen()), (1, True))
        self.assertIs(emb.evaluate("lambda x: x.seen()")(own), True)

    def test_objects_that_say_of_what_class_they_are(self):
        kind = emb.evaluate("type('Theirs', (), {})")
        mock = unittest.mock.Mock(spec=kind)
        self.assertIsInstance(mock, kind)
        self.assertIs(emb.evaluate("lambda x, kind: isinstance(x, kind)")(mock, kind), True)
        self.assertNotIsInstance(unittest.mock.Mock(), kind)

    @needs_numpy
    def test_a_scalar_class_with_a_dtype_of_its_own(self):
        odd = emb.evaluate("type('Odd', (__import__('numpy').void,), {'dtype': 'f,f'})")
        self.assertEqual(odd(b'ab').nbytes, 2)

    @needs_numpy
    def test_pickles(self):
        for kind in (emb.import_mod("numpy").ndarray, emb.import_mod("numpy").float64):
            self.assertIs(pickle.loads(pickle.dumps(kind)), kind)

    def test_classes_with_a_builtin_base_are_seen_as_such(self):
        self.assertTrue(issubclass(Table, dict))
        self.assertIsInstance(Table(), dict)
        self.assertTrue(type(Table()) == Table)

    def test_many_new_classes_in_one_tuple(self):
        for _ in range(3):
            *made, text, (seven, more) = space["many"]()
            names = [type(one).__name__ for one in made]
            self.assertEqual(names, ["Made%d" % i for i in range(60)])
            self.assertEqual((text[:5], text[-5:]), ("0-1-2", "48-49"))
            self.assertEqual((seven, more[-5:]), (7, "38-39"))

    def test_classes_without_a_module(self):
        made = emb.import_mod("operator").mul(emb.import_mod("ctypes").c_int, 2)(1, 2)
        self.assertEqual(list(made), [1, 2])
        self.assertEqual(type(made).__name__, "c_int_Array_2")

    def test_what_classes_have_for_their_instances(self):
        emb.run(
            "class Sized(list):\n"
            "  def __len__(self): return 42\n"
            "  def __add__(self, other): return ('added', other)\n"
            "  def __call__(self, x): return ('called', x)\n"
            "  def __hash__(self): return 7\n"
        )
        kind = emb.evaluate("Sized")
        value = kind()
        self.assertEqual(kind.__len__(value), 42)
        self.assertEqual(kind.__add__(value, 1), ("added", 1))
        self.assertEqual(kind.__call__(value, 2), ("called", 2))
        self.assertEqual(kind.__hash__(value), 7)
        self.assertEqual(kind.__repr__(value), "[]")
        self.assertEqual(len(kind.__new__(kind)), 42)
        self.assertEqual(kind.__eq__(value, []), True)
        self.assertEqual(kind.__name__, "Sized")
        self.assertTrue(kind == kind and hash(kind) == hash(emb.evaluate("Sized")))
        self.assertIs(pickle.loads(pickle.dumps(emb.evaluate("memoryview"))) == emb.evaluate("memoryview"), True)
        with self.assertRaises(TypeError):
            emb.evaluate("property")["x"]

    def test_what_a_class_derives_from(self):
        kind = emb.evaluate("type('Last', (type('First', (), {}),), {})")
        self.assertEqual([one.__name__ for one in kind.mro()], ["Last", "First", "object"])

    def test_those_that_both_have(self):
        """They are the host's wherever Python says them."""
        same = emb.evaluate("lambda x: x")
        for kind in (int, bool, str, tuple, list, dict, set, object, type, slice, map, reversed, type(None)):
            with self.subTest(kind):
                self.assertIs(same(kind), kind)
                self.assertIs(emb.evaluate(kind.__name__ if kind is not type(None) else "type(None)"), kind)
                self.assertIs(emb.Object({"kind": kind})["kind"], kind)
        self.assertIsInstance(emb.evaluate("zip([1], [2])"), zip)
        self.assertEqual([*same(map)(emb.evaluate("len"), [[1], []])], [1, 0])
        self.assertIs(same(collections.OrderedDict), collections.OrderedDict)
        self.assertIs(same(datetime.datetime), datetime.datetime)
        self.assertIs(same(datetime.date), datetime.date)
        annotated = emb.evaluate("type('Annotated', (), {'__annotations__': {'size': int, 'text': str}})")
        self.assertEqual(dict(annotated.__annotations__), {"size": int, "text": str})
        self.assertIs(annotated.__annotations__["size"], int)
        self.assertEqual([one.__name__ for one in emb.evaluate("[1, 'a', []].__class__, type(1.5)")], ["list", "float"])
        self.assertIs(emb.evaluate("type('Heir', (dict,), {})").__bases__[0], dict)
