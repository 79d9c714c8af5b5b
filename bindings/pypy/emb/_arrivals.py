"""Objects that come from Python: what becomes of each.

Most become proxies.  libemb tells a number of the class with each object; where somebody
has said what becomes of objects of that class, that function is asked.

An object that comes again is the same proxy as long as somebody in the host holds that, so
that `event.inaxes is axes` says what it says in Python.  Of a few classes, whose objects come by
the million, each arrival is a proxy of its own (`HOT` in _there), but that of an attribute.
"""

import weakref

from . import _convert, _lifetime, _object
from ._calls import number
from ._collector import untraced
from ._library import functions
from ._object import wrap

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free
_reference = weakref.ref

mirrors = weakref.WeakValueDictionary()  # id() of a Python object -> the host's proxy of it

_FIRST_LOOK = 1023


class _Special(dict):
    """Number of a class -> function of a handle, which it takes.

    Where PyPy's JIT would call a function to look into a dict, it looks into the list itself.
    """

    def __init__(self):
        dict.__init__(self)
        self.places = [(-1, None)] * (_FIRST_LOOK + 1)

    def __setitem__(self, kind, become):
        dict.__setitem__(self, kind, become)
        self.places[kind & _FIRST_LOOK] = kind, become

    def __delitem__(self, kind):
        dict.__delitem__(self, kind)
        self.places[kind & _FIRST_LOOK] = -1, None

    def setdefault(self, kind, become):
        if kind not in self:
            self[kind] = become
        return self[kind]


special = _Special()
_places = special.places
_makers = {}  # number of a class -> function that makes the proxy of an object of that class
_proxies = {}  # id() of a Python object -> weak reference to its proxy, or to the host's exception
_PROXIES_KEPT = 1000
_next_look = _PROXIES_KEPT  # how many there may be before the dead are looked for

# Set by _types: (handle, number of its class) -> proxy of the first object of that class.
first = None
# Set by _callbacks: id() of a Python object -> (the host's object that it stands for,), or None.
origin = None


def arrive(handle, kind=0):
    """What a handle becomes, which is the caller's to give away; `kind` 0 is unknown."""
    known, become = _places[kind & _FIRST_LOOK]
    if known != kind:
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


def one_each(make, told=None):
    """`make`, but of an object that has a proxy already, that one; `told` is called when it has not."""

    def become(handle):
        if _lifetime.noted is not None:
            return make(handle)  # its scope will release it, and nobody else's
        address = number(_identity, handle)
        reference = _proxies.get(address)
        if reference is not None:
            proxy = reference()
            if proxy is not None and proxy._emb_handle != _lifetime.RELEASED:
                _object_free(handle)
                return proxy
        proxy = make(handle)
        remember(address, proxy)
        if told is not None:
            told()
        return proxy

    return become


def remember(address, host):
    """What stands in the host for Python's object at an address."""
    _proxies[address] = _reference(host)
    if len(_proxies) > _next_look:
        untraced(_forget_dead)


def recall(address):
    """The same again, as long as somebody in the host holds it; or None."""
    reference = _proxies.get(address)
    return None if reference is None else reference()


def _told_apart(proxy):
    """The proxy, or another one of its object that the host still holds."""
    if _lifetime.noted is not None:
        return proxy
    address = number(_identity, proxy._emb_handle)
    known = recall(address)
    if type(known) is type(proxy) and known._emb_handle != _lifetime.RELEASED:
        return known
    remember(address, proxy)
    return proxy


def _forget_dead():
    global _next_look
    for address, reference in list(_proxies.items()):
        if reference() is None and _proxies.get(address) is reference:
            del _proxies[address]
    _next_look = 2 * len(_proxies) + _PROXIES_KEPT


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
_object.told_apart = _told_apart
