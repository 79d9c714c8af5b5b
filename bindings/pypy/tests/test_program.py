"""The program's own modules, as Python's code finds them in `sys.modules`."""

import unittest

from . import on_another
from .programs import Program

BESIDE = """
from __future__ import annotations
import dataclasses
from typing import List

class Part:
    pass

class Whole:
    parts: List[Part]

def whole(parts: List[Part]) -> Whole:
    pass
"""

LOOKS = """
import emb
import emb.auto
emb.auto.there.add("colorsys")
import colorsys
emb.run('''
import importlib.util, pickle, sys, typing

def looks(module, name):
    space = vars(sys.modules[module])
    return (
        name in space, space is vars(sys.modules[module]), space.get(name) is space[name],
        space.get("no") is None, "no" in space, eval("[" + name + "]", space, {})[0] is space[name],
        space[name] is getattr(sys.modules[module], name),
    )
''')
looks, hints = emb.evaluate("looks"), emb.evaluate("typing.get_type_hints")
"""


@on_another("the modules are Python's")
class Modules(Program):
    def test_annotations_that_are_text(self):
        self.write("beside.py", BESIDE)
        source = LOOKS + """
        def listed(kind): return List[kind]
        print(hints(Whole) == {"parts": listed(Part)}, hints(whole) == {"parts": listed(Part), "return": Whole})
        print(set(looks(Whole.__module__, "Part")) == {True, False}, looks(Whole.__module__, "Whole"))
        """.replace("\n        ", "\n")
        expected = "True True\nTrue (True, True, True, True, False, True, True)\n"
        self.assertEqual(self.run_script(BESIDE + source), expected)
        self.assertEqual(self.run_script("from beside import *\n" + source), expected)

    def test_what_changes_later(self):
        printed = self.run_script(
            LOOKS + """
class First: pass
evaluated = emb.evaluate("lambda text: str(eval(text, vars(sys.modules['__main__'])))")
first, First = First, int
print(evaluated("First"))
del First
try:
    evaluated("First")
except NameError:
    print("gone")
number = 3
print(evaluated("number"), emb.evaluate("'number' in vars(sys.modules['__main__'])"))
emb.evaluate("vars(sys.modules['__main__']).update")(put=emb.evaluate("looks"))
"""
        )
        self.assertEqual(printed,  "<class 'int'>\ngone\n3 True\n")

    def test_modules_have_a_file_and_a_place_in_their_package(self):
        self.write("pack/__init__.py", "class Part: pass\n")
        self.write("pack/inner.py", "class Part: pass\nprint('once')\n")
        self.write("pack/data.txt", "data")
        printed = self.run_script(
            LOOKS + """
import pack, pack.inner
pickled = emb.evaluate("lambda x: pickle.loads(pickle.dumps(x))")
print([type(pickled(one)) is type(one) for one in (pack.Part(), pack.inner.Part())])
emb.Object([pack.Part, pack.inner.Part])
told = emb.evaluate("lambda name: (sys.modules[name].__file__[-10:], importlib.util.find_spec(name).parent)")
print(told("pack"), told("pack.inner"))
print(emb.evaluate("lambda: __import__('pkgutil').get_data('pack', 'data.txt')")())
class Holds:
    @staticmethod
    def twice(x): return 2 * x
print(pickled(Holds.twice)(4))
print(emb.evaluate("lambda: importlib.import_module('pack.inner').Part")() is pack.inner.Part)
"""
        )
        self.assertEqual(
            printed,
            "once\n[True, True]\n('_init__.py', 'pack') ('k/inner.py', 'pack')\nb'data'\n8\nTrue\n",
        )

    def test_python_imports_what_the_program_has(self):
        self.write("plug.py", "print('once')\nstate = []\ndef plot(): state.append(1)\n")
        self.write("pack/__init__.py", "inner = None\n")
        self.write("pack/inner.py", "print('inner')\nstate = [2]\n")
        printed = self.run_script(
            LOOKS + """
import sys, types
import plug, pack.inner
made = sys.modules["made"] = types.ModuleType("made")
made.answer = lambda: 42
load = emb.evaluate("lambda name: importlib.import_module(name)")
load("plug").plot()
print(plug.state, load("made").answer(), load("pack.inner").state == [2])
print(emb.evaluate("lambda: sys.modules['plug'].__file__[-7:]")())
colorsys_, json_ = load("colorsys"), load("json")
print(colorsys_ is colorsys, emb.evaluate("lambda json: json is sys.modules['json']")(json_))
try:
    load("nowhere_at_all")
except ModuleNotFoundError as error:
    print(error)
"""
        )
        self.assertEqual(
            printed,
            "once\ninner\n[1] 42 True\nplug.py\nTrue True\nNo module named 'nowhere_at_all'\n",
        )

    def test_functions_of_classes_in_pickles(self):
        printed = self.run_script(
            LOOKS + """
pickled = emb.evaluate("lambda x: pickle.loads(pickle.dumps(x))")
class Plain:
    def twice(self): return 2
class Stack(list):
    def top(self): return self[-1]
    def decorated(self): pass
undecorated = Stack.decorated
Stack.decorated = emb.evaluate("__import__('functools').wraps")(undecorated)(lambda self: 1)
print(pickled(Plain.twice)(Plain()), pickled(Stack.top)(Stack([1, 2])))
try:
    pickled(undecorated)
except Exception as error:
    print("not the same object" in str(error))
"""
        )
        self.assertEqual(printed, "2 2\nTrue\n")


if __name__ == "__main__":
    unittest.main()
