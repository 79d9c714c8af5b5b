"""An object is one proxy, as long as somebody in the host holds that."""

import gc
import unittest

import emb
from emb import _arrivals

emb.run(
    """
import collections
class Thing:
    def __init__(self, child=None): self.child = child
thing = Thing(Thing())
def function(): pass
"""
)


class Identity(unittest.TestCase):
    def test_the_same_proxy(self):
        for source in ("thing", "thing.child", "function", "Thing", "__import__('types')"):
            with self.subTest(source):
                one = emb.evaluate(source)
                self.assertIs(emb.evaluate(source), one)
                self.assertIs(emb.evaluate("lambda x: x")(one), one)
                self.assertIs(emb.evaluate("lambda f, x: f(x)")(lambda got: got, one), one)
        self.assertIsNot(emb.evaluate("Thing()"), emb.evaluate("Thing()"))

    def test_what_is_in_an_attribute_is_the_same_each_time(self):
        emb.run("thing.names, thing.table, thing.kinds = [1], {}, set()")
        thing = emb.evaluate("thing")
        for name in ("names", "table", "kinds"):
            one = getattr(thing, name)
            self.assertIs(getattr(thing, name), one)
        emb.run("thing.kinds = set()")
        self.assertIsNot(thing.kinds, one)
        emb.release(thing.names)
        self.assertEqual(list(thing.names), [1])
        with emb.scope():
            inside = thing.names
        self.assertEqual(list(thing.names), [1])
        with self.assertRaises(emb.BadHandle):
            inside.append(2)

    def test_released_and_made_again(self):
        one = emb.evaluate("thing.child")
        emb.release(one)
        self.assertIsNone(emb.evaluate("thing.child").child)

    def test_scopes_release_only_their_own(self):
        one = emb.evaluate("thing")
        with emb.scope():
            other = emb.evaluate("thing")
        self.assertIsNotNone(one.child)
        with self.assertRaises(emb.BadHandle):
            other.child

    def test_nothing_piles_up(self):
        make = emb.evaluate("Thing")
        for _ in range(5000):
            make()
        gc.collect()
        emb.collect()
        _arrivals._forget_dead()
        self.assertLess(len(_arrivals._proxies), 2000)


class NamedTuples(unittest.TestCase):
    def test_they_stay_what_they_are(self):
        import collections

        point_class = collections.namedtuple("Point", "x y", defaults=[2])
        point = point_class(1, [2])
        check = emb.evaluate("lambda p: (p.x, p._fields, repr(p), isinstance(p, tuple))")
        self.assertEqual(check(point), (1, ("x", "y"), "Point(x=1, y=[2])", True))
        back = emb.evaluate("lambda p: p._replace(x=5)")(point_class(1, 2))
        self.assertIs(type(back), point_class)
        self.assertEqual(back, (5, 2))
        self.assertEqual(emb.evaluate("lambda kind: kind._fields")(point_class), ("x", "y"))

    def test_containers_of_the_library(self):
        import collections

        is_like = emb.evaluate("lambda value, like: type(value) is type(like) and value == like")
        make = emb.import_mod("collections")
        for value, like in (
            (collections.OrderedDict(a=1), make.OrderedDict(a=1)),
            (collections.Counter("aab"), make.Counter("aab")),
            (collections.defaultdict(list, a=[1]), make.defaultdict(list, a=[1])),
            (collections.deque([1, 2], 5), make.deque([1, 2], 5)),
        ):
            self.assertTrue(is_like(value, like), value)
        self.assertEqual(emb.evaluate("lambda value: value.maxlen")(collections.deque([1], 5)), 5)
        factory = emb.evaluate("lambda value: value.default_factory is list")
        self.assertTrue(factory(collections.defaultdict(list)))
