"""What a program leaves when it ends: Python's objects die then, so that a video that nobody has closed gets
its last frames, and a table its footer.

CPython lets go of what is in the program's modules when all `atexit` functions have run; PyPy does not,
nor does it look for garbage then.
"""

import atexit
import sys
import types
from _thread import _count

from .._garbage._lifetime import collect
from .._imports import _program
from .._interpreter import _session
from .._interpreter._code import Part

# What destructors, and threads, may still use.
_STAY = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)

_SOURCE = '''
import gc
import io
import sys
import types

STAY = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
dict_of = types.ModuleType.__dict__["__dict__"].__get__

def let_go():
    names = dict_of(sys.modules["__main__"])
    for name, value in list(names.items()):
        if name[:2] != "__" and not isinstance(value, STAY):
            names[name] = None
    del names, value
    gc.collect()
    for one in gc.get_objects():  # files that modules have
        if type(one) in WRITERS:
            try:
                one.flush()
            except Exception:
                pass  # it is closed, or nobody reads any more
'''
_python = Part(_SOURCE)


def _let_go():
    if not _session.running():
        return
    if not _count():  # else other threads of the program are at work
        for module in _program.own_modules():
            names = vars(module)
            for name, value in list(names.items()):
                if name[:2] != "__" and not isinstance(value, _STAY):
                    names[name] = None
            name = value = names = None
    collect()
    _python("let_go")()


# Before the program registers functions of its own, which come before this then.
if sys.implementation.name != "cpython":
    atexit.register(_let_go)
