"""Named tuples and the containers of `collections`: what Python has for each, and back.

Python gets one of the same class: a deque stays a deque, an OrderedDict an OrderedDict, each
a copy like any container.  For a class of named tuples it gets one of the same name and
fields and methods, made once; such tuples cannot change, so what comes back is the host's again.
"""

import collections
import types
import typing
import weakref

from .._abi._calls import call_for_object
from .._abi._crossings import getattribute, number
from .._abi._library import functions
from .._exported._members import member
from .._garbage._lifetime import lasting
from .._inheritance._classes import mirror_class
from .._interpreter import _session
from .._interpreter._code import find
from .._proxies import _arrivals, _object

_identity = functions.emb_object_identity
_named = weakref.WeakKeyDictionary()  # host class of named tuples -> proxy of Python's


def _deque(value):
    return find("collections.deque")(list(value), value.maxlen)


def _default_dict(value):
    return find("collections.defaultdict")(value.default_factory, dict(value))


def _ordered_dict(value):
    return find("collections.OrderedDict")(dict(value))


def _counter(value):
    return find("collections.Counter")(dict(value))


_OWN = {
    collections.deque: _deque,
    collections.defaultdict: _default_dict,
    collections.OrderedDict: _ordered_dict,
    collections.Counter: _counter,
}


_METHODS = (types.FunctionType, property, classmethod, staticmethod)
_OF_ALL = frozenset(vars(collections.namedtuple("_OfAll", "")))


def is_collection(kind):
    return kind in _OWN


def collected(value):
    """A proxy of the copy that Python gets of such a container."""
    return _OWN[type(value)](value)


def is_named(kind):
    """Whether a class of tuples is one that `namedtuple` has made, or that adds methods to it."""
    fields = getattr(kind, "_fields", None)
    return (
        type(fields) is tuple
        and hasattr(kind, "_make")
        and kind.__len__ is tuple.__len__
        and kind.__iter__ is tuple.__iter__
    )


def named(kind, value):
    """Python's named tuple for one of the host: a proxy."""
    make = getattribute(named_class(kind)._emb_handle, "_make")
    return _object.wrap(call_for_object(make._emb_handle, (tuple(value),)))


def named_class(kind):
    """The proxy of Python's class for one of named tuples."""
    made = _named.get(kind)
    if made is None:
        made = _named.setdefault(kind, _make_class(kind))
    return made


@lasting
def _make_class(kind):
    defaults = tuple(getattr(kind, "_field_defaults", {}).values())
    made = find("collections.namedtuple")(
        kind.__name__, kind._fields, defaults=defaults, module=kind.__module__
    )
    made.__qualname__, made.__doc__ = kind.__qualname__, kind.__doc__
    if "__annotations__" in vars(kind):
        made.__annotations__ = _object.possible(kind.__annotations__)
    if typing.NamedTuple in getattr(kind, "__orig_bases__", ()):
        made.__orig_bases__ = (typing.NamedTuple,)
    for one in reversed(kind.__mro__):
        for name, value in vars(one).items() if hasattr(one, "_make") else ():
            if isinstance(value, _METHODS) and name not in _OF_ALL and name not in kind._fields:
                setattr(made, name, member(name, value))

    def restore(handle):
        return tuple.__new__(kind, find("tuple")(_object.wrap(handle)))

    mirror_class(made, kind)
    _arrivals.special[_arrivals.class_number(number(_identity, made._emb_handle))] = restore
    return made


_session.after_shutdown(_named.clear)
