"""Plain classes of the host beside one of Python among the bases; metaclasses of Python."""

import collections
import threading
import unittest

import emb

from . import on_pypy

space = emb.Object({})
emb.run(
    """
__name__ = "who calls"

class Base:
    kind = "of Python"
    def set(self, name, value):
        setattr(self, name, value)

class Meta(type):
    "Knows nothing of others."

class Making(type):
    def __new__(meta, name, bases, body):
        made = type.__new__(meta, name, bases, body)
        made.mark = "made of " + ", ".join(one.__name__ for one in bases)
        return made

class Later(type):
    pass

def derived(meta, cls):
    return meta(cls.__name__, (cls,), {"more": lambda self: "more"})

def code(cls, name):
    member = cls.__dict__[name]
    member = member.fget if type(member) is property else member
    return member.__code__.co_varnames[: member.__code__.co_argcount]

def module():
    return type.__new__(type, "Bare", (), {}).__module__
""",
    space,
)
Base = space["Base"]


class Counting:
    count = 0
    names = []
    kind = "of the host"

    def add(self):
        self.count += 1
        self.names.append(self.count)
        return self.count


class Counter(Counting, Base):
    pass


class Behind(Base, Counting):
    pass


class Plain:
    scale = 2

    def __init__(self, number):
        self.number = number

    def twice(self):
        return self.scale * self.number

    @property
    def half(self):
        return self.number / 2


class Defaults(unittest.TestCase):
    def test_an_attribute_of_an_instance_comes_before_what_a_mix_in_has(self):
        one, other = Counter(), Counter()
        self.assertEqual((one.add(), one.add(), other.count, Counting.count, Counter.count), (1, 2, 0, 0, 0))
        self.assertEqual(vars(one), {"count": 2})
        one.set("count", 7)
        self.assertEqual((one.count, one.add()), (7, 8))
        del one.count
        self.assertEqual(one.count, 0)

    def test_what_a_mix_in_has_is_its_own(self):
        Counting.names.clear()
        one = Counter()
        one.add()
        self.assertIs(one.names, Counting.names)
        self.assertIs(Counter.names, Counting.names)
        self.assertEqual(Counting.names, [1])

    def test_the_order_of_bases_and_subclasses(self):
        class Below(Counter):
            count = 5

        self.assertEqual((Below().count, Below().add()), (5, 6))
        self.assertEqual((Counter().kind, Behind().kind), ("of the host", "of Python"))
        self.assertEqual(Behind().add(), 1)

    def test_python_finds_the_classes_that_have_one_among_their_bases(self):
        known = emb.evaluate(
            "lambda cls, mix: (issubclass(cls, mix), isinstance(cls(), mix), cls in mix.__subclasses__())"
        )

        class Mix:
            pass

        class Passed:
            "Python has met it when it comes to stand among bases."

        self.assertEqual(known(Base, Passed), (False, False, False))
        for mix in Mix, Passed:
            sub = type("Sub", (mix,), {})
            one, other = type("One", (mix, Base), {}), type("Other", (sub, Base), {})
            self.assertEqual(known(one, mix), (True, True, True))
            self.assertEqual(known(other, mix), (True, True, False))
            self.assertEqual(known(other, sub), (True, True, True))
            self.assertEqual(known(other, one), (False, False, False))
            self.assertEqual(known(Base, mix), (False, False, False))
            names = emb.evaluate("lambda mix: sorted(one.__name__ for one in mix.__subclasses__())")(mix)
            self.assertEqual(names, ["One", "Sub"])

    def test_a_thread_beside_a_class_of_python(self):
        class Worker(threading.Thread, Base):
            def run(self):
                self.set("done", True)

        worker = Worker()
        worker.start()
        worker.join()
        self.assertTrue(worker.done)


class Layouts(unittest.TestCase):
    def test_builtin_classes_beside_one_of_python(self):
        class Table(dict, Base):
            def total(self):
                return sum(self.values())

        class Ordered(collections.OrderedDict, Base):
            pass

        table = Table(a=1)
        table["b"] = 2
        table.set("mark", 3)
        self.assertEqual((table.total(), dict(table), table.mark), (3, {"a": 1, "b": 2}, 3))
        self.assertEqual(emb.evaluate("lambda one: (isinstance(one, dict), len(one))")(table), (True, 2))
        self.assertEqual(list(Ordered(a=1)), ["a"])

    @on_pypy("a CPython combines them, or says it in other words")
    def test_what_cannot_be_says_what_to_do(self):
        class Slotted:
            __slots__ = ("tag",)

        class Pair(collections.namedtuple("Pair", "a b")):
            pass

        slots = r"leave out the __slots__ of Slotted \(tag\)"
        for base, advice in ((Slotted, slots), (Pair, "is a Pair"), (OSError, "is a OSError")):
            with self.assertRaisesRegex(TypeError, advice):
                type(Counter)("Both", (base, Base), {})


class Metaclasses(unittest.TestCase):
    def test_a_metaclass_of_python_makes_a_class_of_one_of_the_host(self):
        for name in ("Meta", "Making"):
            made = space["derived"](space[name], Plain)
            one = made(3)
            self.assertEqual((one.twice(), one.half, one.number, one.more()), (6, 1.5, 3, "more"), name)
            self.assertEqual(emb.evaluate("lambda cls: type(cls).__name__")(made), name)
        self.assertEqual(made.mark, "made of Plain")
        self.assertEqual(space["module"](), "who calls")

    def test_one_that_is_made_afterwards(self):
        emb.Object(Plain)
        emb.run("class Late(type): pass", space)
        made = space["derived"](space["Late"], Plain)
        self.assertEqual(made(2).twice(), 4)
        with self.assertRaisesRegex(TypeError, "argument 1 must be str|must be str"):
            space["Late"](1, (), {})

    def test_members_of_a_class_are_found_as_functions_that_can_be_read(self):
        for name in ("__init__", "twice", "half"):
            self.assertEqual(space["code"](Plain, name)[0], "self")
        self.assertEqual(space["code"](Plain, "__init__"), ("self", "number"))


if __name__ == "__main__":
    unittest.main()
