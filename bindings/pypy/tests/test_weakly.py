"""Weak references of Python to objects, functions and methods of the host."""

import gc
import unittest

import emb
from emb._abi import _error

from .callables import Account, call

_space = emb.Object({})
emb.run(
    """
import gc, inspect, weakref

class Registry:
    def __init__(self):
        self.gone, self.kept, self.keys, self.all = [], [], weakref.WeakKeyDictionary(), weakref.WeakSet()
    def add(self, x):
        make = weakref.WeakMethod if inspect.ismethod(x) else weakref.ref
        self.kept.append(make(x, lambda reference: self.gone.append("reference")))
        self.keys[x] = len(self.keys)
        self.all.add(x)
        weakref.finalize(x, self.gone.append, "finalize")
    def state(self):
        return [reference() is not None for reference in self.kept], len(self.keys), len(self.all)
    def send(self, *args):
        return [receive(*args) for receive in [reference() for reference in self.kept] if receive]

def tell(m):
    return str(inspect.signature(m)), m.__name__, m.__doc__, m.mark, inspect.ismethod(m), m.__self__
""",
    _space,
)


class Teller:
    def tell(self, x, y=2):
        "About it."
        return x + y

    tell.mark = 7


def settle():
    for _ in range(4):
        gc.collect()
        emb.collect()


class Weakly(unittest.TestCase):
    def setUp(self):
        self.registry = _space["Registry"]()

    def state(self):
        alive, keys, members = self.registry.state()
        return list(alive), keys, members

    def test_as_long_as_the_host_s_object_lives(self):
        teller = Teller()
        self.registry.add(teller)
        settle()
        self.assertEqual(self.state(), ([True], 1, 1))
        self.assertIs(self.registry.kept[0](), teller)
        self.assertEqual(self.registry.keys[teller], 0)
        self.assertEqual(list(self.registry.gone), [])
        del teller
        settle()
        self.assertEqual(self.state(), ([False], 0, 0))
        self.assertEqual(sorted(self.registry.gone), ["finalize", "reference"])

    def test_what_python_has_again_lives(self):
        self.registry.add(Teller())
        other = Teller()
        self.registry.add(other)
        settle()
        held = emb.Object([])
        emb.evaluate("lambda held, registry: held.append(registry.kept[1]())")(held, self.registry)
        settle()
        call(lambda got: None, held[0])
        settle()
        del other
        settle()
        self.assertEqual(self.state(), ([False, True], 1, 1))
        self.assertEqual(held[0].tell(1), 3)
        del held
        settle()
        settle()
        self.assertEqual(self.state(), ([False, False], 0, 0))

    def test_a_collection_that_comes_before_an_error_is_looked_at(self):
        teller = Teller()
        self.registry.add(teller)
        settle()
        self.assertEqual(self.state(), ([True], 1, 1))
        taken = _error._taken

        def taken_later():
            gc.collect()
            return taken()

        _error._taken = taken_later
        try:
            for _ in range(3):
                self.assertRaises(AttributeError, getattr, self.registry, "nothing")
                self.assertIs(self.registry.kept[0](), teller)
        finally:
            _error._taken = taken

    def test_functions(self):
        def receive(x):
            return 2 * x

        self.registry.add(receive)
        self.registry.add(lambda x: x)
        settle()
        self.assertEqual(list(self.registry.send(4)), [8])
        self.assertIs(self.registry.kept[0](), receive)
        del receive
        settle()
        self.assertEqual(list(self.registry.send(4)), [])

    def test_methods_live_as_long_as_their_objects(self):
        teller = Teller()
        self.registry.add(teller.tell)
        self.registry.add(Teller().tell)
        settle()
        self.assertEqual(list(self.registry.send(4)), [6])
        self.assertEqual(self.registry.kept[0](), teller.tell)
        self.assertEqual(type(self.registry.kept[0]()), type(teller.tell))
        del teller
        settle()
        self.assertEqual(list(self.registry.send(4)), [])

    def test_what_is_gone_in_the_host_is_gone_in_python(self):
        tellers = [Teller() for _ in range(3)]

        def receive(x):
            return 2 * x

        self.registry.add(tellers[0].tell)
        self.registry.add(tellers[1])
        self.registry.add(receive)
        settle()
        del tellers, receive
        gc.collect()  # and no more: Python has not been told what to let go of
        self.assertEqual(list(self.registry.send(4)), [])
        self.assertEqual(self.state(), ([False] * 3, 0, 0))

    def test_a_method_is_one(self):
        teller = Teller()
        told = _space["tell"](teller.tell)
        self.assertEqual(told[:5], ("(x, y=2)", "tell", "About it.", 7, True))
        self.assertIs(told[5], teller)
        self.assertEqual(call(teller.tell, 3, y=1), 4)
        with self.assertRaisesRegex(TypeError, "missing 1 required"):
            call(teller.tell)
        self.assertEqual(call(Account(2).put, 3), 5)

    def test_the_place_of_one_that_is_gone(self):
        for _ in range(300):
            teller = Teller()
            self.registry.add(teller)
            self.assertIs(self.registry.kept[-1](), teller)
        del teller
        settle()
        self.assertEqual(self.state()[1], 0)
