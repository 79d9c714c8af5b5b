"""Modules of Python, as the host's import system takes them."""

import types

from .._abi._crossings import FORM, fetch
from .._abi._library import backend, functions
from .._garbage._lifetime import TRACING
from .._interpreter import _code
from . import _types
from ._handle import Owner
from ._object import Object
from ._variables import reader

_on_new = []
namespace_of = None  # set by _namespaces: (proxy, name of an attribute) -> the dict, as the host's


_OF_THE_HOST = ("__spec__", "__loader__")


class Module(Object, Owner):
    """The base of proxies of modules.  What the host's import system writes into one stays here."""

    __slots__ = ("__spec__", "__loader__", "_emb_variables")  # see _variables

    __class__ = property(lambda self: types.ModuleType)
    __dict__ = property(lambda self: namespace_of(self, "__dict__"))

    def __setattr__(self, name, value):
        if name in _OF_THE_HOST:
            object.__setattr__(self, name, value)
        else:
            Object.__setattr__(self, name, value)


if TRACING and backend.name == "cffi":
    _own = Module._emb_variables
    type.__setattr__(
        Module, "__getattr__", reader(backend.items(8, "int64_t"), _own.__get__, _own.__set__)
    )
Module.__name__ = Module.__qualname__ = "module"  # as the class of any other calls itself
type.__setattr__(Module, "__module__", "builtins")


def import_mod(name):
    """The module `name`; "a.b.c" gives a.b.c, not a.  Raises ImportError like `import`."""
    module = _code.import_mod(name)
    # Here the object says of what class it is.
    return fetch(functions.emb_object_value, module._emb_handle, FORM)


import_mod.__module__ = "emb"


def is_module(module):
    """Whether the module is a proxy.  (`isinstance` would be told that it is a module.)"""
    return issubclass(type(module), Module)


def on_new_module(function):
    """`function` runs when there is a proxy of a module of which there was none."""
    _on_new.append(function)


def _tell():
    for function in _on_new:
        function()


_types.bases["module"] = Module
_types.told["module"] = _tell
