"""The class that an instance of a class that derives from Python's shows as its own."""

import unittest

import emb

from . import on_another

_space = emb.Object({})
emb.run(
    """
class Table(dict):
    def size(self):
        return len(self)

class Wrapper:
    "It says that it is what it wraps."
    def __init__(self, wrapped):
        self.wrapped = wrapped
    __class__ = property(lambda self: type(self.wrapped))
""",
    _space,
)
Table, Wrapper = _space["Table"], _space["Wrapper"]


class Words(Table):
    count = 0

    def more(self):
        return self.__class__(self, more=1)


class Named(Wrapper):
    pass


@on_another("has the classes themselves")
class Shown(unittest.TestCase):
    def test_one_that_derives_from_a_builtin_class_is_an_instance_of_that(self):
        words = Words(a=1)
        self.assertIsInstance(words, dict)
        self.assertIsInstance(words, Words)
        self.assertNotIsInstance(words, list)
        self.assertIsInstance(words.more(), Words)
        self.assertIs(type(words.more()), Words)
        self.assertEqual(dict(words.more()), {"a": 1, "more": 1})

    def test_the_class_that_it_shows_is_its_own(self):
        words = Words()
        self.assertEqual(words.__class__, Words)
        self.assertEqual((words.__class__.__name__, words.__class__.count), ("Words", 0))
        words.__class__.count += 1
        self.assertEqual(Words.count, 1)
        self.assertIsInstance(Words(), words.__class__)
        self.assertTrue(issubclass(Words, words.__class__))
        self.assertEqual(emb.evaluate("lambda one, kind: type(one) is kind")(words, words.__class__), True)

    def test_what_shows_another_class_is_one_of_that(self):
        self.assertIsInstance(Named([1]), list)
        self.assertIs(Named([1]).__class__, list)
        self.assertIsInstance(Named([1]), Named)
        self.assertIs(type(Named("a")), Named)
