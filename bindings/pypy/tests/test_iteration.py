"""Reading ahead is never seen."""

import array
import unittest

import emb
from tests import needs_numpy


class Lists(unittest.TestCase):
    def test_items_in_order(self):
        for count in (0, 1, 2, 3, 7, 100, 5000):
            self.assertEqual(list(emb.Object(list(range(count)))), list(range(count)))

    def test_items_that_take_calls_to_be_made_beside_others(self):
        """Their results take the place, in libemb's memory, of what has not been read."""
        emb.run("from collections import namedtuple; from decimal import Decimal; Pair = namedtuple('Pair', 'a b')")
        for items in (
            "y for i in range(100) for y in (Decimal(i), 1j * i, 2**90 + i, b'%d' % i, 'x' * i, None, i, i / 2)",
            "(Decimal(i), Decimal(-i)) for i in range(60)",
            "(Pair(i, Decimal(i)), (2**80 + i, (b'%d' % i, Decimal(i)))) for i in range(60)",
        ):
            with self.subTest(items):
                there = emb.evaluate("[%s]" % items)
                self.assertEqual(repr(list(there)), repr(there))

    def test_a_list_that_changes_meanwhile(self):
        for change in ("x.append(99)", "x.pop()", "x.insert(0, 5)", "x[-1] = 'new'", "x.clear()"):
            for at in (0, 1, 5, 20):
                one, other = {"x": list(range(30))}, emb.Object({"x": list(range(30))})
                here, there = [], []
                for item in one["x"]:
                    here.append(item)
                    if len(here) == at:
                        exec(change, one)
                for item in other["x"]:
                    there.append(item)
                    if len(there) == at:
                        emb.run(change, other)
                with self.subTest(change, at=at):
                    self.assertEqual(there, here)

    def test_a_list_that_grows_at_every_step(self):
        numbers = emb.Object([0])
        for number in numbers:
            if number < 50:
                numbers.append(number + 1)
        self.assertEqual(list(numbers), list(range(51)))

    def test_iterators_are_not_read_ahead(self):
        source = emb.evaluate("iter(range(1000))")
        for number in source:
            if number == 10:
                break
        self.assertEqual(next(source), 11)
        taken = emb.Object([])
        emb.run("def f(taken):\n  for i in range(5):\n    taken.append(i)\n    yield i")
        for number in emb.evaluate("f")(taken):
            self.assertEqual(len(taken), number + 1)

    def test_two_iterators_of_one_list(self):
        numbers = emb.Object(list(range(40)))
        self.assertEqual([(a, b) for a, b in zip(numbers, numbers)], [(i, i) for i in range(40)])
        walk = iter(numbers)
        self.assertEqual(len([a for a in walk for b in [next(walk)]]), 20)

    def test_subclasses_keep_their_own_iteration(self):
        emb.run("class L(list):\n  def __iter__(self): return iter('abc')")
        self.assertEqual(list(emb.evaluate("L([1, 2])")), ["a", "b", "c"])


@needs_numpy
class Arrays(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_items_are_numpys_scalars(self):
        for expression in (
            "np.arange(20.)",
            "np.arange(20)",
            "np.arange(40.)[::-2]",
            "np.arange(20, dtype='f4')",
            "np.broadcast_to(2.5, 20)",
            "np.arange(20).astype('>i8')",
            "np.array([True, False] * 10)",
            "np.arange(60.).reshape(20, 3)",
            "np.arange(20.).astype(object)",
            "np.array(['a', 'b'] * 9)",
            "np.rec.array([(1, 2.)] * 9)",
            "np.ma.masked_array(np.arange(9.), np.arange(9) > 5)",
        ):
            with self.subTest(expression):
                array = emb.evaluate(expression, emb.Object({"np": self.np}))
                expected = emb.evaluate("lambda a: [repr(i) for i in a]")(array)
                self.assertEqual([repr(item) for item in array], list(expected))

    def test_writing_ahead_is_seen(self):
        array = self.np.zeros(20)
        for place, item in enumerate(array):
            self.assertEqual(item, 0 if place == 0 else place)
            if place < 19:
                array[place + 1] = place + 1

    def test_what_the_host_writes_into_the_memory_is_seen(self):
        for dtype, count in ("d", 4), ("d", 20), ("f", 4), ("f", 20), ("l", 4):
            numbers = array.array(dtype, [0] * count)
            for place, item in enumerate(self.np.frombuffer(numbers, dtype=dtype)):
                self.assertEqual(item, place)
                numbers[min(place + 1, count - 1)] = place + 1
        numbers = array.array("d", [0] * 60)
        for place, row in enumerate(self.np.frombuffer(numbers).reshape(20, 3)):
            self.assertEqual(list(row), [place] * 3)
            for at in range(3 * place + 3, min(3 * place + 6, 60)):
                numbers[at] = place + 1

    def test_a_few_are_unpacked(self):
        x, y, z = self.np.arange(3.0)
        self.assertEqual((x, y, z), (0, 1, 2))
        first, *others = self.np.arange(12).reshape(6, 2)
        self.assertEqual((list(first), len(others), list(others[-1])), ([0, 1], 5, [10, 11]))
        with self.assertRaisesRegex(ValueError, "not enough|expected 3"):
            x, y, z = self.np.arange(2)
        with self.assertRaisesRegex(ValueError, "too many|expected 3"):
            x, y, z = self.np.zeros((20, 2))
        walk = iter(self.np.zeros((8, 1)))
        self.assertEqual([len([row for row in walk]), list(walk)], [8, []])

    def test_no_dimensions(self):
        self.assertRaisesRegex(TypeError, "over a 0-d array", iter, self.np.array(1.0))
        self.assertRaisesRegex(TypeError, "over a 0-d array", list, self.np.array(1.0))
