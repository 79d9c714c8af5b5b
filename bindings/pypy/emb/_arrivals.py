"""Objects that come from Python: what becomes of each.

Most become proxies.  libemb tells a number of the class with each object; where somebody
has said what becomes of objects of that class, that function is asked.
"""

import weakref

from . import _convert
from ._calls import number
from ._collector import untraced
from ._library import functions
from ._object import wrap

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free

mirrors = weakref.WeakValueDictionary()  # id() of a Python object -> the host's proxy of it
special = {}  # number of a class -> function of a handle, which it takes
_makers = {}  # number of a class -> function that makes the proxy of an object of that class

# Set by _types: (handle, number of its class) -> proxy of the first object of that class.
first = None
# Set by _callbacks: id() of a Python object -> (the host's object that it stands for,), or None.
origin = None


def arrive(handle, kind=0):
    """What a handle becomes, which is the caller's to give away; `kind` 0 is unknown."""
    become = special.get(kind)
    return untraced(first, handle, kind) if become is None else become(handle)


def examine(handle, kind=0):
    """Finds the host's own functions, objects, classes and instances again."""
    address = number(_identity, handle)
    host = mirrors.get(address)
    if host is None:
        found = origin(address)
        if found is None:
            make = _makers.get(kind)
            if make is not None:
                return make(handle)
            return first(handle, kind) if kind else wrap(handle)
        host = found[0]
    _object_free(handle)
    return host


def class_number(address):
    """The number that libemb tells, from the id() of the class."""
    return address >> 4 & 0xFFFFFFFF


def watch(address):
    """Objects of the class with this id() may be the host's own."""
    kind = class_number(address)
    special[kind] = lambda handle: untraced(examine, handle, kind)


def know_class(kind, make):
    """What makes the proxies of objects of a class, from now on."""
    _makers[kind] = make
    special.setdefault(kind, make)


def forget_class(kind):
    if special.get(kind) is _makers.pop(kind, None):
        del special[kind]


special[0] = lambda handle: untraced(examine, handle)
_convert.wrap = arrive
