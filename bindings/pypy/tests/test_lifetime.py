"""What becomes of objects whose proxies are garbage, and of the traces that a JIT makes of crossings."""

import gc
import os
import unittest
import unittest.mock

import emb
from emb._abi import _error
from emb._garbage import _lifetime, _notes, _pace, _sweeping
from emb._proxies import _object
from emb._garbage._weighing import weigh
from tests import needs_numpy, on_pypy, python_path
from tests.programs import run_host

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

COUNTED = (
    "class Counted:\n"
    "  alive = 0\n"
    "  def __init__(self): Counted.alive += 1\n"
    "  def __del__(self): Counted.alive -= 1\n"
)


class Garbage(unittest.TestCase):
    def setUp(self):
        space = emb.Object({})
        emb.run(COUNTED, space)
        self.Counted = space["Counted"]

    def most_alive(self, rounds, use=lambda one: None):
        most = 0
        for i in range(rounds):
            use(self.Counted())
            if i % 50 == 0:
                most = max(most, self.Counted.alive)
        return most

    def test_light_objects_go_before_they_are_many(self):
        self.most_alive(3000)
        emb.collect()
        self.assertLess(self.most_alive(60000), 20000)

    def test_also_where_some_are_kept(self):
        kept, latest = [], [None] * 3

        def use(one):
            latest.append(one)
            latest.pop(0)
            if len(kept) < 20:
                kept.append(one)

        self.assertLess(self.most_alive(60000, use), 20000)
        self.assertEqual(len(kept), 20)
        del latest[:]
        emb.collect()
        self.assertEqual(self.Counted.alive, 20)
        del kept[:]
        emb.collect()
        self.assertEqual(self.Counted.alive, 0)

    def test_nothing_is_asked_of_objects_without_memory(self):
        space = emb.Object({})
        emb.run(
            "class Tracer:\n"
            "  asked = []\n"
            "  def __getattr__(self, name): Tracer.asked.append(name); raise AttributeError(name)\n"
            "class Tensor(Tracer):\n"
            "  nbytes = 1 << 20\n"
            "  def __dlpack__(self): Tracer.asked.append('__dlpack__')\n",
            space,
        )
        for name in ("Tracer", "Tensor"):
            make = space[name]
            for _ in range(3000):
                make()
            self.assertEqual(list(make.asked), [])

    def test_instances_of_classes_of_the_host_are_not_asked_for_memory(self):
        class Asked(self.Counted):
            def __getattr__(self, name):
                names.append(name)
                raise AttributeError(name)

        names = []
        for _ in range(3000):
            Asked()
        self.assertEqual(names, [])

    @needs_numpy
    @on_pypy("nothing is weighed")
    def test_arrays_of_classes_of_the_host_are_weighed(self):
        np = emb.import_mod("numpy")

        class Weighed(np.ndarray):
            pass

        self.assertEqual(weigh(np.zeros(1000).view(Weighed)), 8000)
        self.assertEqual(weigh(np.zeros(2000).view(Weighed)), 16000)

    @needs_numpy
    def test_heavy_objects_go_before_they_fill_the_memory(self):
        np = emb.import_mod("numpy")
        make = emb.evaluate("lambda np, n: np.zeros(n).view(type('Traced', (np.ndarray,), {}))")
        alive = emb.evaluate(
            "lambda: sum(type(x).__name__ == 'Traced' for x in __import__('gc').get_objects())"
        )
        most = 0
        for i in range(1500):
            make(np, 1 << 17)  # a MiB
            if i % 5 == 0:
                most = max(most, alive())
        self.assertLess(most, 750)

    def test_weighing_may_call_the_host_which_makes_proxies(self):
        class Asking:
            def __getattr__(self, name):
                if name.startswith("__array"):
                    asked.append(name)
                    several()
                raise AttributeError(name)

        def several():
            for _ in range(20):
                emb.Object(Asking())

        asked = []
        for _ in range(40):
            several()
        self.assertLess(len(asked), 40000)  # and not without end

    @on_pypy("nothing is weighed")
    def test_what_has_no_memory_is_weighed_without_an_exception(self):
        made = []
        translate = _error.translate
        _error.translate = lambda *what: made.append(what) or translate(*what)
        self.addCleanup(setattr, _error, "translate", translate)
        items = emb.evaluate("[object(), object()]")
        self.assertEqual(weigh(emb.evaluate("map(len, [])")), 0)
        self.assertEqual(weigh(_object.another(items)), 0)
        self.assertFalse(type(iter(emb.evaluate("{1: 2}")))._emb_weighs)
        for _ in range(3000):
            for _ in items:
                pass
        self.assertEqual([what[1] for what in made if what[1] != "StopIteration"], [])

    @needs_numpy
    @on_pypy("nothing is weighed")
    def test_what_is_broadcast_weighs_what_it_takes(self):
        np = emb.import_mod("numpy")
        large = [np.broadcast_to(np.zeros(1), 1 << 59) for _ in range(500)]
        self.assertEqual(weigh(large[0]), 8)
        self.assertEqual(weigh(np.zeros((1000, 300))[::-1]), 2400000)
        self.assertEqual(weigh(np.zeros((1000, 1000))[:, ::2]), 4000000)


