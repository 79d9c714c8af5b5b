"""Enumerations of the host: Python gets one of its own, with the same members and methods.

Python's libraries ask what derives from Enum for its members, by name and by value.  A member
that comes back is the host's.
"""

import enum
import weakref

from .._abi._calls import call_for_object
from .._abi._convert import Unconvertible
from .._abi._crossings import getattribute, number
from .._abi._library import functions
from .._exported._host_classes import read_attribute
from .._exported._members import members_of
from .._garbage._lifetime import lasting
from .._inheritance._classes import mirror_class
from .._interpreter import _session, _stdlib
from .._interpreter._code import Part, find
from .._proxies import _arrivals
from .._proxies._object import wrap

_identity = functions.emb_object_identity
_classes = weakref.WeakKeyDictionary()  # the host's class -> proxy of Python's; None where it has none
_members = weakref.WeakKeyDictionary()  # the host's class -> {name: proxy of Python's member}

_SOURCE = '''
import enum
import functools
import types

def make(name, bases, members, methods):
    kind = type(bases[-1])
    space = kind.__prepare__(name, bases)
    for each in (methods, members):
        for key, value in each.items():
            space[key] = value
    made = kind(name, bases, space)
    if list(made.__members__) != list(members):
        raise TypeError("not all of its values can be those of a member")
    return made

class Attributes:
    "`__getattr__` of such a class; in another process, to which the class is sent, there are no more."
    def __get__(self, member, kind):
        return self if member is None else types.MethodType(self, member)
    def __call__(self, member, name):
        if name[:1] == "_":
            raise AttributeError(name)
        return read(member, name)
    def __reduce__(self):
        return functools.partial, (getattr, None)
'''
_python = Part(_SOURCE, lambda: {"read": read_attribute})
_SPECIAL = ("__str__", "__repr__", "__format__", "__eq__", "__hash__", "__lt__", "__call__", "__bool__")


def python_class(kind):
    """The proxy of Python's class; None where Python can have no such class."""
    if kind not in _classes:
        of_both = _stdlib.attribute(kind.__module__, kind.__qualname__)
        if of_both is not None:
            _restore(of_both, kind)
        _classes[kind] = of_both or _make(kind)
    return _classes[kind]


def member(value):
    """The proxy of Python's member for one of the host's; None where there is none."""
    kind = type(value)
    made = python_class(kind)
    if made is None:
        return None
    if value.name not in kind.__members__:
        return wrap(call_for_object(made._emb_handle, (value.value,)))  # several flags
    known = _members.setdefault(kind, {})
    if value.name not in known:
        known[value.name] = _named(made, value.name)
    return known[value.name]


@lasting
def _named(made, name):
    return wrap(call_for_object(find("getattr")._emb_handle, (made, name)))


@lasting
def _make(kind):
    bases = _bases(kind)
    if bases is None:
        return None
    own, mirrored = members_of(
        {
            name: value
            for name, value in list(kind.__dict__.items())
            if name not in kind.__members__ and (name[:1] != "_" or name in _SPECIAL)
        }
    )
    methods = {name: value for name, value in mirrored.items() if value is not own.get(name, value)}
    methods.update(
        __getattr__=_python("Attributes")(), __module__=kind.__module__,
        __qualname__=kind.__qualname__, __doc__=kind.__doc__,
    )  # fmt: skip
    values = {name: each.value for name, each in kind.__members__.items()}
    try:
        made = _python("make")(kind.__name__, bases, values, methods)
    except (TypeError, ValueError, Unconvertible):
        return None
    mirror_class(made, kind)
    _restore(made, kind)
    return made


def _restore(made, kind):
    """From now on members of Python's class come as those of the host's."""
    _arrivals.special[_arrivals.class_number(number(_identity, made._emb_handle))] = _restorer(kind)


def _bases(kind):
    """What Python's class derives from; None for what it cannot be derived from."""
    for name in ("IntFlag", "IntEnum", "Flag"):
        if issubclass(kind, getattr(enum, name)):
            return (find("enum." + name),)
    if kind._member_type_ not in (object, int, float, str, bytes):
        return None
    own = () if kind._member_type_ is object else (kind._member_type_,)
    return own + (find("enum.Enum"),)


def _restorer(kind):
    def restore(handle):
        proxy = wrap(handle)
        name = getattribute(handle, "_name_")
        try:
            return kind[name] if name in kind.__members__ else kind(getattribute(handle, "_value_"))
        except ValueError:
            return proxy  # one that only Python's version of the library has

    return restore


_session.after_shutdown(_classes.clear)
_session.after_shutdown(_members.clear)
