"""Objects of the host whose classes derive from builtin ones, or from dates and times: a dict with
methods of its own.

Python gets one of a class with the same name, base and methods, and with the same contents, for C
code that looks into it.  Its methods, and other attributes, are the host object's, which is also
what comes back.  Each side has contents of its own: what Python has changed is changed in the
host's where that comes back, and when the call ends that it was passed to; what a method of the
host changes, in Python's.
"""

import copy
import datetime
import enum
import threading

from .._abi._calls import call_for_object
from .._abi._convert import flat
from .._abi._crossings import number
from .._abi._library import functions
from .._callables import _entries
from .._containers._merging import moved
from .._containers._shared_entries import own_of
from .._containers._watched import Argument
from .._interpreter import _stdlib
from .._interpreter._code import Borrowed, Part
from .._interpreter._there import python
from .._proxies import _object
from .._proxies._arrivals import class_number, special
from . import _host_objects
from ._host_objects import python_class

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free
_MUTABLE = (list, dict, set)
_TIMES = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)
_BUILTIN = _MUTABLE + (int, float, complex, str, bytes, tuple, frozenset) + _TIMES

_SOURCE = '''
import functools
import operator

FUNCTION = type(lambda: None)
dict_of = type.__dict__["__dict__"].__get__
ITEMS = {
    list: lambda value: tuple(list.__iter__(value)),
    set: lambda value: tuple(set.__iter__(value)),
    dict: lambda value: tuple(one for pair in dict.items(value) for one in pair),
}

def complete(cls, base):
    "Gives the class what its kind of contents takes."
    for name, value in tuple(dict_of(cls).items()) if base in ITEMS else ():
        if type(value) is FUNCTION:
            type.__setattr__(cls, name, refreshed(value))
    type.__setattr__(cls, "_emb_base", base)
    type.__setattr__(cls, "__copy__", lambda self: host_copy(self))
    type.__setattr__(cls, "__deepcopy__", lambda self, memo: host_deepcopy(self))

def refreshed(function):
    "A method of the host, after which the contents are what the host's are."
    @functools.wraps(function)
    def method(self, *args, **kwargs):
        try:
            return function(self, *args, **kwargs)
        finally:
            contents = host_contents(get(self, "emb.number"))
            if contents is not None:
                fill(self, contents)
    return method

get, put = object.__getattribute__, object.__setattr__

def make(cls, contents, number):
    base = cls._emb_base
    if base in ITEMS:
        value = base.__new__(cls)
    elif base.__module__ == "datetime":
        value = base.__new__(cls, *contents.__reduce_ex__(4)[1])
    else:
        value = base.__new__(cls, contents)
    put(value, "emb.before", None)
    put(value, "emb.number", number)
    return value

def fill(value, contents):
    base = type(value)._emb_base
    if base is list:
        list.__setitem__(value, slice(None), contents)
    else:
        base.clear(value)
        base.update(value, contents)
    # Of a set in the order that the host knows.
    put(value, "emb.before", tuple(contents) if base is set else ITEMS[base](value))

def are_same(before, now, base):
    if len(before) != len(now):
        return False
    if base is set:
        return set(map(id, before)) == set(map(id, now))
    return all(map(operator.is_, before, now))

def state(value):
    "The number, and how the contents have changed, if they have."
    try:
        number, before = get(value, "emb.number"), get(value, "emb.before")
    except AttributeError:
        return None, None  # one that Python has made
    if before is not None:
        now = ITEMS[type(value)._emb_base](value)
        if not are_same(before, now, type(value)._emb_base):
            put(value, "emb.before", now)
            return number, moves((before, now))
    return number, None
'''


def _contents(number):
    """The contents of the host's object with a number; None where they are what Python was given."""
    entry = _entries.entries[number]
    now = _items_of(entry.function)
    before, entry.before = entry.before, now
    if len(now) == len(before) and all([one is other for one, other in zip(now, before)]):
        return None
    return _told_of(entry.base, entry.function)


