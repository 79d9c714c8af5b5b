"""What a program and Python have to say has one way out: streams, logging, warnings, what nobody catches."""

from . import needs_numpy, on_pypy
from .programs import Program


@on_pypy("a CPython has one output and one set of warnings anyway")
@needs_numpy
class Streams(Program):
    def test_output_in_order(self):
        printed = self.run_script(
            """
            import contextlib, io
            import numpy, emb
            there = emb.evaluate("print")
            print(1); there(2); print(3); there(4)
            with contextlib.redirect_stdout(io.StringIO()) as captured:
                there("caught")
            assert captured.getvalue() == "caught\\n"
            """
        )
        self.assertEqual(printed, "1\n2\n3\n4\n")

    def test_what_python_puts_in_the_place_of_the_streams(self):
        """As tools do that test command lines: what the program prints and reads meanwhile is theirs."""
        self.write("there/__init__.py", """
            import contextlib, io, sys
            def invoke(function, text):
                saved = sys.stdin, sys.stdout, sys.stderr
                sys.stdin, sys.stdout, sys.stderr = io.StringIO(text), io.StringIO(), io.StringIO()
                try:
                    function()
                    print("there", file=saved[1])
                finally:
                    put = sys.stdout, sys.stderr
                    sys.stdin, sys.stdout, sys.stderr = saved
                return [one.getvalue() for one in put]
            def redirected(function):
                with contextlib.redirect_stdout(io.StringIO()) as captured:
                    function()
                return captured.getvalue()
            def read():
                return input() + sys.stdin.readline() + next(sys.stdin)
            def leave(code):
                sys.exit(code)
            """)
        printed = self.run_script(
            """
            import contextlib, io, sys
            import there
            def program():
                print("here", input())
                sys.stderr.write(sys.stdin.readline())
            assert there.invoke(program, "one\\ntwo\\n") == ["here one\\n", "two\\n"]
            own = sys.stdout
            assert there.redirected(lambda: there.redirected(lambda: print(1)) and print(2)) == "2\\n"
            assert there.redirected(lambda: print(1)) == "1\\n"
            with contextlib.redirect_stdout(io.StringIO()) as captured:
                assert there.redirected(lambda: print(2)) == "2\\n"
                there.invoke(lambda: 0, "")
            assert captured.getvalue() == "there\\n" and sys.stdout is own
            sys.stdin = io.StringIO("a\\nb\\nc\\n")
            assert there.read() == "ab\\nc\\n"
            try:
                there.leave(3)
            except SystemExit as error:
                assert error.code == 3
            there.leave(4)
            """,
            status=4,
        )
        self.assertEqual(printed, "there\n")

    def test_modules_that_are_imported_later_are_none_of_the_streams(self):
        self.write("there/__init__.py", "stdout = None\n")
        printed = self.run_script("""
            import sys, there
            print(type(there), there.__class__)
            there.stdout = "a variable"
            print(sys.stdout is sys.__stdout__)
            """, options=("--there", "there"))
        self.assertEqual(printed, "<class 'module'> <class 'module'>\nTrue\n")

    def test_logging(self):
        self.write("there/__init__.py", "import logging\nlog = logging.getLogger('there.part')\n"
                   "own = logging.getLogger('apart'); own.propagate = False\n"
                   "def work(n):\n"
                   "  log.debug('debug %d', n)\n"
                   "  log.info('info %d', n)\n"
                   "  own.error('apart %d', n)\n"
                   "def fail():\n"
                   "  try: 1 / 0\n"
                   "  except ZeroDivisionError: log.exception('failed')\n")  # fmt: skip
        printed = self.run_script(
            """
            import logging, sys
            import there
            there.work(0)
            handler = logging.StreamHandler(sys.stdout)
            handler.setFormatter(logging.Formatter("%(name)s:%(levelname)s:%(funcName)s:%(message)s"))
            logging.getLogger("apart").addHandler(handler)
            logging.basicConfig(handlers=[handler], level=logging.INFO)
            there.work(1)
            logging.getLogger("there").setLevel("DEBUG")
            there.work(2)
            logging.getLogger("there.part").setLevel(logging.WARNING)
            there.work(3)
            logging.getLogger("apart").disabled = True
            there.work(4)
            logging.getLogger("there.part").addFilter(lambda record: "failed" in record.msg)
            logging.getLogger("there.part").warning("own")
            there.fail()
            logging.disable(logging.CRITICAL)
            there.work(4)
            """,
            options=("--there", "there"),
        )
        lines = printed.splitlines()
        self.assertEqual(
            lines[:7],
            [
                "there.part:INFO:work:info 1", "apart:ERROR:work:apart 1",
                "there.part:DEBUG:work:debug 2", "there.part:INFO:work:info 2",
                "apart:ERROR:work:apart 2", "apart:ERROR:work:apart 3",
                "there.part:ERROR:fail:failed",
            ],
        )  # fmt: skip
        self.assertEqual(lines[-1], "ZeroDivisionError: division by zero")
        self.assertEqual(self.errors, "apart 0\n")

    def test_excepthook_of_the_program(self):
        printed = self.run_script(
            """
            import sys
            import colorsys, emb
            def fail():
                raise ValueError("text")
            emb.run('''
            import sys
            def uncaught(function):
                try:
                    function()
                except Exception:
                    if sys.excepthook is sys.__excepthook__:
                        print("default")
                    else:
                        sys.excepthook(*sys.exc_info())
            ''')
            uncaught = emb.evaluate("uncaught")
            uncaught(fail)
            own, sys.excepthook = sys.excepthook, lambda kind, error, trace: print("hook", kind.__name__, error)
            uncaught(fail)
            sys.excepthook = own
            uncaught(fail)
            """,
            options=["--there=colorsys"],
        )
        self.assertEqual(printed, "default\nhook ValueError text\ndefault\n")

    def test_warnings(self):
        self.run_script(
            """
            import warnings
            import numpy as np
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                np.log(np.array([-1.0]))
            assert caught[0].category is RuntimeWarning and caught[0].filename == __file__
            import emb
            class Log(emb.evaluate("type('Base', (), {'call': lambda self: self.log()})")):
                def log(self):
                    return np.log(np.array([-1.0]))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                Log().call()
            assert (caught[0].filename, caught[0].lineno) == (__file__, Log.log.__code__.co_firstlineno + 1)
            warnings.simplefilter("error")
            try:
                np.log(np.array([-1.0]))
            except RuntimeWarning:
                warnings.simplefilter("ignore")
                np.log(np.array([-1.0]))
            else:
                raise AssertionError
            """
        )
        self.assertEqual(self.errors, "")

    def test_warnings_that_come_again_are_cheap(self):
        """The host knows by their text that it has shown them; or nobody wants any."""
        printed = self.run_script(
            """
            import warnings
            import numpy as np
            from emb._abi import _memory
            def warned(x=-1.0):
                np.log(np.array([x]))
            def crossings(*args):
                for _ in range(3):
                    before = _memory.crossings
                    warned(*args)
                return _memory.crossings - before
            usual = crossings(1.0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                print(crossings() - usual < 1)
            print(crossings() - usual < 2)
            with warnings.catch_warnings(record=True) as caught:
                for action in "default", "module", "once", "always", "ignore":
                    warnings.resetwarnings()
                    warnings.simplefilter(action)
                    warned()
                    warned()
                    print(action, len(caught))
                    caught.clear()
                warnings.filterwarnings("always", "invalid", lineno=5)
                warned()
                print([str(one.message) for one in caught])
                warnings.filterwarnings("error", "invalid", RuntimeWarning)
                try:
                    warned()
                except RuntimeWarning as error:
                    print(repr(error))
            """
        )
        self.assertIn("script.py:6: RuntimeWarning", self.errors)
        self.assertEqual(
            printed,
            "True\nTrue\ndefault 1\nmodule 1\nonce 1\nalways 2\nignore 0\n[]\n"
            "RuntimeWarning('invalid value encountered in log')\n",
        )

    def test_warnings_of_what_functions_do_that_python_calls_are_theirs(self):
        self.write("there/__init__.py", """
            import warnings
            def each(f, items):
                for one in items:
                    f(one)
            def through(f, items):
                each(f, items)
            def warns(): warnings.warn("text", FutureWarning, stacklevel=2)
            def warns_further(): warnings.warn("text", FutureWarning, stacklevel=3)
            """)
        printed = self.run_script(
            """
            import warnings
            import numpy as np
            import there
            a = np.array([-1.0])
            def one(_): np.log(a)
            def two(_):
                np.log(a)
                np.log(a)
            def three(_): there.warns()
            def inner(): there.warns_further()
            def four(_): inner()
            for action in "default", "always", "once":
                with warnings.catch_warnings(record=True) as caught:
                    warnings.resetwarnings()
                    warnings.simplefilter(action)
                    for f in one, two, three, four:
                        there.through(f, [1, 2])
                print(*[one.lineno for one in caught if one.filename == __file__], len(caught))
            """,
            options=("--there", "there"),
        )
        self.assertEqual(printed, "6 8 9 10 12 5\n6 6 8 9 8 9 10 10 12 12 10\n6 10 2\n")

    def test_warnings_of_what_the_program_s_methods_do(self):
        """The default filters show these of __main__ only."""
        self.write("there/__init__.py", """
            import sys, warnings
            class Meta(type):
                def __setattr__(cls, name, value):
                    print(sys._getframe(1).f_code.co_name)
                    warnings.warn("set " + name, DeprecationWarning, stacklevel=2)
                    super().__setattr__(name, value)
            class Base(metaclass=Meta):
                pass
            def call(cls, name):
                cls.set(name)
            """)
        printed = self.run_script("""
            import there
            class Own(there.Base):
                @classmethod
                def set(cls, name):
                    cls.x = name
            Own.set("x")
            Own.x = "y"
            there.call(Own, "z")
            class Else(there.Base):
                @classmethod
                def set(cls, name):
                    cls.z = name
            there.call(Else, "z")
            """, options=("--there", "there"))
        self.assertEqual(printed.split()[:2], ["set", "<module>"])
        shown = [line for line in self.errors.splitlines() if "Deprecation" in line]
        self.assertEqual(len(shown), 3, self.errors)
        self.assertIn(":13: DeprecationWarning: set z", shown[2])

    def test_warnings_about_an_import_are_where_the_program_imports(self):
        self.write("there/__init__.py", "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n")
        self.run_script("import sys\nimport there\n", options=("--there", "there"))
        self.assertIn("script.py:2: DeprecationWarning: old", self.errors)

    def test_warnings_of_the_program_that_python_catches(self):
        """And filters that one side sets, for those of the other."""
        self.run_script(
            """
            import pickle, warnings
            import numpy as np, emb
            def f(x):
                warnings.warn("from f %s" % x)
                return x
            there = emb.import_mod("warnings")
            made = emb.evaluate('''lambda warnings: lambda f, *args: (
                (block := warnings.catch_warnings(record=True)), caught := block.__enter__(),
                warnings.simplefilter("default"), f(*args), block.__exit__(None, None, None),
                [str(one.message) for one in caught])[-1]''')
            caught_there = made(there)
            assert caught_there(f, 1) == ["from f 1"]
            assert caught_there(f, 1) == ["from f 1"]  # where it was warned of already
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                assert caught_there(np.vectorize(f), [1.0]) == ["from f 1.0"]
                f(2)
                np.log(np.array([-1.0]))
            assert [str(one.message)[:8] for one in caught] == ["from f 2", "invalid "], caught
            with there.catch_warnings():
                there.filterwarnings("error", message="from")
                try:
                    f(3)
                except UserWarning as error:
                    assert str(error) == "from f 3"
                else:
                    raise AssertionError
                there.resetwarnings()
                assert warnings.filters == []
                there.filters.append(("ignore", None, Warning, None, 0))
                f(3)
            count = len(warnings.filters)
            warnings.filterwarnings("ignore", message="FROM", category=UserWarning, lineno=0)
            assert len(there.filters) == count + 3  # and two that ask the host
            assert type(pickle.loads(pickle.dumps(warnings.filters))) is list
            f(4)
            shown = []
            there.showwarning = lambda *details: shown.append(details)
            warnings.filterwarnings("always", category=np.exceptions.VisibleDeprecationWarning)
            warnings.warn("mine", np.exceptions.VisibleDeprecationWarning)
            there.warn("theirs", np.exceptions.VisibleDeprecationWarning)
            assert [str(one[0]) for one in shown] == ["mine", "theirs"], shown
            """
        )
        self.assertEqual(self.errors, "")
