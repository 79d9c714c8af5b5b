"""What goes wrong on both sides at once: errors, and no crash, and everything goes on."""

import os
import re
import tempfile
import textwrap
import unittest

import emb

from . import on_another
from .programs import run_host


class Modules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        path = emb.import_mod("sys").path
        path.insert(0, self.folder.name)
        self.addCleanup(path.remove, self.folder.name)

    def write(self, name, source):
        with open(os.path.join(self.folder.name, name), "w") as file:
            file.write(source)
        emb.import_mod("importlib").invalidate_caches()

    def test_one_that_fails_half_way_can_be_imported_later(self):
        modules = emb.import_mod("sys").modules
        for error in ("ValueError('half')", "KeyboardInterrupt", "SystemExit(3)", "ImportError('no')"):
            self.write("halfway.py", "first = 1\nraise %s\nlast = 2\n" % error)
            with self.assertRaises((ValueError, KeyboardInterrupt, emb.PythonExit, ImportError)):
                emb.import_mod("halfway")
            self.assertNotIn("halfway", modules)
        self.write("halfway.py", "first = 1\nlast = 2\n# another size\n")
        module = emb.import_mod("halfway")
        self.assertEqual((module.first, module.last), (1, 2))
        del modules["halfway"]

    def test_one_that_imports_itself_through_the_host(self):
        self.write(
            "through.py",
            "import builtins\nfound = builtins.emb_look()\nvalue = 5\n",
        )
        builtins = emb.import_mod("builtins")
        builtins.emb_look = lambda: hasattr(emb.import_mod("through"), "value")
        module = emb.import_mod("through")
        self.assertEqual((module.found, module.value), (False, 5))
        del builtins.emb_look

    def test_names_that_cannot_be(self):
        for name in ("", ".", "a..b", "no_such_module", "no\0such", "sys.no_such"):
            with self.assertRaises((ImportError, ValueError)):
                emb.import_mod(name)
        self.assertRaises(TypeError, emb.import_mod, None)


class Builtins(unittest.TestCase):
    def test_code_without_builtins_that_calls_the_host_first(self):
        done = run_host(
            """
                import emb
                run = emb.evaluate("lambda f, builtins: eval('lambda f: f()', {'__builtins__': builtins})(f)")

                def first():
                    assert emb.import_mod("colorsys").rgb_to_hsv(1, 1, 1) == (0, 0, 1)
                    assert emb.import_mod("xml.dom").__name__ == "xml.dom"
                    for name in "no", "xml.no":
                        try:
                            emb.import_mod(name)
                        except ImportError as error:
                            assert error.name == name, error.name
                    space = emb.Object({})
                    emb.run("import json; x = len('ab')", space)
                    assert space["x"] == 2
                    return sorted([3, 1])

                for builtins in None, {}:
                    assert list(run(first, builtins)) == [1, 3]
                try:
                    emb.run("len('ab')", emb.Object({"__builtins__": {}}))
                except NameError:
                    pass
                else:
                    raise AssertionError("these are none")
            """
        )
        self.assertEqual(done, (0, "", ""))


