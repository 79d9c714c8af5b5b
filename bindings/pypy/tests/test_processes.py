"""Functions, methods and classes of the host in the processes that Python's packages start."""

import unittest

import emb

from . import needs_numpy, on_pypy
from .programs import Program

SEND = """
import functools, pickle, subprocess, sys
import cloudpickle
def sent(function, *args):
    "What the function gives in a process of a Python alone."
    data = cloudpickle.dumps((function, args))
    code = ("import pickle, sys; f, args = pickle.load(sys.stdin.buffer)\\n"
            "import cloudpickle; sys.stdout.buffer.write(cloudpickle.dumps(f(*args)))")
    python = emb.import_mod("sys").executable
    done = subprocess.run([python, "-c", code], input=bytes(data), stdout=subprocess.PIPE, check=True)
    return cloudpickle.loads(done.stdout)
"""


@on_pypy("what a CPython sends is its own")
@needs_numpy
class Processes(Program):
    def setUp(self):
        super().setUp()
        for name in ("joblib", "cloudpickle", "sklearn"):
            try:
                emb.import_mod(name)
            except ImportError:
                self.skipTest("the embedded Python has no %s" % name)

    def test_estimators_of_the_program(self):
        printed = self.run_script(
            """
            import numpy as np
            from sklearn.base import BaseEstimator, ClassifierMixin
            from sklearn.ensemble import BaggingClassifier
            from sklearn.model_selection import cross_val_score

            def nearest(x, centers):
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
            """
        )
        one, two, rest = printed.split("\n", 2)
        self.assertEqual(one, two)
        self.assertEqual(rest, "[(True, 12), (True, 12)]\n[0] 1.0\n")

    def test_methods(self):
        self.assertEqual(
            self.run_script(
                "import emb\n" + SEND + """
from sklearn.base import BaseEstimator

class Scaled(BaseEstimator):
    def __init__(self, factor=1):
        self.factor = factor
    def of(self, x):
        return self.factor * x
    @property
    def next(self):
        return self.factor + 1
    @classmethod
    def new(cls, factor):
        return cls(factor)
    @staticmethod
    def twice(x):
        return 2 * x

def total(a, b, c=0):
    return a + b + c

print(sent(Scaled(3).of, 2), sent(Scaled.new, 4).of(2), sent(Scaled(3).twice, 4))
print(sent(lambda scaled: scaled.next, Scaled(5)), sent(functools.partial(total, 1, c=5), 10))
print(type(sent(Scaled.new, 4)) is Scaled)
"""
            ),
            "6 8 8\n6 16\nTrue\n",
        )

    def test_what_cannot_be_sent(self):
        self.run_script(
            "import emb\n" + SEND + """
from sklearn.base import BaseEstimator

class Caching(BaseEstimator):
    @functools.cached_property
    def once(self):
        return 5

assert emb.evaluate("lambda it: it.once")(Caching()) == 5
try:
    cloudpickle.dumps(Caching())
except TypeError as error:
    assert "no function in a class" in str(error)
else:
    assert False
"""
        )


if __name__ == "__main__":
    unittest.main()
