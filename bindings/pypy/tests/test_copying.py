"""Copies of objects of the host that Python makes, and of both sides' objects in each other."""

import copy
import unittest

import emb

emb.run("class Box:\n  def __init__(self): self.inside = None")
copied = emb.evaluate("__import__('copy').copy")
deepcopied = emb.evaluate("lambda x: __import__('copy').deepcopy(x)")


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
