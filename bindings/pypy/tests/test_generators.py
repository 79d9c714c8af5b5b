"""Generators of one side in the hands of the other: what they are sent, and what they end with."""

import unittest

import emb

emb.run(
    """
import contextlib
def talk():
    got = yield 1
    try:
        got = yield got + 1
    except LookupError as e:
        got = yield repr(e)
    return got, "done"
def follow(generator):
    result = yield from generator
    ended.append(result)
    return result
ended = []
class Count:
    def __iter__(self): return self
    def __next__(self): raise StopIteration(6)
def managed(function, error):
    with contextlib.contextmanager(function)() as value:
        if error: raise error
        return value
"""
)
talk, follow = emb.evaluate("talk"), emb.evaluate("follow")


def speak():
    """The same as `talk`."""
    got = yield 1
    try:
        got = yield got + 1
    except LookupError as e:
        got = yield repr(e)
    return got, "done"


class Conversation:
    """What is true of a generator on whichever side it is."""

    def end(self, step, *args):
        with self.assertRaises(StopIteration) as caught:
            step(*args)
        return caught.exception.value

    def test_what_it_ends_with(self):
        generator = self.make()
        self.assertEqual((next(generator), generator.send(4)), (1, 5))
        self.assertEqual(self.end(generator.send, 7), (7, "done"))
        self.assertIsNone(self.end(next, generator))
        generator = self.make()
        next(generator), generator.send(0)
        self.assertEqual(self.end(next, generator), (None, "done"))

    def test_throw(self):
        generator = self.make()
        next(generator), generator.send(0)
        self.assertEqual(generator.throw(KeyError("k")), "KeyError('k')")
        with self.assertRaisesRegex(ValueError, "enough"):
            generator.throw(ValueError("enough"))

    def test_close(self):
        generator = self.make()
        next(generator)
        self.assertIsNone(generator.close())
        self.assertIsNone(self.end(next, generator))
        self.make().close()  # before it has begun

    def test_not_begun(self):
        with self.assertRaisesRegex(TypeError, "just-started"):
            self.make().send(1)


class OfPython(Conversation, unittest.TestCase):
    make = staticmethod(talk)

    def test_yield_from(self):
        def host():
            return (yield from talk())

        generator = host()
        self.assertEqual((next(generator), generator.send(1)), (1, 2))
        self.assertEqual(self.end(generator.send, "x"), ("x", "done"))

    def test_whoever_ends(self):
        self.assertEqual(self.end(next, emb.evaluate("Count()")), 6)
        self.assertEqual(list(emb.evaluate("Count()")), [])


class OfTheHost(Conversation, unittest.TestCase):
    def make(self):
        return follow(speak())

    def test_python_sees_what_it_returns(self):
        emb.evaluate("ended").clear()
        generator = follow(speak())
        next(generator), generator.send(1)
        self.assertEqual(self.end(generator.send, 5), (5, "done"))
        self.assertEqual(list(emb.evaluate("ended")), [(5, "done")])

    def test_a_context_manager(self):
        closed = []

        def opened():
            try:
                yield 5
            except LookupError as error:
                raise ValueError("instead") from error
            finally:
                closed.append(1)

        managed = emb.evaluate("managed")
        self.assertEqual(managed(opened, None), 5)
        with self.assertRaisesRegex(ValueError, "instead"):
            managed(opened, KeyError("k"))
        error = OSError("as it was")
        with self.assertRaises(OSError) as caught:
            managed(opened, error)
        self.assertIs(caught.exception, error)
        self.assertEqual(closed, [1, 1, 1])

    def test_its_name(self):
        name = emb.evaluate("lambda g: (g.__name__, g.__qualname__, type(g).__name__)")
        self.assertEqual(name(speak()), ("speak", "speak", "generator"))
