"""What the host's prompt does for Python: windows stay alive while it waits for a line, and values are
shown as Python's `sys.displayhook` shows them, if a library (sympy's `init_printing`) has set one.

Toolkits leave a function with CPython, PyOS_InputHook, that handles events until there is
input.  CPython's own prompt calls it before it reads; so does PyPy's here.
"""

import builtins
import sys

from .._interpreter import _session
from .._interpreter._code import import_mod, run
from .._proxies._object import Object

_SOURCE = """
import ctypes

hook = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")

def wait():
    # Called without the GIL, which it takes itself.
    if hook.value:
        ctypes.CFUNCTYPE(ctypes.c_int)(hook.value)()
"""


def display(value):
    """`sys.displayhook` of the prompt."""
    theirs = import_mod("sys")
    if theirs.displayhook is theirs.__displayhook__:
        sys.__displayhook__(value)
    else:
        theirs.displayhook(value)
        if value is not None:
            builtins._ = value


def _hook_in():
    """After the start, if there is a prompt: PyPy's reads characters through this module."""
    console = sys.modules.get("pyrepl.unix_console")
    usual = getattr(console, "pyos_inputhook", None)
    if usual is None:
        return
    names = Object({})
    try:
        run(_SOURCE, names)
    except (ImportError, ValueError):
        return  # a Python without ctypes
    wait = names["wait"]

    def pyos_inputhook():
        usual()
        if _session.running():
            wait()

    console.pyos_inputhook = pyos_inputhook


if sys.implementation.name != "cpython":
    _session.after_start(_hook_in)
