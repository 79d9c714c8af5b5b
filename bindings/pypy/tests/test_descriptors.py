"""Descriptors of the program, in its own classes and in such as derive from Python's."""

import functools
import unittest

import emb

Base = emb.evaluate("type('Base', (), {})")


class Noted:
    """A descriptor that says what has become of it; with `__set__` only, and with none, of its kinds."""

    def __set_name__(self, owner, name):
        self.name = name
        self.owners = getattr(self, "owners", []) + [owner.__name__]


class Reading(Noted):
    def __get__(self, instance, owner=None):
        return self if instance is None else "read of " + owner.__name__


class Whole(Noted):
    def __get__(self, instance, owner=None):
        return self if instance is None else instance.__dict__.get("_" + self.name, "unset")

    def __set__(self, instance, value):
        instance.__dict__["_" + self.name] = "set %r" % value

    def __delete__(self, instance):
        instance.__dict__.pop("_" + self.name)


class Positive(Noted):
    def __set__(self, instance, value):
        if value <= 0:
            raise ValueError("%s is %r" % (self.name, value))
        instance.__dict__[self.name] = value


class Once(Noted):
    """Makes the value when it is asked for the first time."""

    def __init__(self, make):
        self.make = make

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        instance.__dict__[self.name] = value = self.make(instance)
        return value


class Described:
    whole, reading, positive = Whole(), Reading(), Positive()

    def __init__(self):
        self.made = 0

    def _make(self):
        self.made += 1
        return "made %d" % self.made

    once = Once(_make)
    cached = functools.cached_property(_make)


class DescribedDerived(Base):
    whole, reading, positive = Whole(), Reading(), Positive()
    made, _make = 0, Described._make
    once = Once(_make)
    cached = functools.cached_property(_make)


class DescribedMixed(Described, Base):
    pass


class Descriptors(unittest.TestCase):
    """Each is looked at in both, by a function of the host and by one of Python's."""

    def each(self, source):
        looks = eval(source), emb.evaluate(source)
        return [(kind(), look) for kind in (Described, DescribedDerived, DescribedMixed) for look in looks]

    def test_one_that_is_set_and_deleted(self):
        source = "lambda one: (setattr(one, 'whole', 4), one.whole, delattr(one, 'whole'), one.whole)"
        for one, look in self.each(source):
            self.assertEqual(look(one), (None, "set 4", None, "unset"))
            self.assertEqual(one.whole, "unset")

    def test_one_that_is_only_read_gives_way_to_what_the_instance_has(self):
        for one, look in self.each("lambda one: (one.reading, setattr(one, 'reading', 5), one.reading)"):
            self.assertEqual(look(one), ("read of " + type(one).__name__, None, 5))
            self.assertEqual(one.reading, 5)
            del one.reading
            self.assertEqual(one.reading, "read of " + type(one).__name__)

    def test_one_that_is_only_set_leaves_the_value_to_the_instance(self):
        for one, look in self.each("lambda one, n: (setattr(one, 'positive', n), one.positive)"):
            self.assertEqual(look(one, 3), (None, 3))
            self.assertEqual(one.positive, 3)
            with self.assertRaisesRegex(ValueError, "positive is 0"):
                look(one, 0)

    def test_values_that_are_made_once(self):
        for name in "once", "cached":
            for one, look in self.each("lambda one: (one.%s, one.%s)" % (name, name)):
                self.assertEqual(look(one), ("made 1", "made 1"))
                self.assertEqual((getattr(one, name), one.made), ("made 1", 1))

    def test_in_the_class_they_are_what_they_say(self):
        for one, look in self.each("lambda kind: (kind.whole, kind.reading)"):
            kind = type(one)
            self.assertEqual(look(kind), (kind.whole, kind.reading))
            self.assertIsInstance(kind.whole, Whole)

    def test_each_learns_its_name_once(self):
        for kind in Described, DescribedDerived:
            for name in "whole", "reading", "positive", "once":
                member = vars(kind)[name]
                self.assertEqual((member.name, member.owners), (name, [kind.__name__]))

    def test_one_that_the_class_is_given_later(self):
        class Later(Base):
            pass

        Later.whole, Later.reading = Whole(), Reading()
        Later.whole.name = "whole"
        one = Later()
        put = emb.evaluate("lambda one: (setattr(one, 'whole', 1), setattr(one, 'reading', 2), one.whole, one.reading)")
        self.assertEqual(put(one)[2:], ("set 1", 2))
        self.assertEqual((one.whole, one.reading), ("set 1", 2))

    def test_a_setattr_of_the_class_goes_on_to_them(self):
        class Own(Base):
            whole = Whole()

            def __setattr__(self, name, value):
                super().__setattr__(name, value * 2)

        for put in setattr, emb.evaluate("setattr"):
            one = Own()
            put(one, "whole", 4)
            self.assertEqual(one.whole, "set 8")


if __name__ == "__main__":
    unittest.main()
