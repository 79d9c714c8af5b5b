"""Objects of the host's classes that derive from builtin ones."""

import collections
import datetime
import gc
import threading
import typing
import unittest

import emb
from emb._callables import _entries

same = emb.evaluate("lambda x: x")
call = emb.evaluate("lambda f, *args: f(*args)")
do = emb.evaluate("lambda x, name, *args: getattr(x, name)(*args)")


class Table(dict):
    def total(self):
        return sum(self.values())

    def add(self, key, value):
        self[key] = value

    def __missing__(self, key):
        return "no " + str(key)


class Attributes(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)

    def __setattr__(self, name, value):
        self[name] = value


class Path(list):
    def length(self):
        return len(self)

    def __getitem__(self, place):
        return "item %s" % list.__getitem__(self, place)


class Names(set):
    def sorted(self):
        return sorted(self)


class Tally(collections.Counter):
    def top(self):
        return self.most_common(1)[0][0]


class Money(float):
    def __repr__(self):
        return "$%.2f" % self


class Number(int):
    def twice(self):
        return type(self)(2 * self)


class Text(str):
    def shout(self):
        return self.upper() + "!"


class Pair(tuple):
    @property
    def first(self):
        return self[0]


class Point(typing.NamedTuple):
    x: int
    y: int = 2

    def norm(self):
        return abs(self.x) + abs(self.y)


class Moment(datetime.datetime):
    def decade(self):
        return self.year // 10 * 10


class Day(datetime.date):
    def isoformat(self):
        return "day " + datetime.date.isoformat(self)


class Hour(datetime.time):
    pass


class Span(datetime.timedelta):
    pass


class Zone(datetime.tzinfo):
    def __init__(self, hours):
        self.hours = hours

    def utcoffset(self, moment):
        return datetime.timedelta(hours=self.hours)

    def dst(self, moment):
        return datetime.timedelta(0)

    def tzname(self, moment):
        return "Z%d" % self.hours


