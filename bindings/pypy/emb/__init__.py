"""emb: CPython, with every package that exists only for it, inside this process.

    from emb import import_mod
    np = import_mod("numpy")
    print(np.arange(10).sum())

See README.md for what converts to what, errors, arrays and their lifetimes, threads.
"""

# These are not asked for anything: each adds its part to what is there.
from . import _arithmetic, _copying, _descendants, _functions, _iteration, _kept, _methods, _modules  # noqa: F401
from . import _namespaces, _nan, _passing, _prompt, _scalar, _signals, _threads, _values, _watched  # noqa: F401
from ._array import array, from_ptr
from ._code import evaluate, run
from ._convert import Unconvertible
from ._error import (
    BadArgument,
    BadCall,
    BadHandle,
    Conflict,
    Error,
    InternalError,
    NoPython,
    NotRunning,
    Unsatisfied,
)
from ._exception_classes import PythonExit, exception_class
from ._exceptions import PythonTraceback
from ._inline import load_ipython_extension
from ._items import Array, zeros
from ._library import LibraryMissing
from ._lifetime import collect
from ._lowlevel import low_level
from ._modules import import_mod
from ._object import Object, Whole, method, release
from ._scope import scope
from ._session import doctor, gil, init, require, shutdown
from ._share import borrowed
from ._view import View, pointer, view

__all__ = [
    "Array",
    "BadArgument",
    "BadCall",
    "BadHandle",
    "Conflict",
    "Error",
    "InternalError",
    "LibraryMissing",
    "NoPython",
    "NotRunning",
    "Object",
    "PythonExit",
    "PythonTraceback",
    "Unconvertible",
    "Unsatisfied",
    "View",
    "array",
    "borrowed",
    "collect",
    "doctor",
    "evaluate",
    "exception_class",
    "from_ptr",
    "gil",
    "import_mod",
    "init",
    "load_ipython_extension",
    "low_level",
    "method",
    "pointer",
    "release",
    "require",
    "run",
    "scope",
    "shutdown",
    "view",
    "zeros",
]

for _class in (Object, Whole, Unconvertible, LibraryMissing):
    _class.__module__ = "emb"
del _class
