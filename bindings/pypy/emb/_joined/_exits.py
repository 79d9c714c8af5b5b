"""Exit functions (`atexit`) of both sides are one list: what is registered last comes first, whichever side it
is of.

What the program registers while Python runs, Python has among its own; and what was registered before that,
runs after these.
"""

import atexit
import functools

from .._interpreter import _session
from .._interpreter._code import Part, find

_SOURCE = '''
import atexit
import threading

def run():
    "As at its end, for which there is nothing left of them then."
    if threading.current_thread() is not threading.main_thread():
        return
    try:
        threading._shutdown()
    finally:
        try:
            atexit._run_exitfuncs()
        except BaseException:
            pass  # one of theirs, of which it has told (before 3.9)
'''

_own_register, _own_unregister = atexit.register, atexit.unregister
_python = Part(_SOURCE)
_registered = []  # (function, what Python has for it)


def _run():
    if _session.running():
        _python("run")()


@functools.wraps(_own_register)
def _register(function, *args, **kwargs):
    if not _session.running() or not callable(function):
        return _own_register(function, *args, **kwargs)

    @functools.wraps(function, updated=())
    def call():
        function(*args, **kwargs)

    _registered.append((function, call))
    find("atexit.register")(call)
    return function


@functools.wraps(_own_unregister)
def _unregister(function):
    _own_unregister(function)
    for one in list(_registered):
        if one[0] == function:
            _registered.remove(one)
            if _session.running():
                find("atexit.unregister")(one[1])


def join():
    """From now on."""
    _own_register(_run)
    atexit.register, atexit.unregister = _register, _unregister
