"""What stands in classes of the host, as Python's own code looks at it there."""

import abc
import dataclasses
import inspect
import types
import typing
import unittest

import emb

from . import on_pypy
from .programs import Program

_space = emb.Object({})
emb.run(
    """
import asyncio, inspect

class Base:
    pass

KINDS = inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction

def kind(function):
    "Which of the three it is; None where it is an ordinary one, and is a function or a method at all."
    found = [one.__name__[2:-8] for one in KINDS if one(function)]
    if asyncio.iscoroutinefunction(function) != ("coroutine" in found) or not inspect.isroutine(function):
        raise AssertionError(function)
    return found[0] if found else None

def kinds_of(*owners):
    return [[kind(getattr(one, name)) for name in NAMES] for one in owners]

NAMES = "co", "gen", "ag", "of_class", "of_none", "plain"

def used(one):
    async def whole():
        return [
            await one.co(1, b=2), list(one.gen(3)), [each async for each in one.ag(4)], await one.of_class(),
            await one.of_none(5), one.plain(),
        ]
    return asyncio.run(whole())
""",
    _space,
)


class _Kinds:
    async def co(self, a, b=0):
        """Adds."""
        return a + b

    def gen(self, n):
        yield from range(n)

    async def ag(self, n):
        yield n

    @classmethod
    async def of_class(cls):
        return cls.__name__

    @staticmethod
    async def of_none(value):
        return value

    def plain(self):
        return "plain"


_BODY = {name: one for name, one in vars(_Kinds).items() if name in _space["NAMES"]}
_EXPECTED = ["coroutine", "generator", "asyncgen", "coroutine", "coroutine", None]


class Plain:
    locals().update(_BODY)


class Derived(_space["Base"]):
    locals().update(_BODY)


class Mixed(_Kinds, _space["Base"]):
    pass


_CLASSES = Plain, Derived, Mixed


class Functions(unittest.TestCase):
    def test_coroutine_functions_and_generator_functions_are_such(self):
        for kind in _CLASSES:
            with self.subTest(kind.__name__):
                self.assertEqual(_space["kinds_of"](kind(), kind), [_EXPECTED] * 2)

    def test_they_do_what_they_are_for(self):
        for kind in _CLASSES:
            with self.subTest(kind.__name__):
                self.assertEqual(_space["used"](kind()), [3, [0, 1, 2], [4], kind.__name__, 5, "plain"])

    def test_bound_ones_that_are_passed(self):
        look = emb.evaluate("lambda m: (kind(m), inspect.ismethod(m), m.__func__.__code__.co_name)", _space)
        for kind in _CLASSES:
            for name, expected in zip(("co", "gen", "ag", "of_class", "plain"), (*_EXPECTED[:4], None)):
                with self.subTest(kind.__name__ + "." + name):
                    self.assertEqual(look(getattr(kind(), name)), (expected, True, name))

    def test_bound_ones_are_those_of_their_object(self):
        look = emb.evaluate("lambda m, one: (m.__self__ is one, m)")
        for kind in _CLASSES:
            one = kind()
            self.assertEqual(look(one.plain, one), (True, one.plain))
            self.assertEqual(look(kind.of_class, kind), (True, kind.of_class))
            self.assertEqual(emb.evaluate("lambda m: m()")(one.plain), "plain")

    def test_what_is_said_of_them(self):
        look = emb.evaluate("lambda f: (str(inspect.signature(f)), f.__doc__, f.__name__, f.__qualname__)", _space)
        for kind in _CLASSES:
            self.assertEqual(look(kind.co), ("(self, a, b=0)", "Adds.", "co", "_Kinds.co"))

    def test_marks_that_python_leaves_on_them(self):
        mark = emb.evaluate("lambda C: (setattr(C.co, 'mark', 3), C.co.mark, 'mark' in dir(C.co))[1:]")
        for kind in (Plain, Derived):
            self.assertEqual(mark(kind), (3, True))

    def test_parameters_of_a_class(self):
        class Own(_space["Base"]):
            def __class_getitem__(cls, key):
                return cls.__name__, key

        class Alias(_space["Base"]):
            __class_getitem__ = classmethod(types.GenericAlias)

        class Generic(_space["Base"], typing.Generic[typing.TypeVar("T")]):
            pass

        self.assertEqual(emb.evaluate("lambda C: C[int]")(Own), ("Own", int))
        self.assertEqual(Own[int], ("Own", int))
        self.assertTrue(emb.evaluate("lambda *kinds: all(C[int].__origin__ is C for C in kinds)")(Alias, Generic))


_DESCRIBED = emb.Object({})
emb.run(
    """
import abc, dataclasses, inspect, typing

@dataclasses.dataclass
class Data:
    x: int
    y: typing.List[str] = dataclasses.field(default_factory=list)
    z: typing.ClassVar[int] = 3

class Asking(abc.ABC):
    @abc.abstractmethod
    def a(self): "One."
    @abc.abstractmethod
    def b(self): "Two."
""",
    _DESCRIBED,
)


