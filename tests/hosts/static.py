"""A static python, loaded from a copy, is as good as a library for extension modules."""

import raw

raw.start()
assert raw.doctor()["python"]["libpython"].rpartition("/")[2].startswith("python3.")
raw.run(
    """
import ctypes, io, subprocess, sys
import numpy
assert numpy.arange(10.0).sum() == 45.0
assert numpy.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0]).tolist() == [1.0, 1.0]
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as pyplot
pyplot.plot([1, 2, 3])
file = io.BytesIO()
pyplot.savefig(file)
assert file.getvalue().startswith(b"\\x89PNG")
ctypes.pythonapi.PyUnicode_FromString.restype = ctypes.py_object
assert ctypes.pythonapi.PyUnicode_FromString(b"hello") == "hello"
version = subprocess.check_output([sys.executable, "-c", "import sys; print(sys.version)"])
assert version.decode().strip() == sys.version
"""
)
print("packages of a static python work")
