"""The class of the host's classes for Python's: `np.ndarray`, which `type(x)` is, too.

Such a class is a proxy like any other: an `emb.Object` of Python's class.  Called, it makes
Python's objects; its attributes are those of Python's class; who derives from it derives
from Python's (see _classes).
"""

import abc
import copyreg

from .._abi._calls import call
from .._abi._crossings import getattribute
from . import _object
from ._object import Object, ObjectType
from ._protocols import METHODS

# Special names of a proxy of a class that the host itself asks for.
OF_THE_PROXY = frozenset(
    "__class__ __copy__ __deepcopy__ __reduce__ __reduce_ex__ __mro_entries__ __signature__".split()
)
BASES = ("__bases__", "__mro__")

# Set by modules that depend on this one.
derive = None  # _classes: (name, bases, namespace, keywords) -> a class that derives from Python's
host_builtin = None  # _shown: proxy of a class -> the host's class for a builtin one, else as it is


def special(handle, name):
    """A special attribute of Python's class at a handle."""
    value = getattribute(handle, name)
    # The host's issubclass() and abstract classes look through these.
    return tuple(map(host_builtin, value)) if name in BASES else value


OF_CONTAINERS = tuple(
    "__getitem__ __setitem__ __delitem__ __len__ __contains__ __iter__ __reversed__".split()
)


_PLAIN = (type, abc.ABCMeta)


class _Containers:
    """What some classes can do: `Color["RED"]`, `list[int]`, `for color in Color`."""

    _emb_hidden = True


for _name in OF_CONTAINERS:
    setattr(_Containers, _name, METHODS[_name])


class Type(Object, _Containers, abc.ABCMeta, ObjectType):
    """The class of these classes.  (Abstract ones of the host can be derived from beside them.)"""

    __class__ = property(lambda cls: cls._emb_shown)
    _emb_shown = type
    _emb_derives = True
    _emb_hash = None
    _emb_is_plain = False  # whether no class of its own says what derives from it
    _emb_same = None, None  # the host's class that is the same, and how many modules there were (see _class_asked)

    def __new__(mcls, name, bases, namespace, _emb_python=None, **keywords):
        if _emb_python is None:
            return derive(name, bases, namespace, keywords)
        made = type.__new__(mcls, name, bases, namespace)
        type.__setattr__(made, "_emb_python", _emb_python)
        return made

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)

    @property
    def _emb_handle(cls):
        return cls._emb_python._emb_handle

    @property
    def _emb_owner(cls):
        return cls._emb_python

    def __getattribute__(cls, name):
        if name[:2] == "__" and name not in OF_THE_PROXY:
            return special(cls._emb_handle, name)
        if name == "register" or name == "mro":
            # Those of Python's classes; the host's are not for these.
            return getattribute(cls._emb_handle, name)
        return type.__getattribute__(cls, name)

    def __bool__(cls):
        return True

    def __call__(cls, *args, **kwargs):
        return call(cls._emb_handle, args, kwargs)

    def __eq__(cls, other):
        return True if cls is other else Object.__eq__(cls, other)

    def __ne__(cls, other):
        return False if cls is other else Object.__ne__(cls, other)

    def __hash__(cls):
        known = cls._emb_hash
        if known is None:
            known = Object.__hash__(cls)
            type.__setattr__(cls, "_emb_hash", known)
        return known

    def __instancecheck__(cls, instance):
        return type(instance) is cls or Object.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, subclass):
        if type(subclass) in _PLAIN and cls._emb_is_plain:
            return False  # what derives from it is of another class, and the host may only be asking itself
        return subclass is cls or Object.__subclasscheck__(cls, subclass)


# To whom asks, it is what it is in Python.
Type.__name__ = Type.__qualname__ = "type"
Type.__module__ = "builtins"

copyreg.pickle(Type, lambda cls: _object.reduce(cls))
