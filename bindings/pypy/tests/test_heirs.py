"""Python's named tuples, and objects of its classes that derive from str, bytes and tuple."""

import copy
import datetime
import pickle
import unittest

import emb
from emb._abi import _memory
from tests import on_pypy, settle


class Heirs(unittest.TestCase):
    def test_named_tuples(self):
        emb.run(
            "import collections\n"
            "Row = collections.namedtuple('Row', 'key value')\n"
            "class Odd(Row):\n  key = property(lambda self: 'odd')\n"
            "class Swapped(tuple):\n"
            "  _fields = 'key', 'value'\n"
            "  key, value = Row.value, Row.key\n"
        )
        row = emb.evaluate("Row(1, [2])")
        settle()
        before = _memory.crossings
        self.assertEqual((row.key, len(row), row._fields[:0]), (1, 2, ()))
        self.assertLessEqual(_memory.crossings - before, 1)
        self.assertIs(row.value, row[1])
        self.assertEqual((row._fields, row._asdict()["value"], row._replace(key=5).key), (("key", "value"), [2], 5))
        self.assertEqual(type(row).key.__doc__, "Alias for field number 0")
        self.assertTrue(emb.evaluate("lambda row: type(row) is Row and row.value == [2]")(row))
        self.assertEqual(emb.evaluate("Odd(1, 2)").key, "odd")
        self.assertEqual(emb.evaluate("Swapped((1, 2))").key, 2)
        with self.assertRaises(AttributeError):
            row.key = 3

    def test_dates(self):
        emb.run("import datetime\nclass Instant(datetime.datetime): pass\nclass Lapse(datetime.timedelta): pass")
        moment, span = emb.evaluate("Instant"), emb.evaluate("Lapse")
        one, other = moment(2020, 2, 3, 4, 5, 6, 7, fold=1), datetime.datetime(2020, 2, 3, 4, 5, 6, 7)
        self.assertIsInstance(one, datetime.datetime)
        self.assertEqual((one, hash(one), "%s" % one, f"{one:%d.%m.}"), (other, hash(other), str(other), "03.02."))
        self.assertEqual((one - other, other - one, one.fold), (datetime.timedelta(0), datetime.timedelta(0), 1))
        self.assertEqual(datetime.datetime.combine(one.date(), one.time()), other)
        self.assertEqual(sorted([other + span(1), one]), [one, other.replace(day=4)])
        self.assertEqual((span(2, 3, 4), hash(span(0, 5))), (datetime.timedelta(2, 3, 4), hash(datetime.timedelta(0, 5))))
        self.assertEqual((span(1) / 2, datetime.timedelta(1) + span(1)), (datetime.timedelta(0.5), span(2)))
        zone = datetime.timezone(datetime.timedelta(hours=2))
        self.assertEqual(moment(2020, 2, 3, 4, tzinfo=zone), datetime.datetime(2020, 2, 3, 2, tzinfo=datetime.timezone.utc))
        self.assertEqual(pickle.loads(pickle.dumps(one)), other)
        with self.assertRaises(AttributeError):
            one.year = 5

    @on_pypy("no dates that are written in Python")
    def test_dates_are_looked_into_when_that_is_wanted(self):
        make = emb.evaluate("type('Day', (__import__('datetime').datetime,), {})")
        one = make(2020, 1, 1)
        settle()
        before = _memory.crossings
        days = [make(2020, 1, 1 + i) for i in range(20)]
        self.assertLess(_memory.crossings - before, 25)
        self.assertEqual([day == one for day in days[:2]], [True, False])
        before = _memory.crossings
        self.assertTrue(all([day == one for day in days[:1] * 20]))
        self.assertEqual(_memory.crossings, before)

    def test_they_may_compare_in_their_own_way(self):
        emb.run(
            "class Word(tuple):\n"
            "    def __lt__(self, other): return len(self) < len(other)\n"
            "    def __eq__(self, other): return len(self) == len(other)\n"
            "    __hash__ = None\n"
        )
        word = emb.evaluate("Word")
        short, long, other = word((9,)), word((1, 2)), word((5,))
        self.assertEqual((short < long, long < short, short > long), (True, False, True))
        self.assertEqual((short == other, short != other, short == long), (True, True, False))
        self.assertEqual(min(long, short), other)
        emb.run(
            "class Folded(str):\n"
            "    def __eq__(self, other): return self.lower() == str(other).lower()\n"
            "    def __hash__(self): return hash(self.lower())\n"
        )
        folded = emb.evaluate("Folded")
        self.assertEqual({folded("A"): 1}[folded("a")], 1)
        self.assertEqual((folded("A") == "a", folded("A") < "B", {"A": 2}.get(emb.evaluate("type('S', (str,), {})('A')"))),
                         (True, True, 2))  # fmt: skip
        plain = emb.evaluate("type('Plain', (tuple,), {})")
        self.assertEqual((plain((1, 2)) < plain((3,)), plain((1,)) == (1,)), (True, True))

    def test_heirs_of_plain_values(self):
        emb.run(
            "import collections\n"
            "Pair = collections.namedtuple('Pair', 'x y')\n"
            "class Markup(str):\n"
            "  def __add__(self, other): return Markup(str(self) + '&' + other)\n"
            "  def __repr__(self): return 'Markup(%s)' % str.__repr__(self)\n"
            "  def upper(self): return 'UP'\n"
            "  size = property(len)\n"
        )
        text = emb.evaluate("Markup('ab')")
        self.assertIsInstance(text, str)
        self.assertEqual("-".join([text, "c"]), "ab-c")
        self.assertEqual({"ab": 1}[text], 1)
        self.assertEqual((text + "c", repr(text), text.upper(), text.size, text.lower(), text[0]),
                         ("ab&c", "Markup('ab')", "UP", 2, "ab", "a"))  # fmt: skip
        self.assertEqual(emb.evaluate("lambda t: type(t).__name__")(text), "Markup")
        emb.run("class Kind(tuple):\n  def __contains__(self, one): return one[:1] == self\n")
        self.assertIn((1, 2), emb.evaluate("Kind((1,))"))
        self.assertIs(type(emb.evaluate("type('Shape', (tuple,), {'__getitem__': lambda s, i: 'x'})((1, 2))")[0]), str)
        emb.run("class OddText(str):\n  __repr__ = property(lambda self: lambda: 'odd')\n")
        self.assertEqual(repr(emb.evaluate("OddText('x')")), "odd")  # what Python calls, not what it has
        self.assertEqual(type(text), emb.evaluate("Markup"))
        self.assertIsInstance(text, emb.evaluate("Markup"))
        self.assertEqual(emb.evaluate("type('S', (str,), {})('\\udcff')"), "\udcff")
        self.assertEqual(pickle.loads(pickle.dumps(copy.deepcopy(text))), "ab")
        text.note = 5
        self.assertEqual(emb.evaluate("lambda t: t.note")(text), 5)
        data = emb.evaluate("type('B', (bytes,), {})(b'ab')")
        self.assertEqual(b"".join([data, b"c"]), b"abc")
        pair = emb.evaluate("Pair")(1, "b")
        self.assertEqual("%d %s" % pair, "1 b")
        self.assertEqual({(1, "b"): 3}[pair], 3)
        self.assertEqual((pair.y, pair._replace(x=2), pair._asdict()["x"], repr(pair)),
                         ("b", (2, "b"), 1, "Pair(x=1, y='b')"))  # fmt: skip
        self.assertIsNot(type(pair), tuple)
        emb.run("class Shown:\n  def __format__(self, spec): return spec + '!'\nclass Raw(bytes, Shown): pass")
        self.assertEqual(format(emb.evaluate("Raw(b'a')"), "x"), "x!")  # of a base after bytes
        self.assertEqual(emb.import_mod("time").gmtime(0).tm_year, 1970)
