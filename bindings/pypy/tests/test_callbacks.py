"""Functions, classes and exceptions of the host in Python's hands."""

import functools
import gc
import subprocess
import sys
import textwrap
import threading
import traceback
import unittest
import weakref

import emb
from emb import _callbacks

from . import needs_numpy, on_another

emb.run(
    """
import inspect, threading
def catch(f, *args):
    try: f(*args)
    except BaseException as e: return e
def shown(f):
    import traceback
    e = catch(f)
    return "".join(traceback.format_exception(type(e), e, e.__traceback__))
def in_thread(f, *args):
    results = []
    def run(): results.append(catch(lambda: results.append(f(*args))))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0] if len(results) == 2 else results[-1]
class Signals:
    def __init__(self): self.callbacks = []
    def connect(self, f): self.callbacks.append(f)
    def disconnect(self, f): self.callbacks.remove(f)
    def emit(self, *args): return [f(*args) for f in self.callbacks]
"""
)
same = emb.evaluate("lambda x: x")
call = emb.evaluate("lambda f, *args, **kwargs: f(*args, **kwargs)")
catch = emb.evaluate("catch")
identical = emb.evaluate("lambda a, b: a is b")


class Account:
    def __init__(self, money=0):
        self.money = money

    def put(self, money):
        self.money += money
        return self.money

    def __call__(self, factor):
        return factor * self.money


class HostError(LookupError):
    def __init__(self, key, place):
        super().__init__(key, place)
        self.place = place

    def __str__(self):
        return "no %s in %s" % self.args


def parameters(first, second=2.5, /, third="x", *rest, fourth, fifth=None, **others):
    """What it does."""


def gather(*args, **kwargs):
    gather.seen = args, kwargs
    return len(args) + len(kwargs)


