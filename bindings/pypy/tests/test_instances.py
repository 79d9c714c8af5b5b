"""Instances of the host's classes that derive from Python's: hooks for attributes, copies, pickles."""

import abc
import collections.abc
import copy
import dataclasses
import functools
import inspect
import pickle
import unittest

import emb

space = emb.Object({})
emb.run(
    """
import copyreg

class Stating:
    def __getstate__(self):
        return dict(self.__dict__)

class Saying:
    def __reduce__(self):
        return copyreg.__newobj__, (type(self),), (self.number,)
    def __setstate__(self, state):
        self.number, = state

class Base:
    "Has a hook of its own."
    made = []
    def __init_subclass__(cls, tag=None, **keywords):
        super().__init_subclass__(**keywords)
        Base.made.append((cls.__name__, tag))
    def __getattr__(self, name):
        if name == "of_base":
            return "base"
        raise AttributeError("Base has no " + name)
    def __setattr__(self, name, value):
        super().__setattr__(name, value + 1 if name == "counted" else value)

read = getattr
write = setattr
variables = vars
""",
    space,
)
Base, read, write, variables = [space[one] for one in ("Base", "read", "write", "variables")]


class Asking(Base):
    def __init__(self):
        self.__dict__["known"] = {"q": 5}
        self.plain = 1

    def __getattr__(self, name):
        known = self.__dict__["known"]
        return known[name] if name in known else super().__getattr__(name)


class AskingMore(Asking):
    def __getattr__(self, name):
        return 7 if name == "seven" else super().__getattr__(name)


class Doubling(Base):
    def __setattr__(self, name, value):
        super().__setattr__(name, value * 2)

    def __delattr__(self, name):
        self.gone = name
        super().__delattr__(name)


class Hooks(unittest.TestCase):
    def test_what_python_puts_into_a_class_later(self):
        emb.run(
            "class Completed:\n"
            "    def __add__(self, other): return NotImplemented\n"
            "    @classmethod\n"
            "    def complete(cls): decorate(cls)\n"
            "def decorate(cls):\n"
            "    cls.__add__ = lambda self, other: ('sum', other)\n"
            "    cls.__divmod__ = cls.__lt__ = lambda self, other: 'other'\n"
            "    cls.__len__ = lambda self: 7\n"
            "    return cls\n"
        )
        base = emb.evaluate("Completed")

        class First(base):
            pass

        First.complete()

        @emb.evaluate("decorate")
        class Second(base):
            pass

        class Heir(First):
            def __add__(self, other):
                return ("heir", super().__add__(other))

        for kind in (First, Second, Heir):
            one = kind()
            self.assertEqual((divmod(one, 2), one < 3, len(one)), ("other", "other", 7))
            self.assertEqual(one + 1, ("heir", ("sum", 1)) if kind is Heir else ("sum", 1))
            self.assertIn("__add__", kind.__dict__)

    def test_getattr_of_a_class_is_asked_for_what_is_not_there(self):
        for one in (Asking(), AskingMore()):
            self.assertEqual((one.plain, one.q, one.of_base), (1, 5, "base"))
            self.assertEqual((read(one, "plain"), read(one, "q")), (1, 5))
            self.assertEqual(read(one, "of_base"), "base")
            for get in (getattr, read):
                with self.assertRaisesRegex(AttributeError, "Base has no zork"):
                    get(one, "zork")
            self.assertFalse(hasattr(one, "zork"))
        self.assertEqual(AskingMore().seven, 7)
        self.assertEqual(read(AskingMore(), "seven"), 7)

    def test_getattr_of_a_mixin_of_the_host(self):
        class Mixin:
            def __getattr__(self, name):
                return "mixed " + name

        class Mixed(Mixin, Base):
            def __init__(self):
                self.mine = 3

        self.assertEqual((Mixed().mine, Mixed().other), (3, "mixed other"))

    def test_setattr_and_delattr_go_on_with_super(self):
        one = Doubling()
        one.counted = 3
        self.assertEqual(one.counted, 7)
        write(one, "counted", 4)
        self.assertEqual((one.counted, read(one, "counted")), (9, 9))
        del one.counted
        self.assertEqual((one.gone, hasattr(one, "counted")), ("countedcounted", False))

    def test_dict_of_an_instance_is_that_of_its_object(self):
        one = Asking()
        self.assertEqual(sorted(vars(one)), ["known", "plain"])
        one.__dict__["direct"] = [1]
        one.__dict__.update(more=2)
        self.assertEqual((one.direct, one.more, read(one, "more")), ([1], 2, 2))
        one.__dict__ = {"known": {}, "only": 1}
        self.assertEqual(dict(variables(one)), {"known": {}, "only": 1})

    def test_slots_are_those_of_the_object(self):
        class Slotted(Base):
            __slots__ = ("a",)

        one = Slotted()
        one.a = 1
        self.assertEqual((one.a, read(one, "a"), list(vars(one))), (1, 1, []))
        self.assertEqual(Slotted.__slots__, ("a",))


