"""Metaclasses of the program, and abstract classes, for classes that derive from Python's."""

import abc
import inspect
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

length = len
def kind_of(x): return type(x)
def make(kind, *args): return kind(*args)
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


class Counting(type):
    """What its classes do is no class's but its own."""

    made = 0

    def __len__(cls):
        return 42

    def __iter__(cls):
        return iter("abc")

    def __contains__(cls, item):
        return item == 1

    def __getitem__(cls, key):
        return cls.__name__, key

    def __repr__(cls):
        return "<%s>" % cls.__name__

    def __add__(cls, other):
        return "sum", other

    def __radd__(cls, other):
        return other, "sum"

    def __lt__(cls, other):
        return "less"

    def __eq__(cls, other):
        return other == 5 or other is cls

    __hash__ = type.__hash__

    def __bool__(cls):
        return False

    def __dir__(cls):
        return [*super().__dir__(), "said"]

    def __instancecheck__(cls, one):
        return one == 3 or super().__instancecheck__(one)

    def __subclasscheck__(cls, other):
        return other is int or super().__subclasscheck__(other)

    def __call__(cls, *args):
        Counting.made += 1
        return super().__call__(*args)

    def __getattr__(cls, name):
        if name == "dynamic":
            return "found"
        raise AttributeError(name)

    @property
    def named(cls):
        return "named " + cls.__name__

    def method(cls, number):
        return cls.__name__ * number


_DONE = """lambda C, int=int: (
    len(C), list(C), (1 in C, 2 in C), C[3], repr(C), str(C), C + 1, 2 + C, C < 3, (C == 5, C == 6, C != 5), bool(C),
    "said" in dir(C), "__init__" in dir(C), [isinstance(one, C) for one in (3, 4, C())],
    [issubclass(one, C) for one in (int, str, C)], C.dynamic, C.named, C.method(2), C.made, hasattr(C, "missing"),
    type(C).__name__, hash(C) == hash(C), type(C()) is C
)"""


class SpecialMethods(unittest.TestCase):
    def test_python_finds_those_of_a_plain_class_s_class(self):
        class Plain(metaclass=Counting):
            pass

        class More(Plain):
            pass

        done = emb.evaluate(_DONE)
        for kind in Plain, More:
            Counting.made = 0
            here = eval(_DONE)(kind)
            Counting.made = 0
            self.assertEqual(done(kind), here)
        self.assertIs(emb.evaluate("type")(Plain), Counting)

    def test_a_metaclass_that_derives_from_another(self):
        class Longer(Counting):
            def __len__(cls):
                return super().__len__() + 1

        class Plain(metaclass=Counting):
            pass

        class Long(Plain, metaclass=Longer):
            pass

        look = emb.evaluate("lambda C: (len(C), C[1], issubclass(type(C), type(C.__mro__[1])))")
        self.assertEqual(look(Long), (43, ("Long", 1), True))
        self.assertEqual(emb.evaluate("len")(Plain), 42)


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
            print(isinstance(Two, Single), type(Two).__name__, type(One) is Single is type(Two), isinstance(Two(), there.Base))
            """)
        self.assertEqual(printed, "True False 11 x y 4 <module>\nTrue Single True True\n")

    def test_their_special_methods_and_attributes(self):
        source = inspect.getsource(Counting) + "done = " + _DONE + "\n"
        self.write("done.py", "done = " + _DONE)
        printed = self.run_script(source + """if True:
            import there, done as python_s
            class First(there.Base, metaclass=Counting): pass
            class Second(First): pass
            class Meta(type(there.Model)):
                def __len__(cls): return 7
                def __call__(cls, *args): return cls, super().__call__(*args)
                kind = "kind"
            class Model(there.Model, metaclass=Meta): pass
            for kind in First, Second:
                Counting.made = 0
                here = done(kind)
                Counting.made = 0
                print(python_s.done(kind) == here, there.kind_of(kind) is type(kind))
            print(First(2).double(), there.make(Second, 3).double())
            made = there.make(Model), Model()
            print([one is Model and type(other) is Model for one, other in made], there.length(Model), Model.kind)
            """)
        self.assertEqual(printed, "True True\nTrue True\n4 6\n[True, True] 7 kind\n")

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

    def test_that_derive_from_one_of_python_by_its_name(self):
        printed = self.run_script("""
            import there
            class Meta(there.Meta):
                def __new__(meta, name, bases, body, **options):
                    body["tag"] = name.lower()
                    return super().__new__(meta, name, bases, body, **options)
                def hello(cls):
                    return "hello " + cls.__name__
            class Mixed:
                def mixed(self): return "mixed"
            class One(metaclass=Meta, a=1):
                def f(self): return 1
            class Two(One, b=2): pass
            class Three(Mixed, metaclass=Meta): pass
            class Four(there.Model, metaclass=Meta, c=3): pass
            Five = there.make(Meta, "Five", (), {"x": 5})
            class Six(Five): pass
            for kind in One, Two, Three, Four, Five, Six:
                print(kind.tag, kind.hello(), dict(kind.options), type(kind) is Meta, isinstance(kind, there.Meta))
            print(Two().f(), Three().mixed(), Six.x)
            """)
        self.assertEqual(
            printed.splitlines(),
            [
                "one hello One {'a': 1} True True", "two hello Two {'b': 2} True True",
                "three hello Three {} True True", "four hello Four {'c': 3} True True",
                "five hello Five {} True True", "six hello Six {} True True", "1 mixed 5",
            ],
        )  # fmt: skip

    def test_that_are_called(self):
        printed = self.run_script("""
            import abc, there
            class Meta(type):
                def __new__(meta, name, bases, body, **options):
                    body["tag"] = name.lower()
                    return super(Meta, meta).__new__(meta, name, bases, body)
                def __init__(cls, name, bases, body, **options):
                    cls.options = options
                    super().__init__(name, bases, body)
            class More(Meta):
                def __new__(meta, name, *args, **options):
                    return super().__new__(meta, name + "More", *args, **options)
            class Asking(abc.ABCMeta):
                def __new__(meta, *args):
                    return type.__new__(meta, *args)
            def with_metaclass(meta, *bases):
                class Between(type):
                    def __new__(cls, name, this, body):
                        return meta(name, bases, body)
                return type.__new__(Between, "between", (), {})
            class Of(with_metaclass(Meta, there.Base)):
                x = 5
            made = [
                Meta("One", (there.Base,), {"x": 1}, a=3), More("Two", (there.Base,), {"x": 2}), Of,
                Meta("Plain", (), {"x": 4}),
            ]
            for kind in made:
                print(kind.__name__, kind.tag, getattr(kind, "x", 0), kind.options, type(kind).__name__, isinstance(kind(), kind))
            print(made[0](4).double(), issubclass(made[1], there.Base), Asking("Three", (there.Base,), {})(2).double())
            """)
        self.assertEqual(
            printed.splitlines(),
            [
                "One one 1 {'a': 3} Meta True", "TwoMore twomore 2 {} More True", "Of of 5 {} Meta True",
                "Plain plain 4 {} Meta True", "8 True 4",
            ],
        )  # fmt: skip


if __name__ == "__main__":
    unittest.main()
