"""What the containers that both sides have cost where nothing, or little, becomes of them."""

import types
import unittest
from unittest import mock

import emb
from emb._containers import _merging, _shared_entries, _shared_items

SPACE = emb.Object({})
emb.run(
    """
def each(function, many, container):
    for i in range(many):
        function(i, container)
    return container
def in_turn(function, container):
    seen = []
    for i in range(4):
        function(container)
        seen.append(list(container))
        container.append(-i)
    return seen
class Thing:
    pass
""",
    SPACE,
)


class Unchanged(unittest.TestCase):
    def test_one_at_a_time_is_not_asked_for(self):
        with mock.patch.object(_shared_items, "alone", wraps=_shared_items.alone) as alone:
            SPACE["each"](lambda i, container: None, 200, [])
        self.assertLess(alone.call_count, 10)

    def test_nor_in_the_calls_after_the_host_has_got_one(self):
        thing = SPACE["Thing"]()
        thing.kept, thing.number = [1, 2], 3
        thing.kept
        with mock.patch.object(_shared_items, "alone", wraps=_shared_items.alone) as alone:
            for _ in range(200):
                self.assertEqual((thing.kept, thing.number), ([1, 2], 3))
        self.assertLess(alone.call_count, 10)
        thing.kept.append(4)
        self.assertEqual(emb.evaluate("lambda thing: len(thing.kept)")(thing), 3)
        emb.evaluate("lambda thing: thing.kept.clear()")(thing)
        self.assertEqual(thing.kept, [])


class Compared(unittest.TestCase):
    def test_one_that_another_thread_takes_items_out_of(self):
        class Shrinking(list):
            def __getitem__(self, at):
                if at == 10:
                    self.clear()  # what such a thread does between two steps of this one
                return list.__getitem__(self, at)

        self.assertFalse(_merging.are_same(Shrinking(range(50)), list(range(50))))


class Extended(unittest.TestCase):
    def setUp(self):
        self.given = given = []

        def give(entry, items, *rest):
            given.append(len(items))
            return self.give(entry, items, *rest)

        self.give = _shared_entries.Entry.give
        patch = mock.patch.object(_shared_entries.Entry, "give", give)
        patch.start()
        self.addCleanup(patch.stop)

    def test_what_the_host_appends_is_all_that_is_passed(self):
        one, thing = [], types.SimpleNamespace()
        SPACE["each"](lambda i, container: container.append((i, thing)), 300, one)
        self.assertEqual([i for i, _ in one], list(range(300)))
        self.assertEqual(self.given, [])
        self.assertTrue(all(each is thing for _, each in one))

    def test_where_both_append(self):
        one = []
        seen = SPACE["in_turn"](lambda container: container.extend(("host", [])), one)
        expected, all_seen = [], []
        for i in range(4):
            expected += ["host", []]
            all_seen.append(list(expected))
            expected.append(-i)
        self.assertEqual([list(map(repr, each)) for each in seen], [list(map(repr, each)) for each in all_seen])
        self.assertEqual(one, expected)

    def test_what_is_more_than_that(self):
        def change(i, container):
            container.insert(0, i)

        one = []
        there = SPACE["each"](change, 5, one)
        self.assertEqual((one, list(there)), ([4, 3, 2, 1, 0],) * 2)
        self.assertTrue(self.given)
