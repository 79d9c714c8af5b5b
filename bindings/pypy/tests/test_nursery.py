"""Minor collections of PyPy that are brought about."""

import tempfile
import textwrap
import unittest

from emb._garbage import _nursery
from tests import on_pypy, python_path
from tests.programs import PACKAGE, run_host

_GARBAGE = """
import gc, time, emb
from emb._garbage._nursery import collect_young

minor = major = 0

class Hooks:
    def on_gc_minor(self, stats):
        global minor
        minor += stats.count

    def on_gc_collect_step(self, stats):
        pass

    def on_gc_collect(self, stats):
        global major
        major += stats.count

gc.hooks.set(Hooks())

def leave_old_garbage(rounds):
    # Each piece outlives a few minor collections.
    ring = [None] * 20000
    for i in range(rounds):
        ring[i % 20000] = [i] * 20
        if not i % 1000:
            collect_young()
"""


@on_pypy("another collector")
class Nursery(unittest.TestCase):
    def run_script(self, text, nursery, **environment):
        status, printed, errors = run_host(
            _GARBAGE + textwrap.dedent(text),
            PYTHONPATH=python_path(PACKAGE),
            PYPY_GC_NURSERY=nursery,
            **environment,
        )
        self.assertEqual(status, 0, errors)
        return printed

    def test_a_minor_collection_can_be_had_alone(self):
        for _ in range(5000):  # the JIT must not see that it is for nothing
            watch = _nursery.witness()
            if not _nursery.collect_young():
                self.assertTrue(_nursery.collect_young())
                continue
            self.assertTrue(_nursery.is_dead(watch))

    def test_it_takes_no_longer_where_the_nursery_is_large(self):
        """PyPy makes it half as large as the processor's caches."""
        printed = self.run_script(
            """
            best = 1.0
            for _ in range(500):
                begin = time.perf_counter()
                collect_young()
                best = min(best, time.perf_counter() - begin)
            print(best < 100e-6 and minor >= 500, best, minor)
            """,
            "512M",
        )
        self.assertIn("True", printed)

    def test_full_collections_come_beside_it(self):
        printed = self.run_script("leave_old_garbage(400_000); print(major > 1, major)", "1M")
        self.assertIn("True", printed)

    def test_what_dies_old_is_collected_before_it_is_much(self):
        """PyPy itself has a full collection only where there is eight times what the nursery has; and what
        is free then between what is in use it keeps."""
        printed = self.run_script(
            """
            make = emb.evaluate("type('Any', (), {})")
            ring, kept, before = [None] * 20_000, [], gc.get_stats()._s.peak_memory
            for i in range(1_200_000):  # 1 GiB in all
                items = ring[i % 20_000] = [(i, j) for j in range(20)]
                if not i % 100:
                    kept.append(items[0])
                make()
            more = (gc.get_stats()._s.peak_memory - before) >> 20
            print(more < 250, more, major)
            """,
            "256M",
        )
        self.assertIn("True", printed)

    def test_it_leaves_nothing_behind(self):
        """Or full collections, which have to free it, come too often."""
        printed = self.run_script(
            "for _ in range(20_000): collect_young()\nprint(minor >= 20_000 and major < 5, minor, major)",
            "1M",
        )
        self.assertIn("True", printed)

    def test_the_jit_compiles_what_runs_once_for_each(self):
        """PyPy's JIT forgets a part of what it has counted with each."""
        with tempfile.NamedTemporaryFile("r", errors="replace") as log:
            self.run_script(
                """
                from pypyjit import residual_call
                def seldom(number): return number + 1
                for i in range(3000):
                    residual_call(seldom, i)
                    collect_young()
                """,
                "1M",
                PYPYLOG="jit-log-opt:" + log.name,
            )
            self.assertIn("(seldom;", log.read())

    def test_a_full_collection_in_the_middle_of_it_is_noticed(self):
        """It makes new what PyPy compares with, from which more is taken away then than was added."""
        printed = self.run_script(
            """
            from emb._garbage import _nursery
            collect_young()
            _nursery.add_memory_pressure(_nursery._NONE)
            done = collect_young(), collect_young(), collect_young()
            major = 0
            leave_old_garbage(400_000)
            print(done, major > 1, major)
            """,
            "1M",
        )
        self.assertIn("(False, True, True) True", printed)


if __name__ == "__main__":
    unittest.main()
