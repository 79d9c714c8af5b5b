"""Copies of objects of the host that Python makes, and of both sides' objects in each other; pickles."""

import copy
import io
import pickle
import sys
import unittest

import emb
from tests import needs_numpy, on_pypy

emb.run("class Box:\n  def __init__(self): self.inside = None")
copied = emb.evaluate("__import__('copy').copy")
deepcopied = emb.evaluate("lambda x: __import__('copy').deepcopy(x)")
_decorator = emb.evaluate("lambda f: __import__('functools').lru_cache(f)")


@_decorator
def decorated(value):
    return value


class Plain:
    def __init__(self):
        self.items = [1]


class Slotted:
    __slots__ = ("items",)

    def __init__(self):
        self.items = [1]


class Special(Plain):
    def __copy__(self):
        return "copy"

    def __deepcopy__(self, memo):
        return "deep copy"


class Copies(unittest.TestCase):
    def test_python_copies_objects_of_the_host(self):
        for kind in (Plain, Slotted):
            one = kind()
            for copy_of, shares in ((copied, True), (deepcopied, False)):
                made = copy_of(one)
                self.assertIs(type(made), kind)
                self.assertIsNot(made, one)
                self.assertEqual(made.items is one.items, shares)
                self.assertEqual(made.items, [1])
        self.assertEqual((copied(Special()), deepcopied(Special())), ("copy", "deep copy"))

    def test_each_is_copied_once(self):
        one = Plain()
        first, second = emb.evaluate("lambda x: tuple(__import__('copy').deepcopy([x, x]))")(one)
        self.assertIs(first, second)
        box = emb.evaluate("Box()")
        first, second = copy.deepcopy([box, box])
        self.assertIs(first, second)
        self.assertIsNot(first, box)

    def test_what_is_within_itself_by_way_of_the_other_side(self):
        one, box = Plain(), emb.evaluate("Box()")
        one.box, box.inside = box, one
        made = copy.deepcopy(one)
        self.assertIsNot(made, one)
        self.assertIs(made.box.inside, made)
        made = deepcopied(box)
        self.assertIsNot(made.inside, one)
        self.assertIs(made.inside.box, made)

    def test_several_that_refer_to_each_other(self):
        Box = emb.evaluate("Box")
        one, other, plain, last = Box(), Box(), Plain(), Plain()
        one.inside, other.inside, plain.inside, last.inside = other, plain, last, one
        for everything in ([one, other, plain, last], emb.Object([one, other, plain, last])):
            for copy_all in copy.deepcopy, deepcopied:
                with self.subTest(everything=type(everything), copy_all=copy_all):
                    copies = list(copy_all(everything))
                    for at in range(4):
                        self.assertIs(copies[at].inside, copies[(at + 1) % 4])
                        self.assertIsNot(copies[at], everything[at])

    def test_copies(self):
        original = emb.Object([[1]])
        shallow, deep = copy.copy(original), copy.deepcopy(original)
        original[0].append(2)
        self.assertEqual(list(shallow[0]), [1, 2])
        self.assertEqual(list(deep[0]), [1])
        restored = pickle.loads(pickle.dumps({"k": original}))["k"]
        self.assertEqual(restored, original)
        self.assertIsNot(restored, original)
        with self.assertRaises(pickle.PicklingError):
            pickle.dumps(emb.evaluate("lambda: 0"))


def pickled(value):
    return pickle.loads(pickle.dumps(value))


class Pickles(unittest.TestCase):
    def test_what_is_within_itself_by_way_of_the_other_side(self):
        one, box = Plain(), emb.evaluate("Box()")
        one.inside, box.inside = box, one
        for value in one, box:
            made = pickled(value)
            self.assertIs(type(made), type(value))
            self.assertIsNot(made, value)
            self.assertIs(made.inside.inside, made)
        first, second = pickled([one, box])
        self.assertIs(first.inside, second)
        self.assertIs(second.inside, first)

    def test_an_object_of_the_host_is_pickled_once(self):
        Box = emb.evaluate("Box")
        one, boxes = Plain(), [Box(), Box()]
        for box in boxes:
            box.inside = one
        made, (first, second) = pickled((one, boxes))
        self.assertIs(first.inside, made)
        self.assertIs(second.inside, made)

    @on_pypy("a CPython's pickler is made in C, and cannot be found")
    def test_an_object_of_python_is_pickled_once(self):
        Box = emb.evaluate("Box")
        one, first, second, plain = Box(), Box(), Box(), Plain()
        first.inside = second.inside = one
        one.inside, plain.inside, plain.whole = plain, one, first
        for order in (first, second, one, plain), (plain, second, first, one), (one, plain, first, second):
            made = dict(zip("abcd", pickled(order)))
            of = {id(value): made[name] for name, value in zip("abcd", order)}
            self.assertIs(of[id(first)].inside, of[id(one)])
            self.assertIs(of[id(second)].inside, of[id(one)])
            self.assertIs(of[id(one)].inside, of[id(plain)])
            self.assertIs(of[id(plain)].inside, of[id(one)])
            self.assertIs(of[id(plain)].whole, of[id(first)])

    def test_a_pickler_that_is_used_again(self):
        box, file = emb.evaluate("Box()"), io.BytesIO()
        pickler = pickle.Pickler(file)
        for value in 1, 2:
            box.inside = value
            pickler.clear_memo()
            pickler.dump(box)
        file.seek(0)
        self.assertEqual([pickle.load(file).inside for _ in range(2)], [1, 2])

    def test_python_s_pickle_loads_what_the_host_s_has_made(self):
        load = emb.evaluate("lambda data: __import__('pickle').loads(data)")
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps({"k": emb.Object([1, {"x"}])}, protocol)
            self.assertEqual(load(data)["k"], [1, {"x"}])
        inner = emb.Object([])
        first, second = load(pickle.dumps((inner, emb.Object([inner]))))
        self.assertTrue(len(first) == 0 and second == [[]])
        self.assertIn("emb", sys.modules)
        if emb._interpreter._session.apart():
            self.assertIsNone(emb.evaluate("getattr(__import__('emb'), '__file__', None)"))

    @needs_numpy
    def test_pickles_have_the_protocol_that_is_asked_for(self):
        numbers = emb.import_mod("numpy").arange(3)
        self.assertIn(b"_frombuffer", pickle.dumps(numbers, 5))
        self.assertNotIn(b"_frombuffer", pickle.dumps(numbers, 4))

    def test_a_function_that_is_decorated_by_python_is_pickled_by_its_name(self):
        self.assertIs(pickle.loads(pickle.dumps(decorated)), decorated)

    def test_reduce_is_python_s(self):
        self.assertEqual(emb.evaluate("__import__('collections').Counter('aa')").__reduce__()[1][0]["a"], 2)
        self.assertEqual(emb.evaluate("range(2)").__reduce__()[1], (0, 2, 1))
