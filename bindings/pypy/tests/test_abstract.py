"""Abstract classes: what is registered with those of one side, the other side knows."""

import collections.abc as abc
import functools
import io
import numbers
import unittest
from abc import ABC

import emb

from . import on_pypy


@on_pypy("a CPython asks no class of Python itself what it derives from")
class Abstract(unittest.TestCase):
    def test_what_python_has_registered(self):
        space = emb.Object({})
        emb.run(
            "import collections.abc, io, numbers\n"
            "class Whole: pass\n"
            "class Row: pass\n"
            "class File: pass\n"
            "class Table(collections.abc.Mapping):\n"
            "    def __getitem__(self, key): return 1\n"
            "    def __iter__(self): return iter(())\n"
            "    def __len__(self): return 0\n"
            "class Other: pass\n"
            "numbers.Integral.register(Whole); collections.abc.MutableSequence.register(Row)\n"
            "io.TextIOBase.register(File)",
            space,
        )
        whole, row, file, table, other = (space[one] for one in "Whole Row File Table Other".split())
        for kind, abstract, is_one in (
            (whole, numbers.Integral, True), (whole, numbers.Number, True), (row, abc.MutableSequence, True),
            (row, abc.Sequence, True), (row, abc.Mapping, False), (file, io.TextIOBase, True),
            (file, io.IOBase, True), (file, io.RawIOBase, False), (table, abc.Mapping, True),
            (other, numbers.Number, False), (other, abc.Sequence, False),
        ):  # fmt: skip
            self.assertEqual(issubclass(kind, abstract), is_one, (kind, abstract))
            self.assertEqual(isinstance(kind(), abstract), is_one, (kind, abstract))
        self.assertIn(abc.Mapping, set(table.__mro__))

        @functools.singledispatch
        def sort_of(value):
            return "other"

        sort_of.register(abc.Mapping)(lambda value: "mapping")
        sort_of.register(numbers.Integral)(lambda value: "whole")
        self.assertEqual([sort_of(one()) for one in (table, whole, other)], ["mapping", "whole", "other"])

    def test_what_the_host_has_registered(self):
        class Row:
            pass

        class Whole:
            pass

        class Own(ABC):
            pass

        @Own.register
        class Like:
            pass

        class Speaking(ABC):
            @classmethod
            def __subclasshook__(cls, kind):
                return hasattr(kind, "speak")

        class Speaker:
            def speak(self):
                pass

        abc.Sequence.register(Row)
        numbers.Real.register(Whole)
        Own.register(emb.evaluate("type('Theirs', (), {})"))
        there = emb.evaluate(
            "lambda one, kind: (isinstance(one, kind), issubclass(type(one), kind), isinstance(one, kind))"
        )
        for one, kind in (
            (Row(), abc.Sequence), (Row(), abc.Iterable), (Whole(), numbers.Complex), (Like(), Own),
            (Speaker(), Speaking),
        ):  # fmt: skip
            self.assertEqual(there(one, kind), (True, True, True), kind)
        for one, kind in ((Row(), abc.Mapping), (Whole(), numbers.Integral), (Row(), Own), (Like(), Speaking)):
            self.assertEqual(there(one, kind), (False, False, False), kind)
