"""The dicts of Python's modules, and what functions see: `vars(np)`, `f.__globals__`.

`eval` and `exec` of the host take nothing but a dict.  So such a one is a dict of the host: with all that
is in Python's at that moment, for code that looks into dicts without asking them; whoever asks is
answered by Python's, which also gets what is put there.
"""

import builtins
from collections.abc import MutableMapping

from .._abi._crossings import getattribute
from .._garbage._lifetime import lasting
from . import _modules, _types
from ._handle import Handle, Owner
from ._object import Object


class Namespace(dict, Handle):
    """Passed to Python, it is Python's dict."""

    __slots__ = ("_emb_there",)

    def __init__(self, there):
        self._emb_there = there
        for name in there:
            dict.__setitem__(self, name, self[name])

    @property
    def _emb_handle(self):
        return self._emb_there._emb_handle

    def __getitem__(self, name):
        # Code that runs in it has the host's.
        return vars(builtins) if name == "__builtins__" else self._emb_there[name]

    def __setitem__(self, name, value):
        if name != "__builtins__":
            self._emb_there[name] = value
        dict.__setitem__(self, name, value)

    def __delitem__(self, name):
        del self._emb_there[name]
        dict.pop(self, name, None)

    def __contains__(self, name):
        return name in self._emb_there

    def __iter__(self):
        return iter(self._emb_there)

    def __len__(self):
        return len(self._emb_there)

    def __repr__(self):
        return repr(self._emb_there)

    def copy(self):
        return dict(self)

    get, keys, items, values = (
        MutableMapping.get, MutableMapping.keys, MutableMapping.items, MutableMapping.values
    )  # fmt: skip
    pop, popitem, clear = MutableMapping.pop, MutableMapping.popitem, MutableMapping.clear
    update, setdefault = MutableMapping.update, MutableMapping.setdefault


@lasting
def _namespace_of(proxy, name):
    value = getattribute(proxy._emb_handle, name)
    return Namespace(value) if issubclass(type(value), Handle) else value


class Function(Object, Owner):
    """The base of proxies of functions."""

    __slots__ = ()
    _emb_is_function = True
    __globals__ = property(lambda self: _namespace_of(self, "__globals__"))


_types.bases["function"] = Function
_modules.namespace_of = _namespace_of
