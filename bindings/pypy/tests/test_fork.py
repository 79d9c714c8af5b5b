"""Forks: Python goes on in the child, whoever of the two has forked."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

import emb

from . import needs_numpy, python_path

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def status_of(pid):
    return os.waitpid(pid, 0)[1]


@unittest.skipUnless(hasattr(os, "fork"), "no fork here")
class Forks(unittest.TestCase):
    def in_child(self, fork, work):
        """What the child's work gives, a number of a byte."""
        pid = fork()
        if pid == 0:
            status = 255
            try:
                signal.alarm(60)
                status = int(work())
            finally:
                os._exit(status)
        status = status_of(pid)
        self.assertTrue(os.WIFEXITED(status), status)
        return os.WEXITSTATUS(status)

    def work(self):
        """Handles of before, new ones, callbacks, exceptions, threads of Python."""
        before = self.before

        def work():
            before.append(4)
            self.assertEqual(sum(before), 10)
            self.assertEqual(list(emb.evaluate("map")(lambda x: x + 1, [1, 2])), [2, 3])
            with self.assertRaises(KeyError):
                emb.evaluate("{}['a']")
            thread = emb.import_mod("threading").Thread(target=before.append, args=(32,))
            thread.start()
            thread.join()
            with emb.gil():
                return sum(before)

        return work

    def setUp(self):
        self.before = emb.Object([1, 2, 3])

    def test_of_the_host(self):
        for _ in range(3):
            self.assertEqual(self.in_child(os.fork, self.work()), 42)
        self.assertEqual(list(self.before), [1, 2, 3])
        self.assertEqual(emb.evaluate("1 + 1"), 2)

    def test_of_python(self):
        there = emb.import_mod("os")
        self.assertEqual(self.in_child(there.fork, self.work()), 42)
        self.assertEqual(list(self.before), [1, 2, 3])

    def test_in_a_child(self):
        work = self.work()
        inner = emb.import_mod("os").fork
        self.assertEqual(self.in_child(os.fork, lambda: self.in_child(inner, work)), 42)

    @needs_numpy
    def test_pools(self):
        script = """
        import multiprocessing, os, sys
        import numpy as np

        def work(n):
            return float(np.arange(n).sum()), os.getpid()

        if __name__ == "__main__":
            for method in ["fork", "spawn", "forkserver"]:
                with multiprocessing.get_context(method).Pool(2) as pool:
                    results = pool.map(work, range(8))
                print([int(one) for one, _pid in results], os.getpid() in [pid for _one, pid in results])
        """
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(textwrap.dedent(script))
            file.flush()
            done = subprocess.run(
                [sys.executable, "-m", "emb", file.name],
                env=dict(os.environ, PYTHONPATH=python_path(PACKAGE)),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                universal_newlines=True,
                timeout=120,
            )
        self.assertEqual(done.stdout, 3 * "[0, 0, 1, 3, 6, 10, 15, 21] False\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