class Collector(unittest.TestCase):
    def full_collections(self, work):
        """How many there are while it is done."""
        complete = []
        emb.collect()
        gc.hooks.on_gc_collect = complete.append
        try:
            work()
        finally:
            gc.hooks.on_gc_collect = None
        return len(complete)

    @needs_numpy
    @on_pypy("another collector")
    @unittest.skipIf(emb._abi._library.backend.name == "ctypes", "ctypes makes garbage of its own")
    def test_what_dies_young_takes_no_full_collection(self):
        made = emb.import_mod("numpy").zeros(2000)

        def work():
            for _ in range(200000):  # 3 GiB in all
                made + 1

        self.assertLess(self.full_collections(work), 6)

    @needs_numpy
    @on_pypy("another collector")
    @unittest.skipIf(emb._abi._library.backend.name == "ctypes", "ctypes makes garbage of its own")
    def test_views_of_large_memory_take_none_either(self):
        whole = emb.import_mod("numpy").zeros(1 << 20)

        def work():
            view = whole
            for _ in range(100000):
                view = view[:-2]

        self.assertLess(self.full_collections(work), 20)

    @needs_numpy
    @on_pypy("another collector")
    @unittest.skipIf(emb._abi._library.backend.name == "ctypes", "ctypes makes garbage of its own")
    def test_what_lives_for_a_while_takes_few(self):
        """A full collection for each hundred MiB or so that outlive a minor one: a few per cent."""
        zeros, recent = emb.import_mod("numpy").zeros, [None] * 4

        def work():
            for i in range(40000):  # 4 GiB in all
                recent[i % 4] = zeros(12500)

        self.assertLess(self.full_collections(work), 6)

    @needs_numpy
    @on_pypy("another collector")
    @unittest.skipIf(emb._abi._library.backend.name == "ctypes", "ctypes makes garbage of its own")
    def test_heavy_results_are_not_held_by_others(self):
        """Some are always in use, and with batches each of these would hold seven others."""
        a = emb.import_mod("numpy").zeros(16384)

        def work():
            for _ in range(8000):  # 5 GiB in all
                b = a * a
                c = b + a
                d = c - a
                e = d * b
                e + c

        self.assertLess(self.full_collections(work), 8)

    @on_pypy("another collector")
    @unittest.skipIf(emb._abi._library.backend.name == "ctypes", "ctypes makes garbage of its own")
    def test_the_latest_before_a_collection_go_after_it(self):
        """All but what is in use, one or two of each four: they do not wait for a full one."""
        made, before = emb.evaluate("type('Any', (), {})"), set(_notes.of_handle)
        alone = []

        def made_alone(made_alone=_pace.made_alone):
            alone.append(1)
            made_alone()

        def disperse(batch, disperse=_sweeping._disperse):
            earlier = set(_notes.of_handle)
            disperse(batch)
            before.update(set(_notes.of_handle) - earlier)

        with unittest.mock.patch.object(_pace, "made_alone", made_alone):
            with unittest.mock.patch.object(_sweeping, "_disperse", disperse):
                for _ in range(100000):
                    made()
        self.assertGreater(len(alone), 8)
        self.assertLess(len(set(_notes.of_handle) - before), 3 * len(alone) / 4)

    @on_pypy("another collector")
    def test_one_that_ends_while_proxies_join_another_batch_is_not_forgotten(self):
        kept = [emb.Object([i]) for i in range(1000)]
        with _sweeping.tidying:
            _sweeping.sweep(True)
        self.assertTrue(_sweeping.due)
        kept += [emb.Object([i]) for i in range(1000)]
        self.assertFalse(_sweeping.due)

    @on_pypy("another collector")
    def test_a_collection_of_which_nobody_tells_ends_all_the_same(self):
        """Where the stack ends, there is no room for the finaliser that does."""
        kind = _lifetime._AfterCollection
        tell, kind.__del__ = kind.__del__, lambda _self: None
        try:
            gc.collect()
            gc.collect()
        finally:
            kind.__del__ = tell
        self.assertIsNone(_lifetime._watching())
        for _ in range(50):
            _lifetime._collect_all()
            if not _pace.is_going_on():
                break
        self.assertFalse(_pace.is_going_on())
        self.assertIsNotNone(_lifetime._watching())


