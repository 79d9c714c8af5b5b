"""Classes of the program that are nothing but descriptions: those that `TypedDict` and `NewType` have made.

Python's libraries look what they say (pydantic, cattrs, typeguard), so Python gets one of its own, made once.
"""

import sys

from .._inheritance._classes import mirror_class
from .._interpreter._code import Part, find
from .._proxies._object import possible
from . import _typing
from ._typing import once


def new_type(value):
    """Python's for what the host's `NewType` has made, which before 3.10 is a function; None for any other."""
    is_one = getattr(value, "__supertype__", None) is not None and type(value).__module__ in ("typing", "builtins")
    return once(value, _new_type) if is_one else None


def _new_type(value):
    made = find("typing.NewType")(value.__name__, value.__supertype__)
    made.__module__ = _module_of(value)
    return made


def _module_of(value):
    """Where it is a variable: before 3.10 what `NewType` makes does not say it."""
    if value.__module__ != "typing":
        return value.__module__
    modules = [sys.modules["__main__"], *list(sys.modules.values())]
    named = [one for one in modules if vars(one).get(value.__name__) is value]
    return named[0].__name__ if named else None


_SOURCE = """
def typed_dict(make, body, total, keys):
    made = type(make("Any", {}))(body["__qualname__"].rpartition(".")[2], (), body, total=total)
    made.__orig_bases__ = (make,)
    for name, value in keys.items():
        setattr(made, name, value)
    return made
"""
_python = Part(_SOURCE)


def typed_dict(kind):
    """Python's class for one that `TypedDict` has made; None for any other."""
    meta = type(kind)
    if meta.__name__ != "_TypedDictMeta" or not meta.__module__.startswith("typing"):
        return None
    return once(kind, _typed_dict)


def _typed_dict(kind):
    body = {
        "__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__,
        "__annotations__": possible(kind.__annotations__),
    }  # fmt: skip
    keys = {name: getattr(kind, name) for name in ("__required_keys__", "__optional_keys__")}
    made = _python("typed_dict")(find(type(kind).__module__ + ".TypedDict"), body, kind.__total__, keys)
    mirror_class(made, kind)
    return made


_typing.new_type = new_type