class Calls(unittest.TestCase):
    def test_every_callable(self):
        account = Account(10)
        for function, expected in (
            (lambda x: x + 1, 6),
            (account.put, 15),
            (account, 75),
            (functools.partial(pow, 2), 32),
            (functools.partial(lambda a, b: a - b, b=1), 4),
            ([7, 8, 9].count, 0),
            ("-".__mul__, "-----"),
            (functools.lru_cache(None)(lambda x: -x), -5),
        ):
            self.assertEqual(call(function, 5), expected)

    def test_places_where_functions_go(self):
        double = lambda x: 2 * x  # noqa: E731
        holder = emb.evaluate("type('Holder', (), {})()")
        holder.function = double
        self.assertEqual(emb.evaluate("lambda h: h.function(4)")(holder), 8)
        table = emb.Object({})
        table["key"] = double
        table[double] = 1
        self.assertEqual(table[double], 1)
        self.assertTrue(double in table)
        apply = emb.evaluate("lambda fs: [f(i) for i, f in enumerate(fs)]")
        self.assertEqual(list(apply([double, len, double][::2])), [0, 2])
        self.assertEqual(emb.evaluate("lambda *, key: key(3)")(key=double), 6)
        self.assertEqual(emb.method(emb.Object([3, 1, 2]), "sort", key=lambda x: -x), None)

    def test_arguments(self):
        for value in (None, True, -(2**63), 2**70, -0.0, 1j, "a\0ü", b"\xff", (), (1, ("a", (2**70,)))):
            call(gather, value)
            self.assertEqual(repr(gather.seen[0][0]), repr(value))
        for count in range(12):
            self.assertEqual(call(gather, *range(count)), count)
            self.assertEqual(gather.seen, (tuple(range(count)), {}))
        call(gather, 1, a=2, b=(3, "x"), ü=None)
        self.assertEqual(gather.seen, ((1,), {"a": 2, "b": (3, "x"), "ü": None}))
        call(gather, **{"": 1})
        self.assertEqual(gather.seen, ((), {"": 1}))
        with self.assertRaisesRegex(RuntimeError, "comma"):
            call(gather, **{"a,b": 1})

    def test_objects_among_the_arguments_are_kept(self):
        emb.evaluate("lambda f: f([1], ([2], 'x', ([3],)), k={'a': [4]})")(gather)
        emb.collect()
        (first, (second, text, (third,))), keywords = gather.seen
        self.assertEqual([list(one) for one in (first, second, third)], [[1], [2], [3]])
        self.assertEqual((text, list(keywords["k"]["a"])), ("x", [4]))
        first.append(5)
        self.assertEqual(len(first), 2)

    def test_results(self):
        check = emb.evaluate("lambda f, x: repr(f()) == repr(x) and type(f()) is type(x)")
        for value in (
            None, True, 0, 2**63 - 1, 2**63, -(2**64), -0.0, 1e300, 1j, "", "ü\0", "x" * 5000, b"y",
            (1, "a", (None,)), [1, [2]], {"a": [1]}, {1}, slice(1, 2), ..., range(3), float,
        ):  # fmt: skip
            self.assertIs(check(lambda: value, value), True)
        kept = emb.Object([])
        self.assertTrue(emb.evaluate("lambda f, x: f() is x")(lambda: kept, kept))
        self.assertEqual(call(lambda: same), same)

    def test_a_result_that_python_cannot_have(self):
        deep = []
        deep.append(deep)
        with self.assertRaisesRegex(ValueError, "nested"):
            call(lambda: deep)

    def test_names(self):
        python_name = emb.evaluate("lambda f: (f.__name__, f.__doc__)")
        self.assertEqual(python_name(parameters), ("parameters", "What it does."))
        self.assertEqual(python_name(lambda: 0), ("<lambda>", None))
        self.assertEqual(python_name(Account().put)[0], "put")
        self.assertEqual(python_name(Account)[0], "Account")
        self.assertEqual(python_name(functools.partial(gather, 1))[0], "partial")
        strange = lambda: 0  # noqa: E731
        strange.__name__ = "a\0ü\ud800"
        self.assertEqual(python_name(strange)[0], "aü?")

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
            signature(lambda a=default, b=(1, "x"), c=float("inf"), d=-1: 0),
            "(a=Ellipsis, b=(1, 'x'), c=Ellipsis, d=-1)",
        )

    def test_builtin_functions_and_classes_are_python_s_own(self):
        for one in (len, print, float, dict, ValueError):
            self.assertTrue(identical(one, emb.evaluate(one.__name__)))

    def test_a_class_makes_instances_for_the_host(self):
        made = []

        class Recorder:
            def __init__(self, *args):
                made.append(args)

        self.assertIs(type(call(Recorder, 5)), Recorder)
        self.assertEqual(made, [(5,)])


class Identity(unittest.TestCase):
    def test_round_trip(self):
        account = Account()
        for function in (gather, account, Account, functools.partial(gather)):
            self.assertIs(same(function), function)
        self.assertEqual(same(account.put), account.put)
        self.assertIs(same((1, (gather,)))[1][0], gather)
        self.assertIs(emb.evaluate("list")([gather])[0], gather)
        self.assertIs(call(lambda f: f, gather), gather)
        self.assertIs(next(iter(emb.Object({"k": gather}).values())), gather)

    def test_the_same_callable_while_python_holds_it(self):
        signals = emb.evaluate("Signals")()
        account = Account()
        signals.connect(account.put)
        signals.connect(gather)
        self.assertTrue(identical(gather, gather))
        signals.disconnect(gather)
        self.assertEqual(list(signals.emit(3)), [3])
        signals.disconnect(account.put)
        self.assertEqual(list(signals.emit(3)), [])
        with self.assertRaises(ValueError):
            signals.disconnect(Account().put)
        self.assertFalse(identical(lambda: 0, lambda: 0))

    def test_the_python_side_of_a_function(self):
        python_side = emb.Object(gather)
        self.assertIsInstance(python_side, emb.Object)
        self.assertEqual(python_side.__name__, "gather")
        self.assertTrue(identical(python_side, gather))
        self.assertEqual(python_side(1, k=2), 2)

    def test_an_address_that_is_used_again(self):
        # Whoever keeps `__self__` keeps the entry, not the callable.
        keep = emb.evaluate("lambda f: f.__self__")
        owners = [keep(lambda: 0) for _ in range(100)]
        for _ in range(100):
            self.assertIsInstance(emb.evaluate("[].append"), emb.Object)
        self.assertEqual(len(owners), 100)


