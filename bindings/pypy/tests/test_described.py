"""What annotations and declarations of the program say, in Python's words."""

import dataclasses
import functools
import typing
import unittest

import emb
from tests import on_another
from tests.programs import Program

_space = emb.Object({})
emb.run(
    '''
import dataclasses, inspect, types, typing
def of_class(cls):
    first = cls.__annotations__
    return dict(first), dict(cls.__annotations__), typing.get_type_hints(cls)
def kinds(cls):
    return {name: (one._field_type.name, getattr(one.type, "__name__", "")) for name, one in cls.__dataclass_fields__.items()}
def typed(cls):
    meta = type(typing.TypedDict("Any", {}))
    return type(cls) is meta, issubclass(cls, dict), dict(cls.__annotations__), cls.__required_keys__, cls.__total__
def named(cls):
    return dict(cls.__annotations__), cls.__orig_bases__ == (typing.NamedTuple,), cls._field_defaults
def anew(function):
    "As typeguard does it: what stands in annotations is looked at where the function runs."
    source = compile("def look(x): return Point, Movie, Circle", "", "exec").co_consts[0]
    return types.FunctionType(source, function.__globals__)(1)[0]
class Entry:
    "What stands for something else among bases, as the TypedDict of typing_extensions does."
    def __mro_entries__(self, bases):
        return (Behind,)
class Behind: pass
entry = Entry()
def originals(cls):
    return cls.__bases__ == (Behind,), cls.__orig_bases__ == (entry,)
''',
    _space,
)
of_class, kinds, typed, named, anew, originals, entry = [
    _space[name] for name in "of_class kinds typed named anew originals entry".split()
]
evaluate = functools.partial(emb.evaluate, globals=_space)


class Movie(typing.TypedDict):
    name: str


class Seen(Movie, total=False):
    by: typing.List["Point"]


class Point(typing.NamedTuple):
    x: int
    y: typing.Optional[int] = 3


@dataclasses.dataclass
class Circle:
    centre: Point
    scale: dataclasses.InitVar[int] = 1
    sides: typing.ClassVar[int] = 0


UserId = typing.NewType("UserId", int)


def uses(given: Point) -> Movie:
    found: Circle = given
    return found


class Described(unittest.TestCase):
    def test_annotations_of_a_class_whenever_they_are_asked_for(self):
        first, again, hints = of_class(Circle)
        self.assertEqual(list(first), ["centre", "scale", "sides"])
        self.assertEqual(list(again), list(first))
        self.assertIs(hints["centre"], Point)

    def test_fields_of_a_dataclass_that_objects_do_not_have(self):
        self.assertEqual(
            {name: kind for name, (kind, _type) in kinds(Circle).items()},
            {"centre": "_FIELD", "scale": "_FIELD_INITVAR", "sides": "_FIELD_CLASSVAR"},
        )

    def test_typed_dicts(self):
        is_one, is_dict, notes, required, total = typed(Seen)
        self.assertTrue(is_one and is_dict)
        self.assertEqual(list(notes), ["name", "by"])
        self.assertEqual((set(required), total), ({"name"}, False))
        self.assertEqual(evaluate("lambda cls: cls(name='x')")(Movie), {"name": "x"})
        self.assertIs(evaluate("lambda cls: cls")(Movie), Movie)

    def test_named_tuples(self):
        notes, is_declared, defaults = named(Point)
        self.assertEqual((list(notes), dict(defaults)), (["x", "y"], {"y": 3}))
        self.assertEqual(notes["x"], int)
        self.assertTrue(is_declared)

    @on_another("has the type itself")
    def test_new_types(self):
        told = evaluate("lambda one: (type(one) is typing.NewType or callable(one), one.__supertype__, one.__name__)")
        self.assertEqual(told(UserId), (True, int, "UserId"))
        self.assertTrue(evaluate("lambda one, same: one is same")(UserId, UserId))
        self.assertEqual(evaluate("lambda one: str(typing.List[one])")(UserId), "typing.List[%s.UserId]" % __name__)

    def test_names_in_annotations_are_among_the_variables_of_a_function(self):
        self.assertIs(anew(uses), Point)

    def test_what_stands_for_a_base(self):
        class Derived(entry):
            pass

        self.assertEqual(originals(Derived), (True, True))

    @on_another("has the class itself")
    def test_classes_of_python_s_that_declare(self):
        class Declared(evaluate("typing.TypedDict")):
            x: int

        class More(Declared, total=False):
            y: str

        @evaluate("typing.runtime_checkable")
        class Speaks(evaluate("typing.Protocol")):
            def speak(self):
                pass

        class Dog:
            def speak(self):
                pass

        self.assertEqual(list(More.__annotations__), ["x", "y"])
        self.assertEqual(set(More.__required_keys__), {"x"})
        self.assertIsInstance(Dog(), Speaks)
        self.assertNotIsInstance(3, Speaks)

    @on_another("has the class itself")
    def test_attributes_of_a_protocol_are_what_it_says(self):
        class Speaks(typing.Protocol):
            def speak(self) -> str: ...

        names = evaluate("lambda cls: [name for name in cls.__dict__ if name[:5] in ('_emb_', 'speak')]")
        self.assertEqual(list(names(Speaks)), ["speak"])


class InPrograms(Program):
    def test_a_new_type_says_where_it_is(self):
        told = self.run_script(
            """
            import emb, typing
            UserId = typing.NewType("UserId", int)
            print(emb.evaluate("lambda one: one.__module__")(UserId))
            """
        )
        self.assertEqual(told, "__main__\n")

    def test_what_only_python_has_a_word_for(self):
        self.write("there/__init__.py", """
            import sys, typing
            Self, either = typing.NoReturn, int
            if sys.version_info >= (3, 11):
                Self, either = typing.Self, int | str
            def same(one): return typing.get_args(one) == (Self, type(None))
            def text(one): return str(one)
            """)
        told = self.run_script(
            """
            import typing
            from there import Self, either, same, text
            print(same(typing.Optional[Self]), text(typing.List[Self]) == "typing.List[%s]" % text(Self))
            print(typing.Annotated[either, 1].__metadata__)
            """,
            options=("--there", "there"),
        )
        self.assertEqual(told, "True True\n(1,)\n")
