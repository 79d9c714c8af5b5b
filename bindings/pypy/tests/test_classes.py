"""Classes of the host that derive from Python's, and the class that a proxy shows."""

import abc
import array
import collections
import collections.abc
import enum
import gc
import inspect
import numbers
import types
import typing
import unittest
import weakref

import emb

from . import needs_numpy

space = emb.Object({})
emb.run(
    """
import inspect

class Root:
    kind = "root"
    made = []
    def __init_subclass__(cls, tag=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.tag = tag
        Root.made.append(cls.__name__)
    def __init__(self, name="nobody", *, size=0):
        self.name, self.size = name, size
    def describe(self):
        return "%s %s of %s" % (self.kind, self.name, self.where())
    def where(self):
        return "Python"
    @property
    def double(self):
        return 2 * self.size
    @classmethod
    def create(cls, *args):
        return cls(*args)
    def __len__(self):
        return self.size
    def __add__(self, other):
        return NotImplemented if isinstance(other, str) else self.size + other

class Left(Root):
    def where(self):
        return "Left " + super().where()

class Right(Root):
    def where(self):
        return "Right " + super().where()

same = lambda x: x
is_same = lambda x, y: x is y
call = lambda f, *args, **kwargs: f(*args, **kwargs)
signature = lambda f: str(inspect.signature(f))
source = lambda x, name: inspect.getsource(getattr(x, name))
""",
    space,
)
Root, Left, Right = space["Root"], space["Left"], space["Right"]
same, is_same, call, signature = [space[one] for one in ("same", "is_same", "call", "signature")]


class Heir(Root, tag="t"):
    "An heir."

    kind = "heir"
    count = 0

    def __init__(self, name, extra=None):
        super().__init__(name, size=3)
        self.extra = extra

    def where(self):
        return "host, " + super().where()

    def __len__(self):
        return super().__len__() + 10

    def __add__(self, other):
        return super().__add__(other)

    def __repr__(self):
        return "<Heir %s>" % self.name

    @property
    def double(self):
        return super().double + 1

    @double.setter
    def double(self, value):
        self.size = value // 2

    @classmethod
    def create(cls, *args):
        return super().create("made " + args[0])

    @staticmethod
    def helper(x):
        return x + 1