class Recursion(unittest.TestCase):
    """Through both interpreters, by every way that leads there."""

    BEGIN = """
        import emb, sys, threading
        emb.init()

        def ends(function):
            try:
                function()
            except RecursionError:
                return
            raise SystemExit("no RecursionError from %r" % function)
    """
    END = """
        assert emb.evaluate("lambda f: f(1)")(lambda x: x + 1) == 2
        print("fine")
    """

    def check(self, body, finalisers=False):
        """`finalisers`: the host may say of some that there was no room for them; nothing else."""
        parts = [textwrap.dedent(part) for part in (self.BEGIN, body, self.END)]
        status, printed, errors = run_host("".join(parts))
        if finalisers:
            errors = re.sub(r"(?m)^Exception ignored in: <function .*__del__ .*>\n", "", errors)
        self.assertEqual((status, printed, errors), (0, "fine\n", ""))

    def test_calls(self):
        self.check("""
            call = emb.evaluate("lambda f: f()")
            def f(): return call(f)
            for _ in range(3):
                ends(f)
        """)

    def test_keys_of_a_sort(self):
        self.check("""
            order = emb.evaluate("lambda key: sorted([3, 1, 2], key=key)")
            def key(x): return len(order(key))
            ends(lambda: order(key))
        """)

    def test_attributes_and_items_in_python(self):
        self.check("""
            emb.run('''
            class Deep:
                def __init__(self, f): self.f = f
                def __getattr__(self, name): return self.f()
                def __getitem__(self, key): return self.f()
                def __add__(self, other): return self.f()
                def __repr__(self): return self.f()
                def __iter__(self): return self.f()
                def __bool__(self): return self.f()
            '''.replace("\\n            ", "\\n"))
            make = emb.evaluate("Deep")
            for go in (lambda x: x.something, lambda x: x[0], lambda x: x + 1, repr, iter, bool):
                box = []
                box.append(make(lambda: go(box[0])))
                ends(lambda: go(box[0]))
        """)

    def test_in_threads_of_either_side(self):
        self.check("""
            call = emb.evaluate("lambda f: f()")
            def f(): return call(f)
            found = []
            def work():
                try:
                    f()
                except RecursionError:
                    found.append(1)
            for start in (threading.Thread, emb.import_mod("threading").Thread):
                thread = start(target=work)
                thread.start()
                thread.join()
            assert found == [1, 1], found
        """)

    def test_from_deep_inside_the_host(self):
        self.check("""
            emb.run("def f(n): return n and max(map(f, [n - 1]))")
            f = emb.evaluate("f")
            ends(lambda: f(100_000))
            def here(n): return f(5) if n == 0 else here(n - 1)
            for depth in range(0, sys.getrecursionlimit() + 50, 25):
                try:
                    assert here(depth) == 0
                except RecursionError:
                    pass
        """)

    def test_where_the_stack_ends_in_a_crossing(self):
        """Whatever is left to do there has no room; the exception stays what it was."""
        self.check("""
            emb.run('''
            class Makes:
                new = property(lambda self: Makes())
                def method(self, *args, **kwargs): return Makes()
                __getitem__ = __add__ = method
                def __iter__(self): yield Makes()
            '''.replace("\\n            ", "\\n"))
            Makes = emb.evaluate("Makes")
            it, made = Makes(), []
            def ways():
                yield Makes
                yield lambda: it.new
                yield lambda: it[3]
                yield lambda: it + 1
                yield lambda: it.method(1)
                yield lambda: it.method(1, a=2)
                yield lambda: list(it)
            for way in ways():
                def fall():
                    made.append(way())
                    fall()
                for _ in range(15):
                    ends(fall)
                    made.clear()
        """, finalisers=True)

    def test_of_containers(self):
        cycle = []
        cycle.append(cycle)
        self.assertRaises(ValueError, emb.Object, cycle)
        theirs = emb.Object([])
        theirs.append(theirs)
        self.assertEqual(repr(theirs), "[[...]]")


class Nonsense(unittest.TestCase):
    def test_results_of_callbacks(self):
        want_number = emb.evaluate("lambda f: 1.0 + f()")
        self.assertRaises(TypeError, want_number, lambda: None)
        self.assertRaises(TypeError, want_number, lambda: "text")
        self.assertRaises(TypeError, want_number, lambda: object())
        self.assertRaises(TypeError, want_number, lambda x: x)
        self.assertEqual(want_number(lambda: 2), 3.0)

    def test_a_callback_that_is_replaced_while_it_runs(self):
        emb.run("holder = {}")
        holder = emb.evaluate("holder")

        def first():
            holder["f"] = None
            emb.collect()
            return 7

        holder["f"] = first
        del first
        self.assertEqual(emb.evaluate("holder['f']()"), 7)
        self.assertIsNone(holder["f"])

    @on_another("this host is the Python")
    def test_everything_after_the_end(self):
        done = run_host("""
            import emb
            np_like = emb.import_mod("array").array("d", [1.0, 2.0])
            a, it, f = emb.Array(np_like), iter(emb.Object([1, 2])), emb.evaluate("len")
            scope = emb.scope()
            with scope:
                emb.Object([1])
            emb.shutdown()
            assert a[1] == 2.0
            for use in (
                lambda: f([1]), lambda: next(it), lambda: emb.Object([1]), lambda: emb.import_mod("sys"),
                lambda: emb.evaluate("1"), lambda: emb.run("1"), lambda: np_like[0], lambda: repr(np_like),
                lambda: emb.array(bytearray(8)), lambda: emb.view(np_like), lambda: emb.gil().__enter__(),
                lambda: f(lambda: 1), lambda: np_like == 1, lambda: bool(np_like),
            ):
                try:
                    use()
                except emb.NotRunning:
                    continue
                raise SystemExit("no NotRunning")
            emb.collect()
            print("fine")
        """)
        self.assertEqual(done, (0, "fine\n", ""))