_python = Part(
    _SOURCE,
    lambda: {
        "host_contents": _contents,
        "host_copy": lambda value: copy.copy(value),
        "host_deepcopy": lambda value: copy.deepcopy(value),
        "moves": python("moves"),
    },
)


class _Entry(_entries.Entry):
    __slots__ = ("base", "before")  # what Python was given last


class _Passed(Argument):
    """What is passed to a call."""

    __slots__ = ("_proxy",)

    def __init__(self, proxy):
        self._proxy = proxy

    def refresh(self, watched):
        _restored(self._proxy)


_being_filled = {}  # (thread, id() of the host's object) -> the proxy of Python's


def base_of(kind):
    """The builtin class that a class of the program derives from; None for other classes."""
    if kind in _BUILTIN:
        return None
    for base in _BUILTIN:
        if issubclass(kind, base):
            known = issubclass(kind, enum.Enum) or _stdlib.is_standard(kind.__module__)
            return None if known else base
    return None


def plain(base, value):
    """The value without its subclass, whatever methods that may override."""
    if base in (tuple, list, set, frozenset):
        return base(base.__iter__(value))
    if base is dict:
        return dict(dict.items(value))
    if base is str:
        return str.__str__(value)
    if base is bytes:
        return bytes(memoryview(value))
    if base is complex:
        return complex(value.real, value.imag)
    if base in _TIMES:
        reduced = base.__reduce_ex__(value, 4) if "__reduce_ex__" in vars(base) else base.__reduce__(value)
        return base(*reduced[1])
    return base.__int__(value) if base is int else base.__float__(value)


def _items_of(container):
    """What is in it, keys and values one after the other, whatever methods that may override."""
    if isinstance(container, dict):
        return flat(list(dict.items(container)))
    base = list if isinstance(container, list) else set
    return list(base.__iter__(container))


def _told_of(base, container):
    """What Python is to put into its own: of a set, in the order of the host's."""
    return _items_of(container) if base is set else plain(base, container)


def _replace(container, base, old, moves):
    """Gives a container the items that Python's has; `old` are those that were passed."""
    new = moved(old, *moves, own_of)
    if base is list:
        list.__setitem__(container, slice(None), new)
        return
    base.clear(container)
    base.update(container, new if base is set else zip(new[::2], new[1::2]))


def passed(frame, value, base):
    """The proxy of Python's object for one of the host, for a call."""
    this = threading.get_ident(), id(value)
    known = _being_filled.get(this)
    if known is not None:
        return known  # it is inside of itself
    entry = _Entry(value, None)
    entry.base = base
    token = _entries.enter(entry)
    contents = None if base in _MUTABLE else plain(base, value)
    cls = python_class(type(value))
    made = call_for_object(_python("make")._emb_handle, (cls, contents, token))
    frame.loan(made)
    proxy = Borrowed(made)
    _entries.bind(made, token)
    if base in _MUTABLE:
        _being_filled[this] = proxy
        try:
            entry.before = _items_of(value)
            _python("fill")(proxy, _told_of(base, value))
        finally:
            del _being_filled[this]
        frame.watch(_Passed(proxy))
    return proxy


def _complete(made, kind):
    """Sees to a new class of Python (a proxy), if it is one of these."""
    base = base_of(kind)
    if base is not None:
        _python("complete")(made, _stdlib.attribute(base.__module__, base.__name__))
        special[class_number(number(_identity, made._emb_handle))] = _restore


def _restore(handle):
    """The host's object for Python's at a handle, with what Python has changed."""
    found = _restored(Borrowed(handle))
    if found is None:
        return _object.wrap(handle)  # one that Python has made
    _object_free(handle)
    return found


def _restored(proxy):
    token, moves = _python("state")(proxy)
    entry = _entries.entries.get(token)
    if entry is None:
        return None
    if moves is not None:
        _replace(entry.function, entry.base, entry.before, moves)
        entry.before = _items_of(entry.function)
    return entry.function


_host_objects.complete = _complete
