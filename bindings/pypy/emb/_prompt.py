"""Windows that stay alive while PyPy's prompt waits for a line.

Toolkits leave a function with CPython, PyOS_InputHook, that handles events until there is
input.  CPython's own prompt calls it before it reads; so does PyPy's here.
"""

import sys

from . import _session
from ._code import run
from ._object import Object

_SOURCE = """
import ctypes

hook = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")

def wait():
    # Called without the GIL, which it takes itself.
    if hook.value:
        ctypes.CFUNCTYPE(ctypes.c_int)(hook.value)()
"""


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
