"""Python's functions for code that is compiled while the program runs.

What numba compiles, and llvmlite in general, calls functions of Python's C API, which it looks for
where a program has them: among the symbols that all of the process share.  libemb keeps
Python's library out of there, because it comes after a host that has some of the same names; for
extension modules it sees to it that they find it all the same.  For compiled code there is nothing to
hold on to, so here the library joins the shared symbols, behind the host's.
"""

import ctypes
import os

from . import _session


def join():
    """Where the host is no CPython itself, and so has none of the names that such code uses."""
    path = _session.doctor(json=True)["python"]["libpython"]
    try:
        ctypes.CDLL(path, mode=os.RTLD_GLOBAL | os.RTLD_NOLOAD)
    except (OSError, TypeError):
        pass  # a static Python, which is no library with a name
