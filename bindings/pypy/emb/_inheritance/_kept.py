"""Attributes of a host's instances and classes that Python holds only a likeness of.

Python's object has the attribute, as what the value becomes when it is passed: a defaultdict is
another one there, an array.array an array of numpy.  The host, which wrote
`self.counts = defaultdict(int)`, finds its own object again, until Python puts another one there.
"""

import array
import mmap
import os
import pathlib

from .._abi._crossings import getattribute, number
from .._abi._library import functions
from .._conversion._values import BASES, COLLECTIONS
from .._interpreter import _session
from .._interpreter._there import python
from .._proxies._handle import Handle
from .._proxies._heirs import Heir
from . import _classes

_identity = functions.emb_object_identity
_PLAIN = BASES + (bool, type(None))
_LIKENESSES = BASES + COLLECTIONS + (array.array, bytearray, memoryview, mmap.mmap, os.PathLike)

_of_instances = {}  # id() of Python's object -> {name: Kept}


class Kept:
    """The host's value of an attribute, and what Python was given for it."""

    __slots__ = ("value", "_kind", "_mark")

    def __init__(self, value, given):
        self.value = value
        self._kind, self._mark = _told_apart(given)

    def stands_for(self, current):
        """Whether `current`, which Python has now, is what it was given."""
        return (self._kind, self._mark) == _told_apart(current)


def _told_apart(value):
    if isinstance(value, Handle):
        return Handle, number(_identity, value._emb_handle)
    if type(value) is tuple:
        return tuple, tuple([_told_apart(one) for one in value])
    return type(value), value


def of_class(value, holder, name):
    """After `holder.name = value`, the Kept for it; None where Python has the same as the host."""
    if type(value) in _PLAIN or isinstance(value, (Handle, Heir, type, pathlib.PurePath)):
        return None
    if not isinstance(value, _LIKENESSES):
        return None
    try:
        return Kept(value, getattribute(holder._emb_handle, name))
    except AttributeError:
        return None  # a metaclass has taken it for itself


def of_instance(value, instance, name):
    """The same for an instance, which has it in `_emb_kept` from then on."""
    kept = of_class(value, instance, name)
    if kept is None:
        return
    address = number(_identity, instance._emb_handle)
    known = _of_instances.get(address)
    if known is None:
        try:
            python("when_gone")(instance, _gone)
        except TypeError:
            return  # a class without weak references: nobody would say when it is over
        known = _of_instances.setdefault(address, {})
        _classes.own_dict(instance)["_emb_kept"] = known
    known[name] = kept


def kept_of(address):
    """{name: Kept} of Python's object at an address, or None."""
    return _of_instances.get(address)


def _gone(address):
    _of_instances.pop(address, None)


_classes.keep_of_class, _classes.keep_of_instance = of_class, of_instance
_classes.kept_of = kept_of
_session.after_shutdown(_of_instances.clear)
