"""emb: CPython, with every package that exists only for it, inside this process.

    from emb import import_mod
    np = import_mod("numpy")
    print(np.arange(10).sum())

See README.md for what converts to what, errors, arrays and their lifetimes, threads.
"""

# These are not asked for anything: each adds its part to what is there.
from ._callables import _functions  # noqa: F401
from ._containers import _watched  # noqa: F401
from ._conversion import _passing, _values  # noqa: F401
from ._exported import _copying  # noqa: F401
from ._inheritance import _descendants, _kept  # noqa: F401
from ._interpreter import _signals, _threads  # noqa: F401
from ._loops import _prompt  # noqa: F401
from ._proxies import _arithmetic, _iteration, _methods, _modules, _namespaces, _nan, _scalar  # noqa: F401

# What the package is for its users.
from ._abi._convert import Unconvertible
from ._abi._error import (
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
from ._abi._library import LibraryMissing
from ._buffers._array import array, from_ptr
from ._buffers._items import Array, zeros
from ._buffers._share import borrowed
from ._buffers._view import View, pointer, view
from ._callables._lowlevel import low_level
from ._errors._exception_classes import PythonExit, exception_class
from ._errors._exceptions import PythonTraceback
from ._garbage._lifetime import collect
from ._garbage._scope import scope
from ._interpreter._code import evaluate, run
from ._interpreter._session import doctor, gil, init, require, shutdown
from ._loops._inline import load_ipython_extension
from ._proxies._modules import import_mod
from ._proxies._object import Object, Whole, method, release

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