class Lifetimes(unittest.TestCase):
    def settle(self):
        for _ in range(3):
            gc.collect()
            emb.collect()

    def test_alive_as_long_as_python_has_it(self):
        def make():
            account = Account(1)
            emb.evaluate("lambda f: globals().update(kept=f)")(account.put)
            return weakref.ref(account)

        watch = make()
        self.settle()
        self.assertEqual(emb.evaluate("kept(2)"), 3)
        self.assertIsNotNone(watch())
        emb.run("del kept")
        self.settle()
        self.assertIsNone(watch())

    def test_nothing_piles_up(self):
        def fail():
            raise HostError("a", "b")

        def through():
            call(fail)

        def kept():
            try:
                call(fail)
            except HostError:
                raise

        swallow = emb.evaluate("lambda f: catch(f) and None")
        self.settle()
        before = len(_callbacks.entries)
        for _ in range(300):
            call(lambda: 0)
            call(lambda x: x, [])
            for raising in (fail, through, kept):
                swallow(raising)
                with self.assertRaises(HostError):
                    call(raising)
        self.settle()
        self.assertLess(len(_callbacks.entries) - before, 20)
        self.assertEqual(_callbacks._nested, [])

    @on_another("this host is the Python")
    def test_after_shutdown(self):
        done = run_host(
            """
            import emb, weakref
            class Farewell:
                def __call__(self): print("host at exit", flush=True)
            farewell = Farewell()
            emb.import_mod("atexit").register(farewell)
            watch = weakref.ref(farewell)
            del farewell
            emb.shutdown()
            import gc; gc.collect(); gc.collect()
            print("dropped", watch() is None)
            """
        )
        self.assertEqual(done, (0, "host at exit\ndropped True\n", ""))


