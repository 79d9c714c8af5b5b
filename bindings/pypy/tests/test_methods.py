"""Methods that are called make no object of the method, and are otherwise the real thing."""

import itertools
import pickle
import threading
import types
import unittest

import emb
from emb._abi import _memory
from emb._proxies._static import space_of
from tests import needs_numpy, settle


class Text(str):
    pass


def crossings(work):
    """How many it takes; now and then the release of garbage comes to it."""
    settle()
    counts = []
    for _ in range(3):
        before = _memory.crossings
        work()
        counts.append(_memory.crossings - before)
    return min(counts)


class OfClassesThatCannotChange(unittest.TestCase):
    def setUp(self):
        self.numbers = emb.evaluate("[3, 1, 2]")
        self.numbers.copy()  # the class has been looked at

    def test_one_crossing(self):
        self.assertEqual(crossings(lambda: self.numbers.count(1)), 1)
        self.assertEqual(crossings(lambda: self.numbers.index(2, 1)), 1)
        self.numbers.append(5)
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
        self.assertEqual(append, emb.evaluate("list.append"))

    def test_odd_keywords_and_errors(self):
        with self.assertRaisesRegex(TypeError, "keyword"):
            self.numbers.append(**{"a,b": 1})
        with self.assertRaises(ValueError):
            self.numbers.remove(99)
        with self.assertRaises(AttributeError):
            self.numbers.no_such_method
        with self.assertRaises(AttributeError):
            self.numbers.append = 1

    def test_names_of_keywords(self):
        given = emb.evaluate("lambda *args, **kwargs: repr((args, kwargs))")
        few = ("b", "a", "__class__", "get", "a b", "é", "a,b", "")
        some = [names for count in range(1, 4) for names in itertools.permutations(few, count)]
        many = [("n%d" % number, "m%d" % (number % 7))[: 1 + number % 2] for number in range(6000)]
        for names in some + some + many + [("b", "a", "d", "c", "e")]:
            for args in (), (1,), (1, 2, 3, 4, 5):
                kwargs = {name: place for place, name in enumerate(names)}
                self.assertEqual(given(*args, **kwargs), repr((args, kwargs)))
        self.assertEqual(given(**{Text("b"): 2, Text("a"): 1}), "((), {'b': 2, 'a': 1})")

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
            "class Lowest:\n"
            "    def f(self): return 'class'\n"
            "class Open(Lowest): pass\n"
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


