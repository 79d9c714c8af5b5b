"""An object is one proxy, as long as somebody in the host holds that."""

import gc
import threading
import unittest
import unittest.mock
import weakref

import emb
from emb._garbage import _notes

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

    def test_arrays_that_come_back(self):
        np = emb.import_mod("numpy")
        a, b = np.arange(10.0), np.ones(10)
        self.assertIs(np.asarray(a), a)
        self.assertIs(a[2:].base, a)
        self.assertIs(np.add(a, b, out=b), b)
        self.assertIs(np.add(a, b, b), b)
        before = a
        a += 1
        self.assertIs(a, before)
        self.assertIs(a.__iadd__(b), a)
        self.assertIs(emb.Object({"x": a})["x"], a)
        self.assertIs(next(iter(emb.Object([b]))), b)
        self.assertIs(divmod(emb.evaluate("type('D', (), {'__divmod__': lambda s, o: (o, s)})()"), a)[0], a)
        self.assertIsNot(a[2:], a[2:])
        self.assertIsNot(np.array(a), a)
        self.assertIs(np.array, np.array)

    def test_what_is_in_containers(self):
        held = emb.evaluate("[[1], {}, set(), iter(()), object(), Thing()]")
        for place in range(len(held)):
            one = held[place]
            self.assertIs(held[place], one)
            self.assertIs(held[-len(held) + place], one)
            self.assertIs(list(held)[place], one)

    def test_proxies_made_long_ago_and_meanwhile(self):
        make, same = emb.evaluate("lambda i: [i]"), emb.evaluate("lambda one: [one][0]")
        kept = []
        for i in range(3000):  # several batches, of which most have been looked through
            one = make(i)
            if i % 10 == 0:
                kept.append(one)
            if i % 100 == 0:
                gc.collect()
            elif i % 7 == 0:
                self.assertIs(same(kept[i % len(kept)]), kept[i % len(kept)])
        for one in kept:
            self.assertIs(same(one), one)
        gc.collect()
        for one in kept:
            self.assertIs(same(one), one)

    def test_a_proxy_that_has_died_is_followed_by_one_that_lives(self):
        held = emb.evaluate("[[1]]")
        for _ in range(5):
            self.assertEqual(list(held[0]), [1])
            for _ in range(100):
                emb.evaluate("[2]")
            gc.collect()
            one = held[0]
            self.assertIs(held[0], one)

    def test_a_second_proxy_for_the_package_is_not_taken_for_the_first(self):
        one = emb.evaluate("thing.child")
        another = emb._proxies._object.another(one)
        self.assertIsNot(another, one)
        self.assertIs(emb.evaluate("thing.child"), one)
        self.assertIs(emb.evaluate("lambda: thing.child")(), one)

    def test_a_proxy_of_no_class_is_followed_by_one_that_has_one(self):
        one = emb.Object([1])
        held = emb.evaluate("lambda one: [one]")(one)
        other = held[0]
        self.assertIs(type(other), type(emb.evaluate("[2]")))
        self.assertIs(held[0], other)

    def test_from_several_threads(self):
        held = emb.evaluate("[[i] for i in range(50)]")
        known = list(held)
        wrong = []

        def look(seed):
            for i in range(2000):
                place = (i * seed) % 50
                emb.evaluate("[0]")
                if held[place] is not known[place]:
                    wrong.append(place)

        threads = [threading.Thread(target=look, args=(seed,)) for seed in (3, 7, 11)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_found_while_proxies_leave_their_batch(self):
        held = emb.evaluate("[[i] for i in range(50)]")
        known = list(held)
        found = []

        def look_too(proxy):  # as another thread might at this moment
            found.extend([held[i] is known[i] for i in (0, 25, 49)])
            return weakref.ref(proxy)

        with unittest.mock.patch.object(emb._garbage._lifetime, "_reference", look_too):
            gc.collect()
            emb.collect()
        if emb._garbage._lifetime.TRACING:
            self.assertGreater(len(found), 3)
        self.assertNotIn(False, found)

    def test_where_a_thread_has_stopped_before_it_writes_its_handle(self):
        next(emb._garbage._lifetime._batch.places, None)
        one = emb.evaluate("type(thing)(type(thing)())")
        child = one.child
        self.assertIs(one.child, child)
        self.assertIs(emb.evaluate("lambda one: one")(one), one)

    def test_joining_a_batch_that_another_thread_closes(self):
        keep = emb.evaluate("lambda one, kept=[]: kept.append(one) or kept[-1]")
        made = emb.evaluate("type(thing)")
        put = emb._garbage._lifetime.put
        handles = []

        def put_late(batch, place, handle):
            if not handles:
                emb._garbage._lifetime._close()
                emb._garbage._lifetime.sweep(True)
            handles.append(handle)
            put(batch, place, handle)

        with unittest.mock.patch.object(emb._garbage._lifetime, "put", put_late):
            one = made()
            while emb._garbage._lifetime.TRACING and not handles:
                one = made()  # the one before has joined no batch
        self.assertIs(keep(one), one)
        emb.collect()
        self.assertIs(keep(one), one)
        self.assertIsNone(one.child)
        if emb._garbage._lifetime.TRACING:
            self.assertIn(one._emb_handle, handles)

    def test_given_to_two_threads_at_once(self):
        one = emb.evaluate("thing.child")
        host, handle = type(one), emb._abi._crossings.box(one)
        emb.release(one)
        make = emb._proxies._object.maker(host)
        others = []

        def make_late(handle):  # another thread has been quicker
            others.append(emb.evaluate("thing.child"))
            return make(handle)

        with unittest.mock.patch.object(emb._proxies._arrivals, "others", True):
            self.assertIs(emb._proxies._arrivals.one_each(host, make_late)(handle), others[0])
        self.assertIs(emb.evaluate("thing.child"), others[0])

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

    def test_scopes_of_other_threads(self):
        one = emb.evaluate("type(thing)(type(thing)())")
        found = []

        def look():
            found.append(one.child)
            found.append(one.child)

        with emb.scope():
            other = one.child
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            self.assertIsNot(found[0], other)
        with self.assertRaises(emb.BadHandle):
            other.child
        self.assertIs(found[0], found[1])
        self.assertIs(found[0], one.child)
        self.assertIsNone(found[0].child)

    def test_nothing_piles_up(self):
        make = emb.evaluate("Thing")
        for _ in range(5000):
            make()
        gc.collect()
        emb.collect()
        self.assertLess(len(_notes.of_handle), 2000)


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
        make = emb.evaluate("lambda name: lambda *args, **kwargs: getattr(__import__('collections'), name)(*args, **kwargs)")
        for value, like in (
            (collections.OrderedDict(a=1), make("OrderedDict")(a=1)),
            (collections.Counter("aab"), make("Counter")("aab")),
            (collections.defaultdict(list, a=[1]), make("defaultdict")(list, a=[1])),
            (collections.deque([1, 2], 5), make("deque")([1, 2], 5)),
        ):
            self.assertTrue(is_like(value, like), value)
        self.assertEqual(emb.evaluate("lambda value: value.maxlen")(collections.deque([1], 5)), 5)
        factory = emb.evaluate("lambda value: value.default_factory is list")
        self.assertTrue(factory(collections.defaultdict(list)))