class Descriptions(unittest.TestCase):
    def test_annotations_of_python_s_classes(self):
        @dataclasses.dataclass
        class Derived(_DESCRIBED["Data"]):
            q: "int" = 7

        hints = typing.get_type_hints(Derived)
        self.assertEqual(list(hints), ["x", "y", "z", "q"])
        self.assertEqual((hints["x"], hints["q"], hints["z"]), (int, int, typing.ClassVar[int]))
        self.assertEqual(vars(Derived)["__annotations__"], {"q": "int"})

    def test_signatures_have_annotations(self):
        @dataclasses.dataclass
        class Derived(_DESCRIBED["Data"]):
            q: int = 7

            def method(self, a: int, b: str = "") -> float:
                "Nothing."

        look = emb.evaluate("lambda it: str(inspect.signature(it))", _DESCRIBED)
        signature = "(self, a: int, b: str = '') -> float"
        self.assertEqual((str(inspect.signature(Derived.method)), look(Derived.method)), (signature,) * 2)
        self.assertEqual(emb.evaluate("lambda C: str(inspect.signature(C.method))", _DESCRIBED)(Derived), signature)
        for text in str(inspect.signature(Derived)), look(Derived):
            self.assertRegex(text, r"^\(x: int, y: .*List.* = <factory>, q: int = 7\)")

    def test_which_methods_have_to_be_defined(self):
        class Walker(abc.ABC):
            @abc.abstractmethod
            def walk(self):
                "Walks."

        class Half(_DESCRIBED["Asking"]):
            def b(self):
                return 1

        class Full(Half):
            def a(self):
                return 2

        class Mixed(Walker, _space["Base"]):
            pass

        class Both(Walker, _DESCRIBED["Asking"]):
            a = b = None

        class Walking(Mixed):
            def walk(self):
                return 3

        names = "lambda C: (sorted(C.__abstractmethods__), inspect.isabstract(C))"
        there = emb.evaluate(names, _DESCRIBED)
        for kind, expected in (Half, ["a"]), (Full, []), (Mixed, ["walk"]), (Both, ["walk"]), (Walking, []):
            with self.subTest(kind.__name__):
                self.assertEqual(eval(names)(kind), (expected, bool(expected)))
                if expected:
                    self.assertEqual(there(kind), (expected, True))
                    self.assertRaisesRegex(TypeError, "abstract class " + kind.__name__, kind)
                    self.assertRaisesRegex(TypeError, "abstract", emb.evaluate("lambda C: C()"), kind)
                else:
                    kind()
        self.assertFalse(hasattr(type("Plain", (_space["Base"],), {}), "__abstractmethods__"))


@on_pypy("elsewhere they are the module's own")
class InPrograms(Program):
    def test_annotations_that_are_text_are_of_their_module(self):
        self.write("there.py", """if True:
            import typing
            class Own: pass
            class Base:
                x: "typing.List[Own]"
                y: "Missing"
            class Good:
                x: "typing.List[Own]"
            """)
        printed = self.run_script(
            """
            import there, typing
            class Mine: pass
            class Derived(there.Good):
                z: "Mine"
            hints = typing.get_type_hints(Derived)
            print(hints["x"].__args__[0] is there.Own, hints["z"] is Mine, list(hints))
            class Other(there.Base): pass
            print(vars(Other.__mro__[1])["__annotations__"]["y"])
            """,
            options=("--there", "there"),
        )
        self.assertEqual(printed, "True True ['x', 'z']\nMissing\n")

    def test_python_pickles_functions_by_name(self):
        self.write("there.py", """if True:
            import pickle
            class Base: pass
            def again(f): return pickle.loads(pickle.dumps(f)).__qualname__
            def all_again(C): return again(C.co), again(C.gen), again(C.plain)
            """)
        printed = self.run_script(
            """
            import there
            class Plain:
                async def co(self): pass
                def gen(self): yield
                def plain(self): pass
            class Derived(there.Base):
                async def co(self): pass
                def gen(self): yield
                def plain(self): pass
            for C in Plain, Derived:
                print(there.again(C.co), there.again(C.gen), there.again(C.plain), *there.all_again(C))
            """,
            options=("--there", "there"),
        )
        names = "{0}.co {0}.gen {0}.plain {0}.co {0}.gen {0}.plain\n"
        self.assertEqual(printed, names.format("Plain") + names.format("Derived"))

    def test_packages_tell_the_repr_that_a_dataclass_has_been_given(self):
        @dataclasses.dataclass
        class Given:
            x: int

        @dataclasses.dataclass
        class Own(Given):
            def __repr__(self):
                return "own"

        emb.run("import dataclasses")
        file = emb.evaluate("lambda one: one.__repr__.__code__.co_filename")
        self.assertEqual(file(Given(1)), emb.evaluate("dataclasses.__file__"))
        self.assertNotEqual(file(Own(1)), emb.evaluate("dataclasses.__file__"))


if __name__ == "__main__":
    unittest.main()
