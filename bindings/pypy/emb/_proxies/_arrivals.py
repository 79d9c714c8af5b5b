"""Objects that come from Python: what becomes of each.

Most become proxies.  libemb tells a number of the class with each object; where somebody
has said what becomes of objects of that class, that function is asked.

An object that comes again is the same proxy as long as somebody in the host holds that, so
that `event.inaxes is axes` says what it says in Python.  libemb tells which objects can have been
here before: only those are looked for (see _notes).
"""

import weakref

from .._abi import _reading
from .._abi._crossings import number
from .._abi._library import functions
from .._abi._memory import calls_with_containers
from .._garbage import _lifetime
from .._garbage._collector import untraced
from ._object import wrap

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free

mirrors = weakref.WeakValueDictionary()  # id() of a Python object -> the host's proxy of it

_FIRST_LOOK = 1023


class _Special(dict):
    """Number of a class -> two functions of a handle, which they take: of an object that is new to the
    host, and of one that may be known.

    Where PyPy's JIT would call a function to look into a dict, it looks into the list itself.
    """

    def __init__(self):
        dict.__init__(self)
        self.places = [(-1, None, None)] * (_FIRST_LOOK + 1)

    def put(self, kind, new, again):
        dict.__setitem__(self, kind, (new, again))
        self.places[kind & _FIRST_LOOK] = kind, new, again

    def __setitem__(self, kind, become):
        self.put(kind, become, become)

    def __delitem__(self, kind):
        dict.__delitem__(self, kind)
        self.places[kind & _FIRST_LOOK] = -1, None, None


special = _Special()
_places = special.places
_makers = {}  # number of a class -> the two that make proxies of the objects of that class
_NEITHER = None, None

# Set by _types: (handle, number of its class) -> proxy of the first object of that class.
first = None
# Set by _entries: id() of a Python object -> (the host's object that it stands for,), or None.
origin = None
# Of containers that Python has kept: id() of the proxy -> what _kept_items knows of it, and set by it:
# proxy -> the host's container that it stands for, or itself.
owners = {}
owner_of: object
# Set by _watched: proxy of a container in the middle of a call -> the host's that the call was passed, or itself.
arrived: object
# Set by _threads: whether the host has, or had, more than the first thread.
others = False


def arrive(handle, kind=0):
    """What a handle becomes, which is the caller's to give away; `kind` 0 is unknown."""
    known, new, _again = _places[kind & _FIRST_LOOK]
    if known != kind:
        new = special.get(kind, _NEITHER)[0]
    return untraced(first, handle, kind) if new is None else new(handle)


def arrive_again(handle, kind=0):
    """The same for an object that may have been here before."""
    known, _new, again = _places[kind & _FIRST_LOOK]
    if known != kind:
        again = special.get(kind, _NEITHER)[1]
    return untraced(first, handle, kind) if again is None else again(handle)


def examine(handle, kind=0):
    """Finds the host's own functions, objects, classes and instances again."""
    address = number(_identity, handle)
    host = mirrors.get(address)
    if host is None:
        found = origin(address)
        if found is None:
            _new, again = _makers.get(kind, _NEITHER)
            if again is not None:
                return again(handle)
            return first(handle, kind) if kind else wrap(handle)
        host = found[0]
    _object_free(handle)
    return host


def one_each(host, make, told=None):
    """`make`, which makes proxies of the class `host`; but of an object that has one, that one.
    `told` is called when it has not."""

    def become(handle):
        if _lifetime.noted is not None and _lifetime.in_scope():
            return make(handle)  # its scope will release it, and nobody else's
        proxy = _lifetime.proxy_of(handle, host)
        if proxy is not None:
            _object_free(handle)
            return proxy
        proxy = make(handle)
        if told is not None:
            told()
        if others:  # of which one may have been given the same object at this moment
            known = _lifetime.proxy_of(handle, host)
            return proxy if known is None else known
        return proxy

    return become


# Set by _shared_items: modules and names of the classes of which a program's container can have one.
of_containers = frozenset()


def or_the_host_s(again, module, name):
    """`again`, of objects of the class of that name; of what stands for the host's, that."""
    if (module, name) not in of_containers:
        return again

    def become(handle):
        proxy = again(handle)
        if owners and id(proxy) in owners:
            return untraced(owner_of, proxy)
        return untraced(arrived, proxy) if calls_with_containers else proxy

    return become


def class_number(address):
    """The number that libemb tells, from the id() of the class."""
    return address >> 4 & 0xFFFFFFFF


def watch(address):
    """Objects of the class with this id() may be the host's own."""
    kind = class_number(address)
    special[kind] = lambda handle: untraced(examine, handle, kind)


def know_class(kind, new, again):
    """What makes the proxies of objects of a class, from now on."""
    _makers[kind] = new, again
    if kind not in special:
        special.put(kind, new, again)


def forget_class(kind):
    known = _makers.pop(kind, None)  # none where two threads have met it at once, and it came twice
    if known is not None and special.get(kind) == known:
        del special[kind]


special[0] = lambda handle: untraced(examine, handle)
_reading.wrap, _reading.wrap_shared = arrive, arrive_again