class Inheritance(unittest.TestCase):
    def test_what_the_constructor_keeps_is_what_it_was_given(self):
        """scikit-learn's clone() looks whether it is."""

        class Keeps(emb.evaluate("type('Base', (), {})")):
            def __init__(self, given):
                self.given = given

        kept = emb.evaluate("lambda kind, text: (one := eval(text), kind(one).given is one)[1]")
        texts = ["0.1 * 3", "10**20", "1j * 2", "'a b' * 2", "b'c' * 30", "(1, [2])[:1] * 2", "(0.5, 'x y' * 2)"]
        texts.append("slice(3)")
        for of_module in (
            "collections.namedtuple('Point', 'x y')(1, 2)", "datetime.date(2020, 5, 1)",
            "datetime.datetime(2020, 5, 1)", "datetime.timedelta(1.5)", "decimal.Decimal('0.1')", "fractions.Fraction(1, 3)", "pathlib.Path('a')",
            "uuid.UUID(int=5)", "ipaddress.ip_address('1.1.1.1')",
        ):
            texts.append("__import__('%s').%s" % tuple(of_module.split(".", 1)))
        for text in texts:
            self.assertTrue(kept(Keeps, text), text)

    def test_a_copy_that_the_constructor_makes_is_another(self):
        class Copies(emb.evaluate("type('Base', (), {})")):
            def __init__(self, given):
                self.given = given.copy()

        kept = emb.evaluate("lambda kind, text: (one := eval(text), kind(one).given is one)[1]")
        for text in ("[1]", "{1: 2}", "{3}", "__import__('types').SimpleNamespace(copy=lambda: [])"):
            self.assertFalse(kept(Copies, text), text)

    def test_what_a_property_of_the_metaclass_gives(self):
        space = emb.Object({})
        emb.run(
            "class Meta(type):\n"
            "    size = property(lambda cls: len(cls.__name__))\n"
            "class Base(metaclass=Meta):\n"
            "    size = property(lambda self: -1)\n",
            space,
        )

        class Derived(space["Base"]):
            pass

        self.assertEqual((Derived.size, Derived().size), (7, -1))

    def test_attributes_that_python_has_only_a_likeness_of(self):
        class Level(enum.IntEnum):
            LOW = 1

        class Point(collections.namedtuple("Point", "x y")):
            pass

        emb.run("class Shelf:\n  def total(self): return sum(self.counts.values())\n")

        class Heir(emb.evaluate("Shelf")):
            kinds = collections.OrderedDict(a=1)
            level = None

            def __init__(self):
                self.counts = collections.defaultdict(int)
                self.queue = collections.deque([1, 2], maxlen=2)
                self.point = Point(1, [2])
                self.level = Level.LOW
                self.raw = array.array("d", [1.0])

            def check(self, test):
                self.counts["x"] += 1
                self.queue.append(3)
                test.assertEqual(self.queue[-1], 3)
                test.assertIs(type(self.point), Point)
                test.assertIs(self.level, Level.LOW)
                test.assertEqual(self.raw.typecode, "d")
                self.kinds.move_to_end("a")
                return self

        heir = Heir()
        heir.check(self)
        # Where nobody of the host holds it in between.
        box = emb.evaluate("lambda x: [x]")(heir)
        del heir
        emb.collect()
        box[0].check(self)
        self.assertEqual(box[0].counts, {"x": 2})
        Heir.kinds.move_to_end("a")
        emb.evaluate("lambda x: setattr(x, 'counts', {'y': 5})")(box[0])
        self.assertEqual(dict(box[0].counts), {"y": 5})
        self.assertEqual(box[0].total(), 5)
        box[0].level = Level.LOW
        emb.evaluate("lambda x: setattr(x, 'level', 2)")(box[0])
        self.assertIs(type(box[0].level), int)
        Heir.kinds = collections.Counter("ab")
        self.assertEqual(Heir.kinds.most_common(1), [("a", 1)])
        # It goes with Python's object.
        witness = weakref.ref(box[0].queue)
        self.assertIsNotNone(witness())
        del box[0]
        emb.collect()
        emb.collect()
        self.assertIsNone(witness())

    def test_methods_on_both_sides(self):
        heir = Heir("h")
        self.assertEqual(heir.describe(), "heir h of host, Python")
        self.assertEqual(call(Root.describe, heir), "heir h of host, Python")
        self.assertEqual(call(emb.evaluate("len"), heir), 13)
        self.assertEqual((len(heir), repr(heir), str(emb.Object([heir]))),
                         (13, "<Heir h>", "[<Heir h>]"))  # fmt: skip
        self.assertEqual((heir + 1, call(emb.evaluate("lambda h: h + 2"), heir)), (4, 5))
        with self.assertRaises(TypeError):
            heir + "x"

    def test_instances_are_made_by_either_side(self):
        for heir in (Heir("x", extra=[1]), call(Heir, "x", extra=[1])):
            self.assertIs(type(heir), Heir)
            self.assertEqual((heir.name, list(heir.extra), heir.size), ("x", [1], 3))
        for heir in (Heir.create("y"), call(emb.evaluate("lambda c: c.create('y')"), Heir)):
            self.assertIs(type(heir), Heir)
            self.assertEqual(heir.name, "made y")

    def test_classes_of_instances(self):
        heir = Heir("h")
        self.assertIsInstance(heir, Heir)
        self.assertIsInstance(heir, Root)
        self.assertNotIsInstance(heir, Left)
        self.assertNotIsInstance(Root(), Heir)
        self.assertNotIsInstance(3, Heir)
        self.assertTrue(issubclass(Heir, Root) and not issubclass(Heir, Left))
        self.assertIs(heir.__class__, Heir)
        self.assertTrue(emb.evaluate("isinstance")(heir, Root))
        self.assertTrue(call(emb.evaluate("lambda h, c: type(h) is c"), heir, Heir))

    def test_identity(self):
        heir = Heir("h")
        self.assertIs(same(heir), heir)
        self.assertIs(emb.Object([heir])[0], heir)
        self.assertIs(same(Heir), Heir)
        self.assertTrue(is_same(heir, heir))
        kept = emb.Object([heir])
        del heir
        gc.collect()
        self.assertEqual(kept[0].name, "h")
        self.assertIs(type(kept[0]), Heir)

    def test_attributes_are_seen_by_both_sides(self):
        heir = Heir("h")
        heir.count += 1
        self.assertEqual((heir.count, Heir.count), (1, 0))
        self.assertEqual(call(emb.evaluate("lambda h: h.count"), heir), 1)
        emb.evaluate("setattr")(heir, "name", "new")
        self.assertEqual(heir.name, "new")
        thing = object()
        heir.thing = thing
        self.assertIs(heir.thing, thing)
        heir.where = lambda: "elsewhere"
        self.assertEqual((heir.where(), heir.describe()), ("elsewhere", "heir new of elsewhere"))
        del heir.where, heir.thing
        self.assertEqual(heir.where(), "host, Python")
        self.assertFalse(hasattr(heir, "thing"))
        Heir.later = 5
        self.assertEqual((heir.later, call(emb.evaluate("lambda h: h.later"), heir)), (5, 5))
        del Heir.later
        self.assertFalse(hasattr(heir, "later"))

    def test_properties(self):
        heir = Heir("h")
        read = emb.evaluate("lambda h: h.double")
        self.assertEqual((heir.double, read(heir)), (7, 7))
        heir.double = 8
        self.assertEqual((heir.size, heir.double), (4, 9))
        emb.evaluate("setattr")(heir, "double", 10)
        self.assertEqual(heir.size, 5)

    def test_generic_classes_and_annotations(self):
        T = typing.TypeVar("T")
        emb.run("class Model: pass")

        class Box(emb.evaluate("Model"), typing.Generic[T]):
            @property
            def size(self) -> int:
                return 3

            def put(self, what: "str", more: typing.Optional[int] = None) -> None:
                pass

        self.assertEqual(repr(Box[int]), repr(Box).split("'")[1] + "[int]")
        notes = emb.evaluate("lambda c: (c.size.fget.__annotations__, c.put.__annotations__)")(Box)
        self.assertEqual([repr(one) for one in notes], [
            "{'return': <class 'int'>}",
            "{'what': 'str', 'more': typing.Optional[int], 'return': None}",
        ])  # fmt: skip
        self.assertEqual(emb.evaluate("lambda c: c.__parameters__[0].__name__")(Box), "T")

        class Full(Box[int]):
            pass

        self.assertEqual(Full().size, 3)

    def test_class_attributes_keywords_and_documentation(self):
        self.assertEqual((Heir.kind, Heir.tag, Heir.helper(1), Heir.__doc__),
                         ("heir", "t", 2, "An heir."))  # fmt: skip
        self.assertIn("Heir", list(Root.made))
        seen = emb.evaluate("lambda c: (c.kind, c.tag, c.helper(1), c.__doc__, c.__name__)")
        self.assertEqual(seen(Heir), ("heir", "t", 2, "An heir.", "Heir"))
        self.assertEqual(signature(Heir), "(name, extra=None)")

    def test_the_source_of_a_method(self):
        source = space["source"]
        self.assertEqual(source(Heir("x"), "where"), inspect.getsource(Heir.where))
        self.assertEqual(source(Heir, "helper"), inspect.getsource(Heir.helper))

    def test_several_bases(self):
        class Mixin:
            def where(self):
                return "Mixin " + super().where()

        class Both(Mixin, Left, Right):
            def where(self):
                return "Both " + super().where()

        both = Both("b")
        self.assertEqual(both.where(), "Both Mixin Left Right Python")
        self.assertEqual(both.describe(), "root b of Both Mixin Left Right Python")

        class Grandchild(Both):
            def where(self):
                return "G " + super().where()

        self.assertEqual(Grandchild("g").describe(), "root g of G Both Mixin Left Right Python")
        self.assertIsInstance(Grandchild("g"), Both)

    def test_bases_called_by_name(self):
        class Old(Root):
            def __init__(self, name):
                Root.__init__(self, name, size=4)

            def where(self):
                return "old " + Root.where(self)

        self.assertEqual(Old("o").describe(), "root o of old Python")
        self.assertEqual(len(Old("o")), 4)

    def test_exceptions_in_methods(self):
        class Failing(Root):
            def where(self):
                raise KeyError("deep")

        with self.assertRaises(KeyError) as caught:
            Failing().describe()
        self.assertEqual(caught.exception.args, ("deep",))

    def test_abstract_classes_of_both_sides(self):
        class Abstract(Root, abc.ABC):
            pass

        self.assertEqual(Abstract("a").name, "a")

    @needs_numpy
    def test_arrays(self):
        np = emb.import_mod("numpy")

        class Named(np.ndarray):
            def __new__(cls, values, label):
                made = np.asarray(values).view(cls)
                made.label = label
                return made

            def __array_finalize__(self, other):
                if other is not None:
                    self.label = getattr(other, "label", None)

        named = Named([1.0, 2.0], "x")
        self.assertIs(type(named), Named)
        self.assertEqual(((named + 1).label, list(named + 1)), ("x", [2.0, 3.0]))