class OfPythonCode(unittest.TestCase):
    def setUp(self):
        space = emb.Object({})
        emb.run(
            "import sys\n"
            "class Counter:\n"
            "  n = 0\n"
            "  def add(self, by=1, *, times=1): self.n += by * times; return self.n\n"
            "  @classmethod\n"
            "  def kind(cls): return cls.__name__\n"
            "class Heir(Counter):\n"
            "  def add(self, by=1): return -by\n"
            "class Asked(Counter):\n"
            "  asked = 0\n"
            "  def __getattr__(self, name): type(self).asked += 1; raise AttributeError(name)\n"
            "one, other = Counter(), Counter()\n"
            "methods = lambda: (x for x in __import__('gc').get_objects() if type(x) is type(one.add))\n"
            "def bound(): return sum(x.__self__ is one for x in methods())",
            space,
        )
        self.space = space
        self.one, self.other = space["one"], space["other"]
        self.assertEqual(self.one.add(2), 2)  # a method of that name has been seen

    def test_no_object_is_made(self):
        made = []

        def work():
            for _ in range(50):
                made.append(self.one.add)

        work()
        self.assertLess(self.space["bound"](), 2)  # that of setUp may be there still
        self.assertEqual([method(1) for method in made][-1], 52)
        self.assertEqual(crossings(lambda: self.one.add(0)), 2)
        self.assertEqual(self.one.add(1, times=2), 54)
        self.assertEqual(self.other.add(1), 1)

    def test_it_is_the_bound_method(self):
        add, same = self.one.add, emb.evaluate("lambda x, f: x.add == f")
        self.assertRegex(repr(add), "bound method Counter.add of")
        self.assertTrue(same(self.one, add))
        self.assertEqual(add, self.one.add)
        self.assertEqual(hash(add), hash(self.one.add))
        self.assertNotEqual(add, self.other.add)
        self.assertEqual((add.__name__, add.__self__ is self.one), ("add", True))
        self.assertEqual(add.__self__, self.one)
        self.assertEqual(add.__func__, self.space["Counter"].add)
        self.assertIsInstance(add, types.MethodType)
        self.assertEqual(list(emb.evaluate("map")(add, [1, 2])), [3, 5])
        self.assertEqual(type(self.one).add(self.one, 1), 6)
        emb.release(add)
        with self.assertRaises(emb.BadHandle):
            add(1)

    def test_it_is_what_it_was_when_it_was_read(self):
        old = self.one.add
        emb.run("Counter.add = lambda self, by: 'changed'", self.space)
        self.assertEqual(old(1), 3)
        self.assertEqual(self.one.add(1), "changed")
        self.one.add = 7
        self.assertEqual((self.one.add, self.other.add(1)), (7, "changed"))
        del self.one.add
        emb.run("one.add = other.add", self.space)
        self.assertEqual(self.one.add.__self__, self.other)
        emb.run("del one.add\nCounter.add = property(lambda self: self.n)", self.space)
        self.assertEqual(self.one.add, 3)
        emb.run("del Counter.add", self.space)
        for one in (self.one, self.other):
            self.assertFalse(hasattr(one, "add"))
            with self.assertRaisesRegex(AttributeError, "'Counter' object has no attribute 'add'"):
                one.add
        with self.assertRaises(AttributeError):
            old(self.no_such_name)
        emb.run("one.__class__ = Heir", self.space)
        self.assertEqual(self.one.add(4), -4)

    def test_an_argument_may_change_what_is_called_next(self):
        def replace():
            emb.run("Counter.add = lambda self, by: 'changed'", self.space)
            return 1

        self.assertEqual(self.one.add(replace()), 3)
        self.assertEqual(self.one.add(1), "changed")

    def test_python_is_asked_once_for_what_is_not_there(self):
        asked = self.space["Asked"]()
        self.assertEqual(asked.add(2), 2)
        emb.run("del Counter.add", self.space)
        for count in (1, 2, 3):
            self.assertFalse(hasattr(asked, "add"))
            self.assertEqual(self.space["Asked"].asked, count)
        self.assertFalse(hasattr(asked, "other"))
        self.assertEqual(self.space["Asked"].asked, 4)

    def test_methods_of_the_class_and_special_ones(self):
        self.assertEqual([self.one.kind() for _ in range(3)], ["Counter"] * 3)
        emb.run("Counter.__len__ = lambda self: 5", self.space)
        self.assertEqual([self.one.__len__() for _ in range(2)], [5, 5])
        self.assertNotIn("__len__", space_of(type(self.one)))

    def test_the_function_outlives_scopes_and_ends_with_its_successor(self):
        emb.run("class Late:\n  def f(self): return 1\nlate = Late()", self.space)
        late = self.space["late"]
        with emb.scope():
            late.f()
            late.f()
        self.assertEqual(late.f(), 1)
        emb.run("import weakref\ngone = weakref.ref(Late.f)\nLate.f = lambda self: 2", self.space)
        self.assertEqual(late.f(), 2)
        emb.collect()
        self.assertIsNone(self.space["gone"]())

    def test_threads(self):
        results = []

        def work(one):
            for _ in range(500):
                one.add(1)
            results.append(one.add(0))

        counters = [self.space["Counter"]() for _ in range(4)]
        threads = [threading.Thread(target=work, args=(one,)) for one in counters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [500] * 4)
