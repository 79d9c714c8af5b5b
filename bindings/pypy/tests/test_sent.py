"""Functions, methods, classes and objects of the host that are sent to another Python's process."""

import unittest

import emb

from . import needs, on_pypy
from .programs import Program

SEND = """
import functools, pickle, subprocess, sys
import cloudpickle
def sent(function, *args):
    "What the function gives in a process of a Python alone."
    data = cloudpickle.dumps((function, args))
    code = ("import pickle, sys; f, args = pickle.load(sys.stdin.buffer)\\n"
            "import cloudpickle; sys.stdout.buffer.write(cloudpickle.dumps(f(*args)))")
    python = emb.import_mod("sys").executable
    done = subprocess.run([python, "-c", code], input=bytes(data), stdout=subprocess.PIPE, check=True)
    return cloudpickle.loads(done.stdout)
"""

# Functions are sent by value, as dill does it.
PURE = """
import io, operator, pickle, types
class Pickler(pickle._Pickler):
    dispatch = dict(pickle._Pickler.dispatch)
    def save_function(self, function):
        self.save_reduce(operator.concat, ("made of ", function.__name__), obj=function)
    dispatch[types.FunctionType] = save_function
def told(values):
    file = io.BytesIO()
    Pickler(file).dump(values)
    return pickle.loads(file.getvalue())
"""


