"""`python -m emb`: scripts, modules, code, and what is typed at the prompt."""

import json
import os
import subprocess
import sys
import unittest

from . import on_pypy
from .programs import Program


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

    @on_pypy("the readline of a CPython takes no notice of what is typed before it begins")
    def test_what_is_typed_at_the_prompt(self):
        ours, theirs = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "emb"], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, TERM="dumb"),
        )  # fmt: skip
        os.close(theirs)
        os.write(ours, b"""import numpy as np
x = np.arange(3).tolist()
type(x) is list, "1"
def f(y: int | None):
    return type(y) is list, "2"

f(x), f.__annotations__
from __future__ import annotations
def g(y: int | None): pass

"g", g.__annotations__
exit()
""")
        printed = process.communicate(timeout=60)[0].decode()
        os.close(ours)
        for line in "(True, '1')", "((True, '2'), {'y': 'int | None'})", "('g', {'y': 'int | None'})":
            self.assertIn(line, printed)

    def test_the_prompt_shows_values_as_a_library_in_python_wants(self):
        shown = self.run_script(
            """
            import builtins
            import emb
            from emb._loops._prompt import display
            display(1)
            emb.run("import sys; sys.displayhook = lambda value: print('<%s>' % value)")
            display(2)
            display(None)
            print(builtins._)
            emb.run("sys.displayhook = sys.__displayhook__")
            display(3)
            display(None)
            """
        )
        self.assertEqual(shown.split(), ["1", "<2>", "<None>", "2", "3"])

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

    def test_annotations_of_a_later_python(self):
        self.write("beside.py", "def g(x: int | None = None) -> int | str: return x\n")
        self.write("texts.py", "from __future__ import annotations\ndef h(x: int | None): return x\n")
        printed = self.run_script(
            """
            import dataclasses
            import beside, texts
            def f(x: float | None = None, *a: 'int | str', k: int = 3) -> list[int] | None:
                y: int | None = x
                return y
            @dataclasses.dataclass
            class D:
                a: int | None = None
                b: int = 1 | 2
            print(f(2), D(5), beside.g(3), texts.h(4), 1 | 4)
            print([str(one) for one in (f.__annotations__["x"], beside.g.__annotations__["return"], D.__annotations__["a"],
                                        texts.h.__annotations__["x"])], f.__annotations__["k"])
            """
        )
        self.assertEqual(
            printed,
            "2 D(a=5, b=3) 3 4 5\n['float | None', 'int | str', 'int | None', 'int | None'] <class 'int'>\n",
        )
        self.run_script("x = 1 | None", status=1)
        self.assertIn("script.py\", line 1, in <module>", self.errors)

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
        self.assertEqual(frames, ["<module>", "outer", "inner"])
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
