"""Scopes release at their end, and long loops leave nothing behind."""

import os
import subprocess
import sys
import threading
import unittest

import emb
from bench import memory
from tests import needs_numpy


def living(kind):
    """How many objects of a class Python has."""
    return emb.evaluate(
        "lambda kind: sum(type(o) is kind for o in __import__('gc').get_objects())"
    )(kind)


class Scopes(unittest.TestCase):
    def setUp(self):
        emb.run("class Tracked: pass")
        self.tracked = emb.evaluate("Tracked")

    def test_what_the_package_keeps_for_itself(self):
        # Nobody has asked for any of this before: a program of its own.
        program = """if True:
            import emb, enum
            class Color(enum.Enum):
                RED = 1
            emb.run("class Root:\\n  def __len__(self): return 3\\n  class Gone(Exception): pass")
            Root = emb.evaluate("Root")
            def everything():
                class Heir(emb.evaluate("Root")):
                    pass
                try:
                    emb.run("raise Root.Gone")
                except emb.exception_class(emb.evaluate("Root.Gone")):
                    pass
                return repr((round(emb.evaluate("2.5 .__class__")(2.7)), len(Root()), len(Heir()),
                        isinstance(emb.evaluate("[]"), list), repr(emb.Object([Color.RED])),
                        emb.evaluate("Root").__bases__, issubclass(emb.evaluate("Root"), object),
                        emb.evaluate("Root()").__class__.__name__, emb.evaluate("{}").__class__))
            with emb.scope():
                first = everything()
            for _ in range(3):
                emb.collect()
                assert everything() == first, everything()
            print("good")
        """
        package = os.path.dirname(emb.__path__[0])
        output = subprocess.check_output([sys.executable, "-c", program], cwd=package)
        self.assertEqual(output, b"good\n")

    def test_everything_goes_at_once(self):
        with emb.scope():
            made = [self.tracked() for _ in range(2000)]
            self.assertEqual(living(self.tracked), 2000)
        self.assertEqual(living(self.tracked), 0)
        self.assertRaises(emb.BadHandle, repr, made[0])

    def test_what_is_kept_stays(self):
        with emb.scope() as outer:
            with emb.scope() as inner:
                one = inner.keep(self.tracked())
                two = outer.keep(inner.keep(self.tracked()))
                self.tracked()
            self.assertEqual(living(self.tracked), 2)
            repr(one)
        self.assertEqual(living(self.tracked), 1)
        self.assertRaises(emb.BadHandle, repr, one)
        repr(two)

    def test_an_exception_ends_it_too(self):
        with self.assertRaises(KeyError):
            with emb.scope():
                self.kept = self.tracked()
                raise KeyError
        self.assertEqual(living(self.tracked), 0)
        self.assertRaises(emb.BadHandle, repr, self.kept)

    def test_other_threads_keep_theirs(self):
        found = []

        def work():
            found.append(self.tracked())

        with emb.scope():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        repr(found[0])
        with emb.scope() as inside:
            self.assertRaises(TypeError, inside.keep, 3)

    def test_release_is_at_once(self):
        one = self.tracked()
        emb.release(one)
        self.assertEqual(living(self.tracked), 0)


@needs_numpy
class Loops(unittest.TestCase):
    def test_neither_heap_grows(self):
        # What bench/memory.py does ten million times.  One thing left behind in each of its
        # rounds would be 20,000 blocks, or 1.5 MB.
        _resident, heap, blocks = memory.measure(200_000, 300_000)
        self.assertLess(blocks, 4_000)
        self.assertLess(heap, 1_000_000)
