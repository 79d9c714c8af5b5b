"""Programs for one Python: code that looks at its caller, or reads a function instead of calling it."""

import threading
import unittest

import emb
from emb._callables import _frames

from . import on_another

emb.run(
    """
import inspect, sys, types
def variables(level=1):
    frame = sys._getframe(level)
    return dict(frame.f_locals.items())
def write(name, value):
    frame = inspect.currentframe().f_back
    frame.f_globals[name] = value
def chain():
    frame, names = sys._getframe(), []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names
def apply(f, *args):
    of_apply = 1
    return f(*args)
def names_of_apply():
    return chain()
def rebuild(f):
    return types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, f.__closure__)
"""
)
FACTOR = 3


@on_another("one Python has one stack")
class Frames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = emb.evaluate("sys._getframe")
        _frames.join()

    @classmethod
    def tearDownClass(cls):
        emb.evaluate("lambda f: setattr(sys, '_getframe', f)")(cls.before)

    def test_variables_of_the_caller(self):
        def caller(limit):
            unwanted = object()  # noqa: F841
            return emb.evaluate("variables")()

        self.assertEqual(caller(5)["limit"], 5)

    def test_variables_are_written(self):
        emb.evaluate("write")("_written_by_python", 7)
        self.assertEqual(globals().pop("_written_by_python"), 7)

    def test_outside_of_functions_they_are_those_of_the_module(self):
        """numexpr clears the others after it has read them."""
        emb.run(
            "def read_and_clear(name):\n"
            "    frame = sys._getframe(1)\n"
            "    names = frame.f_locals\n"
            "    value = names[name]\n"
            "    if names is not frame.f_globals: names.clear()\n"
            "    return value"
        )
        space = {"read": emb.evaluate("read_and_clear"), "x": 5, "__name__": __name__}
        exec("y = read('x') + read('x')\ndef f():\n    z = 6\n    return read('z') + z", space)
        self.assertEqual((space["y"], space["f"]()), (10, 12))

    def test_all_frames(self):
        names = list(emb.evaluate("chain")())
        self.assertEqual(names[:2], ["chain", "test_all_frames"])
        self.assertIn("run", names)

    def test_they_are_frames(self):
        seen = emb.evaluate("lambda: inspect.getframeinfo(sys._getframe(1))")()
        self.assertEqual((seen.filename, seen.function), (__file__, "test_they_are_frames"))

    def test_positions_come_to_an_end(self):
        count, last = emb.evaluate(
            "lambda: [(len(tuple(f.f_code.co_positions())), f.f_lasti) for f in [sys._getframe(1)]][0]"
        )()
        self.assertGreater(count, last // 2)

    def test_the_module_of_a_frame(self):
        module = emb.evaluate("lambda: inspect.getmodule(sys._getframe())")
        self.assertFalse(emb.evaluate("lambda: hasattr(sys._getframe(), '__module__')")())
        self.assertIsNone(module())

    def test_frames_that_c_code_makes_are_pythons_own(self):
        make = emb.evaluate("lambda code: types.TracebackType(None, eval(code, {'f': sys._getframe}), 0, 1)")
        self.assertEqual(make("f()").tb_frame.f_code.co_name, "<module>")

    def names(self, found):
        """Without those of the tests' own machinery."""
        names = list(found)
        return names[: names.index(self._testMethodName)]

    def test_the_caller_in_a_function_that_python_calls(self):
        def function(limit):
            return emb.evaluate("variables")()["limit"], emb.evaluate("lambda: sys._getframe(1).f_locals['limit']")()

        self.assertEqual(emb.evaluate("apply")(function, 5), (5, 5))

    def test_frames_of_both_sides_stand_as_they_have_called_each_other(self):
        def inner():
            return emb.evaluate("names_of_apply")()

        def outer():
            return emb.evaluate("apply")(inner)

        found = emb.evaluate("apply")(outer)
        self.assertEqual(self.names(found), ["chain", "names_of_apply", "inner", "apply", "outer", "apply"])

    def test_so_do_those_that_c_code_has_called(self):
        """Without a frame of Python's in between, or with none behind."""

        def inner(_):
            return emb.evaluate("list(map(lambda _: chain(), [1]))")[0]

        def outer(_):
            return list(emb.evaluate("map")(inner, [1]))[0]

        found = list(emb.evaluate("map")(outer, [1]))[0]
        self.assertEqual(self.names(found), ["chain", "<lambda>", "<module>", "inner", "outer"])
        found = emb.evaluate("apply")(lambda: outer(1))
        self.assertEqual(self.names(found)[:6], ["chain", "<lambda>", "<module>", "inner", "outer", "<lambda>"])

    def test_a_frame_is_found_from_each_depth(self):
        def function():
            for depth in range(4):
                found.append(emb.evaluate("lambda n: sys._getframe(n).f_code.co_name")(depth))

        found = []
        emb.evaluate("apply")(function)
        self.assertEqual(found, ["<lambda>", "function", "apply", self._testMethodName])

    def test_frames_that_have_been_kept_are_where_they_were(self):
        def function(frame):
            return frame.f_back.f_code.co_name

        emb.run("def keep(f):\n    return f(sys._getframe())\ndef keep_in(f): return keep(f)")
        self.assertEqual(emb.evaluate("keep_in")(function), "keep_in")
        self.assertEqual(emb.evaluate("keep")(function), self._testMethodName)
        self.assertIsNone(emb.evaluate("apply")(emb.evaluate("sys._getframe")).f_back)

    def test_each_thread_has_its_own(self):
        found = []

        def function():
            emb.evaluate("apply")(work)

        def work():
            found.append(list(emb.evaluate("chain")()))

        def elsewhere():
            for make in threading.Thread, emb.import_mod("threading").Thread:
                thread = make(target=function)
                thread.start()
                thread.join()

        emb.evaluate("apply")(elsewhere)
        for names in found:
            self.assertEqual(names[:4], ["chain", "work", "apply", "function"])
            self.assertNotIn("elsewhere", names)
        self.assertEqual(len(found), 2)

    def test_too_deep(self):
        with self.assertRaisesRegex(ValueError, "deep"):
            emb.evaluate("lambda: sys._getframe(5000)")()


class Code(unittest.TestCase):
    def test_functions_are_compiled_for_python(self):
        offset = 10

        def function(x, k=2):
            return (lambda y: y * FACTOR)(x) + k + offset

        rebuilt = emb.evaluate("rebuild")(function)
        self.assertEqual((rebuilt(1), function(1)), (15, 15))
        source = emb.evaluate("inspect.getsource")(function)
        self.assertIn("y * FACTOR", source)

    def test_of_several_on_one_line_it_is_the_one(self):
        """Also where the arguments of one begin with all of another's."""
        functions = [lambda x, y: x * y, lambda x: x + 1, lambda *x: x, lambda x, *, y=3: x - y]
        rebuilt = [emb.evaluate("rebuild")(one) for one in functions]
        self.assertEqual([one(4, 5) for one in rebuilt[::2]], [20, (4, 5)])
        self.assertEqual(rebuilt[1](4), 5)
        shape = emb.evaluate("lambda f: (f.__code__.co_argcount, f.__code__.co_kwonlyargcount)")
        self.assertEqual([shape(one) for one in rebuilt], [(2, 0), (1, 0), (0, 0), (1, 1)])

    def test_without_a_source(self):
        space = {}
        exec("def made(a, b): return a", space)
        names = emb.evaluate("lambda f: (f.__code__.co_varnames, inspect.isfunction(f))")
        self.assertEqual(names(space["made"]), (("a", "b"), True))