@on_pypy("no JIT")
class Traces(unittest.TestCase):
    def run_script(self, text, **variables):
        variables.update(EMB_BACKEND="cffi", PYTHONPATH=python_path(PACKAGE))
        status, printed, errors = run_host(text, **variables)
        self.assertEqual(status, 0, errors)
        return printed

    @needs_numpy
    def test_no_more_minor_collections_than_are_of_use(self):
        """One that is brought about is to be seen, wherever PyPy leaves a trace meanwhile: otherwise
        memory is filled to no end.  Not every process comes to such a place."""
        for _ in range(3):
            printed = self.run_script(
                """
                import gc, emb
                np = emb.import_mod("numpy")
                add, a, b, thousands, collections = np.add, np.arange(10.0), np.arange(10.0), 800, 0
                def count(stats):
                    global collections
                    collections += stats.count
                gc.hooks.on_gc_minor = count
                with emb.gil():
                    for _ in range(thousands):
                        for _ in range(1000): add(a, b)
                print(collections < 5 * thousands, collections)
                """,
                PYPY_GC_NURSERY="1M",
            )
            self.assertIn("True", printed)

    def test_a_crossing_stays_in_the_trace_of_its_loop_whatever_came_before(self):
        """PyPy stops to follow calls of a function for good, once a trace has grown too long there."""
        printed = self.run_script(
            """
            import pypyjit, emb
            call, items = emb.evaluate("lambda f, *args: f"), emb.Object([1, 2, 3])
            nested = {"a": [(1, (2, "x"), [3.5])] * 5}
            def disturb(n):
                for i in range(n):
                    call(lambda x, y=i: x, 1)
                    call(nested, [nested, i], {i: nested})
                    call([float(j) for j in range(50)])
                    call(divmod, 10 ** 30, b"x", 1j, ...)
                    try:
                        items[7]
                    except IndexError:
                        pass
            disturb(3000)
            numbers = emb.Object([1, 2, 3])
            other = emb.Object([4])
            pypyjit.set_compile_hook(lambda info: infos.append(info))
            infos = []
            def loop(n):
                for _ in range(n):
                    numbers + other
            loop(10000)
            pypyjit.set_compile_hook(None)
            for info in infos:
                names = [one.name for one in info.operations]
                code = info.greenkey[0] if info.type == "loop" else None
                if code is loop.__code__ and "call_release_gil_i" in names:
                    print("assembler" if "call_assembler_r" in names else "whole")
            """
        )
        self.assertIn("whole", printed)
        self.assertNotIn("assembler", printed)


if __name__ == "__main__":
    unittest.main()
