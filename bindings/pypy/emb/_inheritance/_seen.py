"""What an instance of a class that derives from Python's shows as its class: `x.__class__`, and so
`isinstance(x, dict)`.

Where Python's class says something else than what it is (a proxy of wrapt), that.  One that derives from
dict, str and so on is none of these in the host; it shows a class that is, and otherwise is its own.
"""

import builtins
import collections

from .._interpreter._there import python
from .._proxies import _object, _shown
from .._proxies._static import space_of
from . import _stand_ins
from ._instances import become

_BASES = frozenset(
    "int float complex str bytes bytearray tuple list dict set frozenset OrderedDict defaultdict Counter"
    " deque".split()
)


class _Seen(type):
    """The class of the classes that are shown; `_emb_kind` is what each stands for."""

    def __call__(cls, *args, **kwargs):
        return cls._emb_kind(*args, **kwargs)

    def __getattribute__(cls, name):
        if name in _OF_TYPES:
            return type.__getattribute__(cls, name)
        return getattr(type.__getattribute__(cls, "_emb_kind"), name)

    def __setattr__(cls, name, value):
        setattr(cls._emb_kind, name, value)

    def __delattr__(cls, name):
        delattr(cls._emb_kind, name)

    def __eq__(cls, other):
        return cls is other or other is cls._emb_kind

    def __hash__(cls):
        return hash(cls._emb_kind)

    def __repr__(cls):
        return repr(cls._emb_kind)

    def __instancecheck__(cls, instance):
        return isinstance(instance, cls._emb_kind)

    def __subclasscheck__(cls, subclass):
        return issubclass(subclass, cls._emb_kind)


_OF_TYPES = ("_emb_kind", "__mro__", "__bases__", "__class__", "mro")


def _class_shown(proxy, names):
    """The `__class__` that the stand-in for one of Python's classes has, with these names in it; None where
    it has none of its own."""
    if "__class__" in names:
        return property(_object.class_of, become)
    base = python("relations")(proxy)[1]
    if base not in _BASES:
        return None
    host = getattr(builtins, base, None) or getattr(collections, base)
    return property(lambda instance: _seen(type(instance), host), become)


def _seen(kind, base):
    made = space_of(kind).get("_emb_seen")
    if made is None:
        made = _Seen(kind.__name__, (base,), {"_emb_kind": kind, "__module__": kind.__module__})
        _shown.python_classes[made] = kind._emb_python
        type.__setattr__(kind, "_emb_seen", made)
    return made


_stand_ins.class_shown = _class_shown
