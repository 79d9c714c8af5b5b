"""Python's functions for code that is compiled while the program runs.

What numba compiles, and llvmlite in general, calls functions of Python's C API, which it looks for
where a program has them: among the symbols that all of the process share.  libemb keeps
Python's library out of there, because it comes after a host that has some of the same names; for
extension modules it sees to it that they find it all the same.  For compiled code there is nothing to
hold on to, so here the library joins the shared symbols, behind the host's: when a compiler is
imported, and not before.
"""

import ctypes
import os

from .._interpreter import _session
from .._interpreter._code import Part

_SOURCE = """
import sys

COMPILERS = ("llvmlite",)

class Watch:
    "Stands among the finders until a compiler is looked for, and finds nothing."
    def find_spec(self, name, path=None, target=None):
        if name in COMPILERS:
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            share()

def watch():
    if any(name in sys.modules for name in COMPILERS):
        share()
    else:
        sys.meta_path.insert(0, Watch())
"""


def _share():
    path = _session.doctor(json=True)["python"]["libpython"]
    try:
        ctypes.CDLL(path, mode=os.RTLD_GLOBAL | os.RTLD_NOLOAD)
    except (OSError, TypeError):
        pass  # a static Python, which is no library with a name


_python = Part(_SOURCE, lambda: {"share": _share})


def join():
    """Where the host is no CPython itself, and so has none of the names that such code uses."""
    _python("watch")()
