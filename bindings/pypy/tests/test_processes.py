"""Processes that Python's packages, or the program, start: they run the program, too."""

import unittest

from . import needs, on_pypy
from .programs import Program


@on_pypy("what a CPython sends is its own")
@needs("cloudpickle", "joblib", "sklearn")
class Processes(Program):
    def test_processes_that_python_starts_anew_run_the_program(self):
        printed = self.run_script(
            """
            import numpy
            from emb import import_mod

            def double(number):
                return 2 * number

            if __name__ == "__main__":
                multiprocessing = import_mod("multiprocessing")
                for method in "spawn", "forkserver":
                    with multiprocessing.get_context(method).Pool(1) as pool:
                        print(method, list(pool.map_async(double, [1, 2]).get(60)))
            """
        )
        self.assertEqual(printed, "spawn [2, 4]\nforkserver [2, 4]\n")

    def test_processes_that_python_starts_anew_find_the_program_s_modules(self):
        self.write("lib/doubling.py", "def double(number):\n    return 2 * number\n")
        self.write("package/__init__.py", "")
        self.write("package/halving.py", "def halve(number):\n    return number / 2\n")
        printed = self.run_script(
            """
            import os, sys
            sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
            import numpy, doubling
            from emb import import_mod
            from package.halving import halve

            if __name__ == "__main__":
                multiprocessing = import_mod("multiprocessing")
                for method in "spawn", "forkserver":
                    with multiprocessing.get_context(method).Pool(1) as pool:
                        found = [pool.map_async(one, [1, 2]).get(60) for one in (doubling.double, halve)]
                        print(method, [list(one) for one in found])
            """
        )
        self.assertEqual(
            printed, "spawn [[2, 4], [0.5, 1.0]]\nforkserver [[2, 4], [0.5, 1.0]]\n"
        )

    def test_estimators_of_the_program(self):
        printed = self.run_script(
            """
            import emb
            import numpy as np
            from sklearn.base import BaseEstimator, ClassifierMixin
            from sklearn.ensemble import BaggingClassifier
            from sklearn.model_selection import cross_val_score

            calls = []

            def nearest(x, centers):
                calls.append(1)
                return ((x[:, None, :] - centers[None]) ** 2).sum(axis=2).argmin(axis=1)

            class Nearest(ClassifierMixin, BaseEstimator):
                def __init__(self, shift=0.0):
                    self.shift = shift
                def fit(self, x, y):
                    self.classes_ = np.unique(y)
                    self.centers_ = np.array([x[y == c].mean(axis=0) for c in self.classes_])
                    return self
                def predict(self, x):
                    return self.classes_[nearest(x + self.shift, self.centers_)]

            class Heir(Nearest):
                def fit(self, x, y):
                    super().fit(x, y)
                    self.more_ = len(y)
                    return self

            x = np.arange(24.0).reshape(12, 2)
            y = np.repeat([0, 1], 6)
            for jobs in (1, 2):
                print(cross_val_score(Heir(3.0), x, y, n_jobs=jobs, cv=3))
            several = BaggingClassifier(Heir(), n_estimators=2, n_jobs=2, random_state=0).fit(x, y)
            print([(type(one) is Heir, one.more_) for one in several.estimators_])
            print(several.estimators_[0].predict(x[:1]), several.score(x, y))
            calls.clear()
            emb.evaluate("lambda one, x: one.predict(x)")(several.estimators_[0], x)
            print(calls)  # the host's methods have stayed
            """
        )
        one, two, rest = printed.split("\n", 2)
        self.assertEqual(one, two)
        self.assertEqual(rest, "[(True, 12), (True, 12)]\n[0] 1.0\n[1]\n")

    def test_a_python_that_the_program_starts_finds_the_same_packages(self):
        self.write("child.py", "import sys, numpy\nprint(numpy.arange(2), sys.argv[1:], __name__)\nsys.exit(3)\n")
        printed = self.run_script(
            """
            import numpy
            import asyncio, subprocess, sys
            def run(*arguments, **more):
                return subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, **more)
            def told(*arguments, **more):
                return run(*arguments, check=True, **more).stdout.decode().strip()
            assert told("-c", "import numpy, sys; print(numpy.pi, sys.argv)", "x") == "3.141592653589793 ['-c', 'x']"
            assert told("-uW", "ignore", "-Xdev", "-m", "numpy.f2py", "-v")[0].isdigit()
            assert told("-W", "ignore", "-", input=b"import numpy; print(numpy.ones(1))") == "[1.]"
            assert told("-m", "emb", "-c", "print(1)") == "1"
            assert told("--version") == told("-V") == told("-u", "--version")
            child = run("child.py", "x")
            assert child.args == [sys.executable, "child.py", "x"] and child.returncode == 3
            print(child.stdout.decode().strip())
            async def main():
                started = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", "import colorsys; print(colorsys.__loader__.__class__.__module__)")
                return await started.wait()
            asyncio.run(main())
            for bad in ([sys.executable, 3], [3], []):
                try:
                    subprocess.Popen(bad)
                except (TypeError, IndexError, ValueError):
                    pass
                else:
                    raise AssertionError(bad)
            """,
            options=("--there=colorsys",),
        )
        self.assertEqual(printed, "[0 1] ['x'] __main__\nemb._imports._hook\n")

    def test_modules_of_the_program(self):
        self.write("beside.py", "def double(x):\n    return 2 * x\n")
        printed = self.run_script(
            """
            import joblib
            import beside

            class Uses:
                def it(self, x):
                    return beside.double(x)

            print(joblib.Parallel(n_jobs=2)(joblib.delayed(Uses().it)(x) for x in range(3)))
            """
        )
        self.assertEqual(printed, "[0, 2, 4]\n")


if __name__ == "__main__":
    unittest.main()