class Making(unittest.TestCase):
    def test_init_subclass_of_both_sides_is_called_once_for_each(self):
        seen = []

        class Registry(Base, tag="r"):
            def __init_subclass__(cls, mark=None, **keywords):
                super().__init_subclass__(**keywords)
                seen.append((cls, mark, cls.kind))

        class First(Registry, mark=1, tag="first"):
            kind = "one"

        class Second(First):
            kind = "two"

        self.assertEqual(seen, [(First, 1, "one"), (Second, None, "two")])
        self.assertIs(seen[0][0], First)
        self.assertEqual(
            list(Base.made)[-3:], [("Registry", "r"), ("First", "first"), ("Second", None)]
        )
        with self.assertRaises(TypeError):

            class Third(Registry, nonsense=1):
                pass

    def test_abstract_methods_of_the_host(self):
        class Walker(abc.ABC):
            @abc.abstractmethod
            def walk(self):
                "Walks."

        class Lame(Walker, Base):
            pass

        class Fit(Lame):
            def walk(self):
                return "walks"

        with self.assertRaisesRegex(TypeError, "Can't instantiate abstract class Lame .* walk"):
            Lame()
        self.assertEqual(Fit().walk(), "walks")

    def test_mro_and_signature(self):
        class Called(Base):
            def __init__(self, a, b=2, *, c):
                "Nothing."

        self.assertEqual([one.__name__ for one in Called.__mro__], ["Called", "Base", "object"])
        self.assertIs(Called.__mro__[-1], object)
        self.assertEqual(str(inspect.signature(Called)), "(a, b=2, *, c)")

    def test_class_decorators(self):
        @dataclasses.dataclass
        class Data(Base):
            a: int = 1
            b: list = dataclasses.field(default_factory=list)

        self.assertEqual(repr(Data(2))[-15:], "Data(a=2, b=[])")
        self.assertEqual(Data(b=[1]), Data(b=[1]))
        self.assertEqual(dataclasses.asdict(dataclasses.replace(Data(3), b=[4])), {"a": 3, "b": [4]})

        class Unhashable(Base):
            __hash__ = None

        for one in (Data(1), Unhashable()):
            self.assertNotIsInstance(one, collections.abc.Hashable)
            with self.assertRaisesRegex(TypeError, "unhashable"):
                hash(one)

        class Held(Base):
            number, names = 3, ["a"]

        self.assertEqual((Held.__dict__["number"], vars(Held)["names"]), (3, ["a"]))

        @functools.total_ordering
        class Ordered(Base):
            def __init__(self, value):
                self.value = value

            def __eq__(self, other):
                return self.value == other.value

            def __lt__(self, other):
                return self.value < other.value

        self.assertTrue(Ordered(1) <= Ordered(1) < Ordered(2) <= Ordered(3))
        with self.assertRaisesRegex(TypeError, "unhashable"):
            hash(Ordered(1))


class Pickles(unittest.TestCase):
    def test_what_object_setattr_sets_is_python_s(self):
        base = emb.evaluate("type('Base', (), {'told': lambda self: dict(vars(self))})")

        @dataclasses.dataclass(frozen=True)
        class Frozen(base):
            a: int = 1
            b: list = dataclasses.field(init=False)

            def __post_init__(self):
                object.__setattr__(self, "b", [self.a])

        frozen = Frozen(4)
        self.assertEqual((frozen, frozen.b, frozen.told()), (Frozen(4), [4], {"a": 4, "b": [4]}))
        self.assertEqual(dataclasses.replace(frozen, a=5).told()["a"], 5)
        with self.assertRaises(dataclasses.FrozenInstanceError):
            frozen.a = 2

        class Open(base):
            def set(self, value):
                object.__setattr__(self, "value", value)
                return self

        opened = Open().set(3)
        self.assertEqual((opened.value, opened.told()), (3, {"value": 3}))
        opened.value = 5
        self.assertEqual((opened.value, opened.told()), (5, {"value": 5}))
        object.__setattr__(opened, "value", 6)
        opened.value = 7
        self.assertEqual((opened.value, opened.told()), (7, {"value": 7}))

    def test_an_instance_and_what_holds_it(self):
        one = PickledHere(3)
        for what in (one, [one], emb.Object({"k": [one]})["k"]):
            again = pickle.loads(pickle.dumps(what))
            again = again if what is one else again[0]
            self.assertIsNot(again, one)
            self.assertIs(type(again), PickledHere)
            self.assertEqual((again.value, list(again.items), again.function), (3, [1], len_of))
            self.assertEqual(again.plain.x, 1)
            self.assertIs(type(again.plain), Plain)


    def test_a_class_that_says_how_hands_on_what_python_s_says(self):
        one = Named()
        one.number, one.name = 3, "three"
        for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
            self.assertEqual((type(again), again.name, again.number), (Named, "three", 3))


    def test_what_is_kept_may_be_said_by_super_or_a_mix_in(self):
        one = Noting()
        one.number = 3
        self.assertEqual(pickle.loads(pickle.dumps(one)).noted, ["number"])
        self.assertEqual(copy.deepcopy(one).noted, ["number"])
        other = Mixed()
        other.number = 3
        self.assertEqual((vars(other), other.__getstate__()), ({"number": 3}, {"number": 3, "mixed": True}))
        again = pickle.loads(pickle.dumps(other))
        self.assertEqual((again.number, again.mixed), (3, True))
        del again.__dict__["mixed"]
        self.assertFalse(hasattr(again, "mixed"))


class Noting(space["Stating"]):
    def __getstate__(self):
        state = super().__getstate__()
        state["noted"] = list(state)
        return state


class MixIn:
    def __getstate__(self):
        state = self.__dict__.copy()
        state["mixed"] = True
        return state


class Mixed(MixIn, space["Stating"]):
    pass


class Named(space["Saying"]):
    def __reduce__(self):
        make, arguments, state = super().__reduce__()
        return make, arguments, state + (self.name,)

    def __setstate__(self, state):
        self.name = state[-1]
        super().__setstate__(state[:-1])


class PickledHere(Base):
    def __init__(self, value):
        self.value, self.items = value, [1]
        self.function, self.plain = len_of, Plain()


class Plain:
    x = 1


def len_of(value):
    return len(value)


if __name__ == "__main__":
    unittest.main()
