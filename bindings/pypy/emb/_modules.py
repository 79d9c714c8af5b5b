"""Modules of Python, as the host's import system takes them."""

import types

from . import _types
from ._handle import Owner
from ._object import Object

_on_new = []


class Module(Object, Owner):
    """The base of proxies of modules.  What the host's import system writes into one stays here."""

    __slots__ = ("__spec__", "__loader__")

    __class__ = property(lambda self: types.ModuleType)

    def __setattr__(self, name, value):
        if name in Module.__slots__:
            object.__setattr__(self, name, value)
        else:
            Object.__setattr__(self, name, value)


Module.__name__ = Module.__qualname__ = "module"  # as the class of any other calls itself
type.__setattr__(Module, "__module__", "builtins")


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
