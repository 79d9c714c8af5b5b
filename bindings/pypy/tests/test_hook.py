"""A plain `import numpy`, and `python -m emb`: programs that know of one Python only."""

import json
import os
import subprocess
import sys
import unittest

from . import needs_numpy, on_pypy
from .programs import Program


@on_pypy("a CPython imports these itself")
@needs_numpy
class Imports(Program):
    def test_what_pkgutil_and_inspect_ask_of_modules(self):
        self.write("there/package/__init__.py", "def function():\n    return 1\n")
        self.write("there/package/part.py", "")
        self.write("there/package-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: package\nVersion: 1\n")
        self.run_script(
            """
            import importlib.metadata, inspect, os, pkgutil, runpy
            import emb
            emb.import_mod("sys").path.insert(0, os.path.abspath("there"))
            import package
            assert [one.name for one in pkgutil.walk_packages(package.__path__, "package.")] == ["package.part"]
            assert "package" in [one.name for one in pkgutil.iter_modules()]
            assert "package" in [one.metadata["Name"] for one in importlib.metadata.distributions()]
            source = inspect.getsource(package)
            assert package.__loader__.get_source("package") == source
            assert package.__loader__.get_filename("package") == package.__file__
            assert package.__loader__.is_package("package")
            names = {}
            exec(package.__loader__.get_code("package"), names)
            assert names["function"]() == 1
            """
        )

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
            import pkgutil
            with open(np.__file__, "rb") as file:
                assert pkgutil.get_data("numpy", "__init__.py") == file.read()
            """
        )

    def test_modules_that_python_imports_by_itself_are_found_in_sys_modules(self):
        self.write("site/whole/__init__.py", "from . import inner, _private\nimport other")
        self.write("site/whole/inner.py", "import colorsys\ndef f(): pass\nclass C: pass")
        self.write("site/whole/_private.py", "")
        self.write("site/whole/late.py", "value = 1")
        self.write("site/other.py", "")
        self.write("both.py", "")
        path = "import emb; emb.import_mod('sys').path.insert(0, 'site')\n"
        self.run_script(
            path
            + """
            import sys, importlib, importlib.util, inspect
            library = set(sys.modules)
            import whole
            assert sys.modules["whole.inner"] is whole.inner is importlib.import_module("whole.inner")
            assert sys.modules[whole.inner.C.__module__] is whole.inner
            assert inspect.getmodule(whole.inner.f) is whole.inner
            assert importlib.reload(whole.inner) is whole.inner
            assert importlib.util.find_spec("whole.inner").origin == whole.inner.__file__
            new = {name for name in set(sys.modules) - library if name[0] != "_"}
            assert new - {"other", "sitecustomize"} == {"whole", "whole.inner", "whole._private"}, new
            assert "other" in new and "colorsys" not in new

            del sys.modules["whole._private"]
            emb.run("import whole.late")
            assert whole.late is sys.modules["whole.late"]
            assert "whole._private" not in sys.modules  # what a program takes away, stays away
            import whole._private
            assert sys.modules["whole._private"] is whole._private
            """.replace("\n            ", "\n")
        )

    def test_modules_of_the_library_of_which_pypy_has_only_a_part(self):
        printed = self.run_script(
            """
            import symtable, tracemalloc
            import numpy as np
            tracemalloc.start()
            array = np.ones(10 ** 6)
            print(tracemalloc.get_traced_memory()[0] >= array.nbytes)
            print([one.get_name() for one in symtable.symtable("x = y", "f", "exec").get_symbols()])
            """
        )
        self.assertEqual(printed, "True\n['x', 'y']\n")

    def test_versions_are_those_of_the_package_that_is_imported(self):
        for name, version in (("there/whole", "1"), ("there/both", "2"), ("both", "3")):
            self.write(name + "-%s.dist-info/METADATA" % version, "Version: " + version)
        self.run_script(
            """
            import importlib.metadata as metadata
            import emb
            emb.import_mod("sys").path.insert(0, "there")
            assert (metadata.version("whole"), metadata.version("both")) == ("1", "3")
            try:
                metadata.version("no-such-package")
            except metadata.PackageNotFoundError:
                pass
            else:
                assert False
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

    def test_what_only_says_that_it_is_a_module_is_none(self):
        self.write("there/__init__.py", """
            import sys, types
            class Library:
                __slots__ = ()
                __class__ = property(lambda self: types.ModuleType)
            sys.modules["there.library"] = library = Library()
            from . import part
            """)
        self.write("there/part.py", "value = 5\n")
        printed = self.run_script(
            "import there, there.part, sys; print(there.part.value, 'there.library' in sys.modules)",
            options=("--there", "there"),
        )
        self.assertEqual(printed, "5 False\n")

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

    def test_a_folder_of_the_program_is_the_host_s(self):
        self.write("folder/part.py", "import sys; name = sys.implementation.name")
        printed = self.run_script(
            """
            import numpy
            from folder import part
            import folder, emb
            print(part.name, type(folder.__spec__.loader).__module__.split(".")[0], emb.import_mod("folder.part").name)
            """
        )
        self.assertEqual(printed, "pypy _frozen_importlib_external pypy\n")

    def test_python_s_code_takes_all_of_a_module_of_the_program(self):
        self.write("some.py", "GPU, _own = False, 1\ndef work(): return 'work'")
        self.write("told.py", "__all__ = ['a', '_b']\na, _b, c = 1, 2, 3")
        printed = self.run_script(
            """
            import emb, numpy, some, told
            space = emb.Object({})
            emb.run("from some import *\\nfrom told import *", space)
            print(sorted(name for name in space if name != "__builtins__"), space["work"]() )
            """
        )
        self.assertEqual(printed, "['GPU', '_b', 'a', 'work'] work\n")

    def test_the_host_s_library_does_not_get_python_s_private_modules(self):
        self.run_script(
            """
            import emb.auto, sys
            import heapq, bisect, json, statistics, numpy
            assert isinstance(numpy, emb.Object)
            assert not [one for one in sys.modules if one.startswith("_")
                        and isinstance(sys.modules[one], emb.Object)]
            """
        )

    def test_python_s_functions_are_shared_when_a_compiler_comes(self):
        self.write("llvmlite.py", "")
        printed = self.run_script(
            """
            import ctypes, numpy
            shared = lambda: hasattr(ctypes.CDLL(None), "PyList_AsTuple")
            before = shared()
            import llvmlite
            print(before, shared())
            """,
            options=("--there", "llvmlite"),
        )
        self.assertEqual(printed, "False True\n")

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
            from emb._prompt import display
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
