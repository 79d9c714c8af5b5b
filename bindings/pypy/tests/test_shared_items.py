"""Lists, dicts and sets that Python reads from attributes of the host's objects."""

import collections
import threading
import types
import unittest

import emb
from emb._abi import _memory
from emb._containers import _kept_items, _shared_items, _shared_there

from . import settle

SPACE = emb.Object({})
emb.run(
    """
import threading
def change(o):
    o.items.append(4)
    o.mapping["k"] = 5
    o.members.add(9)
    o.members.discard(1)
    o.inner["a"].append(7)
    o.pair[0].append(3)
    vars(o)["items"].append(6)
    type(o).of_class.append(1)
    return o.items is o.items, len(o.items)
def change_collections(o):
    o.counts["x"].append(1)
    o.queue.extend((1, 2, 3))
    o.ordered["z"] = 1
    o.ordered.move_to_end("a")
    o.counter.update("aab")
def hold(o):
    held = o.items
    held.append("first")
    seen = o.count()
    held.append("second")
    o.grow()
    return seen, o.count(), held[-1], len(held)
def put(o, many):
    held = o.items
    held[5] = "five"
    if many: del held[0]
    return o.items[5]
def hold_all(objects, call):
    held = [one.items for one in objects]
    for i in range(200):
        call()
    held[0].append("held")
    objects[0].items.append("read again")
    call()
    count = objects[0].count() - 2 + sum(one.count() for one in objects[1:])
    for one in held:
        one.append("at the end")
    return count + 1
def in_a_thread(o):
    one = threading.Thread(target=lambda: o.items.append("thread"))
    one.start()
    one.join()
def fail(o):
    o.items.append("failed")
    raise KeyError("after")
def count(counter, queue):
    counter.update("ab")
    queue.extend((1, 2, 3))
def add_to_result(function):
    result = function()
    result["b"] = 2
    return function() is result
class Keeper:
    def __init__(self, results, log, names=None):
        self.results, self.log, self.names = results, log, names
    def fill(self, x):
        self.results.setdefault("key", []).append(x)
        self.log.append(x)
        self.names.add(x)
    def is_log(self, log):
        return log is self.log
def fill(one, other):
    one.append(1)
    other["k"] = 1
def mark(function):
    function.marks.append("marked")
    return function
""",
    SPACE,
)


class Plain:
    of_class = []

    def __init__(self, items=()):
        self.items = list(items)

    def count(self):
        return len(self.items)

    def grow(self):
        self.items.append("grown")


