"""Modules that Python imports by itself, in the host's `sys.modules`.

`import numpy` imports a hundred modules.  The program finds them by name, as in CPython:
`importlib.reload(np.linalg)`, `sys.modules[x.__module__]`, `inspect.getmodule(x)`.  Whether a module
comes from there is decided as if the program had imported it.
"""

import sys

from .._garbage._lifetime import lasting
from .._interpreter._code import Part
from .._proxies._modules import on_new_module
from . import _hook

_SOURCE = """
import sys, types

told = set()  # names of modules that the host knows of
count = 0  # of modules, when it was asked last

def news(wanted):
    "Name, module, file and path of what was imported since the last call."
    global count
    if len(sys.modules) == count:
        return ()
    count = len(sys.modules)
    library = getattr(sys, "stdlib_module_names", frozenset()).difference(wanted)
    found = []
    for name, module in list(sys.modules.items()):
        if name in told or not issubclass(type(module), types.ModuleType):
            continue  # what only says that it is a module, as a library of cffi's does, has no `__dict__`
        space = object.__getattribute__(module, "__dict__")  # what asks a lazy module, loads it
        spec = space.get("__spec__")
        if getattr(spec, "_initializing", False):
            count = 0  # to be told later
            continue
        told.add(name)
        if name.partition(".")[0] not in library:
            path = getattr(spec, "submodule_search_locations", None)
            found.append((name, module, space.get("__file__"), path if path is None else tuple(path)))
    return tuple(sorted(found))  # packages before what is in them
"""

_python = Part(_SOURCE)
_catching = []  # one item while a thread is at it


@lasting
def _catch_up():
    """What Python has imported, and would come from there, is in `sys.modules`, too."""
    if _catching or _hook.finder not in sys.meta_path or _hook.is_host():
        return
    _catching.append(None)
    try:
        _adopt(_python("news")(tuple(_hook.there)))
    finally:
        _catching.pop()


def _adopt(modules):
    for name, module, origin, path in modules:
        if name not in sys.modules and _hook.decide(name)[0]:
            module.__spec__ = _hook.spec_of(name, origin, path)
            module.__loader__ = module.__spec__.loader
            sys.modules[name] = module


on_new_module(_catch_up)
