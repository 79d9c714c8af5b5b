"""Functions and classes of the host in Python's hands: calls, identity, lifetimes, threads."""

import functools
import gc
import threading
import unittest
import weakref

import emb
from emb._abi import _memory
from emb._callables import _callbacks

from . import on_another, on_pypy, settle
from .callables import Account, HostError, call, identical, same
from .programs import run_host

emb.run(
    """
class Signals:
    def __init__(self): self.callbacks = []
    def connect(self, f): self.callbacks.append(f)
    def disconnect(self, f): self.callbacks.remove(f)
    def emit(self, *args): return [f(*args) for f in self.callbacks]
"""
)


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
        self.assertIs(emb.Object([gather])[0], gather)
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
        owners = [keep(Account().put) for _ in range(100)]
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

    @on_pypy("a callable goes with the call that it was made for")
    def test_one_that_is_passed_again_is_ready(self):
        def make():
            account = Account(1)
            put, other = lambda x: account.put(x), lambda x: -x
            for i in range(3):
                call(put, i)
            settle()
            before = _memory.crossings
            call(put, 3)
            self.assertEqual(_memory.crossings - before, 1)
            self.assertEqual([call(put, 1), call(other, 1), call(other, 2), call(put, 1)], [8, -1, -2, 9])
            with emb.scope():
                results = [call(one, 0) for one in (other, other, other, put, put)]
            self.assertEqual(results + [call(other, 4), call(put, 0)], [0, 0, 0, 9, 9, -4, 9])
            return weakref.ref(account)

        watch = make()
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

    def test_what_the_host_has_made_is_there_for_functions_at_exit(self):
        done = run_host(
            """
            import emb
            class Plain: pass
            held, same = emb.Object([Plain(), Plain]), emb.evaluate("lambda held, kind: (\\"held\\", held[1] is kind)")
            def farewell():
                print(same(held, Plain), type(held[0]) is Plain, emb.import_mod("json").dumps((1,)), flush=True)
            emb.import_mod("atexit").register(farewell)
            """
        )
        self.assertEqual(done, (0, "('held', True) True [1]\n", ""))


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