class Shown(unittest.TestCase):
    """What a proxy says of its class."""

    def test_builtin_classes(self):
        for value in ([1], {"a": 1}, {1}, frozenset({1}), range(3)):
            self.assertIsInstance(emb.Object(value), type(value))
        self.assertNotIsInstance(emb.Object([1]), (dict, str, int))
        self.assertTrue(inspect.isclass(Root) and inspect.ismodule(emb.import_mod("json")))
        self.assertFalse(inspect.isclass(Root()))
        number = emb.evaluate("type('Number', (float,), {})(2.5)")
        self.assertIsInstance(number, float)
        self.assertIsInstance(number, numbers.Real)
        self.assertIsInstance(emb.Object([]), collections.abc.Iterable)

    def test_classes_of_the_standard_library(self):
        for value in (collections.OrderedDict(a=1), collections.deque([1]), collections.Counter("a")):
            self.assertIsInstance(emb.Object(value), type(value))
        self.assertIsInstance(Root.where.__code__, types.CodeType)
        self.assertIs(same(...), ...)

    def test_source_of_python_s_functions(self):
        self.assertIn("def dumps(", inspect.getsource(emb.import_mod("json").dumps))

    def test_other_classes(self):
        root = Root("r")
        self.assertEqual(root.__class__, Root)
        self.assertIs(root.__class__, Root("s").__class__)
        self.assertEqual(root.__class__.__name__, "Root")
        self.assertEqual(root.__class__("t").name, "t")
        self.assertIsInstance(root, root.__class__)

    def test_descriptors_take_an_instance_alone(self):
        five = emb.evaluate("property(lambda self: 5)")
        self.assertEqual((five.__get__(3), five.__get__(3, int)), (5, 5))

    def test_signatures(self):
        found = inspect.signature(Root)
        self.assertEqual(str(found), "(name='nobody', *, size=0)")
        self.assertEqual(found.parameters["size"].default, 0)
        emb.run("def noted(a, b: int) -> float: pass")
        found = inspect.signature(emb.evaluate("noted"))
        self.assertEqual(str(found), "(a, b: int) -> float")
        self.assertEqual(str(found.replace(parameters=list(found.parameters.values())[1:])), "(b: int) -> float")

    @needs_numpy
    def test_exception_classes_are_the_host_s(self):
        np = emb.import_mod("numpy")
        try:
            np.linalg.inv(np.zeros((2, 2)))
        except np.linalg.LinAlgError as error:
            self.assertIs(type(error), np.linalg.LinAlgError)
        with self.assertRaises(np.linalg.LinAlgError) as caught:
            raise np.linalg.LinAlgError("mine")
        self.assertEqual(str(caught.exception), "mine")
