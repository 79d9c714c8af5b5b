"""Metaclasses of the program, and abstract classes, for classes that derive from Python's."""

import abc
import unittest

import emb

from . import on_pypy
from .programs import Program

_THERE = """
class Base:
    def __init__(self, value=0): self.value = value
    def double(self): return 2 * self.value

class Meta(type):
    def __new__(meta, name, bases, body, **options):
        made = super().__new__(meta, name, bases, body)
        made.options = options
        return made

class Model(metaclass=Meta):
    pass
"""


class Abstract(unittest.TestCase):
    def setUp(self):
        base = emb.evaluate("type('Base', (), {})")

        class Shape(base, abc.ABC):
            @abc.abstractmethod
            def area(self):
                return 1

        self.shape = Shape

    def test_which_methods_are_abstract(self):
        class Square(self.shape):
            def area(self):
                return super().area()

        self.assertEqual(self.shape.__abstractmethods__, {"area"})
        self.assertEqual(Square.__abstractmethods__, frozenset())
        self.assertEqual(Square().area(), 1)
        self.assertRaisesRegex(TypeError, "abstract", self.shape)

    def test_others_are_registered_with_it_and_with_no_other(self):
        self.assertIs(self.shape.register(int), int)
        self.assertIsInstance(3, self.shape)
        self.assertTrue(issubclass(bool, self.shape))
        self.assertNotIsInstance(3.5, self.shape)

        class Other(self.shape):
            pass

        self.assertNotIsInstance(3, Other)

    def test_its_hook_is_asked(self):
        class Quacking(self.shape):
            @classmethod
            def __subclasshook__(cls, other):
                return True if hasattr(other, "quack") else NotImplemented

        class Duck:
            quack = None

        self.assertIsInstance(Duck(), Quacking)
        self.assertFalse(issubclass(int, Quacking))


class Instances(unittest.TestCase):
    def test_another_class_is_assigned(self):
        base = emb.evaluate("type('Base', (), {})")

        class One(base):
            place = 1

        class Two(base):
            place = 2

        one = One()
        one.__class__ = Two
        self.assertIs(type(one), Two)
        self.assertEqual((one.place, one.__class__), (2, Two))
        self.assertTrue(emb.evaluate("lambda one, kind: type(one) is kind")(one, Two))
        with self.assertRaises(TypeError):
            one.__class__ = 3
        self.assertIs(type(one), Two)


@on_pypy("elsewhere the function that makes classes is not replaced")
class Metaclasses(Program):
    def run_script(self, source):
        self.write("there.py", _THERE)
        return super().run_script(source, options=("--there", "there"))

    def test_of_the_program(self):
        printed = self.run_script("""
            import there, sys
            class Single(type):
                made = {}
                def __new__(meta, name, bases, body, tag=None):
                    made = super().__new__(meta, name, bases, body)
                    made.tag, made.seen = tag, sys._getframe(1).f_code.co_name
                    return made
                def __call__(cls, *args):
                    if cls not in cls.made:
                        cls.made[cls] = super().__call__(*args)
                    return cls.made[cls]
                def __len__(cls):
                    return 4
            class One(there.Base, metaclass=Single, tag="x"): pass
            class Two(One, tag="y"):
                def double(self): return super().double() + 1
            print(One(3) is One(), Two(5) is One(), Two().double(), One.tag, Two.tag, len(Two), One.seen)
            print(isinstance(Two, Single), type(Two).__name__, type(One) is type(Two), isinstance(Two(), there.Base))
            """)
        self.assertEqual(printed, "True False 11 x y 4 <module>\nTrue Single True True\n")

    def test_that_derive_from_one_another(self):
        printed = self.run_script("""
            import abc, there
            class First(abc.ABCMeta):
                def __instancecheck__(cls, one): return one == 5 or super().__instancecheck__(one)
            class Second(First):
                kind = "second"
            class Other(type): pass
            class Plain(metaclass=First): pass
            class One(there.Base, metaclass=First): pass
            class Two(One, metaclass=Second): pass
            class Three(Plain, there.Base): pass
            class Four(there.Base, metaclass=abc.ABCMeta):
                @abc.abstractmethod
                def f(self): pass
            Four.register(str)
            print(isinstance(5, Two), isinstance(6, Two), isinstance(Two(), One), Two.kind, isinstance(5, Three))
            print(sorted(Four.__abstractmethods__), isinstance("", Four), isinstance(5, Four))
            try:
                class Five(One, metaclass=Other): pass
            except TypeError as error:
                print(error)
            """)
        self.assertEqual(
            printed,
            "True False True second True\n['f'] True False\n"
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the"
            " metaclasses of all its bases\n",
        )

    def test_protocols_beside_one_of_python(self):
        printed = self.run_script("""
            import there, typing
            class Named(typing.Protocol):
                def name(self): return "named"
            class One(Named, there.Base): pass
            print(One(3).double(), One(3).name(), One._is_protocol, Named._is_protocol)
            try: Named()
            except TypeError: print("no instances")
            """)
        self.assertEqual(printed, "6 named False True\nno instances\n")

    def test_that_derive_from_the_class_of_one_of_python(self):
        printed = self.run_script("""
            import abc, there
            class Meta(type(there.Model), abc.ABCMeta):
                def __new__(meta, name, bases, body, **options):
                    made = super().__new__(meta, name, bases, body, **options)
                    made.tag = name.lower()
                    return made
            class One(there.Model, metaclass=Meta, a=1): pass
            class Two(One, b=2): pass
            print(One.tag, Two.tag, dict(One.options), dict(Two.options), type(Two) is Meta)
            """)
        self.assertEqual(printed, "one two {'a': 1} {'b': 2} True\n")


if __name__ == "__main__":
    unittest.main()
