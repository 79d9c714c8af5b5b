"""Containers that Python has kept, and that the host has got from it again: what the host does to them then is
seen by whatever it does next, not only by calls."""

import unittest

import emb
from emb._containers import _unchanged

from . import on_pypy

SPACE = emb.Object({})
emb.run(
    """
class Keeper:
    def __init__(self):
        self.by_name = {}
    def __setitem__(self, name, value):
        self.by_name[name] = value
    def __getitem__(self, name):
        return self.by_name[name] if name in self.by_name else sum(map(len, self.by_name.values()))
    def __getattr__(self, name):
        return sum(map(len, self.by_name.values()))
    def __repr__(self):
        return repr(self.by_name)
    def __len__(self):
        return sum(map(len, self.by_name.values()))
    def __bool__(self):
        return len(self) > 1
    def __contains__(self, item):
        return any(item in one for one in self.by_name.values())
    def __add__(self, number):
        return len(self) + number
    def __neg__(self):
        return -len(self)
    def __iter__(self):
        return iter([len(self)])
""",
    SPACE,
)

OPERATIONS = {
    "text": (repr, "{'items': ['a', 'b']}"),
    "length": (len, 2),
    "truth": (bool, True),
    "item": (lambda keeper: keeper["all"], 2),
    "attribute": (lambda keeper: keeper.all, 2),
    "membership": (lambda keeper: "b" in keeper, True),
    "operator": (lambda keeper: keeper + 1, 3),
    "unary": (lambda keeper: -keeper, -2),
    "iteration": (list, [2]),
}


class InHands(unittest.TestCase):
    def test_each_operation_sees_what_the_host_has_done(self):
        for name, (operation, expected) in OPERATIONS.items():
            with self.subTest(name):
                keeper = SPACE["Keeper"]()
                keeper["items"] = []
                keeper["items"].append("a")
                self.assertEqual(len(keeper), 1)
                keeper["items"].append("b")
                self.assertEqual(operation(keeper), expected)

    @on_pypy("a CPython has no room for what is passed with something in it")
    def test_in_a_function_of_the_host_too(self):
        lazy = emb.evaluate("lambda items: (one for one in items)")

        def body():
            items, found = [1, 2, 3], []
            for one in lazy(items):
                found.append(one)
                if one < 200:
                    items.append(one + 10)
                if one == 2:
                    items[2] = 4
            return found == items and found[:4] == [1, 2, 4, 11] and max(found) >= 200

        self.assertTrue(body())
        self.assertTrue(emb.evaluate("lambda f: f()")(body))

    def test_they_are_let_go_of_without_a_call(self):
        keeper = SPACE["Keeper"]()
        for at in range(20):
            keeper[at] = []
        self.assertGreaterEqual(len(_unchanged.in_hands), 8)
        for _ in range(_unchanged._OPERATIONS + 1):
            keeper.all
        self.assertEqual(_unchanged.in_hands, {})


if __name__ == "__main__":
    unittest.main()
