"""To whom a source file belongs: an installed package, the host's standard library, what stands between the
program and Python, or the program."""

import functools
import os
import sys

from .._abi import _library  # noqa: F401  (imports ctypes, where that is the backend)

_INSTALLED = ("site-packages", "dist-packages")
LIBRARY = os.path.dirname(os.path.abspath(os.__file__))
_IMPORTS = "importlib._bootstrap"
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# PyPy's ctypes stands between them, too.
_CTYPES = {
    os.path.dirname(os.path.abspath(module.__file__))
    for module in map(sys.modules.get, ("ctypes", "_ctypes"))
    if hasattr(module, "__file__")
}


def is_installed(path):
    """Whether it is where packages are installed."""
    return any(one in path.split(os.sep) for one in _INSTALLED)


@functools.lru_cache(None)
def is_crossing(file):
    """Whether it is on the way between the program and the embedded Python."""
    return file.startswith(PACKAGE + os.sep) or os.path.dirname(file) in _CTYPES


def is_machinery(file):
    """Whether a program does not want to see what stands in it."""
    return is_crossing(file) or _IMPORTS in file


def is_of_the_program(file):
    """Whether it is none of the others."""
    return not (is_installed(file) or file.startswith(LIBRARY + os.sep) or is_crossing(file))


def is_folder_of_the_program(spec):
    """Whether what was found is a folder without an `__init__.py` that belongs to the program."""
    folders = spec.submodule_search_locations
    if spec.origin is not None or folders is None:
        return False
    return all([is_of_the_program(os.path.abspath(one)) for one in folders])
