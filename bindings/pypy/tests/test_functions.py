"""What Python finds on a function of the host."""

import datetime
import functools
import gc
import inspect
import math
import operator
import unittest

import emb

from . import needs
from .callables import Account, call, identical, same

emb.run("import functools, inspect, types, weakref")


def parameters(first, second=2.5, /, third="x", *rest, fourth, fifth=None, **others):
    """What it does."""


class Names(unittest.TestCase):
    def test_of_their_code_python_makes_functions(self):
        def add(a, b=2):
            return a + b + later  # noqa: F821

        made = emb.evaluate("lambda f: type(f)(f.__code__, {'later': 5}, 'made', f.__defaults__)")(add)
        self.assertEqual((made(1), made.__name__), (8, "made"))

    def test_they_read_in_python_as_in_the_host(self):
        def function():
            pass

        for text in ("repr", "str", "'{}'.format", "lambda f: '%r' % f"):
            self.assertEqual(emb.evaluate(text)(function), repr(function))

    def test_names(self):
        python_name = emb.evaluate("lambda f: (f.__name__, f.__doc__)")
        self.assertEqual(python_name(parameters), ("parameters", "What it does."))
        self.assertEqual(python_name(lambda: 0), ("<lambda>", None))
        self.assertEqual(python_name(Account().put)[0], "put")
        self.assertEqual(python_name(Account)[0], "Account")
        self.assertEqual(python_name(functools.partial(parameters, 1))[0], "partial")
        strange = lambda: 0  # noqa: E731
        strange.__name__ = "a\0ü\ud800"
        self.assertEqual(python_name(strange)[0], strange.__name__)

    def test_the_dict_of_a_function(self):
        function = lambda: 0  # noqa: E731
        function.mark = 1
        emb.evaluate("lambda f: f.__dict__.setdefault('order', 5)")(function)
        self.assertEqual((function.order, function.mark), (5, 1))
        seen = emb.evaluate("lambda f: (dict(f.__dict__), f.__dict__.get('none', 2), f.order)")(function)
        self.assertEqual((dict(seen[0]), seen[1:]), ({"mark": 1, "order": 5}, (2, 5)))
        emb.evaluate("lambda f: f.__dict__.update(more=f.__dict__.pop('order'))")(function)
        self.assertEqual(vars(function), {"mark": 1, "more": 5})
        self.assertEqual(emb.evaluate("lambda f: dict.get(f.__dict__, 'more')")(function), 5)
        function.order = 5
        wrapped = emb.evaluate("lambda f: functools.update_wrapper(lambda: 1, f)")(function)
        self.assertEqual(wrapped.order, 5)

    def test_names_live_as_long_as_c_code_may_look_at_them(self):
        again = emb.evaluate("lambda f: f.__name__ is f.__name__ and f.__doc__ is f.__doc__")
        self.assertTrue(again(parameters))

    def test_signatures(self):
        signature = emb.evaluate("lambda f: str(inspect.signature(f))")
        expected = "(first, second=2.5, /, third='x', *rest, fourth, fifth=None, **others)"
        self.assertEqual(signature(parameters), expected)
        self.assertEqual(signature(lambda: 0), "()")
        self.assertEqual(signature(lambda a, *, b: 0), "(a, *, b)")
        self.assertEqual(signature(Account().put), "(money)")
        self.assertEqual(signature(Account), "(money=0)")
        self.assertEqual(signature(functools.partial(parameters, 1, 2)), expected.replace(
            "first, second=2.5, /, ", ""))
        self.assertEqual(signature(functools.wraps(parameters)(lambda *args: 0)), expected)
        default = object()
        self.assertEqual(
            signature(functools.partial(lambda a=default, b=(1, "x"), c=float("inf"), d=-1: 0)),
            "(a=Ellipsis, b=(1, 'x'), c=Ellipsis, d=-1)",
        )
        # Of a function the defaults are what they are.
        of_default = emb.evaluate("lambda f: inspect.signature(f).parameters['a'].default")
        self.assertIs(of_default(lambda a=default: 0), default)
        shown = emb.evaluate("lambda f: inspect.signature(f).parameters['d'].annotation")
        self.assertEqual(signature(lambda b=(1, "x"), c=float("inf"), d=-1: 0), "(b=(1, 'x'), c=inf, d=-1)")

        def annotated(d: int) -> str:
            pass

        self.assertEqual(shown(annotated), emb.evaluate("int"))
        self.assertEqual(signature(annotated), "(d: int) -> str")


