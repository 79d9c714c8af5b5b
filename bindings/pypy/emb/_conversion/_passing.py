"""Builtin classes and functions that Python hands to a function of the host are the host's own.

A decorator of Python passes on what the host's function is called with: `float` or `operator.mod`
went over as Python's, and has to be itself again where it is a key of a dict.
"""

import sys

from .._abi import _reading
from .._abi._crossings import number
from .._abi._library import functions
from .._interpreter import _session
from .._interpreter._code import find
from .._proxies import _type
from .._proxies._arrivals import class_number
from .._proxies._handle import Handle
from .._proxies._types import Class
from ._values import by_name

_identity = functions.emb_object_identity


def _host_s_own(value):
    kind = type(value)
    if not issubclass(kind, Handle):
        return value
    if issubclass(kind, Class):
        return _type.host_builtin(value)
    module = value.__module__  # None for bound methods
    module = sys.modules.get(module.lstrip("_")) if isinstance(module, str) else None
    own = getattr(module, "__dict__", {}).get(value.__name__)
    there = None if own is None else by_name(own)
    if there is None or number(_identity, there._emb_handle) != number(_identity, value._emb_handle):
        return value
    return own


def _know():
    kinds = find("type"), find("types.BuiltinFunctionType")
    _reading.passing = tuple([class_number(number(_identity, one._emb_handle)) for one in kinds])


_reading.host_s_own = _host_s_own
_session.after_start(_know)
