"""Metaclasses of the program for classes that derive from Python's.

To CPython the class of most of the library's classes is `type`, from which every metaclass derives; here
it is one of its own, and a metaclass of the program and that would be in conflict.  So a class statement
with both makes its class by one that derives from the two.  And `class Meta(type(Model))` derives from
what makes such classes: which metaclass Python's classes have, their bases say.  So does one that derives
from a metaclass of Python's by its name, which is noted for those that have no bases.
"""

import abc
import builtins

from .._proxies._object import ObjectType
from .._proxies._static import space_of
from .._proxies._type import Type
from .._proxies._types import Class
from ._classes import AbstractClass, PythonClass

try:
    from __pypy__ import hidden_applevel
except ImportError:
    hidden_applevel = None


class _Joined(ObjectType):
    """The class of these metaclasses."""

    __call__ = type.__call__  # without a frame, for a `__new__` that looks who has called it


def join():
    """From now on, where there is a function that who looks at the frames does not see."""
    if hidden_applevel is not None:
        make = builtins.__build_class__

        @hidden_applevel
        def __build_class__(*arguments, **keywords):
            for base in arguments[2:]:
                if base is Type:
                    arguments = [PythonClass if one is Type else one for one in arguments]
                elif issubclass(type(base), Class) and issubclass(base, type):
                    return _deriving(base, make(*[PythonClass if one is base else one for one in arguments], **keywords))
                elif issubclass(type(base), Type):
                    keywords = _with_metaclass(arguments[2:], keywords)
                    break
            return make(*arguments, **keywords)

        builtins.__build_class__ = __build_class__


def _deriving(theirs, meta):
    """A new metaclass, which derives from one of Python's (a proxy)."""
    type.__setattr__(meta, "_emb_first", theirs)
    return meta


def _with_metaclass(bases, keywords):
    """The keywords of a class statement, with the metaclass that it is to have."""
    metas = [type(one) for one in bases if issubclass(type(one), type)]
    if issubclass(type(keywords.get("metaclass")), type):
        metas.append(keywords["metaclass"])
    given = [one for one in metas if one is not type and not issubclass(one, Type)]
    if not given or any([issubclass(type(one), Type) for one in given]):  # none, or one of the library
        return keywords
    for one in given:
        if all([issubclass(one, other) for other in given]):
            return dict(keywords, metaclass=joined(one))
    return keywords  # they are in conflict with one another


def joined(meta):
    """The class that derives from a metaclass of the program and from that of such classes."""
    if meta is type or meta is abc.ABCMeta:
        return PythonClass if meta is type else AbstractClass
    made = space_of(meta).get("_emb_joined")
    if made is None:
        others = [joined(one) for one in meta.__bases__ if one is not type and issubclass(one, type)]
        bases = (meta, *(others or (PythonClass,)))
        made = _Joined(meta.__name__, bases, {"__module__": __name__, "__qualname__": meta.__qualname__})
        made.__module__ = meta.__module__
        made._emb_meta, meta._emb_joined = meta, made
    return made


def maker(make_plainly):
    """What makes classes, also such as derive from Python's, where a metaclass of the program is called."""

    def make(meta, *args, **keywords):
        if len(args) == 3 and type(args[1]) is tuple and not issubclass(meta, Type):
            if any([issubclass(type(one), Type) for one in args[1]]):
                return PythonClass.__new__(joined(meta), *args, **keywords)
        return make_plainly(meta, *args, **keywords)

    return make
