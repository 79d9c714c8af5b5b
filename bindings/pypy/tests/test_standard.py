"""What both Pythons' standard libraries have: it passes as what it is, and is found as that."""

import dataclasses
import datetime
import decimal
import enum
import http
import io
import ipaddress
import random
import re
import signal
import sys
import threading
import unittest
import uuid

import emb

from . import on_pypy

emb.run(
    """
import collections.abc, dataclasses, datetime, enum, inspect, io, random, re, threading

class Moment(datetime.datetime):
    "A date with more to it, as pandas has them."
    def __new__(cls, *args, extra=0):
        made = super().__new__(cls, *args)
        made.extra = extra
        return made
    def __sub__(self, other):
        found = datetime.datetime.__sub__(self, other)
        return Span(seconds=found.total_seconds()) if isinstance(found, datetime.timedelta) else found
    def __rsub__(self, other):
        return Span(seconds=(other - datetime.datetime(*self.timetuple()[:6])).total_seconds())
    def __str__(self):
        return "a moment"

class Span(datetime.timedelta):
    pass

class Zone(datetime.tzinfo):
    def utcoffset(self, when):
        return datetime.timedelta(hours=3)
    def dst(self, when):
        return None
    def tzname(self, when):
        return "three"

class Bag(list):
    __hash__ = None
"""
)
same = emb.evaluate("lambda x: x")


class Color(enum.Enum):
    RED = 1
    BLUE = ("b", 2)
    CRIMSON = 1

    @property
    def lower(self):
        return self.name.lower()

    @classmethod
    def first(cls):
        return cls.RED

    def __str__(self):
        return "colour " + self.lower


class Planet(enum.Enum):
    EARTH = (2, 4)

    def __init__(self, mass, radius):
        self.density = mass / radius


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Word(str, enum.Enum):
    YES = "y"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 5


class Mode(enum.IntFlag):
    READ = 4
    WRITE = 2

    @property
    def short(self):
        return self.name.lower()


class Enumerations(unittest.TestCase):
    def test_what_a_text_says(self):
        look = emb.evaluate("lambda one: (type(one).__module__, type(one).__name__, str(one))")
        for value in (
            uuid.UUID(int=3),
            ipaddress.ip_address("1.2.3.4"),
            ipaddress.ip_address("fe80::1"),
            ipaddress.ip_network("10.0.0.0/8"),
            ipaddress.ip_interface("10.0.0.1/8"),
        ):
            kind = type(value)
            self.assertEqual(tuple(look(value)), (kind.__module__, kind.__name__, str(value)))
            back = emb.evaluate("lambda one: [one, {one: 1}]")(value)
            self.assertIs(type(back[0]), kind)
            self.assertEqual((back[0], back[1][value]), (value, 1))

    def test_python_has_the_same(self):
        seen = emb.evaluate(
            "lambda c: (issubclass(c, enum.Enum), c(1) is c['RED'] is c.CRIMSON is c.first(), repr(c.RED),"
            " str(c.BLUE), c.BLUE.value, len(c), c.RED.lower, c.__module__, c.__qualname__)"
        )
        self.assertEqual(
            seen(Color),
            (True, True, "<Color.RED: 1>", "colour blue", ("b", 2), 2, "red", __name__, "Color"),
        )
        self.assertEqual(emb.evaluate("lambda p: p.density")(Planet.EARTH), 0.5)
        self.assertEqual(emb.evaluate("lambda w: w('y')")(Word), "y")
        with self.assertRaisesRegex(ValueError, "7 is not a valid Color"):
            emb.evaluate("lambda c: c(7)")(Color)

    def test_members_come_back(self):
        for one in (Color.RED, Color.BLUE, Planet.EARTH, Right.READ, Right.READ | Right.WRITE):
            self.assertIs(same(one), one)
            self.assertIs(emb.evaluate("lambda x: type(x)")(one), type(one))
        self.assertIs(emb.evaluate("lambda c: c('y')")(Word), Word.YES)
        self.assertIs(emb.evaluate("lambda r: r.READ | r.WRITE")(Right), Right.READ | Right.WRITE)

    def test_members_that_are_numbers_or_text_too(self):
        look = emb.evaluate("lambda x, c, base: (isinstance(x, c), isinstance(x, base), x.name, x == x.value)")
        for one, base in ((Level.HIGH, int), (Mode.READ, int), (Word.YES, str)):
            self.assertEqual(look(one, type(one), base), (True, True, one.name, True))
            self.assertIs(same(one), one)
            self.assertIs(emb.evaluate("lambda x: [x]")(one)[0], one)
        self.assertIs(same(Mode.READ | Mode.WRITE), Mode.READ | Mode.WRITE)
        self.assertEqual(emb.evaluate("lambda x: (x.short, (x | x.WRITE).name)")(Mode.READ), ("read", "READ|WRITE"))
        self.assertEqual(emb.evaluate("lambda i: 'abc'[i]")(Level.LOW), "b")

    def test_what_python_cannot_have(self):
        class Odd(enum.Enum):
            ONE = decimal.Decimal

            def call(self):
                return 1

        self.assertIs(same(Odd.ONE), Odd.ONE)

    def test_those_of_the_standard_library(self):
        for one in (signal.SIGINT, http.HTTPStatus.OK, re.IGNORECASE):
            self.assertIs(same(one), one)
            self.assertEqual(emb.evaluate("lambda x: type(x).__module__")(one), type(one).__module__)
        kind = emb.evaluate("inspect._ParameterKind")
        self.assertTrue(emb.evaluate("lambda x: isinstance(x, inspect._ParameterKind.__base__)")(kind(1)))


