"""How long Python looks at the host's memory, and what it has of it when it gets that again."""

import array
import gc
import sys
import unittest
import weakref

import emb
from emb._abi import _memory
from emb._buffers import _share
from tests import needs_numpy, on_pypy

PYPY = sys.implementation.name == "pypy"


def deep_list():
    items = []
    items.append(items)
    return items


@needs_numpy
class Lending(unittest.TestCase):
    def setUp(self):
        self.np = emb.import_mod("numpy")

    def test_borrowed(self):
        data = bytearray(b"abc")
        self.assertEqual(emb.borrowed(data), 0)
        first, second = emb.array(data), emb.array(data)[1:]
        emb.collect()
        self.assertEqual(emb.borrowed(data), 2)
        self.assertEqual(emb.borrowed(bytearray(b"abc")), 0)
        emb.release(first)
        self.assertEqual(emb.borrowed(data), 1)
        emb.release(second)
        self.assertEqual(emb.borrowed(data), 0)
        data += b"d"
        self.assertEqual(len(data), 4)

    def test_lifetime(self):
        emb.collect()
        before = len(_share.lent())
        numbers = array.array("d", [1, 2])
        keep = self.np.asarray(numbers)
        part = keep[1:]
        del numbers, keep
        emb.collect()
        self.assertGreater(len(_share.lent()), before)
        self.assertEqual(float(part[0]), 2)
        del part
        emb.collect()
        self.np.add(1, 1)
        self.assertEqual(len(_share.lent()), before)

    def test_arguments_are_let_go(self):
        numbers = array.array("d", range(10))
        emb.collect()
        before = len(_share.lent())
        for _ in range(100):
            self.np.sum(numbers)
        self.np.add(1, 1)
        self.assertLessEqual(len(_share.lent()), before + 1)

    def test_several_arrays_on_the_same_memory(self):
        numbers = array.array("d", range(10))
        kept = [self.np.asarray(numbers) for _ in range(3)]
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 3)
        kept[0].shape = 2, 5
        self.assertEqual([one.shape for one in kept[1:]], [(10,), (10,)])
        kept.pop()
        self.np.sum(numbers)
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 2)
        del kept
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 0)

    @unittest.skipUnless(PYPY, "the host locks what Python looks at")
    def test_views_alone_are_of_one_array(self):
        numbers = array.array("d", range(10))
        kept = [self.np.frombuffer(numbers) for _ in range(3)]
        is_same = emb.evaluate("lambda one, other: one is other")
        self.assertTrue(is_same(kept[0].base, kept[2].base))
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 1)
        first, second = self.np.asarray(numbers), self.np.asarray(numbers)
        self.assertFalse(is_same(first, second))
        for one in (first, second):
            self.assertFalse(is_same(self.np.frombuffer(numbers).base, one))
        first.shape = 5, 2
        self.assertEqual((second.shape, self.np.asarray(numbers).shape), ((10,), (10,)))
        numbers[3] = 33
        self.assertEqual([one[3] for one in kept + [second]], [33] * 4)
        numbers.pop()
        self.assertEqual(len(self.np.frombuffer(numbers)), 9)
        del kept, first, second, one
        emb.collect()
        self.assertEqual(emb.borrowed(numbers), 0)

    @unittest.skipUnless(PYPY, "the host locks what Python looks at")
    def test_the_length_and_the_type_are_what_they_are_now(self):
        numbers = array.array("d", range(10))
        for _ in range(3):
            self.assertEqual(len(self.np.asarray(numbers)), len(numbers))
            numbers.pop()
        for letter in "dbHqfd" * 50:
            self.assertEqual(float(self.np.sum(array.array(letter, [1, 2, 3]))), 6)

    def test_an_array_is_not_kept_after_the_call(self):
        numbers = array.array("d", range(1000))
        reference = weakref.ref(numbers)
        self.np.sum(numbers)
        del numbers
        gc.collect()
        self.assertIsNone(reference())
        numbers = array.array("d", range(1000))
        reference = weakref.ref(numbers)
        kept = self.np.asarray(numbers)
        del numbers
        gc.collect()
        self.assertEqual(len(reference()), 1000)
        emb.release(kept)
        emb.collect()
        gc.collect()
        self.assertIsNone(reference())

    def test_failure_lets_go(self):
        before = len(_share.lent())
        with self.assertRaises((TypeError, ValueError, emb.Error)):
            emb.from_ptr(1 << 20, "no dtype at all", (1,))
        self.assertLessEqual(len(_share.lent()), before)

    def test_resizing(self):
        numbers = array.array("d", range(10))
        shared = emb.array(numbers)
        if not PYPY:
            with self.assertRaises(BufferError):
                numbers.append(1)
            return
        numbers.extend(range(100000))
        with self.assertWarnsRegex(RuntimeWarning, "moved") as caught:
            emb.array(bytearray(1))
        self.assertEqual(caught.filename, __file__)
        emb.release(shared)

    @unittest.skipUnless(PYPY, "the host locks what Python looks at")
    def test_resizing_what_a_call_has_kept(self):
        for numbers in (array.array("d", range(10)), bytearray(80)):
            kept = self.np.asarray(numbers)
            numbers.extend(bytes(100000))
            for other in (array.array("d", [1]), numbers):
                with self.assertWarnsRegex(RuntimeWarning, "%s was resized" % type(numbers).__name__):
                    self.np.sum(other)
            emb.release(kept)
            emb.collect()

    @on_pypy("where arrays are lent without a call")
    def test_an_argument_is_no_crossing_of_its_own(self):
        numbers = array.array("d", range(10))
        total, there = self.np.sum, self.np.arange(10.0)

        def crossings(argument):
            before = _memory.crossings
            total(argument)
            return _memory.crossings - before

        crossings(numbers)  # what was lent from the same place before is looked at
        self.assertEqual(crossings(numbers), crossings(there))

    def test_kept_by_thousands(self):
        emb.collect()
        before = len(_share.lent())
        arrays = [array.array("i", [i]) for i in range(10000)]
        kept = emb.evaluate("[]")
        for one in arrays:
            kept.append(self.np.asarray(one))
        emb.collect()
        self.assertEqual(len(_share.lent()), before + 10000)
        del arrays
        self.assertEqual(int(kept[-1][0]) + int(kept[4097][0]), 9999 + 4097)
        kept.clear()
        emb.collect()
        self.assertEqual(len(_share.lent()), before)

    def test_a_call_that_fails_keeps_nothing(self):
        numbers = array.array("d", [1])
        with self.assertRaises(TypeError):
            self.np.sum(numbers, no_such_keyword=1)
        with self.assertRaises(ValueError):
            emb.evaluate("lambda *args: len(args)")(numbers, bytearray(8), deep_list())
        self.assertEqual(emb.borrowed(numbers), 0)
