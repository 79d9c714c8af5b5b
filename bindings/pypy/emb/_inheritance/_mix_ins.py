"""Plain classes of the host among the bases of one that derives from Python's.

Python's class gets, in the place of each, one with the same methods and values.  In the host it is
itself that is among the bases, for `super()` and `isinstance`.  But what it has as a default of an
attribute of instances stands before what Python's object has, where these are: there is something
in front of it that looks.
"""

import collections
import types
import weakref

from .._abi._crossings import number
from .._abi._library import functions
from .._exported._descriptors import in_front, is_descriptor
from .._exported._fields import fields_there
from .._exported._host_classes import host_classes
from .._exported._members import members_of
from .._interpreter import _stdlib
from .._interpreter._code import find
from .._interpreter._session import after_shutdown
from .._proxies._arrivals import mirrors
from .._proxies._handle import Handle
from .._proxies._static import mro_of, space_of, static
from . import _classes
from ._class_attributes import Default
from ._classes import PythonClass
from ._stand_ins import stand_in

of_objects: object = lambda kind: None  # set by _host_objects: host class -> proxy of that of its objects
_made = weakref.WeakKeyDictionary()  # host class -> proxy of Python's class with its methods


def put_defaults(host):
    """Into a new class of the host."""
    derived = [one for one in host.__bases__ if isinstance(one, PythonClass)]
    if len(derived) == len(host.__bases__):
        return  # each of these has them
    done = set(mro_of(_classes.Instance)).union(*map(mro_of, derived))
    for base in mro_of(host):
        if isinstance(base, PythonClass) or base in done:
            continue
        for name, value in list(space_of(base).items()):
            if name[:2] == "__" or static(host, name) is not value:
                continue
            front = in_front(name, value) if is_descriptor(value) else Default(name)
            if front is not value:
                type.__setattr__(host, name, front)


def class_of(kind):
    """Python's class with the methods of a host class, to stand among the bases of another."""
    if kind is object:
        return find("object")
    made = _made.get(kind)
    if made is None:
        _own, mirrored = members_of(dict(space_of(kind)))
        for name in "__init_subclass__", "_is_protocol":  # which the host has called, and asks, itself
            mirrored.pop(name, None)
        if "__dataclass_fields__" in mirrored:
            mirrored["__dataclass_fields__"] = fields_there(kind)
        bases = tuple([class_of(base) for base in kind.__bases__ if base is not object])
        made = _classes.make_python_class(
            kind.__name__, bases, {}, kind.__module__, kind.__qualname__, mirrored
        )
        made = _made.setdefault(kind, made)
        mirrors[number(functions.emb_object_identity, made._emb_handle)] = kind
        tell_of(kind)
    return made


def tell_of(kind):
    """Where Python has both classes for one of the host, that of its objects knows of the other."""
    made, other = _made.get(kind), of_objects(kind)
    if made is not None and other is not None:
        host_classes("know_mixin")(other, made)


_WITH_CONTENTS = (dict, list, set, str, int, float, complex, bytes, tuple, frozenset, collections.deque)


def in_python(base):
    """Python's own class for one of the library's whose objects have contents: they are Python's."""
    if not isinstance(base, Handle) and any([one in _WITH_CONTENTS for one in mro_of(base)]):
        shared = _stdlib.attribute(base.__module__, base.__qualname__)
        return base if shared is None else stand_in(shared)
    return base


def explained(error, name, bases):
    """An error that says what to do where the objects of a class would have to be of two kinds."""
    if "layout" not in str(error) and "lay-out" not in str(error):
        return error
    for base in bases:
        if isinstance(base, PythonClass):
            continue
        for one in mro_of(base):
            slots = [n for n, member in space_of(one).items() if type(member) is types.MemberDescriptorType]
            advice = None
            if slots and "__slots__" in space_of(one):
                advice = "leave out the __slots__ of %s (%s)" % (one.__name__, ", ".join(slots))
            elif one.__module__ == "builtins" and one is not object:
                advice = "give it an attribute that is a %s, and derive from the other" % base.__name__
            if advice is not None:
                return TypeError(
                    "class %s cannot have the base %s beside one of Python, whose objects are Python's: %s"
                    % (name, base.__name__, advice)
                )
    return error


_classes.put_defaults, _classes.class_of_mix_in = put_defaults, class_of
_classes.explained, _classes.in_python = explained, in_python
after_shutdown(_made.clear)
