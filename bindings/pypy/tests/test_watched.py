"""Containers among the arguments: what a call changes in Python's copy, it changes in the host's."""

import unittest

import emb

from . import needs_numpy, on_pypy

emb.run(
    """
def change(numbers, mapping=None, members=None, fail=False):
    numbers.append(9)
    numbers[0] = "new"
    del numbers[1]
    if mapping is not None:
        mapping["x"] = [1]
        mapping.pop("a", None)
        mapping["inner"]["q"] = 1
    if members is not None:
        members.add(7)
        members.discard(1)
    if fail: raise KeyError("after")
def give(function, log):
    for i in range(3): function(log)
def nested(pair):
    pair[0].append(1)
    pair[1]["k"].reverse()
"""
)
change = emb.evaluate("change")


class Watched(unittest.TestCase):
    def test_a_list(self):
        class Thing:
            pass

        thing, inner = Thing(), [5]
        numbers = [1, 2, thing, inner]
        change(numbers)
        self.assertEqual(numbers, ["new", thing, [5], 9])
        # What was in it before is the very same object.
        self.assertIs(numbers[1], thing)
        self.assertIs(numbers[2], inner)

    def test_dicts_and_sets(self):
        inner = {}
        mapping, members = {"a": 1, "inner": inner}, {1, 2}
        change([0, 0], mapping, members=members)
        self.assertEqual(list(mapping), ["inner", "x"])
        self.assertIs(mapping["inner"], inner)
        self.assertEqual(inner, {"q": 1})
        self.assertEqual(list(mapping["x"]), [1])
        self.assertEqual(members, {2, 7})

    @on_pypy("beside this host there is only one Python")
    def test_one_that_is_put_into_another_is_itself(self):
        run = emb.evaluate("lambda source, **names: exec(source, names)")
        keep = emb.Object([])
        for one, other in (([1], {}), ([], {}), ([1], {"a": 2}), ([], {"a": 2})):
            for kept in "", "; keep.append(one); keep.append(other)":
                with self.subTest(one=one, other=other, kept=kept):
                    source = "other['one'] = one; other['two'] = (one, 5); one.append(other)"
                    run(source + kept, one=one, other=other, keep=keep)
                    self.assertIs(other["one"], one)
                    self.assertIs(other["two"][0], one)
                    self.assertIs(one[-1], other)
        itself = [1]
        run("itself.append(itself)", itself=itself)
        self.assertIs(itself[1], itself)

    def test_what_is_taken_out_of_a_set(self):
        """Whichever order the two have it in."""
        discard = emb.evaluate("lambda items, item: items.discard(item)")
        keep = emb.Object([])
        discard_and_keep = emb.evaluate("lambda items, item, keep: keep.append(items) or items.discard(item)")
        for values in range(1, 40), "abcdefghijklmnopqrstuvwxyz":
            for taken in values:
                with self.subTest(taken):
                    items, kept, inside = set(values), set(values), {"items": set(values)}
                    seen = []
                    discard(items, taken)
                    discard_and_keep(kept, taken, keep)
                    emb.evaluate("lambda d, item, f: d['items'].discard(item) or f(d)")(
                        inside, taken, lambda one: seen.append(set(one["items"]))
                    )
                    self.assertEqual(items, set(values) - {taken})
                    self.assertEqual(kept, items)
                    self.assertEqual((inside, seen), ({"items": items}, [items]))

    @on_pypy("beside this host there is only one Python")
    def test_one_that_an_object_has_is_itself(self):
        class Plain:
            pass

        one = Plain()
        one.items, one.names = [1], {"a": 1}
        emb.evaluate("lambda one: one.items.append(one.names) or one.names.update(k=one.items)")(one)
        self.assertIs(one.items[1], one.names)
        self.assertIs(one.names["k"], one.items)

    def test_inside_of_others(self):
        first, second = [0], [1, 2]
        holder = {"k": second}
        emb.evaluate("nested")((first, holder))
        self.assertEqual((first, second), ([0, 1], [2, 1]))
        self.assertIs(holder["k"], second)

    def test_the_same_twice(self):
        twice = emb.evaluate("lambda a, b, *, c=None: (a is b, c is a, a.append(1) if type(a) is list else None)[:2]")
        row, nothing, mapping = [0], [], {"k": 1}
        self.assertEqual(twice(row, row, c=row), (True, True))
        self.assertEqual(twice(nothing, nothing), (True, False))
        self.assertEqual(twice(mapping, mapping), (True, False))
        self.assertEqual((row, nothing, mapping), ([0, 1], [1], {"k": 1}))
        rows = [row] * 3
        self.assertTrue(emb.evaluate("lambda rows: rows[0] is rows[2]")(rows))
        emb.evaluate("lambda rows: rows[1].append(2)")(rows)
        self.assertEqual(rows, [[0, 1, 2]] * 3)
        self.assertTrue(all(one is row for one in rows))

    def test_where_the_call_fails(self):
        numbers = [1, 2]
        with self.assertRaises(KeyError):
            change(numbers, fail=True)
        self.assertEqual(numbers, ["new", 9])

    def test_methods_and_keywords(self):
        ours, names = [1], {"k": [2]}
        emb.run("class Sink:\n    def take(self, a, *, b): a.append(b['k']); b.clear()")
        emb.method(emb.evaluate("Sink")(), "take", ours, b=names)
        self.assertEqual(([ours[0], list(ours[1])], names), ([1, [2]], {}))

    def test_what_a_function_of_the_host_does_to_it(self):
        log = []
        emb.evaluate("give")(lambda got: got.append(len(got)), log)
        self.assertEqual(log, [0, 1, 2])

    def test_long_lists_of_numbers(self):
        for numbers in ([float(i) for i in range(1000)], list(range(1000))):
            emb.evaluate("lambda numbers: numbers.reverse()")(numbers)
            self.assertEqual(numbers[:2], [999, 998])

    def test_what_is_not_changed_is_not_touched(self):
        class Kept(list):
            pass

        kept = Kept([1])
        ours = [kept, (1, 2), {"a": kept}]
        self.assertEqual(emb.evaluate("len")(ours), 3)
        self.assertIs(ours[0], kept)
        self.assertIs(ours[2]["a"], kept)

    @needs_numpy
    def test_shuffle(self):
        shuffle = emb.import_mod("numpy.random").default_rng(1).shuffle
        numbers = list(range(50))
        shuffle(numbers)
        self.assertNotEqual(numbers, sorted(numbers))
        self.assertEqual(sorted(numbers), list(range(50)))
