"""Classes of Python's that derive from the host's: class decorators, `type(name, (cls,), {})`."""

import abc
import copy
import dataclasses
import pickle
import unittest

import emb

space = emb.Object({})
emb.run(
    """
__name__ = "a library"
import dataclasses
import functools

class Mix:
    def mixed(self):
        return "mixed " + self.name()

class Root:
    pass

def decorated(cls):
    @functools.wraps(cls, updated=())
    class Wrapped(cls):
        mark = "of Python"
        def name(self):
            return "wrapped " + super().name()
        def both(self):
            return self.name(), self.number
    return Wrapped

def by_name(cls):
    def __init__(self, number):
        cls.__init__(self, number * 2)
    return type("Doubled", (Mix, cls), {"__init__": __init__})

def tagged(cls):
    class Tagged(cls, tag="t"):
        pass
    return Tagged

def with_field(cls):
    @dataclasses.dataclass
    class More(cls):
        more: int = 3
    return More

def deriving(cls):
    return type("Deriving", (cls,), {})

def known(one, *kinds):
    return [isinstance(one, kind) and issubclass(type(one), kind) for kind in kinds]
""",
    space,
)


class First:
    def __init__(self, number=1):
        self.number = number

    def name(self):
        return "first"


class Plain(First):
    def __init__(self, number=1):
        super().__init__(number)
        self.named = self.name()

    def name(self):
        return "plain " + super().name()

    def again(self):
        return type(self)(self.number + 1), isinstance(self, Plain)

    def __eq__(self, other):
        return isinstance(other, Plain) and self.number == other.number

    @property
    def half(self):
        return self.number / 2

    @classmethod
    def made(cls):
        return cls()


@space["decorated"]
class Decorated(Plain):
    """Its text."""


class Below(Decorated):
    def __init__(self, number):
        super().__init__(number)
        self.below = True

    def name(self):
        return "below " + super().name()


class Descendants(unittest.TestCase):
    def test_a_decorated_class_has_what_each_side_gives_it(self):
        one = Decorated(4)
        name = "wrapped plain first"
        self.assertEqual((one.named, one.both(), one.mark), (name, (name, 4), "of Python"))
        self.assertEqual((one.half, vars(one)), (2, {"number": 4, "named": name}))
        self.assertEqual((Decorated.__name__, Decorated.__doc__), ("Decorated", "Its text."))
        self.assertEqual(one, Decorated(4))

    def test_its_objects_are_of_all_these_classes_on_both_sides(self):
        one = Decorated()
        self.assertIs(type(one), Decorated)
        self.assertIs(type(Decorated.made()), Decorated)
        self.assertTrue(isinstance(one, Plain) and issubclass(Decorated, First))
        self.assertFalse(isinstance(Plain(), Decorated))
        self.assertEqual(space["known"](one, Decorated, Plain, First), [True, True, True])
        again, known = one.again()
        self.assertEqual((type(again), again.number, known), (Decorated, 2, True))
        self.assertEqual([one.__name__ for one in Decorated.__mro__[-3:]], ["Plain", "First", "object"])

    def test_the_host_and_python_derive_from_it_again(self):
        one = Below(3)
        self.assertEqual((one.named, one.below), ("below wrapped plain first", True))
        self.assertTrue(isinstance(one, Decorated) and isinstance(one, Plain))
        made = space["by_name"](Below)
        one = made(3)
        name = "below wrapped plain first"
        self.assertEqual((one.both(), one.mixed()), ((name, 6), "mixed " + name))
        self.assertEqual((type(one), isinstance(one, Below)), (made, True))
        self.assertEqual((made.__name__, made.__module__), ("Doubled", "a library"))
        self.assertEqual(space["known"](one, made, Below, Decorated, First), [True] * 4)

    def test_what_derives_from_a_class_with_one_of_pythons_among_its_bases(self):
        class Rooted(Plain, space["Root"]):
            pass

        made = space["deriving"](Rooted)
        one = made(2)
        self.assertEqual((type(one), made.__name__, one.half), (made, "Deriving", 1))
        self.assertTrue(isinstance(one, Rooted) and issubclass(made, Plain))

    def test_copies(self):
        one = Decorated(7)
        for other in copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)):
            self.assertEqual((type(other), other.both()[1]), (Decorated, 7))

    def test_the_hosts_class_is_told_of_them(self):
        told = []

        class Telling:
            def __init_subclass__(cls, tag=None):
                told.append((cls, tag))

        made = space["tagged"](Telling)
        self.assertEqual(told, [(made, "t")])
        below = type(made)("Below", (made,), {})
        self.assertEqual(told[1:], [(below, None)])

    def test_a_metaclass_of_the_host_and_an_abstract_class(self):
        class Meta(type):
            def __len__(cls):
                return 42

        class Counted(metaclass=Meta):
            pass

        class Abstract(abc.ABC):
            @abc.abstractmethod
            def name(self):
                pass

        class Named(Abstract):
            number = 5

            def name(self):
                return "named"

        self.assertEqual(len(space["deriving"](Counted)), 42)
        one = space["decorated"](Named)()
        self.assertEqual((one.both(), isinstance(one, Abstract)), (("wrapped named", 5), True))
        with self.assertRaisesRegex(TypeError, "abstract"):
            space["deriving"](Abstract)()
        self.assertEqual(space["deriving"](Named)().name(), "named")

    def test_a_dataclass(self):
        @dataclasses.dataclass
        class Point:
            x: int
            y: list = dataclasses.field(default_factory=list)

            def total(self):
                return self.x + len(self.y)

        made = space["with_field"](Point)
        one = made(1, [2])
        self.assertEqual((one.total(), one.more, made(1).total()), (2, 3, 1))
        self.assertEqual([field.name for field in dataclasses.fields(one)], ["x", "y", "more"])


if __name__ == "__main__":
    unittest.main()
