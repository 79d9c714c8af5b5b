"""Containers that a call passes to functions of the host: they are the host's own."""

import threading
import types
import unittest

import emb
from emb._abi import _memory
from emb._containers import _kept_items, _shared_items

from . import on_pypy, settle

SPACE = emb.Object({})
emb.run(
    """
import threading
def each(function, *args, **kwargs):
    return [function(i, *args, **kwargs) for i in range(3)]
def before_and_after(function, items):
    items.append("before")
    function(items)
    items.append("between")
    function(items)
    items.append("after")
def without(function, items):
    items.append("python")
    function()
    items.append("python")
    return len(items)
def in_a_thread(function, items):
    one = threading.Thread(target=function, args=(items,))
    one.start()
    one.join()
def fail(function, items):
    function(items)
    items.append("late")
    raise KeyError("after")
def in_turn(function, items):
    seen = []
    for i in range(3):
        function(items)
        seen.append(list(items))
    return seen
class Keeper:
    def take(self, function, items):
        self.items = items
        function(items)
        items.append("after")
    def count(self): return len(self.items)
""",
    SPACE,
)


class PassedBack(unittest.TestCase):
    def tearDown(self):
        self.assertEqual((_memory.calls_with_containers, _memory.not_called_yet), ({}, {}))

    def test_it_is_the_same(self):
        log, mapping, members, names, seen = [0], {"k": 1}, {1}, ["n"], []

        def function(i, *args, key):
            seen.append([one is other for one, other in zip(args + (key,), (log, mapping, members, names))])
            args[0].append(i)
            mapping[i] = len(log)
            members.add(i)
            return len(log)

        counts = SPACE["each"](function, log, mapping, members, key=names)
        self.assertEqual(seen, [[True] * 4] * 3)
        self.assertEqual(list(counts), [2, 3, 4])
        self.assertEqual((log, mapping, members), ([0, 0, 1, 2], {"k": 1, 0: 2, 1: 3, 2: 4}, {0, 1, 2}))

    def test_what_is_in_it_is_the_same(self):
        thing, inner, deep = types.SimpleNamespace(), [1], {"x": 1}
        outer = {"inner": inner, "thing": thing, "pair": (deep, 1)}

        def function(i, got):
            self.assertIs(got["inner"], inner)
            self.assertIs(got["thing"], thing)
            self.assertIs(got["pair"][0], deep)
            inner.append(i)
            deep[i] = thing

        sums = emb.evaluate(
            "lambda f, o: [(f(i, o), len(o['inner']), len(o['pair'][0]))[1:] for i in range(3)]"
        )
        self.assertEqual(list(sums(function, outer)), [(2, 2), (3, 3), (4, 4)])
        self.assertEqual((inner, list(deep)), ([1, 0, 1, 2], ["x", 0, 1, 2]))

    def test_what_python_has_done_before_and_does_after(self):
        items, seen = ["first"], []
        SPACE["before_and_after"](lambda got: seen.append((got is items, list(got))) or got.append("host"), items)
        self.assertEqual(seen[0], (True, ["first", "before"]))
        self.assertEqual(seen[1], (True, ["first", "before", "host", "between"]))
        self.assertEqual(items, ["first", "before", "host", "between", "host", "after"])

    def test_both_change_it_though_it_is_not_passed(self):
        items, mapping = [1], {"a": 1}
        SPACE["without"](lambda: items.append("host"), items)
        self.assertEqual(sorted(map(str, items)), ["1", "host", "python", "python"])
        both = emb.evaluate("lambda function, mapping: (function(), mapping.update(python=1), mapping.pop('a'))")
        both(lambda: mapping.update(host=1), mapping)
        self.assertEqual(mapping, {"host": 1, "python": 1})

    def test_another_thread_of_pythons(self):
        items = [1]
        SPACE["in_a_thread"](lambda got: got.append(2), items)
        self.assertEqual(items, [1, 2])

    def test_another_thread_of_the_host(self):
        def work(number):
            items = [number]
            seen = SPACE["in_turn"](lambda got: got.append(got is items), items)
            done.append((items, [len(one) for one in seen]))

        done = []
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(sorted(done), [([i, True, True, True], [2, 3, 4]) for i in range(4)])

    def test_where_the_call_fails(self):
        items = [1]
        with self.assertRaises(KeyError):
            SPACE["fail"](lambda got: got.append(got is items), items)
        self.assertEqual(items, [1, True, "late"])
        with self.assertRaises(ZeroDivisionError):
            SPACE["in_turn"](lambda got: got.append(1) or 1 / 0, items)
        self.assertEqual(items, [1, True, "late", 1])

    def test_a_call_within(self):
        outer, inner = [1], [2]

        def function(got):
            self.assertIs(got, outer)
            inside = SPACE["in_turn"](lambda other: (other.append(len(other)), outer.append(other is inner)), inner)
            got.append([len(one) for one in inside])

        SPACE["in_turn"](function, outer)
        self.assertEqual(outer[:5], [1, True, True, True, [2, 3, 4]])
        self.assertEqual(outer[-1], [8, 9, 10])

    def test_the_same_in_a_call_and_in_one_within(self):
        items = [0]

        def function(got):
            got.append(1)
            if len(got) < 4:
                SPACE["in_turn"](lambda other: other.append(other is items), got)

        SPACE["in_turn"](function, items)
        self.assertEqual(items, [0, 1, True, True, True, 1, 1])

    @on_pypy("a copy, what a call keeps")
    def test_what_is_kept(self):
        for items in [1], []:
            keeper, expected = SPACE["Keeper"](), items + [2, "after"]
            keeper.take(lambda got: got.append(2), items)
            self.assertEqual(items, expected)
            self.assertIs(keeper.items, items)
            items.append(3)
            self.assertEqual(keeper.count(), len(expected) + 1)

    def test_what_is_not_kept_is_let_go_of(self):
        _shared_items.came_back()
        settle()
        SPACE["in_turn"](lambda got: got.append(1), [1])
        emb.evaluate("1")
        emb.evaluate("len")("")
        self.assertFalse(_kept_items.entries or _kept_items.resting)

    def test_long_ones(self):
        numbers = list(range(5000))
        SPACE["in_turn"](lambda got: got.append(got is numbers), numbers)
        self.assertEqual(numbers[4999:], [4999, True, True, True])
