"""Tracebacks and stacks of a program that knows of one Python, and the exception that is being handled."""

from . import needs_numpy, on_pypy
from .programs import Program


@on_pypy("a CPython has one stack anyway")
@needs_numpy
class Tracebacks(Program):
    def test_tracebacks_have_the_frames_of_both_sides(self):
        self.write("there/__init__.py", "def fail():\n    inner()\ndef inner():\n    raise KeyError('k')\n")
        printed = self.run_script(
            """
            import io, logging, sys, traceback, unittest
            import there
            def middle():
                there.fail()
            try:
                middle()
            except KeyError as error:
                texts = [traceback.format_exc(), "".join(traceback.format_exception(type(error), error, error.__traceback__))]
                out = io.StringIO()
                traceback.print_exc(file=out)
                names = [one.name for one in traceback.extract_tb(error.__traceback__)]
                last = traceback.extract_tb(sys.exc_info()[2], limit=-1)[0].line
            texts.append(out.getvalue())
            assert len(set(texts)) == 1, texts
            print(names, last)
            print([line.strip().split(", ")[-1] for line in texts[0].splitlines() if "File" in line], texts[0].count("Traceback"))
            class Case(unittest.TestCase):
                def test(self):
                    there.fail()
            result = unittest.TestResult()
            Case("test").run(result)
            print([line.strip().split(", ")[-1] for line in result.errors[0][1].splitlines() if "File" in line])
            """,
            options=("--there", "there"),
        )
        self.assertEqual(
            printed,
            "['<module>', 'middle', 'fail', 'inner'] raise KeyError('k')\n"
            "['in <module>', 'in middle', 'in fail', 'in inner'] 1\n"
            "['in test', 'in fail', 'in inner']\n",
        )

    def test_tracebacks_have_them_in_the_order_of_the_calls(self):
        self.write("there/__init__.py", """
            from array import array
            class Base:
                def start(self): return self.step()
                def fail(self): raise KeyError("k")
                def number(self): return self.in_c()
            def outer(f): return inner(f)
            def inner(f): return f()
            def in_c(f): return list(map(f, [1]))
            def late(f, collect):
                try:
                    f()
                except Exception:
                    collect()
                    raise
            """)
        printed = self.run_script(
            """
            import gc, traceback
            import there
            class Own(Exception): pass
            class Kind(there.Base):
                def step(self): return self.fail()
                def in_c(self): return there.array("x")
            def own(): raise Own
            def through(): there.outer(own)
            def back(): there.inner(Kind().start)
            def c(one): return there.outer(through)
            def typed(one): return there.in_c(int("x"))
            def shown(f):
                try:
                    f()
                except Exception as error:
                    print(*[one.name for one in traceback.extract_tb(error.__traceback__)])
            shown(through)
            shown(back)
            shown(lambda: there.outer(through))
            shown(lambda: there.in_c(c))
            shown(lambda: there.in_c(typed))
            shown(lambda: there.late(back, gc.collect))
            shown(Kind().number)
            shown(lambda: there.inner(Kind().number))
            try:
                there.inner(back)
            except KeyError:
                lines = traceback.format_exc().splitlines()
                print(*[line.split(" in ")[1] for line in lines if line.startswith("  File")])
            """,
            options=("--there", "there"),
        )
        self.assertEqual(
            printed,
            "shown through outer inner own\n"
            "shown back inner start step fail\n"
            "shown <lambda> outer inner through outer inner own\n"
            "shown <lambda> in_c c outer inner through outer inner own\n"
            "shown <lambda> in_c typed\n"
            "shown <lambda> late back inner start step fail\n"
            "shown number in_c\n"
            "shown <lambda> inner number in_c\n"
            "<module> inner back inner start step fail\n",
        )

        self.run_script(
            """
            import gc
            import there
            class Kind(there.Base):
                def in_c(self): return there.array("x")
            there.late(Kind().number, gc.collect)
            """,
            options=("--there", "there"),
            status=1,
        )
        frames = [line.split(", in ")[1] for line in self.errors.splitlines() if ", in " in line]
        self.assertEqual(frames, ["<module>", "late", "number", "in_c"])

    def test_what_python_writes_of_the_program_s_exceptions(self):
        """The frames of both, and nothing else, as in a CPython."""
        self.write("there/__init__.py", """
            import traceback
            def written(f, *args):
                try:
                    f(*args)
                except Exception as error:
                    lines = [line.strip() for line in traceback.format_exc().splitlines()]
                    names = [line.split(" in ")[1] for line in lines if line.startswith("File")]
                    return names, lines.count("Traceback (most recent call last):"), lines[-1], error.__cause__
            def of_a_value(error):
                return traceback.format_exception(type(error), error, error.__traceback__)
            def call(f, *args):
                return f(*args)
            """)
        printed = self.run_script(
            """
            import there
            class Own(Exception): pass
            def fails(error): raise error
            def through(error): there.call(fails, error)
            def handling():
                try:
                    {}["a"]
                except KeyError:
                    raise Own("own")
            def lacking(): there.missing
            for error in KeyError("k"), ValueError("v"), Own("o"), AttributeError("a"):
                print(*there.written(fails, error))
            print(*there.written(through, IndexError("i")))
            print(*there.written(handling))
            print(*there.written(lacking))
            try:
                fails(LookupError("caught"))
            except LookupError as error:
                print("".join(there.of_a_value(error)).count(", in "))
            """,
            options=("--there", "there"),
        )
        self.assertEqual(
            printed,
            "['written', 'fails'] 1 KeyError: 'k' None\n"
            "['written', 'fails'] 1 ValueError: v None\n"
            "['written', 'fails'] 1 Own: o None\n"
            "['written', 'fails'] 1 AttributeError: a None\n"
            "['written', 'through', 'call', 'fails'] 1 IndexError: i None\n"
            "['handling', 'written', 'handling'] 2 Own: own None\n"
            "['written', 'lacking'] 1 AttributeError: module 'there' has no attribute 'missing' None\n"
            "2\n",
        )

    def test_the_stack_is_the_program_s(self):
        self.write("there/__init__.py", "def call(f): return f()\n")
        printed = self.run_script(
            """
            import traceback
            import there
            def shown(): return [one.name for one in traceback.extract_stack()]
            def calls(): return there.call(shown)
            print(shown(), calls(), [one.name for one in traceback.StackSummary.extract(traceback.walk_stack(None))])
            """,
            options=("--there", "there"),
        )
        self.assertEqual(
            printed, "['<module>', 'shown'] ['<module>', 'calls', 'shown'] ['<module>']\n"
        )
        printed = self.run_script("import traceback\nprint([one.name for one in traceback.extract_stack()])")
        self.assertEqual(printed, "['<module>']\n")

    def test_python_finds_the_exception_that_the_program_handles(self):
        self.write("there/__init__.py", """
            import sys, traceback
            def fail(): raise KeyError("k")
            def asked(): return [one for one in traceback.format_exc().splitlines() if one.strip(" ^")]
            def names():
                kind, error, trace = sys.exc_info()
                frames = [one.tb_frame for one in walk(trace)]
                return [frame.f_code.co_name for frame in frames], dict(frames[-1].f_locals)
            def walk(trace):
                while trace is not None:
                    yield trace
                    trace = trace.tb_next
            """)
        printed = self.run_script(
            """
            import there
            def divide(a):
                return [a] + [a // 0] + [a]
            def both():
                there.fail()
            print(there.asked())
            def alone():
                divide(1)
            for f in alone, both:
                try:
                    f()
                except Exception as error:
                    print(there.names())
                    print([line.strip().split(", ")[-1] for line in there.asked() if "in <module>" not in line])
                    try:
                        raise ValueError("v") from error
                    except ValueError:
                        lines = there.asked()
                        print(lines[-1], lines.count("Traceback (most recent call last):"))
            print(there.asked())
            """,
            options=("--there", "there"),
        )
        self.assertEqual(
            printed,
            "['NoneType: None']\n"
            "(['<module>', 'alone', 'divide'], {'a': 1})\n"
            "['Traceback (most recent call last):', 'f()', 'in alone', 'divide(1)', 'in divide',"
            " 'return [a] + [a // 0] + [a]', 'ZeroDivisionError: integer division or modulo by zero']\n"
            "ValueError: v 2\n"
            "(['<module>', 'both', 'fail'], {})\n"
            "['Traceback (most recent call last):', 'f()', 'in both', 'there.fail()', 'in fail',"
            " 'def fail(): raise KeyError(\"k\")', \"KeyError: 'k'\"]\n"
            "ValueError: v 2\n"
            "['NoneType: None']\n",
        )

    def test_the_program_finds_the_exception_that_python_handles(self):
        self.write("there/__init__.py", """
            def handler(f):
                try:
                    f()
                except Exception:
                    return g()
            def fail(): raise KeyError("k")
            """)
        printed = self.run_script(
            """
            import sys, traceback
            import there
            def fails():
                raise error
            error = ValueError("v")
            def asked():
                print([line.strip().split(", ")[-1] for line in traceback.format_exc().splitlines()])
                return sys.exc_info()[1] is error
            there.g = asked
            print(there.handler(there.fail), there.handler(fails), asked())
            """,
            options=("--there", "there"),
        )
        self.assertEqual(
            printed,
            "['Traceback (most recent call last):', 'in handler', 'f()', 'in fail',"
            " 'def fail(): raise KeyError(\"k\")', \"KeyError: 'k'\"]\n"
            "['Traceback (most recent call last):', 'in handler', 'f()', 'in fails', 'raise error', 'ValueError: v']\n"
            "['NoneType: None']\n"
            "False True False\n",
        )

    def test_python_is_passed_the_program_s_tracebacks(self):
        self.write("there/__init__.py", """
            import traceback, types
            def reraise(kind, error, trace):
                raise error.with_traceback(trace)
            def show(kind, error, trace):
                lines = traceback.format_exception(kind, error, trace)
                print([line.strip().split(", ")[-1] for text in lines for line in text.splitlines()])
                frames = [one for one, _ in traceback.walk_tb(trace) if one.f_code.co_name == "fails"]
                print(isinstance(trace, types.TracebackType), [one.f_locals["n"] for one in frames])
            def fail():
                raise KeyError("k")
            """)
        printed = self.run_script(
            """
            import sys, traceback
            import there
            def fails(n):
                raise ValueError(n)
            def both(n):
                there.fail()
            for function in fails, both:
                try:
                    function(3)
                except Exception:
                    there.show(*sys.exc_info())
                try:
                    try:
                        function(4)
                    except Exception:
                        there.reraise(*sys.exc_info())
                except Exception as error:
                    print([one.name for one in traceback.extract_tb(error.__traceback__)])
            try:
                fails(5)
            except ValueError:
                found = sys.exc_info()
            there.show(*found)
            """,
            options=("--there", "there"),
        )
        shown = "['Traceback (most recent call last):', 'in <module>', '%s',"
        of_fails = shown + " 'in fails', 'raise ValueError(n)', 'ValueError: %d']\nTrue [%d]\n"
        self.assertEqual(
            printed,
            of_fails % ("function(3)", 3, 3)
            + "['<module>', 'reraise', '<module>', 'fails']\n"
            + shown % "function(3)"
            + " 'in both', 'there.fail()', 'in fail', 'raise KeyError(\"k\")', \"KeyError: 'k'\"]\nTrue []\n"
            + "['<module>', 'reraise', '<module>', 'both', 'fail']\n"
            + of_fails % ("fails(5)", 5, 5),
        )

    def test_variables_that_a_frame_does_not_have(self):
        self.write("there/__init__.py", """
            import sys, traceback
            def asked():
                found = [frame.f_locals for frame, _ in traceback.walk_tb(sys.exc_info()[2])]
                return [names.get("mark", 0) for names in found], ["mark" in names for names in found]
            """)
        printed = self.run_script(
            """
            import there
            from emb._callables import _frames
            missed, own = [], _frames.Variables.__getitem__
            def found(self, name):
                if name not in self._names:
                    missed.append(name)
                return own(self, name)
            _frames.Variables.__getitem__ = found
            def fails():
                mark = 5
                raise ValueError
            try:
                fails()
            except ValueError:
                print(there.asked(), missed)
            """,
            options=("--there", "there"),
        )
        self.assertEqual(printed, "([0, 5], [False, True]) []\n")
