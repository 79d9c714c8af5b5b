"""Exceptions of Python are exceptions of the host."""

import asyncio
import pickle
import sys
import traceback
import unittest
import unittest.mock

import emb
from emb._abi import _memory
from emb._errors import _exceptions

from . import on_another, settle
from .callables import Raising

emb.run(
    """
class Base(ValueError): pass
class Derived(Base):
    def __init__(self, message, extra): super().__init__(message); self.extra = extra
    def __str__(self): return 'derived: ' + self.args[0]
class Both(KeyError, AttributeError): pass
class Silent(Exception):
    @property
    def args(self): raise RuntimeError('no')
class Fault(Exception):
    code = 1
    def __init__(self, message): self.message = message
    def __str__(self): return self.message
    def text(self): return self.message
    def show(self): return '%d: %s' % (self.code, self.text())
    @classmethod
    def of(cls, number): return cls(str(number))
class Plain(Exception):
    def twice(self): return 2 * self.args[0]
class Odd(Exception):
    @property
    def args(self): raise RuntimeError('no args')
def fail(kind, *args): raise kind(*args)
"""
)
fail = emb.evaluate("fail")


class Exceptions(Raising, unittest.TestCase):
    @on_another("nothing is read in place")
    def test_one_with_nothing_but_a_message_is_not_looked_into(self):
        """Programs ask for what may not be there (`hasattr`), and that is to be cheap."""
        raised = emb.evaluate("fail")
        looked = []

        def facts(exception, facts=_exceptions._facts):
            looked.append(str(exception))
            return facts(exception)

        with unittest.mock.patch.object(_exceptions, "_facts", facts):
            for kind in (AttributeError, IndexError, ValueError):
                with self.assertRaises(kind) as caught:
                    raised(kind, "it")
                self.assertEqual((type(caught.exception), caught.exception.args), (kind, ("it",)))
                self.assertIn("%s: it" % kind.__name__, str(caught.exception.python_traceback))
                self.assertIn("Traceback", str(caught.exception.__cause__))
            self.assertFalse(hasattr(raised, "nothing"))
            self.assertEqual(looked, [])
            self.assertRaises(ValueError, raised, ValueError, "it", 2)
            self.assertRaises(KeyError, raised, KeyError, "it")
        self.assertEqual(looked, ["('it', 2)", "'it'"])

    def test_builtin_classes_are_python_s(self):
        for kind in (BaseException, Exception, AttributeError, GeneratorExit):
            self.assertTrue(emb.evaluate("lambda kind, name: kind is getattr(__import__('builtins'), name)")(
                kind, kind.__name__))  # fmt: skip

    def test_builtin_classes_exactly(self):
        for kind, args in (
            (KeyError, ("k",)),
            (ValueError, ("a", 1)),
            (IndexError, ()),
            (StopIteration, (5,)),
            (KeyboardInterrupt, ()),
            (ZeroDivisionError, ("x",)),
            (UnicodeDecodeError, ("utf-8", b"\xff", 0, 1, "why")),
            (RuntimeError, (None, ("a", 2.5))),
        ):
            error = self.raised(fail, emb.evaluate(kind.__name__), *args)
            self.assertIs(type(error), kind)
            self.assertEqual(error.args, args)
            self.assertEqual(str(error), str(kind(*args)))

    def test_os_error(self):
        error = self.raised(emb.evaluate("open"), "/nonexistent/file")
        self.assertIs(type(error), FileNotFoundError)
        self.assertEqual((error.errno, error.filename), (2, "/nonexistent/file"))
        self.assertEqual(str(error), "[Errno 2] No such file or directory: '/nonexistent/file'")

    def test_import_error(self):
        error = self.raised(emb.import_mod, "no_such_module")
        self.assertIs(type(error), ModuleNotFoundError)
        self.assertEqual(error.name, "no_such_module")

    def test_syntax_error(self):
        error = self.raised(emb.run, "x = = 1")
        self.assertIs(type(error), SyntaxError)
        self.assertEqual((error.lineno, error.text.strip()), (1, "x = = 1"))

    def test_other_classes_are_mirrored(self):
        error = self.raised(fail, emb.evaluate("Derived"), "m", 7)
        self.assertIsInstance(error, ValueError)
        self.assertEqual(type(error).__name__, "Derived")
        self.assertEqual(type(error).__mro__[1].__name__, "Base")
        self.assertEqual(str(error), "derived: m")
        self.assertEqual(error.extra, 7)
        self.assertIs(type(error), type(self.raised(fail, emb.evaluate("Derived"), "m", 8)))
        with self.assertRaises(emb.exception_class(emb.evaluate("Base"))):
            fail(emb.evaluate("Derived"), "m", 7)
        both = self.raised(fail, emb.evaluate("Both"), "b")
        self.assertIsInstance(both, KeyError)
        self.assertIs(emb.exception_class(emb.evaluate("KeyError")), KeyError)
        with self.assertRaises(TypeError):
            emb.exception_class(emb.evaluate("int"))

    def test_exceptions_that_misbehave(self):
        error = self.raised(fail, emb.evaluate("Odd"))
        self.assertIsInstance(error, Exception)
        self.assertIn("Odd", "%s %s" % (type(error).__name__, error))
        error = emb.evaluate("lambda: [Silent(), Odd()]")()
        for _ in range(2):
            self.assertIsInstance(error[0], Exception)
            self.assertIsInstance(error[1], Exception)

    def test_what_it_takes(self):
        """One crossing each: the call, what the exception is, and for a cause or attributes one more."""
        emb.run("def raise_from(cause, *args): raise ValueError(*args) from cause")
        for args in ("a", 2, (3,), [4]), ():
            for cause in None, emb.evaluate("KeyError")("k"):
                caught = self.raised(emb.evaluate("raise_from"), cause, *args)
                self.assertEqual((type(caught), caught.args), (ValueError, args))
                self.assertEqual(repr(caught.__cause__) == "KeyError('k')", cause is not None)
        fail_at = emb.evaluate("lambda i: fail(IndexError, i)")
        self.raised(fail_at, 0)
        settle()
        taken = []
        for i in range(3):  # what is garbage may be seen to in one of these
            before = _memory.crossings
            self.assertEqual(self.raised(fail_at, i).args, (i,))
            taken.append(_memory.crossings - before)
        self.assertLessEqual(min(taken), 2)

    def test_one_that_holds_itself(self):
        emb.run(
            "def own(error, *args): error.args = (error, (error, 2), *args); return error\n"
            "def each_other(one, other): one.args, other.args = (other, 1), (2, one); raise one"
        )
        for kind in ("ValueError", "Base", "OSError"):
            own = emb.evaluate("own(%s('own'), 3)" % kind)
            self.assertEqual((own.args[0], own.args[1:]), (own, ((own, 2), 3)))
            self.assertIs(own.args[1][0], own)
        one = self.raised(emb.evaluate("lambda: each_other(KeyError(), Base())"))
        self.assertEqual((type(one), one.args[1], one.args[0].args[0]), (KeyError, 1, 2))
        self.assertIs(one.args[0].args[1], one)

    def test_traceback(self):
        error = self.raised(fail, emb.evaluate("KeyError"), "k")
        self.assertIn("in fail", error.python_traceback)
        self.assertTrue(str(error.python_traceback).startswith("Traceback (most recent"))
        self.assertIsInstance(error.__cause__, emb.PythonTraceback)
        shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self.assertIn("in fail", shown)
        self.assertIn("KeyError: 'k'", shown)
        self.assertEqual(error.python_exception.args, ("k",))

    def test_it_is_pickled_with_its_text(self):
        error = self.raised(fail, emb.evaluate("KeyError"), "k")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(again), again.args, again.python_exception.args), (KeyError, ("k",), ("k",)))
        self.assertEqual(again.python_traceback, str(error.python_traceback))

    def test_raising_it_again_in_python(self):
        error = self.raised(fail, emb.evaluate("KeyError"), "k")
        again = self.raised(emb.evaluate("lambda e: (_ for _ in ()).throw(e)"), error)
        self.assertIs(type(again), KeyError)
        same = emb.evaluate("lambda a, b: a is b")
        self.assertTrue(same(error, error.python_exception))

    def test_exceptions_that_are_values_can_be_raised(self):
        same = emb.evaluate("lambda a, b: a is b")
        for kind in ("KeyError", "Base", "Derived"):
            made = emb.evaluate(kind)("m", 7) if kind == "Derived" else emb.evaluate(kind)("m")
            error = emb.evaluate("lambda e: [e]")(made)[0]
            with self.assertRaises(emb.exception_class(emb.evaluate(kind))) as caught:
                raise error
            self.assertIs(caught.exception, error)
            self.assertEqual(error.args, ("m",))
            self.assertEqual(str(error), str(made))
            self.assertTrue(same(error, error.python_exception))
        self.assertEqual(error.extra, 7)
        held = emb.evaluate("[ValueError('v')]")
        error = held[0]
        if sys.implementation.name == "pypy":  # no others have weak references to builtin exceptions
            self.assertIs(held[0], error)
        with self.assertRaises(RuntimeError) as caught:
            raise RuntimeError from error
        self.assertIs(caught.exception.__cause__, error)
        with self.assertRaises(ValueError):
            (one for one in ()).throw(error)
        held.append(error)
        self.assertTrue(same(held[0], held[1]))
        emb.run("def noted():\n  e = ValueError()\n  e.note = 'a note'\n  raise e")
        self.assertEqual(self.raised(emb.evaluate("noted")).note, "a note")

    def test_attributes_that_are_nobody_else_s(self):
        emb.run("class Private(ValueError):\n  def __init__(self, a):\n    super().__init__(a)\n    self._a = a")
        error = self.raised(emb.evaluate("lambda: (_ for _ in ()).throw(Private(3))"))
        self.assertEqual((error._a, emb.evaluate("Private")(4)._a), (3, 4))
        self.assertEqual((hasattr(error, "_b"), hasattr(error, "__c__")), (False, False))

    def test_classes_have_what_python_s_have(self):
        fault = emb.evaluate("Fault")
        self.assertEqual((fault.code, str(fault.of(5))), (1, "5"))
        self.assertIs(type(fault.of(5)), fault)
        error = fault("m")
        self.assertEqual((error.code, error.show(), error.message), (1, "1: m", "m"))
        error.message, error.code = "n", 4
        self.assertEqual((error.show(), str(error)), ("4: n", "n"))
        self.assertEqual(emb.evaluate("Plain")("p").twice(), "pp")

    def test_classes_that_the_program_derives(self):
        class Own(emb.evaluate("Fault")):
            code = 7

            def __init__(self, number):
                super().__init__("own %d" % number)
                self.number = number

            def text(self):
                return "<" + super().text() + ">"

        def fail_own():
            raise Own(3)

        emb.run("def report(f):\n  try: f()\n  except Fault as e: return e.show(), e.code, e.number")
        self.assertEqual(emb.evaluate("report")(fail_own), ("7: <own 3>", 7, 3))
        self.assertEqual((Own(3).show(), Own(3).text(), Own.code), ("7: <own 3>", "<own 3>", 7))
        error = self.raised(emb.evaluate("lambda f: f()"), fail_own)
        self.assertEqual((type(error), error.number), (Own, 3))

    def test_other_names_of_a_class(self):
        wait = emb.evaluate("lambda: __import__('queue').Queue().get(timeout=0)")
        self.assertRaises(__import__("queue").Empty, wait)
        error = self.raised(fail, emb.evaluate("TimeoutError"), "late")
        self.assertIsInstance(error, TimeoutError)
        if emb.evaluate("TimeoutError is __import__('asyncio').TimeoutError"):
            self.assertIsInstance(error, asyncio.TimeoutError)
            emb.run("def late(f):\n  try: f()\n  except TimeoutError as e: return str(e)")
            for kind in (asyncio.TimeoutError, TimeoutError, type(error)):

                def be_late():
                    raise kind("late")

                self.assertEqual(emb.evaluate("late")(be_late), "late")
                self.assertIs(type(self.raised(emb.evaluate("lambda f: f()"), be_late)), kind)

    def test_causes_are_those_of_python(self):
        emb.run(
            "def caused(e):\n try: 1/0\n except ZeroDivisionError as zero:\n  raise ValueError from zero"
        )
        error = self.raised(emb.evaluate("caused"), None)
        self.assertIs(type(error.__cause__), ZeroDivisionError)
        with self.assertRaises(ZeroDivisionError):
            raise error.__cause__
        shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self.assertEqual(shown.count("in caused"), 2)

    def test_causes_without_end(self):
        emb.run(
            "def long_chain(count):\n"
            "    error = first = ValueError(0)\n"
            "    for i in range(1, count):\n"
            "        later = ValueError(i)\n"
            "        later.__cause__, error = error, later\n"
            "    return error\n"
            "def ring():\n"
            "    one, other = ValueError(1), KeyError(2)\n"
            "    one.__cause__, other.__cause__ = other, one\n"
            "    return one\n"
        )
        self.assertEqual(emb.evaluate("long_chain")(3).__cause__.__cause__.args, (0,))
        self.assertEqual(emb.evaluate("long_chain")(5000).args, (4999,))
        error = emb.evaluate("ring")()
        self.assertEqual((error.args, error.__cause__.args), ((1,), (2,)))
        traceback.format_exception(type(error), error, None)

    def test_classes_of_exceptions_are_the_host_s_wherever_they_come_from(self):
        for kind in emb.evaluate("(Derived, KeyError)"):
            with self.assertRaises(kind):
                fail(kind, "m", 7)
        self.assertIs(emb.evaluate("lambda x: type(x)")(emb.evaluate("Base")("b")), emb.evaluate("Base"))
        emb.run("def cleanup(manager):\n  with manager: raise Base('b')")
        seen = []

        class Manager:
            def __enter__(self):
                pass

            def __exit__(self, kind, value, trace):
                seen.append((kind, value))
                return issubclass(kind, ValueError) and isinstance(value, kind)

        emb.evaluate("cleanup")(Manager())
        self.assertEqual(str(seen[0][1]), "b")

    def test_exit_does_not_end_the_host(self):
        error = self.raised(emb.evaluate("__import__('sys').exit"), 3)
        self.assertIs(type(error), emb.PythonExit)
        self.assertNotIsInstance(error, SystemExit)
        self.assertEqual(error.code, 3)

    def test_messages_with_nul_and_unicode(self):
        error = self.raised(fail, emb.evaluate("ValueError"), "a\0ü")
        self.assertEqual(error.args, ("a\0ü",))

    def test_constructors_of_python(self):
        emb.run(
            "class Placed(LookupError):\n"
            "    def __init__(self, place, *, size=1):\n"
            "        super().__init__('not at %s of %s' % (place, size))\n"
            "        self.place = place\n"
            "class Broken(OSError):\n"
            "    def __init__(self, code): super().__init__(code, 'broken'); self.code = code\n"
            "def fail(kind, *args): raise kind(*args)"
        )
        placed = emb.exception_class(emb.evaluate("Placed"))
        made = placed(5, size=3)
        self.assertEqual((str(made), made.place, made.args), ("not at 5 of 3", 5, ("not at 5 of 3",)))
        with self.assertRaises(LookupError) as caught:
            emb.evaluate("fail")(emb.evaluate("Placed"), 7)
        self.assertEqual((str(caught.exception), caught.exception.place), ("not at 7 of 1", 7))

        class Own(placed):
            def __init__(self, place, more):
                super().__init__(place)
                self.more = more

        with self.assertRaises(Own) as caught:
            emb.evaluate("lambda f: f()")(lambda: (_ for _ in ()).throw(Own(1, "x")))
        self.assertEqual((caught.exception.more, caught.exception.place), ("x", 1))
        emb.run(
            "def told(f):\n"
            "    try: f()\n"
            "    except Placed as e: return e.place, str(e), type(e).__name__"
        )
        seen = emb.evaluate("told")(lambda: (_ for _ in ()).throw(placed(4)))
        self.assertEqual(seen, (4, "not at 4 of 1", "Placed"))
        with self.assertRaises(OSError) as caught:
            emb.evaluate("fail")(emb.evaluate("Broken"), 9)
        self.assertEqual((caught.exception.code, caught.exception.errno), (9, 9))