class Values(unittest.TestCase):
    def test_patterns(self):
        seen = emb.evaluate("lambda p: (isinstance(p, re.Pattern), p.sub('x', 'aAb'))")
        self.assertEqual(seen(re.compile("a", re.IGNORECASE)), (True, "xxb"))
        self.assertEqual(emb.evaluate("lambda p: p.findall(b'a1b2')")(re.compile(rb"\d")), [b"1", b"2"])

    def test_what_is_equal_to_the_host_s_has_its_hash(self):
        alias = (list[int], dict[str, range]) if sys.version_info >= (3, 9) else ()
        for one in (
            frozenset(), frozenset("abc"), frozenset([None, (1, "x"), frozenset("y")]), range(0), range(7, 3), range(1, 9, 2),
            re.compile("x"), re.compile(b"y", re.IGNORECASE), *alias,
        ):  # fmt: skip
            with self.subTest(one):
                known = same(one)
                self.assertEqual((known, {known}, {one: 1}[known]), (one, {one}, 1))
        with self.assertRaises(TypeError):
            hash(emb.Object([1]))

    def test_time_zones(self):
        try:
            import zoneinfo

            zone = zoneinfo.ZoneInfo("Europe/Paris")
        except Exception as missing:  # before 3.9, or without the files
            self.skipTest("no time zones: %s" % missing)
        moment = datetime.datetime(2020, 7, 1, 12, tzinfo=zone)
        is_zone = emb.evaluate("lambda z: isinstance(z, __import__('zoneinfo').ZoneInfo)")
        self.assertTrue(is_zone(zone))
        self.assertIs(same(zone), zone)
        self.assertEqual(same(moment), moment)
        self.assertIs(same(moment).tzinfo, zone)

    @on_pypy("code in C does not ask what class an object shows")
    def test_time_zones_that_only_python_has(self):
        zone = emb.evaluate("Zone()")
        self.assertIsInstance(zone, datetime.tzinfo)
        moment = datetime.datetime(2020, 1, 1, 12, tzinfo=zone)
        self.assertEqual(moment.utcoffset(), datetime.timedelta(hours=3))
        self.assertEqual(moment, datetime.datetime(2020, 1, 1, 9, tzinfo=datetime.timezone.utc))
        back = same(moment)
        self.assertEqual((back, back.tzname()), (moment, "three"))


