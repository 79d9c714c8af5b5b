"""Objects of the host in Python: any that is not a plain value."""

import collections.abc
import dataclasses
import enum
import gc
import typing
import unittest
import weakref
from unittest import mock

import emb
from emb._abi import _memory

from . import on_pypy, settle

emb.run("import dataclasses")
same, is_same = emb.evaluate("lambda x: x"), emb.evaluate("lambda x, y: x is y")
call = emb.evaluate("lambda f, *args, **kwargs: f(*args, **kwargs)")


class Point:
    dimensions = 2

    def __init__(self, x, y=0):
        self.x, self.y = x, y

    def __add__(self, other):
        return Point(self.x + other, self.y)

    __radd__ = __add__

    def __eq__(self, other):
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __iter__(self):
        return iter((self.x, self.y))

    def __call__(self, factor):
        return self.x * factor

    @property
    def norm(self):
        return abs(self.x) + abs(self.y)


@dataclasses.dataclass
class Record:
    name: str
    value: float = 0.0


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Objects(unittest.TestCase):
    def test_text(self):
        self.assertEqual(str(emb.Object([Color.RED, {1: Record("a")}])),
                         str([Color.RED, {1: Record("a")}]))  # fmt: skip
        self.assertEqual(emb.evaluate("'{!r} {}'.format")(Color.RED, Color.RED), "<Color.RED: 1> Color.RED")
        self.assertIn("norm", emb.evaluate("dir")(Point(1)))

    def test_methods_are_found_without_being_asked_for(self):
        find = emb.evaluate(
            "lambda one, name: (lambda found: (type(found).__name__, found.__get__(one)(1).x))"
            "(__import__('inspect').getattr_static(one, name))"
        )
        self.assertEqual(find(Point(2), "__add__"), ("function", 3))

    def test_found_again_as_themselves(self):
        for value in (Point(1), Record("r"), Color.RED, object(), Point, Color):
            self.assertIs(same(value), value)
            kept = emb.Object({"key": [value]})
            self.assertIs(kept["key"][0], value)
            self.assertTrue(is_same(value, value))
        kept = emb.Object([Point(5)])
        gc.collect()
        self.assertEqual(kept[0].x, 5)

    def test_python_uses_them(self):
        look = emb.evaluate(
            "lambda p: (p.x, p.norm, p.dimensions, tuple(p), p(3), (p + 1).x, (1 + p).x, p == p,"
            " len({p, p}), type(p).__name__, type(p).dimensions, hasattr(p, 'no'))"
        )
        self.assertEqual(
            look(Point(2, -1)), (2, 3, 2, (2, -1), 6, 3, 3, True, 1, "Point", 2, False)
        )
        point = Point(1)
        emb.evaluate("setattr")(point, "x", 9)
        self.assertEqual(point.x, 9)
        made = call(Point, 4, y=5)
        self.assertIs(type(made), Point)
        self.assertEqual((made.x, made.y), (4, 5))
        self.assertTrue(emb.evaluate("lambda p, c: isinstance(p, c) and type(p) is c")(point, Point))

    @on_pypy("an object goes with the call that it was made for")
    def test_one_that_is_passed_again_is_ready(self):
        take, point, other = emb.evaluate("lambda p: None"), Point(1), Point(2)
        for _ in range(3):
            take(point)
        settle()
        before = _memory.crossings
        take(point)
        self.assertEqual(_memory.crossings - before, 1)
        self.assertEqual([call(lambda p: p.x, one) for one in (point, other, other, point)], [1, 2, 2, 1])
        seen = weakref.ref(point), weakref.ref(other)
        del point, other
        emb.collect()
        gc.collect()
        self.assertEqual([one() for one in seen], [None, None])

    def test_what_a_class_says_of_its_slots_and_that_it_has_no_module(self):
        class Empty:
            __slots__: tuple = ()
            __match_args__: tuple = ("a",)

        class Slotted(Empty):
            __slots__: tuple = ("a",)
            __hash__: object

        slotted = Slotted()
        slotted.a = 3
        same, look = emb.evaluate("lambda one: one"), emb.evaluate("lambda one: (one.a, hash(one) == hash(one))")
        self.assertIs(same(slotted), slotted)
        self.assertEqual(look(slotted), (3, True))
        nowhere = type("Nowhere", (), {"__module__": None, "a": 4})
        self.assertIs(same(nowhere()).__class__, nowhere)
        self.assertEqual(emb.evaluate("lambda kind: (kind().a, kind.__module__)")(nowhere), (4, None))
        failure = type("Failure", (Exception,), {"__module__": None})
        with self.assertRaises(failure):
            emb.evaluate("lambda failure: (_ for _ in ()).throw(failure)")(failure())

    def test_the_class_of_one_is_not_always_that_of_another(self):
        """What one object proves to be says nothing of others of a class that answers for itself."""

        class Shown:
            shown = None

            @property
            def __class__(self):
                return self.shown or Shown

        class Late:
            pass

        first, second = Shown(), Shown()
        second.shown = int
        kind_of = emb.evaluate("lambda one: isinstance(one, int)")
        self.assertEqual([kind_of(one) for one in (first, second, first)], [False, True, False])
        self.assertIs(same(Late()).__class__, Late)
        self.assertIs(same(Late()).__class__, Late)

    def test_one_that_python_has_made_is_one_of_the_host(self):
        """Without a constructor, as what loads objects from elsewhere does."""
        emb.run(
            """
def load(cls, **attributes):
    made = cls.__new__(cls)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made
def load_at_once(cls, **attributes):
    made = cls.__new__(cls)
    made.__dict__.update(attributes)
    return made, made.x, made + 1
"""
        )
        point = emb.evaluate("load")(Point, x=1, y=2)
        self.assertIs(type(point), Point)
        self.assertEqual((point.x, point.y, point + 1), (1, 2, Point(2, 2)))
        self.assertTrue(is_same(point, point))
        point, x, more = emb.evaluate("load_at_once")(Point, x=3, y=4)
        self.assertEqual((point.x, x, more), (3, 3, Point(4, 4)))
        self.assertIs(type(emb.evaluate("lambda cls: cls.__new__(cls)")(Point)), Point)

    def test_they_go_when_python_drops_them(self):
        import weakref

        point = Point(1)
        seen = weakref.ref(point)
        kept = emb.Object([point])
        del point
        gc.collect()
        self.assertIsNotNone(seen())
        emb.evaluate("lambda kept: kept.clear()")(kept)
        for _attempt in range(5):
            emb.collect()
        self.assertIsNone(seen())

    def test_iterators_are_asked_when_wanted(self):
        asked = []

        def endless():
            while True:
                asked.append(None)
                yield len(asked)

        first = emb.evaluate("lambda items, n: [x for x, _ in zip(items, range(n))]")
        self.assertEqual(list(first(endless(), 3)), [1, 2, 3])
        self.assertLess(len(asked), 6)

    def test_what_is_registered_as_a_sequence_is_iterated_over(self):
        @collections.abc.Sequence.register
        class Row:
            def __len__(self):
                return 2

            def __getitem__(self, index):
                return "ab"[index]

        look = emb.evaluate("lambda row: (hasattr(type(row), '__iter__'), list(row))")
        self.assertEqual(tuple(look(Row())), (True, ["a", "b"]))

    def test_fields_of_dataclasses(self):
        @dataclasses.dataclass
        class Part:
            odd: range(3)  # any expression
            count: int
            weight: float = 2.5
            record: Record = None
            names: list = dataclasses.field(default_factory=list, repr=False, metadata={"unit": "m"})

        fields = emb.evaluate(
            "lambda kind: [(f.name, f.type, f.default, f.default_factory, f.repr, dict(f.metadata))"
            " for f in dataclasses.fields(kind)]"
        )
        missing = emb.evaluate("dataclasses.MISSING")
        found = [tuple(one) for one in fields(Part)]
        self.assertEqual([one[0] for one in found], ["odd", "count", "weight", "record", "names"])
        self.assertEqual([one[1] for one in found[1:]], [int, float, Record, list])
        self.assertEqual([one[2] for one in found], [missing, missing, 2.5, None, missing])
        self.assertEqual([one[3] for one in found], [missing] * 4 + [list])
        self.assertEqual([(one[4], one[5]) for one in found[3:]], [(True, {}), (False, {"unit": "m"})])

    def test_c_code_reads_the_variables_of_a_dataclass(self):
        """As a dict, without a question."""
        record = Record("a", 1)
        read = emb.evaluate("lambda r: (dict.copy(vars(r)), len(vars(r)), sorted(vars(r)), isinstance(vars(r), dict))")
        known = vars(record)
        self.assertEqual(read(record), (known, len(known), sorted(known), True))
        emb.evaluate("lambda r: vars(r).update(more=3)")(record)
        self.assertEqual((record.more, dict(read(record)[0])["more"]), (3, 3))
        emb.evaluate("lambda r: vars(r).pop('more')")(record)
        self.assertFalse(hasattr(record, "more"))

    def test_dataclasses(self):
        look = emb.evaluate("lambda r: (dataclasses.is_dataclass(r), dataclasses.asdict(r))")
        is_one, values = look(Record("n", 2.0))
        self.assertTrue(is_one)
        self.assertEqual(dict(values), {"name": "n", "value": 2.0})

    def test_a_generic_class_is_no_base_that_its_objects_are_of(self):
        class Box(typing.Generic[typing.TypeVar("T")]):
            pass

        names = emb.evaluate("lambda box: (box.__class__.__name__, type(box).__name__)")
        self.assertEqual(names(Box()), ("Box", "Box"))

    def test_what_a_class_sets_to_none_it_has_not(self):
        class Counted:
            def __getitem__(self, index):
                return index

        class Closed(Counted):
            __iter__ = __hash__ = None

        emb.evaluate("iter")(Counted())
        for name in ("iter", "hash"):
            with self.assertRaises(TypeError):
                emb.evaluate(name)(Closed())

    def test_signatures_of_classes_have_annotations(self):
        class Plain:
            def __init__(self, a: int, b: "str" = "x"):
                pass

        class Strange:
            def __init__(self, a: bytes().__iter__(), b=1):
                pass

        signature = emb.evaluate("lambda x: str(__import__('inspect').signature(x))")
        self.assertEqual(signature(Plain), "(a: int, b: 'str' = 'x')")
        self.assertIn("b=1", signature(Strange))

    def test_a_call_of_a_class_that_fails_has_failed_where_it_is_written(self):
        emb.run(
            """
def names(cls, *args):
    try:
        cls(*args)
    except TypeError as error:
        trace, found = error.__traceback__, []
        while trace is not None:
            found.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
        return found
"""
        )

        class Failing:
            def __init__(self, what):
                raise TypeError(what)

            def __call__(self):
                return "called"

        self.assertEqual(list(emb.evaluate("names")(Failing, 1, 2)), ["names"])
        self.assertEqual(list(emb.evaluate("names")(Failing, 1)), ["names", "__init__"])
        called = emb.evaluate("lambda cls, value: cls.__call__(value)")
        self.assertEqual(called(Failing, Failing.__new__(Failing)), "called")
        self.assertEqual(emb.evaluate("lambda cls: type(cls).__call__(cls, 1)")(Point), Point(1))

    def test_constructors_of_objects_can_be_read(self):
        shown = emb.evaluate("lambda x: str(__import__('inspect').signature(x.__init__))")
        self.assertEqual(shown(Point(1)), "(x, y=0)")
        self.assertEqual(shown(Point), "(self, x, y=0)")
        point = Point(1, 2)
        emb.evaluate("lambda x: x.__init__(3, y=4)")(point)
        self.assertEqual((point.x, point.y), (3, 4))

    def test_functions_of_a_class_take_all_arguments_by_name(self):
        class Plain:
            def twice(data, factor=2):
                return data * factor

        class Heir(emb.evaluate("type('Base', (), {})")):
            def twice(data, factor=2):
                return data * factor

        call = emb.evaluate("lambda kind: (kind.twice(data=3), kind.twice(factor=3, data=3), kind.twice(4))")
        self.assertEqual(call(Plain), (6, 9, 8))
        self.assertEqual(call(Heir), (6, 9, 8))
        with self.assertRaisesRegex(TypeError, "missing 1 required positional argument: 'data'"):
            emb.evaluate("lambda kind: kind.twice()")(Plain)

    def test_signatures_of_instances_are_those_of_call(self):
        class Called:
            def __init__(self, other=1):
                pass

            def __call__(self, intermediate_result, *, b=2):
                return intermediate_result, b

        class Silent:
            pass

        signature = emb.evaluate("lambda x: str(__import__('inspect').signature(x))")
        self.assertEqual(signature(Called()), "(intermediate_result, *, b=2)")
        self.assertEqual(signature(Called), "(other=1)")
        self.assertFalse(emb.evaluate("lambda x: hasattr(x, '__signature__')")(Silent()))

    def test_the_dict_of_a_class_has_names_like_special_ones(self):
        class Plain:
            __tablename__ = "plain"
            __options__ = {"a": 1}

        look = emb.evaluate(
            "lambda c: tuple(c.__dict__[one] for one in ('__tablename__', '__module__', '__doc__'))"
            " + (dict(c.__dict__['__options__']), '__hash__' in c.__dict__)"
        )
        self.assertEqual(look(Plain)[:3], ("plain", __name__, None))
        self.assertEqual(dict(look(Plain)[3]), {"a": 1})
        self.assertFalse(look(Plain)[4])

    def test_mocks(self):
        one = mock.MagicMock(return_value=5)
        self.assertIs(same(one), one)
        self.assertEqual(call(one, 1, a=2), 5)
        one.assert_called_once_with(1, a=2)
        library = emb.import_mod("textwrap")
        for more in ({}, {"autospec": True}):
            with mock.patch.object(library, "dedent", **more) as dedent:
                dedent.return_value = "mocked"
                self.assertEqual(emb.evaluate("lambda m: m.dedent(' x')")(library), "mocked")
                self.assertEqual(dedent.call_count, 1)
            self.assertEqual(library.dedent(" x"), "x")

    def test_what_has_a_path(self):
        class File:
            def __fspath__(self):
                return "/tmp/file"

        file, fspath = File(), emb.evaluate("__import__('os').fspath")
        self.assertEqual(fspath(file), "/tmp/file")
        self.assertIs(same(file), file)

    def test_what_python_sets_on_a_class(self):
        class Plain:
            pass

        emb.run(
            "def decorate(cls):\n"
            "    cls.mark = 5\n"
            "    cls.twice = lambda self: 2 * self.mark\n"
            "    return cls"
        )
        self.assertIs(emb.evaluate("decorate")(Plain), Plain)
        self.assertEqual((Plain.mark, Plain().twice()), (5, 10))
        self.assertEqual(emb.evaluate("lambda p: p.twice()")(Plain()), 10)
        emb.evaluate("lambda cls: delattr(cls, 'mark')")(Plain)
        self.assertFalse(hasattr(Plain, "mark"))

    def test_a_class_whose_documentation_is_for_a_descriptor_of_python_s(self):
        space = emb.Object({})
        emb.run(
            "class Documentation:\n"
            "    def __get__(self, instance, owner):\n"
            "        return 'what %s is' % owner.__name__ if instance is None else 'one'\n",
            space,
        )

        class Own:
            __doc__ = space["Documentation"]()

        self.assertEqual((Own.__doc__, Own().__doc__), ("what Own is", "one"))