@on_pypy("what a CPython sends is its own")
@needs("cloudpickle", "joblib", "sklearn")
class Sent(Program):
    def test_methods(self):
        self.assertEqual(
            self.run_script(
                "import emb\n" + SEND + """
from sklearn.base import BaseEstimator

class Scaled(BaseEstimator):
    def __init__(self, factor=1):
        self.factor = factor
    def of(self, x):
        return self.factor * x
    @property
    def next(self):
        return self.factor + 1
    @classmethod
    def new(cls, factor):
        return cls(factor)
    @staticmethod
    def twice(x):
        return 2 * x

def total(a, b, c=0):
    return a + b + c

print(sent(Scaled(3).of, 2), sent(Scaled.new, 4).of(2), sent(Scaled(3).twice, 4))
print(sent(lambda scaled: scaled.next, Scaled(5)), sent(functools.partial(total, 1, c=5), 10))
print(type(sent(Scaled.new, 4)) is Scaled)
"""
            ),
            "6 8 8\n6 16\nTrue\n",
        )

    def test_what_cannot_be_sent(self):
        self.run_script(
            "import emb\n" + SEND + """
from sklearn.base import BaseEstimator

class Five:
    def __get__(self, instance, owner=None):
        return 5

class Caching(BaseEstimator):
    once = Five()

assert emb.evaluate("lambda it: it.once")(Caching()) == 5
try:
    cloudpickle.dumps(Caching())
except TypeError as error:
    assert "no function in a class" in str(error)
else:
    assert False
"""
        )

    def test_objects(self):
        self.assertEqual(
            self.run_script(
                "import emb\n" + SEND + """
import abc

class Base(abc.ABC):
    shared = {"a": [1]}
    def __init__(self, k):
        self.k, self.items, self.me, self.table = k, [1], self, {"t": ([2], {3})}
    @abc.abstractmethod
    def work(self, x): ...
    def __len__(self):
        return len(self.items)
    @property
    def first(self):
        return self.items[0]

class Heir(Base):
    def work(self, x):
        self.items.append(Other(x, self.shared["a"]))
        return self

class Other:
    __slots__ = ("x", "y")
    def __init__(self, x, y):
        self.x, self.y = x, y

class Says:
    def __init__(self, n):
        self.n, self.lock = n, iter(())
    def __getstate__(self):
        return {"n": self.n}
    def __setstate__(self, state):
        self.n, self.lock = state["n"] + 1, "new"
    def itself(self):
        return self

class Counts:
    calls = 0
    def __init__(self, a):
        self.a = a
    def __reduce__(self):
        return Counts, (self.a * 2,)
    def itself(self):
        return self

class Fails:
    def fail(self):
        raise LookupError("no")

back = sent(Heir(2).work, 5)
print(type(back) is Heir, back.me is back, back.k, back.table, type(back.items) is list, len(back))
print(type(back.items[1]) is Other, back.items[1].x, back.items[1].y, back.first)
print(len(back.work(6)), Base.shared, Heir.work is back.work.__func__)
there = sent(lambda one: (type(one).__name__, len(one), one.first, isinstance(one, Base)), back)
print(there, sent(Says(1).itself).n, sent(Says(1).itself).lock, sent(Counts(1).itself).a)
several = sent(lambda: [Counts(1)])
print(sent(lambda kind: kind(4), Counts).a, [type(one) is Counts for one in several])
"""
            ),
            "True True 2 {'t': ([2], {3})} True 2\n"
            "True 5 [1] 1\n"
            "3 {'a': [1]} True\n"
            "('Heir', 3, 1, True) 3 new 4\n"
            "8 [True]\n",
        )

    def test_python_s_pickles_in_the_same_program(self):
        self.run_script(
            """
            import emb, joblib
            class Plain:
                def __init__(self, a): self.a = a
            class Table(dict):
                pass
            pickled = emb.evaluate("lambda x: __import__('pickle').loads(__import__('pickle').dumps(x))")
            plain, table = pickled([Plain(3), Table(a=1)])
            assert (type(plain), plain.a, type(table), table) == (Plain, 3, Table, {"a": 1})
            class Slotted:
                __slots__ = ("a", "b")
            class Says:
                def __getstate__(self): return {"a": 1}
                def __setstate__(self, state): self.a = state["a"] + 1
            class Empty: pass
            slotted = Slotted(); slotted.a = [1, plain]; plain.itself = plain
            slotted, says, empty = pickled([slotted, Says(), Empty()])
            assert (type(slotted), type(slotted.a), slotted.a[0], says.a) == (Slotted, list, 1, 2)
            assert slotted.a[1].itself is slotted.a[1] and type(empty) is Empty
            import pickle
            both = pickle.loads(pickle.dumps(emb.Object([plain, plain])))
            assert both[0] is both[1] and both[0].itself is both[0]
            """
        )

    def test_named_tuples_exceptions_and_methods_of_builtin_classes(self):
        printed = self.run_script(
            "import emb\n" + SEND + """
import typing

class Row(typing.NamedTuple):
    name: str
    size: int = 2

class Failed(ValueError):
    def __init__(self, code):
        super().__init__(code, "failed")
        self.code = code

print(sent(lambda kind: (kind("a"), kind), Row) == (Row("a"), Row))
print(sent(lambda *errors: [(type(one).__name__, one.args) for one in errors], Failed(3), KeyError(4)))
print(sent(dict.get, {1: 2}, 1), sent(str.upper, "a"))
"""
        )
        self.assertEqual(printed, "True\n[('Failed', (3, 'failed')), ('KeyError', (4,))]\n2 A\n")

    def test_a_pickler_that_is_written_in_python(self):
        printed = self.run_script(
            "import emb, numpy\nemb.run(%r)" % PURE + """
class Here:
    def method(self):
        return 1

f = lambda: 1
first, again, kind, one = emb.evaluate("told")((f, f, Here, Here()))
print(first, again, kind is Here, type(one) is Here)
"""
        )
        self.assertEqual(printed, "made of <lambda> made of <lambda> True True\n")

    def test_dataclasses(self):
        self.assertEqual(
            self.run_script(
                "import emb\n" + SEND + """
import dataclasses, typing

@dataclasses.dataclass
class Point:
    x: int
    more: list = dataclasses.field(default_factory=list)
    def moved(self, by):
        return Point(self.x + by, self.more + [by])

@dataclasses.dataclass(frozen=True, order=True)
class Heir:
    limit: typing.ClassVar[int] = 5
    given: dataclasses.InitVar[int] = 2
    z: float = dataclasses.field(default=1.5, repr=False)
    def __post_init__(self, given):
        object.__setattr__(self, "z", given + self.limit)
    def __hash__(self):
        return 7
    def changed(self):
        try:
            self.z = 1
        except dataclasses.FrozenInstanceError:
            return dataclasses.replace(self, given=1)

print(sent(Point(1).moved, 2) == Point(3, [2]), sent(repr, Point(1)))
print(sent(lambda kind: (kind(1) == kind(1), kind.__annotations__["x"] is int), Point))
print(sent(Heir(4).changed).z, sent(lambda kind: (kind() < kind(3), hash(kind()), repr(kind())), Heir))
print(sent(lambda kind: [(one.name, one.type) for one in dataclasses.fields(kind)], Heir))
"""
            ),
            "True Point(x=1, more=[])\n"
            "(True, True)\n"
            "6 (True, 7, 'Heir()')\n"
            "[('z', <class 'float'>)]\n",
        )

    def test_enumerations(self):
        self.assertEqual(
            self.run_script(
                "import emb\n" + SEND + """
import enum

class Mode(enum.Enum):
    FAST = 1
    def twice(self):
        return 2 * self.value

class Flags(enum.IntFlag):
    A = 1
    B = 2

class Word(str, enum.Enum):
    YES = "y"

looks = lambda member: (member.name, type(member).__name__, member.value)
print(sent(looks, Mode.FAST), sent(lambda member: member.twice(), Mode.FAST))
print(sent(looks, Flags.A | Flags.B), sent(looks, Word.YES))
"""
            ),
            "('FAST', 'Mode', 1) 2\n('A|B', 'Flags', 3) ('YES', 'Word', 'y')\n",
        )


if __name__ == "__main__":
    unittest.main()
