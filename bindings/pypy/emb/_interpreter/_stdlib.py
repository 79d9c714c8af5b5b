"""What both Pythons have: modules of the standard library, and what is in them."""

import functools
import os
import sys

from ._code import find, import_mod
from ._files import LIBRARY, is_installed


@functools.lru_cache(1000)
def is_standard(name):
    """Whether a module of that name, which is imported, belongs to the host's standard library.  (A class may say
    that it has none.)"""
    if not isinstance(name, str):
        return False
    if name in sys.builtin_module_names:
        return True
    if name == "__main__":
        return False  # whatever file runs as the program
    file = getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
    if not isinstance(file, str):
        return False
    folder = os.path.dirname(os.path.abspath(file))
    return LIBRARY in (folder, os.path.dirname(folder)) and not is_installed(folder)


def module(value):
    """Python's module (a proxy) for one of the host's standard library; None for any other."""
    name = value.__name__
    if not is_standard(name) or sys.modules.get(name) is not value:
        return None
    try:
        return import_mod(name)
    except ImportError:
        return None


def file_there(function):
    """Python's file for a function of the host that its standard library has made; None for any other."""
    folder, name = os.path.split(getattr(function.__code__, "co_filename", ""))  # PyPy's own builtins have none
    return os.path.join(os.path.dirname(import_mod("os").__file__), name) if folder == LIBRARY else None


def spellings(module_name):
    """The module that a class or a function names, and the one that users know, which some name less exactly;
    none where that says that it has none."""
    return (module_name, module_name.lstrip("_")) if isinstance(module_name, str) else ()


def attribute(module_name, name):
    """Python's object of that name in a module of the standard library; None where it has none."""
    for each in spellings(module_name):
        if is_standard(each):
            try:
                return find("%s.%s" % (each, name))
            except (AttributeError, ImportError):
                pass
    return None
