"""A plain `import numpy`, and `python -m emb`: programs that know of one Python only."""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

import emb

from . import needs_numpy, on_pypy, python_path

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(emb.__file__)))


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, source):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(textwrap.dedent(source))
        return path

    def python(self, *arguments, status=0, **more):
        done = subprocess.run(
            [sys.executable] + list(arguments),
            cwd=self.folder.name,
            env=dict(os.environ, PYTHONPATH=python_path(PACKAGE), PYTHONDONTWRITEBYTECODE="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            **more
        )
        self.assertEqual(done.returncode, status, done.stderr)
        self.errors = done.stderr
        return done.stdout

    def run_script(self, source, *arguments, status=0, options=()):
        path = self.write("script.py", source)
        return self.python("-m", "emb", *options, path, *arguments, status=status)


@on_pypy("a CPython imports these itself")
@needs_numpy
class Imports(Program):
    def test_all_forms_of_import(self):
        self.run_script(
            """
            import sys, types, inspect, importlib
            import numpy
            import numpy as np
            import numpy.linalg
            import numpy.linalg as la
            from numpy.linalg import norm
            from numpy import *
            assert numpy is np is sys.modules["numpy"]
            assert isinstance(np, types.ModuleType) and inspect.ismodule(np)
            assert sys.modules["numpy.linalg"] is importlib.import_module("numpy.linalg")
            assert la == np.linalg and norm == la.norm
            assert float(norm(arange(3.0))) == 5 ** 0.5
            assert np.__name__ == np.__spec__.name == "numpy"
            assert np.__spec__.submodule_search_locations == list(np.__path__)
            assert importlib.util.find_spec("numpy").origin == np.__file__
            assert importlib.reload(np) is np
            """
        )

    def test_relative_imports_and_lazy_attributes_are_python_s(self):
        folder = self.write("there/__init__.py", "from . import part\nvalue = part.value\n")
        self.write("there/part.py", "import sys; value = sys.implementation.name\n")
        self.write("there/late.py", "name = __name__\n")
        self.write(
            "there/__init__.py",
            """
            from . import part
            value = part.value
            def __getattr__(name):
                if name == "lazy":
                    return 42
                raise AttributeError(name)
            """,
        )
        self.assertTrue(folder)
        printed = self.run_script(
            """
            import there, there.late
            from there import lazy, part
            print(there.value, lazy, part.value, there.late.name)
            """,
            options=("--there", "there"),
        )
        self.assertEqual(printed, "cpython 42 cpython there.late\n")

    def test_the_user_says_from_where(self):
        source = "import both; print(both.name)"
        self.write("both.py", "import sys; name = sys.implementation.name\n")
        self.assertEqual(self.run_script(source), "pypy\n")
        self.assertEqual(self.run_script(source, options=("--there", "both")), "cpython\n")
        self.assertEqual(self.run_script(source, options=("--there=both",)), "cpython\n")
        self.assertEqual(
            self.run_script("import emb.auto; emb.auto.there.add('both'); " + source), "cpython\n"
        )
        out = self.run_script("import numpy", options=("--here", "numpy"), status=1)
        self.assertEqual(out, "")
        self.assertIn("Error", self.errors)

    def test_a_package_with_python_s_extensions_is_python_s(self):
        self.write("folder/mixed/__init__.py", "name = 'here'")
        self.write("folder/mixed/_speed.cpython-311-x86_64-linux-gnu.so", "")
        self.write("folder/plain/__init__.py", "import sys; name = sys.implementation.name")
        source = "import sys; sys.path.insert(0, %r); import %s"
        folder = os.path.join(self.folder.name, "folder")
        # Python has no such package either: then the host's is all there is.
        self.run_script(source % (folder, "mixed"))
        printed = self.run_script(source % (folder, "plain") + "; print(plain.name)")
        self.assertEqual(printed, "pypy\n")

    def test_the_host_s_library_does_not_get_python_s_private_modules(self):
        self.run_script(
            """
            import emb.auto, sys
            import heapq, bisect, json, statistics, numpy
            assert not [one for one in sys.modules if one.startswith("_")
                        and type(sys.modules[one]) is type(numpy)]
            """
        )

    def test_what_nobody_has(self):
        self.run_script(
            """
            import importlib.util
            assert importlib.util.find_spec("nobody_has_this") is None
            try:
                import nobody_has_this
            except ModuleNotFoundError as error:
                assert error.name == "nobody_has_this", error.name
                assert str(error) == "No module named 'nobody_has_this'", error
            try:
                import numpy.nobody_has_this
            except ModuleNotFoundError as error:
                assert error.name == "numpy.nobody_has_this"
            try:
                from numpy import nobody_has_this
            except ImportError as error:
                assert "nobody_has_this" in str(error)
            """
        )

    def test_a_module_that_fails_half_way(self):
        self.write("broken.py", "import sys\nsys.attempts = getattr(sys, 'attempts', 0) + 1\n1/0\n")
        self.run_script(
            """
            import sys
            for attempt in range(2):
                try:
                    import broken
                except ZeroDivisionError as error:
                    assert "broken.py" in error.python_traceback
                    assert "broken" not in sys.modules
            import emb
            assert emb.import_mod("sys").attempts == 2
            """,
            options=("--there", "broken"),
        )


class Running(Program):
    def test_arguments_and_main(self):
        printed = self.run_script(
            """
            import sys, os
            print(sys.argv[1:], __name__, os.path.basename(__file__), sys.path[0] == os.path.dirname(
                os.path.realpath(__file__)))
            import __main__
            print(__main__.__dict__ is globals())
            """,
            "-x", "y",
        )  # fmt: skip
        self.assertEqual(printed, "['-x', 'y'] __main__ script.py True\nTrue\n")

    @unittest.skipIf(sys.version_info < (3, 9), "before 3.9 the name was as given")
    def test_the_program_knows_its_whole_name(self):
        self.write("script.py", "import os, sys\nprint(os.path.isabs(__file__), sys.argv)")
        self.assertEqual(self.python("-m", "emb", "script.py"), "True ['script.py']\n")

    def test_code_modules_and_input(self):
        code = "import sys; print(sys.argv, __name__)"
        self.assertEqual(self.python("-m", "emb", "-c", code, "a"), "['-c', 'a'] __main__\n")
        self.assertEqual(self.python("-m", "emb", "-", "b", input=code), "['-', 'b'] __main__\n")
        self.write("tool.py", code.replace("sys.argv", "sys.argv[1:]"))
        self.assertEqual(self.python("-m", "emb", "-m", "tool", "c"), "['c'] __main__\n")
        self.write("package/__main__.py", code.replace("sys.argv", "sys.argv[1:]"))
        self.assertEqual(self.python("-m", "emb", "package", "d"), "['d'] __main__\n")

    def test_misuse(self):
        for arguments in (["--what"], ["-m"], ["-x"], ["--there"], ["missing.py"]):
            self.python("-m", "emb", *arguments, status=2)
            self.assertTrue(self.errors.startswith("emb: "), self.errors)
        self.assertIn("script.py", self.python("-m", "emb", "--help"))

    def test_doctor(self):
        report = self.python("-m", "emb", "doctor")
        self.assertIn("libemb ", report)
        self.assertIn("backend: ", report)
        report = json.loads(self.python("-m", "emb", "doctor", "--json"))
        self.assertIn(report["state"], ("running", "attached"))
        self.python("-m", "emb", "doctor", "more", status=2)

    @on_pypy("a CPython needs no other")
    def test_doctor_without_a_python(self):
        report = self.python("-m", "emb", "--python", "/nowhere", "doctor", status=1)
        self.assertIn("EMB_PYTHON, /nowhere\n      refused: it does not exist\n", report)

    def test_exit_codes(self):
        self.run_script("import sys; sys.exit(7)", status=7)
        self.run_script("import sys; sys.exit('why')", status=1)
        self.assertEqual(self.errors, "why\n")
        self.run_script("import emb; emb.import_mod('sys').exit(5)", status=5)
        self.run_script("raise KeyboardInterrupt", status=130)

    def test_tracebacks_show_both_sides_and_nothing_of_ours(self):
        self.run_script(
            """
            import emb
            emb.run("def outer(f): return f()", file="there.py")
            def inner():
                raise KeyError("k")
            emb.evaluate("outer")(inner)
            """,
            status=1,
        )
        frames = [line.split(", in ")[1] for line in self.errors.splitlines() if ", in " in line]
        self.assertEqual(frames, ["<module>", "inner"])
        self.run_script(
            """
            import emb
            emb.run("def outer():\\n  inner()\\ndef inner():\\n  raise KeyError(1)", file="there.py")
            def run():
                emb.evaluate("outer")()
            run()
            """,
            status=1,
        )
        frames = [line.split(", in ")[1] for line in self.errors.splitlines() if ", in " in line]
        self.assertEqual(frames, ["<module>", "run", "outer", "inner"])
        self.assertNotIn("_calls.py", self.errors)
        self.assertEqual(self.errors.splitlines()[-1], "KeyError: 1")


@on_pypy("a CPython has one output and one set of warnings anyway")
@needs_numpy
class Joint(Program):
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

    @on_pypy("one Python has one generator")
    def test_one_generator_of_random_numbers(self):
        printed = self.run_script(
            """
            import random
            import emb.auto
            emb.auto.there.add("statistics")
            import statistics
            draw = emb.evaluate("lambda: (R.random(), R.gauss(0, 1), R.randrange(10**6), R._inst.random())",
                                emb.Object({"R": emb.import_mod("random")}))
            random.seed(5)
            found = list(draw()) + [random.random()]
            random.seed(5)
            own = [random.random(), random.gauss(0, 1), random.randrange(10**6), random.random(),
                   random.random()]
            print(found == own)
            state = random.getstate()
            emb.import_mod("random").seed(5)
            print(random.random() == own[0], emb.import_mod("random").getstate() == random.getstate())
            """
        )
        self.assertEqual(printed, "True\nTrue True\n")

    @on_pypy("one Python has one __main__")
    def test_python_pickles_what_is_in_the_program(self):
        self.write("there/__init__.py", "import io, pickle\nclass Base: pass\n"
                   "def again(x): return pickle.loads(pickle.dumps(x))\n"
                   "def kind(): import __main__; return __main__.Model\n")  # fmt: skip
        self.run_script(
            """
            import there
            class Model(there.Base):
                def __init__(self, size):
                    self.size = size
            def function(): pass
            model = there.again(Model(3))
            assert type(model) is Model and model.size == 3
            assert there.again([function])[0] is function and there.kind() is Model
            try:
                there.again.__globals__["__builtins__"]["__import__"]("__main__").nothing
            except AttributeError as error:
                assert "nothing" in str(error)
            """,
            options=("--there", "there"),
        )

    @on_pypy("one Python has one logging")
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

    @on_pypy("one Python has one json")
    @needs_numpy
    def test_json(self):
        printed = self.run_script(
            """
            import json
            import numpy as np
            print(json.dumps({"a": np.float64(0.1), "b": [np.float64(1e300), np.float64("nan")]}))
            print("".join(json.JSONEncoder().iterencode([np.float64(2.5)])), json.dumps({np.float64(1): 2}))
            try:
                json.dumps(np.int64(1))
            except TypeError as error:
                print(error)
            """
        )
        self.assertEqual(
            printed,
            '{"a": 0.1, "b": [1e+300, NaN]}\n[2.5] {"1.0": 2}\n'
            "Object of type int64 is not JSON serializable\n",
        )

    @on_pypy("one Python has one csv")
    @needs_numpy
    def test_csv(self):
        printed = self.run_script(
            """
            import sys
            import numpy as np
            import csv
            writer = csv.writer(sys.stdout, lineterminator="|")
            writer.writerow([np.float64(0.1), np.float32(0.5), np.int64(2), "a"])
            writer.writerows(np.eye(2))
            csv.DictWriter(sys.stdout, ["x"], lineterminator="|").writerow({"x": np.float64(3)})
            assert csv.__spec__.loader is csv.__loader__ and csv.__loader__.get_source("csv")
            """
        )
        self.assertEqual(printed, "0.1,0.5,2,a|1.0,0.0|0.0,1.0|3.0|")

    @on_pypy("one Python has one pprint")
    def test_pprint(self):
        printed = self.run_script(
            """
            import emb.auto, pprint
            emb.auto.there.add("colorsys")
            import colorsys
            made = "{'b': [list(range(30)), 'word ' * 3], 'a': {1: (2, list('ab'))}}"
            there = emb.evaluate(made)
            for options in ({}, {"depth": 1}, {"width": 200}, {"compact": True}):
                print(pprint.pformat(there, **options) == pprint.pformat(eval(made), **options))
                print(pprint.pformat([there], **options) == pprint.pformat([eval(made)], **options))
            own = emb.evaluate("type('Own', (dict,), {'__repr__': lambda self: 'own ' * 40})()")
            print(pprint.pformat(own) == "own " * 40)
            """
        )
        self.assertEqual(printed, 9 * "True\n")

    def test_help(self):
        printed = self.run_script("import numpy as np; help(np.linalg.norm); help(np.ndarray)")
        self.assertIn("norm(x, ord=None, axis=None", printed)
        self.assertIn("class ndarray(builtins.object)", printed)

    def test_warnings(self):
        self.run_script(
            """
            import warnings
            import numpy as np
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                np.log(np.array([-1.0]))
            assert caught[0].category is RuntimeWarning and caught[0].filename == __file__
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
