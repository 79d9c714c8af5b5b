"""Exceptions of the host on their way through Python."""

import io
import json
import sys
import traceback
import unittest

import emb

from .callables import HostError, Raising, call, catch, identical
from .programs import run_host


class Errors(Raising, unittest.TestCase):
    def test_the_same_exception_comes_back(self):
        for error in (ValueError("x"), HostError("a", "b"), KeyboardInterrupt(), SystemExit(3)):

            def fail():
                raise error

            self.assertIs(self.raised(call, fail), error)
            self.assertIs(self.raised(call, lambda: call(lambda: call(fail))), error)
            frames = [one.name for one in traceback.extract_tb(error.__traceback__)]
            self.assertEqual(frames[-1], "fail")
            self.assertEqual(frames[0], "raised")
            self.assertIsInstance(error.python_exception, emb.Object)
            self.assertIn("in <lambda>", str(error.python_traceback))
            # Again, when it has been in Python before.
            self.assertIs(self.raised(call, fail), error)

    def test_what_is_in_slots_of_python_s_class(self):
        emb.run(
            """
class Slotted(Exception):
    __slots__ = "message", "place", "unset"
    def __init__(self, message, place):
        super().__init__(message)
        self.message, self.place = message, place
    def explain(self):
        return "%s at %d, %s" % (self.message, self.place, hasattr(self, "unset"))

def explained(f):
    try:
        f()
    except Slotted as error:
        return error.explain()
"""
        )

        class Mine(emb.evaluate("Slotted")):
            pass

        def fail():
            raise Mine("no", 3)

        self.assertEqual(emb.evaluate("explained")(fail), "no at 3, False")
        with self.assertRaises(Mine) as caught:
            fail()
        self.assertEqual((caught.exception.place, caught.exception.explain()), (3, "no at 3, False"))

    def test_a_text_for_which_python_is_asked(self):
        emb.run("class Formatted(Exception):\n  def format(self): return 'no %s' % self.args[0]")
        asked = []

        class Mine(emb.evaluate("Formatted")):
            def __str__(self):
                asked.append(self)
                if len(asked) > 50:
                    raise SystemExit("without an end")
                return self.format() + ", " + self.format()

        def fail():
            raise Mine("a")

        self.assertEqual(str(Mine("a")), "no a, no a")
        self.assertEqual(str(self.raised(fail)), "no a, no a")
        self.assertEqual(emb.evaluate("lambda f: str(catch(f))")(fail), "no a, no a")

    def test_through_a_thread_and_later(self):
        error = HostError("a", "b")

        def fail():
            raise error

        executor = emb.import_mod("concurrent.futures").ThreadPoolExecutor(1)
        with executor:
            future = executor.submit(fail)
            self.assertIs(self.raised(future.result), error)

    def test_what_python_sees(self):
        describe = emb.evaluate(
            "lambda f: [(type(e).__name__, e.args, str(e), isinstance(e, LookupError))"
            " for e in [catch(f)]][0]"
        )

        def raises(error):
            def fail():
                raise error

            return fail

        for error, args in (
            (ValueError("m", 1), ("m", 1)),
            (KeyError("k"), ("k",)),
            (HostError("a", "b"), ("a", "b")),
            (FileNotFoundError(2, "gone", "/x"), (2, "gone")),
            (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why"), ("utf-8", b"\xff", 0, 1, "why")),
            (emb.BadCall("order"), ("order",)),
        ):
            name, got, text, lookup = describe(raises(error))
            self.assertEqual((name, text, lookup),
                             (type(error).__name__, str(error), isinstance(error, LookupError)))
            self.assertEqual(got, args)
        strange = raises(ValueError(object()))
        self.assertIn("object object", describe(strange)[2])
        text = emb.evaluate("lambda f: ''.join(__import__('traceback').format_exception_only("
                            "type(catch(f)), catch(f)))")
        self.assertIn("HostError: no a in b", text(raises(HostError("a", "b"))))

    def test_what_the_program_has_set_is_all_that_python_finds(self):
        class Plain(ValueError):
            pass

        def fail(kind, attributes):
            error = kind("a", "b")
            error.__dict__.update(attributes)
            raise error

        found = emb.evaluate("lambda *args: (lambda e: (vars(e), str(e)))(catch(*args))")
        copied = emb.evaluate("lambda *args: (lambda e: (vars(e), str(e)))(__import__('copy').deepcopy(catch(*args)))")
        for attributes in {}, {"code": 3}:
            for kind in ValueError, Plain, HostError:
                error = kind("a", "b")
                expected = emb.Object({**vars(error), **attributes}), str(error)
                self.assertEqual(found(fail, kind, attributes), expected, kind)
            self.assertEqual(copied(fail, ValueError, attributes), (emb.Object(attributes), str(ValueError("a", "b"))))

    def test_classes(self):
        raiser = emb.evaluate("lambda kind, *args: (_ for _ in ()).throw(kind(*args))")
        error = self.raised(raiser, HostError, "a", "b")
        self.assertIs(type(error), HostError)
        self.assertEqual(error.args, ("a", "b"))
        self.assertTrue(emb.evaluate("issubclass")(HostError, LookupError))
        emb.run("class Own(KeyError): pass")
        own = emb.evaluate("Own")

        def fail():
            raise emb.exception_class(own)("k")

        self.assertTrue(emb.evaluate("lambda f: type(catch(f)) is Own")(fail))

    def test_classes_of_the_standard_library_are_python_s_own(self):
        emb.run(
            "import io, json\n"
            "def number(file):\n"
            "    try: return file.fileno()\n"
            "    except io.UnsupportedOperation: return 'none'"
        )
        self.assertEqual(emb.evaluate("number")(io.BytesIO()), "none")
        is_own = emb.evaluate("lambda kind: kind is json.JSONDecodeError")
        self.assertTrue(is_own(json.JSONDecodeError))

    def test_where_a_syntax_error_is(self):
        error = self.raised(emb.evaluate("compile"), "a = 1\nb c d\n", "file.py", "exec")
        self.assertEqual((error.filename, error.lineno, error.text.strip()), ("file.py", 2, "b c d"))
        kind = emb.evaluate(
            "type('Odd', (SyntaxError,), {'__init__': lambda self, m: (SyntaxError.__init__(self, m),"
            " setattr(self, 'lineno', 7))[0]})"
        )
        raiser = emb.evaluate("lambda kind: (_ for _ in ()).throw(kind('m'))")
        self.assertEqual(self.raised(raiser, kind).lineno, 7)

    def test_the_host_s_traceback(self):
        def fail():
            raise HostError("a", "b")

        text = emb.evaluate("shown")(fail)
        self.assertIn("test_raised.py", text)
        self.assertIn("in fail", text)
        self.assertIn("emb.HostTraceback", text)
        self.assertNotIn("_callbacks.py", text)

    def test_python_s_exceptions_stay_themselves(self):
        emb.run("error = KeyError('k')\ndef fail(): raise error")
        through = lambda: emb.evaluate("fail")()  # noqa: E731
        self.assertTrue(identical(catch(through), emb.evaluate("error")))

        def caught():
            try:
                through()
            except KeyError as error:
                self.assertEqual(error.args, ("k",))
                raise

        self.assertTrue(identical(catch(caught), emb.evaluate("error")))
        self.assertEqual(self.raised(call, caught).args, ("k",))

    def test_exits(self):
        self.assertEqual(self.raised(call, sys.exit, 3).code, 3)
        self.assertIs(type(self.raised(call, sys.exit, 3)), SystemExit)
        error = self.raised(call, lambda: emb.evaluate("__import__('sys').exit")(4))
        self.assertIs(type(error), emb.PythonExit)
        done = run_host("import emb, sys; emb.evaluate('lambda f: f(5)')(sys.exit)")
        self.assertEqual(done, (5, "", ""))

    def test_stop_iteration(self):
        def count():
            if len(seen) == 3:
                raise StopIteration
            seen.append(0)
            return len(seen)

        seen = []
        self.assertEqual(list(emb.evaluate("lambda f: iter(f, None)")(count)), [1, 2, 3])

    def test_recursion(self):
        emb.run("def down(f, n): return f(n + 1)")
        down = emb.evaluate("down")
        deepest = [0]

        def deeper(n):
            deepest[0] = n
            return down(deeper, n)

        for _ in range(5):
            self.assertIsInstance(self.raised(deeper, 0), RecursionError)
            self.assertGreater(deepest[0], 30)
        self.assertEqual(call(lambda: 5), 5)
        error = emb.evaluate("in_thread")(lambda: deeper(0))
        self.assertTrue(emb.evaluate("isinstance")(error, RecursionError))

        def some(n):
            return n if n == 20 else down(some, n)

        self.assertEqual(some(0), 20)