class Errors(unittest.TestCase):
    def raised(self, function, *args):
        try:
            function(*args)
        except BaseException as error:
            return error
        self.fail("nothing was raised")

    def test_the_same_exception_comes_back(self):
        for error in (ValueError("x"), HostError("a", "b"), KeyboardInterrupt(), SystemExit(3)):

            def fail():
                raise error

            self.assertIs(self.raised(call, fail), error)
            self.assertIs(self.raised(call, lambda: call(lambda: call(fail))), error)
            frames = [one.name for one in traceback.extract_tb(error.__traceback__)]
            self.assertEqual(frames[-1], "fail")
            self.assertEqual(frames[0], "raised")
            self.assertIsInstance(error.python_exception, emb.Object)
            self.assertIn("in <lambda>", str(error.python_traceback))
            # Again, when it has been in Python before.
            self.assertIs(self.raised(call, fail), error)

    def test_through_a_thread_and_later(self):
        error = HostError("a", "b")

        def fail():
            raise error

        executor = emb.import_mod("concurrent.futures").ThreadPoolExecutor(1)
        with executor:
            future = executor.submit(fail)
            self.assertIs(self.raised(future.result), error)

    def test_what_python_sees(self):
        describe = emb.evaluate(
            "lambda f: [(type(e).__name__, e.args, str(e), isinstance(e, LookupError))"
            " for e in [catch(f)]][0]"
        )

        def raises(error):
            def fail():
                raise error

            return fail

        for error, args in (
            (ValueError("m", 1), ("m", 1)),
            (KeyError("k"), ("k",)),
            (HostError("a", "b"), ("a", "b")),
            (FileNotFoundError(2, "gone", "/x"), (2, "gone")),
            (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why"), ("utf-8", b"\xff", 0, 1, "why")),
            (emb.BadCall("order"), ("order",)),
        ):
            name, got, text, lookup = describe(raises(error))
            self.assertEqual((name, text, lookup),
                             (type(error).__name__, str(error), isinstance(error, LookupError)))
            self.assertEqual(got, args)
        strange = raises(ValueError(object()))
        self.assertIn("object object", describe(strange)[2])
        text = emb.evaluate("lambda f: ''.join(__import__('traceback').format_exception_only("
                            "type(catch(f)), catch(f)))")
        self.assertIn("HostError: no a in b", text(raises(HostError("a", "b"))))

    def test_classes(self):
        raiser = emb.evaluate("lambda kind, *args: (_ for _ in ()).throw(kind(*args))")
        error = self.raised(raiser, HostError, "a", "b")
        self.assertIs(type(error), HostError)
        self.assertEqual(error.args, ("a", "b"))
        self.assertTrue(emb.evaluate("issubclass")(HostError, LookupError))
        emb.run("class Own(KeyError): pass")
        own = emb.evaluate("Own")

        def fail():
            raise emb.exception_class(own)("k")

        self.assertTrue(emb.evaluate("lambda f: type(catch(f)) is Own")(fail))

    def test_the_host_s_traceback(self):
        def fail():
            raise HostError("a", "b")

        text = emb.evaluate("shown")(fail)
        self.assertIn("test_callbacks.py", text)
        self.assertIn("in fail", text)
        self.assertIn("emb.HostTraceback", text)

    def test_python_s_exceptions_stay_themselves(self):
        emb.run("error = KeyError('k')\ndef fail(): raise error")
        through = lambda: emb.evaluate("fail")()  # noqa: E731
        self.assertTrue(identical(catch(through), emb.evaluate("error")))

        def caught():
            try:
                through()
            except KeyError as error:
                self.assertEqual(error.args, ("k",))
                raise

        self.assertTrue(identical(catch(caught), emb.evaluate("error")))
        self.assertEqual(self.raised(call, caught).args, ("k",))

    def test_exits(self):
        self.assertEqual(self.raised(call, sys.exit, 3).code, 3)
        self.assertIs(type(self.raised(call, sys.exit, 3)), SystemExit)
        error = self.raised(call, lambda: emb.evaluate("__import__('sys').exit")(4))
        self.assertIs(type(error), emb.PythonExit)
        done = run_host("import emb, sys; emb.evaluate('lambda f: f(5)')(sys.exit)")
        self.assertEqual(done, (5, "", ""))

    def test_stop_iteration(self):
        def count():
            if len(seen) == 3:
                raise StopIteration
            seen.append(0)
            return len(seen)

        seen = []
        self.assertEqual(list(emb.evaluate("lambda f: iter(f, None)")(count)), [1, 2, 3])

    def test_recursion(self):
        emb.run("def down(f, n): return f(n + 1)")
        down = emb.evaluate("down")
        deepest = [0]

        def deeper(n):
            deepest[0] = n
            return down(deeper, n)

        for _ in range(5):
            self.assertIsInstance(self.raised(deeper, 0), RecursionError)
            self.assertGreater(deepest[0], 30)
        self.assertEqual(call(lambda: 5), 5)
        error = emb.evaluate("in_thread")(lambda: deeper(0))
        self.assertTrue(emb.evaluate("isinstance")(error, RecursionError))

        def some(n):
            return n if n == 20 else down(some, n)

        self.assertEqual(some(0), 20)


class Threads(unittest.TestCase):
    def test_python_s_threads(self):
        in_thread = emb.evaluate("in_thread")
        idents = [in_thread(threading.get_ident) for _ in range(3)]
        self.assertNotIn(threading.get_ident(), idents)
        self.assertEqual(in_thread(lambda a, b: a + b, "x", "ü"), "xü")
        error = in_thread(lambda: [][0])
        self.assertTrue(emb.evaluate("isinstance")(error, IndexError))

    def test_many_threads(self):
        emb.run(
            "def many(f, count, rounds):\n"
            "    results = []\n"
            "    def work(number):\n"
            "        for i in range(rounds): results.append(f(number, str(i)) == '%d %d' % (number, i))\n"
            "    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]\n"
            "    for thread in threads: thread.start()\n"
            "    for thread in threads: thread.join()\n"
            "    return results.count(True)"
        )
        text = emb.evaluate("'%s %s'.__mod__")
        results = []

        def both(number, i):
            return text((number, i))

        def host():
            results.append(emb.evaluate("many")(both, 4, 100))

        threads = [threading.Thread(target=host) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(results, [400] * 3)

    def test_the_lock(self):
        def locked():
            with emb.gil():
                return emb.evaluate("1 + 1")

        with emb.gil():
            self.assertEqual(call(locked), 2)
        self.assertEqual(emb.evaluate("in_thread")(locked), 2)


@needs_numpy
class Packages(unittest.TestCase):
    def module(self, name):
        try:
            return emb.import_mod(name)
        except ImportError:
            self.skipTest("the embedded Python has no %s" % name)

    def test_numpy(self):
        numpy = self.module("numpy")
        grid = numpy.fromfunction(lambda i, j: 10 * i + j, (2, 3))
        self.assertEqual(float(grid.sum()), 36)
        doubled = numpy.vectorize(lambda x: 2 * float(x))(numpy.arange(3))
        self.assertEqual([float(x) for x in doubled], [0, 2, 4])
        rows = numpy.apply_along_axis(lambda row: row.sum(), 1, grid)
        self.assertEqual([float(x) for x in rows], [3, 33])

    def test_scipy(self):
        integrate = self.module("scipy.integrate")
        self.assertAlmostEqual(integrate.quad(lambda x: x * x, 0, 3)[0], 9)
        self.assertAlmostEqual(
            float(integrate.quad(lambda x, a: a * x, 0, 1, args=(2.0,))[0]), 1
        )
        optimize = self.module("scipy.optimize")
        seen = []
        found = optimize.minimize(
            lambda x: float((x[0] - 1) ** 2 + (x[1] + 2) ** 2),
            [0.0, 0.0],
            callback=lambda x: seen.append(x) and None,
        )
        self.assertAlmostEqual(float(found.x[0]), 1, 4)
        self.assertAlmostEqual(float(found.x[1]), -2, 4)
        self.assertGreater(len(seen), 0)
        fitted = optimize.curve_fit(lambda x, a, b: a * x + b, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        self.assertAlmostEqual(float(fitted[0][0]), 2, 4)
        self.assertAlmostEqual(optimize.brentq(lambda x: x * x - 2, 0, 2), 2**0.5)
        solved = integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0])
        self.assertTrue(solved.success)

        class Stop(Exception):
            pass

        def stop(x):
            raise Stop(x)

        with self.assertRaises(Stop):
            integrate.quad(stop, 0, 1)

    def test_pandas(self):
        pandas = self.module("pandas")
        frame = pandas.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})
        self.assertEqual([int(x) for x in frame["a"].apply(lambda x: int(x) * 10)], [10, 20, 30])
        totals = frame.apply(lambda row: float(row["a"]) + float(row["b"]), axis=1)
        self.assertEqual([float(x) for x in totals], [5, 7, 9])
        means = frame.groupby("a")["b"].agg(lambda column: float(column.mean()))
        self.assertEqual([float(x) for x in means], [4, 5, 6])

    def test_matplotlib(self):
        self.module("matplotlib").use("Agg")
        pyplot = self.module("matplotlib.pyplot")
        figure, axes = pyplot.subplots()
        (line,) = axes.plot([0, 1], [0, 1])
        frames, seen = [], []

        def update(frame):
            frames.append(frame)
            line.set_ydata([0, frame])
            return (line,)

        def on_draw(event):
            seen.append(str(event.name))

        connection = figure.canvas.mpl_connect("draw_event", on_draw)
        animation = self.module("matplotlib.animation").FuncAnimation(
            figure, update, frames=3, interval=1, blit=False, repeat=False
        )
        io = emb.import_mod("io").BytesIO()
        figure.savefig(io, format="png")
        animation._step()
        animation._step()
        self.assertEqual(frames[-2:], [0, 1])
        axes.yaxis.set_major_formatter(lambda value, place: "<%.1f>" % value)
        figure.canvas.draw()
        labels = [label.get_text() for label in axes.get_yticklabels()]
        self.assertTrue(labels and all(label.startswith("<") for label in labels), labels)
        figure.canvas.mpl_disconnect(connection)
        count = len(seen)
        self.assertGreater(count, 0)
        figure.canvas.draw()
        self.assertEqual(len(seen), count)
        pyplot.close(figure)


def run_host(source):
    import os

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr
