"""Files that the program has written and let go of: CPython closes a file with its last reference, PyPy when
it finds the garbage, and what was not yet in the file is missed by who reads it meanwhile.

`pickle.dump(model, open(path, "wb"))`, and then a library opens what is there.  So garbage is looked for before
a file is opened to be read, on either side, if one that was opened to be written is not closed.
"""

import builtins
import functools
import io
import os
import pathlib
import weakref

from .._garbage._lifetime import collect
from .._imports._on_import import when_imported
from .._interpreter import _session
from .._interpreter._code import Part

_SOURCE = '''
import sys

def watch():
    "Of each file that is opened; C code opens files without telling."
    sys.addaudithook(told)

def told(event, args):
    if event == "open" and not args[2] & 3 and not str(args[0]).endswith(CODE):
        before_reading()

CODE = (".py", ".pyc")  # which importing reads
'''
_python = Part(_SOURCE, lambda: {"before_reading": before_reading})
_open, _system = io.open, os.system
_written = weakref.WeakSet()
_held = weakref.WeakSet()  # those that have outlived a collection
_left = 20  # collections, which take 20 ms and more


@functools.wraps(_open)
def opened(file, mode="r", *args, **kwargs):
    """What stands in for `open`."""
    if isinstance(file, pathlib.Path) and kwargs.get("opener") == getattr(file, "_opener", None):
        file, kwargs["opener"] = os.fspath(file), None  # whose errors would name a PosixPath, as before 3.10
    if not isinstance(mode, str) or not set(mode) & set("wax+"):
        before_reading()
        return _open(file, mode, *args, **kwargs)
    found = _open(file, mode, *args, **kwargs)
    if _session.running():
        _watch()
    _written.add(found)
    return found


def before_reading():
    """What is garbage is in the files now; so is what the program has held for long, or might hold if there
    have been many collections already."""
    global _left
    for one in list(_written):
        if one.closed:
            _written.discard(one)
    one = None  # or this function would hold it
    if len(_held & _written) < len(_written) and _left:
        _left -= 1
        old = list(_held)
        collect()
        if _written:
            collect()  # what a file is in (zipfile's) closes it in the first
        _held.update(_written)
    else:
        old = list(_written)
    for one in old:
        try:
            one.flush()
        except Exception:
            pass  # it is closed meanwhile, or its disk is full, as the program will hear


@functools.lru_cache(None)
def _watch():
    _python("watch")()


@functools.wraps(_system)
def system(command):
    before_reading()
    return _system(command)


def _change_subprocess(module):
    execute = module.Popen._execute_child

    @functools.wraps(execute)
    def _execute_child(*args):
        before_reading()
        return execute(*args)

    module.Popen._execute_child = _execute_child


def join():
    """From now on it is so."""
    builtins.open = io.open = opened
    os.system = system
    when_imported("subprocess", _change_subprocess)
