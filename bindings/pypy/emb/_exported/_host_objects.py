"""Any other object of the host, as Python sees it.

Its class becomes a Python class of the same name, whose methods call those of the host;
all other attributes are asked of the host's object.  Python's object stands for that one
host object as long as Python holds it, and what comes back is the host's object itself.
"""

import abc
import collections.abc
import datetime
import enum
import threading
import types
import typing
import weakref

from .._abi._convert import Unconvertible
from .._abi._library import functions
from .._callables import _entries
from .._callables._signature import parameters_of
from .._garbage._lifetime import lasting
from .._inheritance import _mix_ins
from .._inheritance._classes import mirror_class
from .._inheritance._meta_members import class_of_classes
from .._interpreter import _stdlib
from .._interpreter._code import find
from .._interpreter._session import after_shutdown
from .._interpreter._there import python
from .._proxies import _object, _types
from .._proxies._object import Object
from . import _host_classes
from ._abstract import registered_with
from ._fields import fields_there
from ._host_classes import OF_THE_BASE, host_classes
from ._members import members_of

_object_free = functions.emb_object_free
_classes = weakref.WeakKeyDictionary()  # host class -> proxy of Python's
meet_module: object = lambda name: None  # set by _program
complete = None  # set by _derived: (proxy of a new class, host class) -> nothing
_second = []  # classes that another thread has made, too: alive, nothing else has their id()
_making = set()  # (thread, host class) for which a class is being made
# What is asked of these in C goes past all that a class could say.
_OF_C = (
    int, float, complex, str, bytes, tuple, frozenset, list, dict, set,
    datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.tzinfo,
)  # fmt: skip
_ABSTRACT = ("collections.abc", "numbers")


def python_class(kind):
    """The proxy of the Python class for a plain class of the host."""
    made = _classes.get(kind)
    if made is None:
        this = threading.get_ident(), kind
        if this in _making:
            raise Unconvertible("%r is asked for itself before there is one" % kind)
        _making.add(this)
        try:
            made = _make(kind)
            mirror_class(made, kind)
            complete(made, kind)
            if _classes.setdefault(kind, made) is not made:
                _second.append(made)
                made = _classes[kind]
            _mix_ins.tell_of(kind)
        except TypeError as error:
            raise Unconvertible(
                "cannot pass %s.%s to Python, which can have no such class: %s"
                % (kind.__module__, kind.__qualname__, error)
            ) from error
        finally:
            _making.discard(this)
    return made


@lasting
def _make(kind):
    meet_module(kind.__module__)
    bases = tuple([one for one in map(_base, kind.__bases__) if one is not None])
    slots = [name for name, one in kind.__dict__.items() if type(one) is types.MemberDescriptorType]
    space = {n: one for n, one in kind.__dict__.items() if n not in slots}
    if not hasattr(kind, "__iter__") and issubclass(kind, collections.abc.Sequence):
        space["__iter__"] = lambda self: iter(self)  # as CPython's sqlite3.Row has, and PyPy's has not
    own, mirrored = members_of(space)
    # Functions and properties; other attributes are the host's to keep.
    members = {
        name: value
        for name, value in mirrored.items()
        if name not in OF_THE_BASE and value is not own.get(name, value)
    }
    for name, value in list(kind.__dict__.items()):
        # "There is none", though a base has one, or Python would do without.
        if value is None and name[:2] == "__" and name not in OF_THE_BASE and name != "__doc__":
            members[name] = None
    named = *kind.__dict__.get("__annotations__", ()), *[name for name in kind.__dict__ if name not in own]
    fields = {name for name in named if name[:2] != "__"}.union(slots)
    if "__dataclass_fields__" in kind.__dict__:
        members["__dataclass_fields__"] = fields_there(kind)
    text = kind.__dict__.get("__doc__")  # `kind.__doc__` may be what a descriptor of Python's says of the class
    return host_classes("make_host_class")(
        class_of_classes(type(kind), bases, host_classes("HostType")),
        kind.__name__, bases, kind.__module__, kind.__qualname__,
        text if isinstance(text, str) else None, tuple(fields), members, _Class(kind),
        _parameters(kind), _shared(kind), registered_with(kind, tuple(python("ABSTRACT"))),
    )  # fmt: skip


def _parameters(kind):
    """Of the signature, with annotations if Python can have these."""
    try:
        return Object(parameters_of(kind, annotated=True))
    except (Unconvertible, ValueError):
        return parameters_of(kind)


def _shared(kind):
    """Python's class of the library that both have; what only stands among bases is no such class."""
    return None if kind in _BASES_ONLY else _stdlib.attribute(kind.__module__, kind.__qualname__)


_BASES_ONLY = (abc.ABC, typing.Generic, typing.Protocol)


def _base(base):
    if base is object or base is enum.Enum:
        return None
    if base in _OF_C:
        return _stdlib.attribute(base.__module__, base.__name__)
    if base.__module__ in _ABSTRACT:
        try:
            return find("%s.%s" % (base.__module__, base.__name__))
        except (AttributeError, ImportError):
            return None
    return python_class(base)


class _Class:
    """Calls a class of the host; its attributes are the class's."""

    __slots__ = ("_emb_kind", "__weakref__")

    def __init__(self, kind):
        self._emb_kind = kind

    @property
    def __name__(self):
        return self._emb_kind.__name__

    _emb_signature = "(*args, **kwargs)"

    def __call__(self, *args, **kwargs):
        return self._emb_kind(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self._emb_kind, name)


def handle_of_object(value):
    """The handle of Python's object for one of the host, for the caller to release."""
    return _entries.handle_of_instance(value, python_class(type(value))._emb_handle)


def _adopted(handle, kind):
    """The new object of the host's that Python's at a handle, which Python has made (`A.__new__(A)`, pickle),
    stands for from now on."""
    try:
        value = kind.__new__(kind)
    except TypeError:
        return _object.wrap(handle)  # it wants arguments
    _entries.bind_instance(handle, value)
    _object_free(handle)
    return value


_types.adopted = _adopted
_host_classes.mixin = _mix_ins.class_of
_mix_ins.of_objects = _classes.get
after_shutdown(_second.clear)
after_shutdown(_classes.clear)