class SharedItems(unittest.TestCase):
    def setUp(self):
        # Of calls that go on in other threads there may be some.
        _shared_items.came_back()
        self.kept = len(_kept_items.entries) + len(_kept_items.resting)

    def tearDown(self):
        entries = {**_kept_items.entries, **_kept_items.resting}
        self.assertLessEqual(len(entries), self.kept)
        settle()
        entries = {**_kept_items.entries, **_kept_items.resting}
        numbers = emb.evaluate("lambda *of: tuple(number for one in of for number in list(one))")
        there = set(numbers(_shared_there.python("shared"), _shared_there.python("resting")))
        self.assertEqual(there, set(entries))

    def test_what_python_changes(self):
        thing = types.SimpleNamespace()
        one = Plain([1, thing])
        items, inner = one.items, []
        one.mapping, one.members, one.inner, one.pair = {}, {1, 2}, {"a": inner}, ([], 1)
        Plain.of_class = []
        self.assertEqual(SPACE["change"](one), (True, 4))
        self.assertIs(one.items, items)
        self.assertIs(items[1], thing)
        self.assertEqual(items, [1, thing, 4, 6])
        self.assertEqual((one.mapping, one.members, one.pair), ({"k": 5}, {2, 9}, ([3], 1)))
        self.assertIs(one.inner["a"], inner)
        self.assertEqual((inner, Plain.of_class), ([7], [1]))

    def test_the_containers_of_collections(self):
        one = Plain()
        one.counts = collections.defaultdict(list)
        one.queue = collections.deque(maxlen=2)
        one.ordered = collections.OrderedDict(a=1, b=2)
        one.counter = collections.Counter("a")
        SPACE["change_collections"](one)
        self.assertEqual({key: list(value) for key, value in one.counts.items()}, {"x": [1]})
        self.assertEqual(one.queue, collections.deque([2, 3], maxlen=2))
        self.assertEqual(list(one.ordered.items()), [("b", 2), ("z", 1), ("a", 1)])
        self.assertEqual(one.counter, collections.Counter("aaab"))

    def test_both_sides_in_turn(self):
        one = Plain(["zero"])
        self.assertEqual(SPACE["hold"](one), (2, 4, "grown", 4))
        self.assertEqual(one.items, ["zero", "first", "second", "grown"])

    def test_long_ones(self):
        for many in (False, True):
            one = Plain(range(1000))
            SPACE["put"](one, many)
            self.assertEqual(one.items[4 if many else 5], "five")
            self.assertEqual(len(one.items), 999 if many else 1000)

    def test_what_is_held_for_long(self):
        several = [Plain([i]) for i in range(3000)]
        called = []
        counted = SPACE["hold_all"](several, lambda: called.append(len(_kept_items.entries)))
        self.assertLess(called[-1], 100)
        self.assertGreater(len(called), 100)
        self.assertEqual(counted, 3001)
        self.assertEqual(several[0].items, [0, "held", "read again", "at the end"])
        self.assertEqual(several[2999].items, [2999, "at the end"])

    def test_another_thread_of_pythons(self):
        one = Plain()
        SPACE["in_a_thread"](one)
        self.assertEqual(one.items, ["thread"])

    def test_threads_of_the_host(self):
        several = [Plain() for _ in range(4)]
        change = emb.evaluate("lambda o: [o.items.append(i) for i in range(50)] and None")
        threads = [threading.Thread(target=change, args=(one,)) for one in several]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        emb.evaluate("lambda o: o.items")(Plain())  # who came too late sees it with the next call
        for one in several:
            self.assertEqual(one.items, list(range(50)))

    def test_where_the_call_fails(self):
        one = Plain()
        with self.assertRaises(KeyError):
            SPACE["fail"](one)
        self.assertEqual(one.items, ["failed"])

    def test_attributes_of_functions(self):
        def function():
            pass

        function.marks = []
        self.assertIs(SPACE["mark"](function), function)
        self.assertEqual(function.marks, ["marked"])

    def test_collections_among_arguments_and_results(self):
        counter, queue = collections.Counter("a"), collections.deque(maxlen=2)
        SPACE["count"](counter, queue)
        self.assertEqual((counter, queue), (collections.Counter("aab"), collections.deque([2, 3], maxlen=2)))
        result = collections.OrderedDict(a=1)
        self.assertTrue(SPACE["add_to_result"](lambda: result))
        self.assertEqual(result, collections.OrderedDict(a=1, b=2))

    def test_empty_ones_that_a_call_keeps_to_be_filled_later(self):
        results, log, names = {}, [], set()
        keeper = SPACE["Keeper"](results, log, names=names)
        self.assertEqual((results, log, names), ({}, [], set()))
        keeper.fill(1)
        self.assertEqual((list(results["key"]), log, names), ([1], [1], {1}))
        results["mine"] = 0
        log.append("mine")
        names.add("mine")
        keeper.fill(2)
        self.assertEqual((list(results), list(results["key"])), (["key", "mine"], [1, 2]))
        self.assertEqual((log, names), ([1, "mine", 2], {1, 2, "mine"}))
        self.assertTrue(keeper.is_log(log))  # and it is the same one
        for _ in range(10):
            SPACE["Keeper"]({}, [])
        self.assertLessEqual(len(_shared_there.python("kept")), 8)
        nothing = emb.evaluate("lambda *args: None")
        for _ in range(1100):  # unchanged for so long, they are looked at no more
            nothing(1)
        self.assertEqual(len(_shared_there.python("kept")), 0)

    def test_empty_ones_come_back_as_themselves(self):
        held, others = emb.evaluate("[]"), emb.evaluate("[[i] for i in range(200)]")
        for _ in range(20):
            for mine, change in ([], list.append), ({}, dict.setdefault), (set(), set.add):
                held.append(mine)
                self.assertIs(held[-1], mine)
                change(mine, 7)
                self.assertIs(held[-1], mine)  # also after Python has been told
                self.assertEqual((list(mine), emb.evaluate("len")(mine)), ([7], 1))
            # No other is taken for it, which has an id() that nothing else has.
            self.assertEqual([list(one) for one in others], [[i] for i in range(200)])

    def test_empty_ones_that_nobody_keeps(self):
        one, other, nothing = [], {}, []
        SPACE["fill"](one, other=other)
        emb.evaluate("lambda x: None")(nothing)
        self.assertEqual((one, other, nothing), ([1], {"k": 1}, []))
        self.assertEqual(len(_shared_there.python("kept")), 0)

    def test_empty_ones_are_the_host_s_where_python_calls_it(self):
        seen, mine, results = [], [], []

        def add(one):
            seen.append(one is mine)
            one.append(1)

        def work(one):
            one.append("begun")
            yield
            one.append("done")

        emb.evaluate("lambda f, one: (f(one), one.append(2), f(one))")(add, mine)
        self.assertEqual((mine, seen), ([1, 2, 1], [True, True]))
        # Also what only an object of the host has, that was made of it in the call.
        for _ in emb.evaluate("lambda f, *args: f(*args)")(work, results):
            self.assertEqual(results, ["begun"])
        self.assertEqual(results, ["begun", "done"])
        failed = []
        with self.assertRaises(ZeroDivisionError):
            emb.evaluate("lambda f, one: f(one) or 1 / 0")(add, failed)
        self.assertEqual(failed, [1])
        emb.collect()  # the exception has it
        before = len(_kept_items.owners)
        for _ in range(20):
            emb.evaluate("lambda f, one: f(one)")(add, [])
        emb.evaluate("len")([1])
        self.assertLessEqual(len(_kept_items.owners), before + 1)
        self.assertEqual(_memory.calls_with_containers, {})

    def test_a_call_that_was_broken_off_before_its_end(self):
        before = len(_memory._frames())
        frame = _memory.Frame()  # an exception keeps it from being given back
        self.assertEqual(len(_memory._frames()), before + 1)
        del frame
        emb.collect()
        self.assertEqual(len(_memory._frames()), before)

    def test_what_contains_itself(self):
        one = Plain()
        one.items.append(one.items)
        with self.assertRaises(ValueError):
            emb.evaluate("lambda o: o.items")(one)


if __name__ == "__main__":
    unittest.main()