class Attributes(unittest.TestCase):
    def test_it_is_a_function(self):
        check = emb.evaluate(
            "lambda f: (inspect.isfunction(f), inspect.isroutine(f), isinstance(f, types.FunctionType),"
            " callable(f), type(f).__name__, f == f, {f: 1}[f])"
        )
        self.assertEqual(check(lambda: 0), (True, True, True, True, "function", True, 1))
        self.assertRegex(emb.evaluate("repr")(parameters), "^<function parameters at 0x[0-9a-f]+>$")

        def inner():
            pass

        self.assertIn("<locals>.inner at", emb.evaluate("repr")(inner))

    def test_attributes_are_seen_on_both_sides(self):
        def function(a):
            return a

        function.there = "before"
        emb.run("def mark(f):\n    f.description, f.items = 1, [2]\n    return f.there")
        self.assertEqual(emb.evaluate("mark")(function), "before")
        self.assertEqual(function.description, 1)
        self.assertEqual(list(function.items), [2])
        self.assertEqual(emb.evaluate("lambda f: f.description")(function), 1)
        self.assertTrue(emb.evaluate("lambda f: f.items is f.items")(function))
        self.assertEqual(sorted(emb.evaluate("lambda f: f.__dict__")(function)),
                         ["description", "items", "there"])
        emb.run("def unmark(f): del f.description")
        emb.evaluate("unmark")(function)
        self.assertFalse(hasattr(function, "description"))
        self.assertFalse(emb.evaluate("lambda f: hasattr(f, 'description')")(function))
        emb.run("def rename(f): f.__name__, f.__doc__ = 'other', 'Says more.'")
        emb.evaluate("rename")(function)
        self.assertEqual((function.__name__, function.__doc__), ("other", "Says more."))
        self.assertEqual(emb.evaluate("lambda f: (f.__name__, f.__doc__)")(function),
                         ("other", "Says more."))

    def test_what_the_functions_say_of_themselves(self):
        def function(a, b=2, *, c=(3,)):
            pass

        look = emb.evaluate("lambda f: (f.__defaults__, f.__code__.co_varnames, f.__code__.co_argcount,"
                            " f.__module__, f.__qualname__)")
        self.assertEqual(look(function), (
            (2,), ("a", "b", "c"), 2, __name__, function.__qualname__))
        self.assertEqual(emb.evaluate("lambda f: f.__kwdefaults__['c']")(function), (3,))

    def test_which_of_several_on_a_line_is_read(self):
        made = [lambda x: x + 1, lambda x: x * 2, lambda y: y, lambda x: x * 2, lambda x: [lambda x: x - 1][0]]
        run = emb.evaluate("lambda f, x: type(f)(f.__code__, {}, f.__name__, f.__defaults__, f.__closure__)(x)")
        self.assertEqual([run(f, 5) for f in made[:4]], [6, 10, 5, 10])
        self.assertEqual(run(made[4], 5)(5), 4)
        self.assertEqual(run(made[4](0), 5), 4)

    def test_builtins_that_python_passes_on_are_the_hosts(self):
        passed_on = emb.evaluate("lambda f: lambda *args, **kwargs: f(*args, **kwargs)")
        for one in (float, dict, object, datetime.date, len, operator.mod, math.sin, functools.reduce):
            self.assertIs(passed_on(lambda given: given is one)(one), True, one)
            self.assertIs(passed_on(lambda *, given: given is one)(given=one), True, one)
        append = emb.evaluate("[].append")
        self.assertIsInstance(passed_on(lambda given: emb.Object([given]))(append)[0], emb.Object)

    def test_code_without_source_has_no_instructions_of_python(self):
        space = {}
        exec("def twice(n): return 2 * n", space)
        told = emb.evaluate(
            "lambda f: (list(__import__('dis').get_instructions(f)), f.__code__.co_varnames, f(4))"
        )
        listed, names, result = told(space["twice"])
        self.assertEqual((list(listed), names, result), ([], ("n",), 8))

    @needs("scipy")
    def test_code_of_f2py_counts_the_arguments(self):
        schur = emb.import_mod("scipy.linalg").schur
        rows = [[1, 3, -2.0], [0, 4, 5], [1, -5, 2]]
        self.assertEqual(schur(rows, output="complex", sort=lambda x: x.imag > 1e-9)[2], 1)
        self.assertEqual(schur(rows, output="real", sort=lambda x, y, least=1e-9: y > least)[2], 2)

    def test_wraps(self):
        def function(a, b=2):
            "What it does."
            return a + b

        function.mark = 1
        wrapped = emb.evaluate("lambda f: functools.wraps(f)(lambda *args: f(*args))")(function)
        self.assertEqual((wrapped.__name__, wrapped.__doc__, wrapped.mark), ("function", "What it does.", 1))
        self.assertIs(wrapped.__wrapped__, function)
        self.assertEqual(str(emb.evaluate("inspect.signature")(wrapped)), "(a, b=2)")
        self.assertEqual(wrapped(1), 3)

    def test_functions_of_the_host_take_the_names_of_python_s(self):
        emb.run("def annotated(x: int) -> str:\n  'doc'\n  return str(x)\nannotated.mark = 1")
        emb.run("def keywords(*, x=3): pass")
        self.assertIs(type(emb.evaluate("keywords").__kwdefaults__), dict)
        self.assertIsNone(emb.evaluate("annotated").__kwdefaults__)
        annotated = emb.evaluate("annotated")

        @functools.wraps(annotated)
        def wrapper(*args):
            return annotated(*args)

        self.assertEqual((wrapper(3), wrapper.__name__, wrapper.__doc__, wrapper.mark),
                         ("3", "annotated", "doc", 1))  # fmt: skip
        self.assertEqual(str(inspect.signature(wrapper)), str(inspect.signature(annotated)))

    def test_in_a_class_it_is_a_method(self):
        emb.run("class Bare:\n    pass")
        plain = emb.evaluate("Bare")
        plain.twice = lambda self, n=1: (same(self), 2 * n)
        plain.put = Account(1).put  # a bound method is none
        made = plain()
        self.assertEqual(made.twice(4)[1], 8)
        self.assertTrue(identical(made.twice()[0], made))
        self.assertEqual(emb.evaluate("lambda c, i: c.twice(i)[1]")(plain, made), 2)
        self.assertEqual(made.put(2), 3)

    def test_weak_references_and_cycles(self):
        emb.run("""
def tie(f):
    gone = []
    weakref.finalize(f, gone.append, 1)
    return gone
""")
        gone = emb.evaluate("tie")(lambda: 0)
        for _ in range(4):
            gc.collect()
            emb.collect()
        self.assertEqual(list(gone), [1])

    def test_the_same_function_again(self):
        def function():
            pass

        self.assertIs(same(function), function)
        self.assertTrue(emb.evaluate("lambda f, c: f is f and inspect.unwrap(f) is f")(function, 0))
        method = emb.evaluate("lambda f: types.MethodType(f, 5)")(lambda five: five)
        self.assertEqual(call(method), 5)
