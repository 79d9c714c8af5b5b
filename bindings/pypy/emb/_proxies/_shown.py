"""The class that a proxy shows as its own: `x.__class__`, and so `isinstance(x, float)`.

Builtin classes and those of the standard library are the host's own; one that derives from a
builtin class (numpy.float64) becomes a host class with that base; any other is the stand-in
that host classes derive from.
"""

import builtins
import collections
import datetime
import sys
import types

from .._abi._crossings import getattribute, number
from .._abi._library import functions
from .._conversion import _standard
from .._exported._abstract import register
from .._garbage._lifetime import lasting
from .._inheritance._stand_ins import stand_in
from .._interpreter import _session, _stdlib
from .._interpreter._code import find
from .._interpreter._there import python
from . import _object, _type
from ._handle import Handle

_identity = functions.emb_object_identity
_UNNAMED = {
    "module": types.ModuleType,
    "function": types.FunctionType,
    "method": types.MethodType,
    "builtin_function_or_method": types.BuiltinFunctionType,
    "generator": types.GeneratorType,
    "coroutine": types.CoroutineType,
    "mappingproxy": types.MappingProxyType,
    "code": types.CodeType,
    "frame": types.FrameType,
    "traceback": types.TracebackType,
    "cell": types.CellType,
    "async_generator": types.AsyncGeneratorType,
}

# The host's own code looks into objects of these classes, and those of Python have other parts.
_APART = frozenset(("datetime", "zoneinfo", "decimal", "_decimal", "_thread"))

_shown = {}  # id() of a Python class -> (the host's, proxy that keeps the id valid)
_builtins = {}  # id() of a Python class -> the host's of the same name, or the proxy itself
python_classes = {}  # the host's class -> proxy of Python's


def _class_of(proxy):
    kind = getattribute(proxy._emb_handle, "__class__")
    if not isinstance(kind, Handle):
        return kind  # a class of the host
    address = number(_identity, kind._emb_handle)
    known = _shown.get(address)
    return _show(kind, address) if known is None else known[0]


@lasting
def _show(kind, address):
    kind = kind if issubclass(type(kind), type) else _object.another(kind)
    host = same(kind)
    if host is None:
        host = _counterpart(kind)
        if not issubclass(type(host), Handle):
            python_classes.setdefault(host, kind)
    _shown[address] = host, kind
    return host


def same(kind):
    """The host's class that is the same as one of Python's; None if there is none."""
    host = _of_the_library(kind)
    if host is None:
        is_builtin, base, _registered = python("relations")(kind)
        host = _base(base) if is_builtin else _unnamed(kind)
        if host is not None:
            python_classes.setdefault(host, kind)
    return host


def _unnamed(kind):
    name = kind.__name__
    return _UNNAMED.get(name) if getattribute(kind._emb_handle, "__module__") == "builtins" else None


def _of_the_library(kind):
    """The class of the same name in the host's standard library, if the program has that module."""
    module = find("getattr")(kind, "__module__", None)
    if module in _APART or not isinstance(module, str) or not _stdlib.is_standard(module):
        return None
    host = vars(sys.modules[module]).get(kind.__name__) if module in sys.modules else None
    return host if isinstance(host, type) and module != "builtins" else None


def _host_builtin(kind):
    if not issubclass(type(kind), Handle) or issubclass(type(kind), type):
        # Abstract classes are looked for among the bases of others.
        return getattr(kind, "_emb_library", None) or kind
    address = number(_identity, kind._emb_handle)
    known = _builtins.get(address)
    if known is None:
        known = _standard.classes.get(address) or _builtin_or_not(kind)
        _builtins[address] = known
    return kind if issubclass(type(known), Handle) else known


def _builtin_or_not(kind):
    if find("object") == kind:
        return object
    is_builtin, base, _registered = python("relations")(kind)
    return _base(base) if is_builtin else _object.another(kind)


def _counterpart(kind):
    _is_builtin, base, registered = python("relations")(kind)
    if base:
        host = _derived(kind, kind.__name__, _base(base))
    else:
        host = kind if issubclass(type(kind), type) else stand_in(kind)
    register(host, registered)
    return host


def _base(name):
    """The host's class of a name that `relations` tells."""
    if name == "tzinfo":
        return datetime.tzinfo
    return getattr(builtins, name, None) or getattr(collections, name)


def _derived(kind, name, base):
    """A host class with a builtin base; called, it makes Python's objects."""
    return type(base)(
        name,
        (base,),
        {
            "__module__": getattribute(kind._emb_handle, "__module__"),
            "__new__": lambda cls, *args, **kwargs: kind(*args, **kwargs),
        },
    )


_object.class_of = _class_of
_type.host_builtin = _host_builtin
_session.after_shutdown(_builtins.clear)
_session.after_shutdown(_shown.clear)
_session.after_shutdown(python_classes.clear)
