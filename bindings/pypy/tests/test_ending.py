"""How a program ends that knows of one Python only."""

import os
import unittest

from . import on_pypy
from .programs import Program

_WRITING = """
class Writer:
    def __init__(self, path):
        self.file = open(path, "w")
        self.file.write("rows")
    def __del__(self):
        self.file.write(", footer")
class Cycle:
    def __init__(self):
        self.itself = self
    def __del__(self):
        print("found")
unfinished = open("left", "w")
unfinished.write("unfinished")
"""


@on_pypy("a CPython does it itself")
class Endings(Program):
    def run_writing(self, source):
        self.write("there/writing.py", _WRITING)
        before = "import emb, os\nemb.import_mod('sys').path.insert(0, os.path.abspath('there'))\n"
        return self.run_script(before + source)

    def read(self, name):
        with open(os.path.join(self.folder.name, name)) as file:
            return file.read()

    def test_what_the_program_still_has_is_written_to_its_end(self):
        for left in ("writer = Writer('table')", "held = {'it': [Writer('table')]}", "Writer('table')"):
            with self.subTest(left):
                self.run_writing("from writing import Writer\n" + left)
                self.assertEqual(self.read("table"), "rows, footer")
                self.assertEqual(self.read("left"), "unfinished")

    def test_cycles_are_found(self):
        self.assertEqual(self.run_writing("from writing import Cycle\ncycle = Cycle()\nprint('end')"), "end\nfound\n")

    def test_other_threads_go_on(self):
        self.run_writing(
            "import threading, time, writing\n"
            "names = ['still there']\n"
            "def work():\n"
            "    while True: names[0]; time.sleep(0.001)\n"
            "threading.Thread(target=work, daemon=True).start()"
        )
        self.assertEqual(self.errors, "")
        self.assertEqual(self.read("left"), "unfinished")

    def test_what_was_registered_before_python_has_started(self):
        printed = self.run_script(
            """
            import atexit
            atexit.register(lambda: print(graph.number))
            import emb
            graph = emb.evaluate("type('Graph', (), {'number': 5})()")
            """
        )
        self.assertEqual(printed, "5\n")

    def test_what_was_registered_last_comes_first(self):
        printed = self.run_script(
            """
            import atexit
            atexit.register(print, "first")
            import emb.auto, threading
            emb.auto.there.add("colorsys")
            import colorsys
            there = emb.import_mod("atexit").register
            there(print, "Python's first")
            def wait(for_what, end):
                thread = threading.Thread(target=lambda: print(emb.evaluate("1 + 1"), for_what, end=end))
                thread.start()
                thread.join()
            assert atexit.register(wait, "together", end=".\\n") is wait
            def gone(): print("gone")
            for _ in range(2):
                atexit.register(gone)
            def fail(): raise KeyError("told")
            atexit.register(fail)
            there(print, "Python's last")
            atexit.unregister(gone)
            """
        )
        self.assertEqual(printed, "Python's last\n2 together.\nPython's first\nfirst\n")
        self.assertRegex(self.errors, r"fail.*\n(.*\n)*KeyError: 'told'\n$")


if __name__ == "__main__":
    unittest.main()