class Derived(unittest.TestCase):
    def test_they_come_back_as_themselves(self):
        for value in (
            Table(a=1), Path([1]), Names("a"), Tally("aab"), Money(1.5), Number(3), Text("a"), Pair((1, 2)),
        ):  # fmt: skip
            with self.subTest(value):
                self.assertIs(same(value), value)
                kept = emb.Object([value, value])
                self.assertIs(kept[0], value)
                self.assertIs(call(lambda x: (x, type(x)), value)[0], value)
                base = type(value).__mro__[-2].__name__
                is_one = emb.evaluate("isinstance")
                self.assertTrue(is_one(kept[0], emb.evaluate(base)))
                self.assertEqual(emb.evaluate("lambda x: type(x).__name__")(value), type(value).__name__)

    def test_their_methods_are_the_host_s(self):
        self.assertEqual(do(Table(a=1, b=2), "total"), 3)
        self.assertEqual(emb.evaluate("lambda t: (t['a'], t['z'], len(t))")(Table(a=1)), (1, "no z", 1))
        self.assertEqual(emb.evaluate("lambda t: t.a.b")(Attributes(a=Attributes(b=2))), 2)
        self.assertEqual(emb.evaluate("lambda p: (p[0], p.length())")(Path([7])), ("item 7", 1))
        self.assertEqual(list(do(Names("ba"), "sorted")), ["a", "b"])
        self.assertEqual(do(Tally("aab"), "top"), "a")
        self.assertEqual(emb.evaluate("lambda m: (repr(m), m + 1)")(Money(1.5)), ("$1.50", 2.5))
        self.assertEqual(do(Text("a"), "shout"), "A!")
        self.assertEqual(emb.evaluate("lambda p: p.first")(Pair((1, 2))), 1)
        twice = do(Number(3), "twice")
        self.assertEqual((type(twice), twice), (Number, 6))
        self.assertEqual(emb.evaluate("lambda p: (p.norm(), p.x)")(Point(-1)), (3, -1))
        self.assertEqual(type(same(Point(1))), Point)

    def test_dates_and_times_are_what_c_code_takes_for_such(self):
        zone = Zone(5)
        for value, method in (
            (Moment(2020, 2, 3, 4, 5, 6, 7, zone, fold=1), "__str__"), (Day(2020, 2, 3), "ctime"),
            (Hour(4, 5, tzinfo=zone, fold=1), "__str__"), (Span(1, 2, 3), "total_seconds"),
        ):  # fmt: skip
            with self.subTest(value):
                base = type(value).__mro__[1]
                self.assertIs(same(value), value)
                self.assertEqual(emb.evaluate("lambda x: type(x).__name__")(value), type(value).__name__)
                there = emb.evaluate("__import__('datetime').%s.%s" % (base.__name__, method))  # reads the fields
                self.assertEqual(there(value), getattr(base, method)(value))
        moment = Moment(2020, 2, 3, fold=1)
        self.assertEqual(emb.evaluate("lambda x: (x.decade(), x.year, x.fold)")(moment), (2020, 2020, 1))
        self.assertEqual(do(Day(2020, 2, 3), "isoformat"), "day 2020-02-03")
        later = emb.evaluate("lambda x, by: x + by")(moment, Span(1))
        self.assertEqual((type(later), later), (Moment, Moment(2020, 2, 4)))

    def test_time_zones_of_the_program(self):
        zone = Zone(5)
        moment = datetime.datetime(2020, 2, 3, tzinfo=zone)
        self.assertEqual(emb.evaluate("lambda x: str(x)")(moment), "2020-02-03 00:00:00+05:00")
        kept = emb.Object([moment])
        self.assertIs(kept[0].tzinfo, zone)
        made = emb.evaluate("lambda zone: __import__('datetime').datetime(2020, 2, 3, tzinfo=zone)")(zone)
        self.assertEqual((made, made.tzname()), (moment, "Z5"))
        self.assertIs(made.tzinfo, zone)
        west = emb.evaluate("lambda moment, zone: moment.astimezone(zone)")(moment, Zone(-1))
        self.assertEqual((west.hour, west.tzinfo.hours), (18, -1))

    def test_what_python_changes_is_changed_in_the_host_s(self):
        table = Table(a=[1])
        inner = table["a"]
        emb.evaluate("lambda t: t.update(b=2)")(table)
        self.assertEqual(table, {"a": [1], "b": 2})
        self.assertIs(table["a"], inner)
        self.assertIs(type(table), Table)
        path = Path([3, 1, 2])
        emb.evaluate("lambda p: p.sort()")(path)
        self.assertEqual(list(path), [1, 2, 3])
        names = Names("a")
        with self.assertRaises(ZeroDivisionError):
            emb.evaluate("lambda n: (n.add('b'), 1 / 0)")(names)
        self.assertEqual(names, {"a", "b"})
        kept = emb.Object([table])
        emb.evaluate("lambda kept: kept[0].clear()")(kept)
        self.assertIs(kept[0], table)
        self.assertEqual(table, {})

    def test_what_python_takes_out_of_a_set(self):
        """Whichever order the two have it in; what a method of the host changes comes between."""

        class Own(set):
            def add_twice(self, item):
                self.update((item, 2 * item))

        change = emb.evaluate("lambda items, item: items.discard(item) or items.add_twice(item + 200) or items.discard(39)")
        for taken in range(1, 39):
            with self.subTest(taken):
                items = Own(range(39, 0, -1))
                change(items, taken)
                self.assertEqual(items, set(range(1, 39)) - {taken} | {taken + 200, 2 * taken + 400})

    def test_what_a_method_changes_is_changed_in_python_s(self):
        emb.run("def both(t):\n  t['x'] = 1\n  t.add('y', 2)\n  return tuple(t.items()), t.total()")
        table = Table()
        self.assertEqual(emb.evaluate("both")(table), ((("x", 1), ("y", 2)), 3))
        self.assertEqual(table, {"x": 1, "y": 2})

    def test_one_that_is_inside_of_itself(self):
        table = Table()
        table["self"] = table
        self.assertTrue(emb.evaluate("lambda t: t['self']['self'] is t")(table))
        path = Path([table])
        path.append(path)
        self.assertIs(emb.evaluate("lambda p: list(p)[1]")(path), path)

    def test_copies_are_copies(self):
        table = Table(a=[1])
        for how in ("copy.copy", "copy.deepcopy"):
            made = emb.evaluate("__import__('copy')." + how.rpartition(".")[2])(table)
            self.assertEqual((type(made), made), (Table, table))
            self.assertIsNot(made, table)
        made["a"].append(2)
        self.assertEqual(table, {"a": [1]})

    def test_threads_that_pass_the_first_one(self):
        class Fresh(dict):
            pass

        value, seen = Fresh(a=1), []

        def work():
            for _ in range(20):
                seen.append(same(value) is value)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(seen, [True] * 80)

    def test_nothing_is_kept(self):
        def left(times):
            for _ in range(times):
                same(Table(a=1))
                same(Number(1))
            for _ in range(3):
                gc.collect()
                emb.collect()
            return len(_entries.entries)

        self.assertLess(left(200), left(1) + 10)
