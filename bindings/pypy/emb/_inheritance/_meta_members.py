"""Metaclasses of the program, as the classes of Python's classes for the host's.

What Python does with such a class, `len(C)`, `C[key]`, `isinstance(x, C)`, it asks the class of the class
for.  So that is one whose special methods are those of the host's metaclass; and for classes that derive
from Python's, whose attributes Python looks up by itself, the others, too.
"""

import types

from .._abi._calls import call_for_object
from .._abi._crossings import number
from .._abi._library import functions
from .._exported._descriptors import reader
from .._exported._members import member
from .._garbage._lifetime import lasting
from .._interpreter import _stdlib
from .._interpreter._code import Part, find
from .._interpreter._session import after_shutdown
from .._interpreter._there import python
from .._proxies import _object
from .._proxies._arrivals import mirrors
from .._proxies._object import Object
from .._proxies._static import mro_of, space_of, static
from . import _classes

_SOURCE = '''
import functools
import types
from _thread import get_ident

made_for = {}  # class of classes -> id() of the host's metaclass
known = {}  # this, and what that class derives from -> class of classes

def meta_for(host, name, module, members, bases, first):
    "The class for a class with these bases; where theirs are in conflict, Python says it of any."
    kinds = [first, *map(type, types.resolve_bases(bases))]
    kind = next((one for one in kinds if all(issubclass(one, other) for other in kinds)), first)
    if made_for.get(kind) == host:
        return kind
    if (host, kind) not in known:
        body = {"__module__": module, "__hash__": kind.__hash__, **members}  # or `__eq__` would take that away
        for each in "__instancecheck__", "__subclasscheck__":
            if each in members:
                body[each] = unless_quiet(body[each], getattr(kind, each))
        cls = known[host, kind] = type(kind)(name, (kind,), body)
        made_for[cls], made[id(cls)] = host, cls
    return known[host, kind]

def unless_quiet(method, otherwise):
    "A class that is just being met, the host cannot tell what it is."
    @functools.wraps(method)
    def check(cls, other):
        return (otherwise if get_ident() in quiet else method)(cls, other)
    return check

def maker(cls):
    "What makes its objects, without what the host's metaclass does about that."
    return functools.partial(own(cls, "__call__"), cls)
'''
_python = Part(_SOURCE, lambda: {name: python(name) for name in ("made", "own", "quiet")})
_identity = functions.emb_object_identity
_members = {}  # metaclass -> proxy of {name: member} for Python's; None where there are none

# What the host does when a class is made or changed, or Python by itself.
_LEFT_OUT = frozenset(
    "__new__ __init__ __prepare__ __init_subclass__ __subclasses__ __subclasshook__ __getattribute__ __setattr__"
    " __delattr__ __set_name__ __reduce__ __reduce_ex__ __sizeof__ __del__ __copy__ __deepcopy__ mro".split()
)
# What stands for a plain class asks the host for these anyway.
_ASKED = ("__call__", "__getattr__")
_OURS = frozenset(mro_of(_classes.AbstractClass))
_OF_KINDS = (types.FunctionType, staticmethod, classmethod, property)


def class_of_classes(meta, bases, first):
    """Python's class (a proxy) for classes of a metaclass that have these bases, which derives from `first` at
    least; None where the metaclass has nothing for Python."""
    if meta not in _members:
        _members[meta] = _described(meta)
    members = _members[meta]
    if members is None:
        return None
    about = id(meta), meta.__name__, meta.__module__, members, bases, first
    made = _object.wrap(call_for_object(_python("meta_for")._emb_handle, about))
    mirrors[number(_identity, made._emb_handle)] = getattr(meta, "_emb_meta", meta)
    return made


@lasting
def _described(meta):
    whole, members = issubclass(meta, _classes.PythonClass), {}
    for name, value in _program_s(meta).items():
        if whole or _is_special(name) and name not in _ASKED:
            is_member = isinstance(value, _OF_KINDS)
            members[name] = member(name, value, _classes.as_class) if is_member else reader(value)
    return Object(members) if members else None


def _program_s(meta):
    """What the program has put into a metaclass, and into those that it derives from."""
    found = {}
    for one in reversed(mro_of(meta)):
        if one not in _OURS and not _stdlib.is_standard(one.__module__):
            found.update(space_of(one))
    if static(meta, "__hash__") is None:
        found.pop("__eq__", None)  # Python keeps classes in tables
    return {
        name: value
        for name, value in found.items()
        if name not in _LEFT_OUT and name[:5] != "_emb_"
        and (not _is_special(name) or type(value) is types.FunctionType)
    }  # fmt: skip


def _is_special(name):
    return name[:2] == name[-2:] == "__"


def _with_metaclass(meta, bases, keywords):
    """The keywords of a class statement for Python, which name Python's class of classes where there is one."""
    first = getattr(meta, "_emb_first", None)  # of Python's, from which it derives
    made = class_of_classes(meta, bases, first or find("type")) or first
    return keywords if made is None else dict(keywords, metaclass=made)


_classes.with_metaclass = _with_metaclass
_classes.maker = lambda made: _python("maker")(made)
after_shutdown(_members.clear)
