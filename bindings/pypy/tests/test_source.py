"""The program's source in other words: what is kept of it, and which tools see that."""

import glob
import os

from . import on_pypy
from .programs import Program

_PART = """
    def same(value):
        return type(value) is list, %d
"""
_SCRIPT = """
    import sys
    sys.dont_write_bytecode = False
    import emb
    import part
    print(part.same(emb.evaluate("[1]")))
"""


class Kept(Program):
    def kept(self):
        (path,) = glob.glob(os.path.join(self.folder.name, "__pycache__", "part.*emb.pyc"))
        return path

    def test_modules_are_compiled_once(self):
        self.write("part.py", _PART % 1)
        self.assertEqual(self.run_script(_SCRIPT), "(True, 1)\n")
        before = os.stat(self.kept()).st_mtime_ns
        self.assertEqual(self.run_script(_SCRIPT), "(True, 1)\n")
        self.assertEqual(os.stat(self.kept()).st_mtime_ns, before)
        self.write("part.py", _PART % 2)
        self.assertEqual(self.run_script(_SCRIPT), "(True, 2)\n")
        self.assertNotEqual(os.stat(self.kept()).st_mtime_ns, before)

    def test_what_is_kept_and_of_no_use(self):
        self.write("part.py", _PART % 1)
        self.run_script(_SCRIPT)
        for data in b"", b"nonsense", b"\xe9\x00\x00\x00\x00":
            with open(self.kept(), "wb") as file:
                file.write(data)
            self.assertEqual(self.run_script(_SCRIPT), "(True, 1)\n")

    def test_nobody_else_gets_it(self):
        self.write("part.py", _PART % 1)
        self.run_script(_SCRIPT + "    import py_compile; py_compile.compile(part.__file__, doraise=True)\n")
        self.assertEqual(len(glob.glob(os.path.join(self.folder.name, "__pycache__", "part.*"))), 2)
        self.assertEqual(self.python("-c", "import part; print(part.same([1]))"), "(True, 1)\n")

    def test_without_a_place_for_it(self):
        self.write("part.py", _PART % 1)
        self.write("__pycache__", "a file")
        self.assertEqual(self.run_script(_SCRIPT), "(True, 1)\n")


class Tools(Program):
    @on_pypy("elsewhere who calls `compile` would see that another function is in its place")
    def test_that_run_a_program(self):
        path = self.write("part.py", _PART % 1 + "    import emb; print(same(emb.evaluate('[1]')))\n")
        for tool in ["cProfile"], ["trace", "--count", "-C", self.folder.name]:
            self.assertEqual(self.python("-m", "emb", "-m", *tool, path).splitlines()[0], "(True, 1)")
        printed = self.run_script("exec(compile(open(%r).read(), %r, 'exec'))" % (path, path))
        self.assertEqual(printed, "(True, 1)\n")

    def test_that_read_it(self):
        path = self.write("part.py", _PART % 1)
        printed = self.run_script(
            """
            import ast, inspect, emb, part
            tree = ast.parse(open(part.__file__).read(), part.__file__)
            print(inspect.getsource(part.same).splitlines()[-1].strip(), [n.id for n in ast.walk(tree) if hasattr(n, "id")])
            """
        )
        self.assertEqual(printed, "return type(value) is list, 1 ['list', 'type', 'value']\n", path)