class Dates(unittest.TestCase):
    def setUp(self):
        self.moment = emb.evaluate("Moment(2020, 1, 2, 3, extra=5)")
        self.plain = datetime.datetime(2020, 1, 2, 3)

    def test_what_derives_from_dates_is_one(self):
        self.assertIsInstance(self.moment, datetime.datetime)
        self.assertTrue(issubclass(emb.evaluate("Moment"), datetime.date))
        self.assertEqual((self.moment.extra, str(self.moment), self.moment.year), (5, "a moment", 2020))
        self.assertEqual(self.moment.date(), datetime.date(2020, 1, 2))
        self.assertTrue(emb.evaluate("lambda x: type(x) is Moment and x.extra == 5")(self.moment))

    def test_they_equal_the_host_s(self):
        self.assertEqual((self.moment == self.plain, self.plain == self.moment), (True, True))
        self.assertEqual({self.plain: "found"}[self.moment], "found")
        self.assertTrue(self.plain < emb.evaluate("Moment(2021, 1, 1)"))

    def test_python_s_operators_come_first(self):
        span = self.plain - emb.evaluate("Moment(2020, 1, 1, 3)")
        self.assertIsInstance(span, emb.evaluate("Span"))
        self.assertEqual(span, datetime.timedelta(1))
        self.assertEqual(datetime.timedelta(2) / span, 2.0)


class Dataclasses(unittest.TestCase):
    def test_the_library_finds_the_fields_of_one_of_python(self):
        made = emb.evaluate(
            "dataclasses.make_dataclass('Made', [('a', int), ('b', list, dataclasses.field(default_factory=list))])"
        )
        one = made(1)
        self.assertEqual([each.name for each in dataclasses.fields(one)], ["a", "b"])
        self.assertEqual(dataclasses.asdict(dataclasses.replace(one, a=2)), {"a": 2, "b": []})
        first, second = dataclasses.fields(made)
        self.assertIs(first.default, dataclasses.MISSING)
        self.assertIs(first.default_factory, dataclasses.MISSING)
        self.assertIsNot(second.default_factory, dataclasses.MISSING)

    def test_what_the_program_says_of_a_field_python_knows(self):
        said = emb.evaluate("lambda x: (isinstance(x, dataclasses.Field), x.default, x.metadata['k'], x.init)")
        self.assertEqual(said(dataclasses.field(default=3, metadata={"k": 4}, init=False)), (True, 3, 4, False))
        made = emb.evaluate("lambda f: dataclasses.make_dataclass('Made', [('a', list, f)])()")
        self.assertEqual(list(made(dataclasses.field(default_factory=lambda: [5])).a), [5])
        self.assertTrue(emb.evaluate("lambda x: x is dataclasses.MISSING")(dataclasses.MISSING))


class Objects(unittest.TestCase):
    def test_python_sees_of_which_class_they_are(self):
        seen = emb.evaluate(
            "lambda x, *kinds: [isinstance(x, one) for one in kinds] + [issubclass(type(x), kinds[0])]"
        )
        kinds = emb.evaluate("(io.TextIOBase, io.BufferedIOBase, random.Random)")
        self.assertEqual(seen(io.StringIO(), *kinds), [True, False, False, True])
        self.assertEqual(seen(io.BytesIO(), *kinds), [False, True, False, False])
        self.assertEqual(seen(random.Random(), *kinds), [False, False, True, False])
        self.assertEqual(seen(threading.Event(), emb.evaluate("threading.Event"))[0], True)

    def test_classes_are_python_s(self):
        self.assertTrue(emb.evaluate("lambda c: c is threading.Event")(threading.Event))
        self.assertTrue(emb.evaluate("lambda c: c is io.StringIO")(io.StringIO))

    def test_functions_say_of_which_module_they_are(self):
        function = emb.evaluate("re.sub")
        self.assertEqual((function.__module__, type(function).__module__), ("re", "builtins"))
        self.assertEqual(repr(type(function)), "<class 'function'>")

    def test_hashable(self):
        hashable = __import__("collections").abc.Hashable
        self.assertNotIsInstance(emb.evaluate("Bag()"), hashable)
        self.assertIsInstance(emb.evaluate("Zone()"), hashable)
