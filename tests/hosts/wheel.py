"""The wheel in new environments, of PyPy and of CPython: `python3 tests/hosts/wheel.py -v`.

Nothing there can compile, and nothing is fetched. The packages to plot with are those of
.venv-test: PyPy embeds its CPython, and the new CPython is told where they are.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTED = os.path.join(ROOT, ".venv-test")
FOLDER = os.environ.get("WHEEL_FOLDER", os.path.join(ROOT, "build", "dist"))

PLOT = """
import math
from array import array
import emb
assert {folder!r} in emb.__file__, emb.__file__
pyplot = emb.import_mod("matplotlib.pyplot")
x = array("d", range(100))
y = array("d", map(math.sin, x))
lines = pyplot.plot(x, y)
assert len(list(lines)) == 1
pyplot.savefig("plot.png")
print(emb.doctor())
"""


def wheel():
    found = glob.glob(os.path.join(FOLDER, "*.whl"))
    assert len(found) == 1, "there are %d wheels in %s: make wheel" % (len(found), FOLDER)
    return found[0]


class Wheel(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def install(self, python):
        """The interpreter of a new environment that has the wheel, and no more than that."""
        environment = os.path.join(self.folder.name, "new")
        subprocess.check_call([python, "-I", "-m", "venv", environment])
        interpreter = os.path.join(environment, "bin", "python3")
        subprocess.check_call(
            [interpreter, "-I", "-m", "pip", "install", "-q", "--no-index", wheel()],
            env={"PATH": "/nonexistent", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        return interpreter

    def plot(self, interpreter, variables):
        out = subprocess.check_output(
            [interpreter, "-c", PLOT.format(folder=self.folder.name)],
            cwd=self.folder.name,
            env=dict(variables, MPLBACKEND="agg", HOME=self.folder.name, PATH="/usr/bin:/bin"),
            text=True,
        )
        with open(os.path.join(self.folder.name, "plot.png"), "rb") as file:
            picture = file.read()
        self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
        self.assertGreater(len(picture), 10_000)
        return out

    def test_pypy(self):
        python = os.path.join(TESTED, "bin", "python3")
        report = self.plot(self.install("/usr/bin/pypy3"), {"EMB_PYTHON": python})
        self.assertIn(TESTED, report)

    def test_cpython(self):
        interpreter = self.install(os.path.join(TESTED, "bin", "python3"))
        packages = glob.glob(os.path.join(TESTED, "lib", "python3*", "site-packages"))[0]
        there = packages.replace(TESTED, os.path.join(self.folder.name, "new"))
        with open(os.path.join(there, "tested.pth"), "w") as file:
            file.write(packages + "\n")
        self.plot(interpreter, {})

    def test_what_is_inside(self):
        with zipfile.ZipFile(wheel()) as archive:
            names = archive.namelist()
        package = os.path.join(ROOT, "bindings", "pypy")
        modules = glob.glob(os.path.join(package, "emb", "**", "*.py"), recursive=True)
        expected = {os.path.relpath(one, package) for one in modules} | {"emb/libemb.so"}
        self.assertEqual({one for one in names if one.startswith("emb/")}, expected)

    def test_its_version_is_that_of_the_library(self):
        with open(os.path.join(ROOT, "Cargo.toml")) as file:
            version = re.search(r'^version = "(.*)"', file.read(), re.M)[1]
        self.assertIn("libemb-%s-py3-none-manylinux_2_28_" % version, wheel())


if __name__ == "__main__":
    sys.exit(unittest.main())
