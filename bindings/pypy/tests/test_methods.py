"""Methods of objects whose class cannot change: called in one crossing, and otherwise the real thing."""

import pickle
import types
import unittest

import emb
from emb import _memory
from tests import needs_numpy


def crossings(work):
    before = _memory.crossings
    work()
    return _memory.crossings - before


class Methods(unittest.TestCase):
    def setUp(self):
        self.numbers = emb.evaluate("[3, 1, 2]")
        self.numbers.copy()  # the class has been looked at

    def test_one_crossing(self):
        self.assertEqual(crossings(lambda: self.numbers.append(5)), 1)
        self.assertEqual(crossings(lambda: self.numbers.index(5, 1)), 1)
        self.numbers.sort(reverse=True)
        self.assertEqual(list(self.numbers), [5, 3, 2, 1])

    def test_it_is_the_bound_method(self):
        append, same = self.numbers.append, emb.evaluate("lambda x, f: x.append == f")
        self.assertRegex(repr(append), "built-in method append of list object")
        self.assertTrue(same(self.numbers, append))
        self.assertEqual(append, self.numbers.append)
        self.assertEqual(hash(append), hash(self.numbers.append))
        self.assertNotEqual(append, emb.evaluate("[]").append)
        self.assertEqual(append.__name__, "append")
        self.assertEqual(list(append.__self__), [3, 1, 2])
        self.assertIsInstance(append, types.BuiltinFunctionType)
        self.assertTrue(callable(append))
        self.assertIs(type(append), type(emb.evaluate("len")))
        self.assertEqual(pickle.loads(pickle.dumps(self.numbers.index))(1), 1)
        append(4)
        self.assertEqual(list(self.numbers), [3, 1, 2, 4])

    def test_passed_and_called_back(self):
        self.assertEqual(list(map(self.numbers.index, [1, 2])), [1, 2])
        self.assertEqual(list(emb.evaluate("map")(self.numbers.index, [1, 2])), [1, 2])
        self.assertEqual(emb.evaluate("lambda f: f(3)")(self.numbers.count), 1)

    def test_through_the_class(self):
        append = type(self.numbers).append
        append(self.numbers, 7)
        self.assertEqual(self.numbers[3], 7)
        self.assertEqual(append, emb.evaluate("list").append)

    def test_odd_keywords_and_errors(self):
        with self.assertRaisesRegex(TypeError, "keyword"):
            self.numbers.append(**{"a,b": 1})
        with self.assertRaises(ValueError):
            self.numbers.remove(99)
        with self.assertRaises(AttributeError):
            self.numbers.no_such_method
        with self.assertRaises(AttributeError):
            self.numbers.append = 1

    def test_released(self):
        append = self.numbers.append
        emb.release(append)
        with self.assertRaises(emb.BadHandle):
            append(1)
        with emb.scope() as here:
            kept = here.keep(emb.evaluate("[1, 2]").count)
        self.assertEqual(kept(2), 1)

    def test_classes_and_instances_that_change_are_asked(self):
        emb.run(
            "class Base:\n"
            "    def f(self): return 'class'\n"
            "class Open(Base): pass\n"
            "class OpenList(list): pass\n"
        )
        for name, method in (("Open", "f"), ("OpenList", "copy")):
            one = emb.evaluate(name + "()")
            old = getattr(one, method)
            setattr(one, method, emb.evaluate("lambda: 'instance'"))
            self.assertEqual(getattr(one, method)(), "instance")
            self.assertNotEqual(old(), "instance")
            delattr(one, method)
            emb.run("%s.%s = lambda self: 'changed'" % (name, method))
            self.assertEqual(getattr(one, method)(), "changed")
            emb.run("%s.__getattribute__ = lambda self, name: lambda: 'asked'" % name)
            self.assertEqual(getattr(one, method)(), "asked")

    @needs_numpy
    def test_arrays(self):
        a = emb.import_mod("numpy").arange(10.0)
        a.sum()
        self.assertEqual(crossings(lambda: a.reshape(2, 5, order="C")), 1)
        self.assertEqual(a.reshape(2, 5, order="C").shape, (2, 5))
        self.assertEqual(a.sum.__self__.shape, (10,))
