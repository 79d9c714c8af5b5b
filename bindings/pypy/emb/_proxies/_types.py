"""`type(x)` of a proxy: a class of the host for each class of Python, with its name.

They add to emb.Object the protocols that Python's class has.  A class of Python is the same
class of the host whether it comes itself (`np.ndarray`) or is that of an object.
"""

from _thread import get_ident
from types import MethodType

from .._abi._calls import call_for_object
from .._abi._crossings import getattribute, number
from .._abi._library import functions
from .._conversion import _c_values, _standard
from .._exported._abstract import of_the_library, register
from .._garbage import _lifetime, _weighing
from .._inheritance._classes import PythonClass
from .._interpreter import _session
from .._interpreter._code import Borrowed, find
from .._interpreter._there import python
from . import _arrivals, _heirs, _object
from ._arrivals import mirrors
from ._handle import Exporter, Owner
from ._heirs import BUILTIN, make_class, maker
from ._object import Object
from ._protocols import METHODS, Indexed
from ._static import is_exception_class
from ._type import OF_CONTAINERS, OF_THE_PROXY, Type, special

_KEPT = 2000  # classes that are told apart; more are made only where classes come and go

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free
_get_handle = Owner._emb_handle.__get__
_protocols = tuple(METHODS)
_asked = []  # what Python has made of `class_of`

_heirs.Type = Type


class Class(Object, Owner):
    """The base of proxies of classes that are none of the host: the host has its own builtin ones, and
    exceptions, and could not see that they are the bases of others."""

    __slots__ = ()

    def __getattribute__(self, name):
        if name[:2] == "__" and name not in OF_THE_PROXY:
            return special(_get_handle(self), name)
        return object.__getattribute__(self, name)

    __getitem__ = METHODS["__getitem__"]  # list[int]
    __mro_entries__ = _object.entries


bases = {"type": Class}  # what `class_of` calls it -> base of the host's class
told = {}  # the same -> what is called when there is a proxy of another object of the class
exception_class = None  # set by _exceptions: proxy of a class of exceptions -> the host's
exception = None  # set by _exceptions: handle of an exception -> the host's exception
scalar_class = None  # set by _scalar: (number of the type, proxy) -> the class that is there already
descendant: object  # set by _descendants: proxy of a class that derives from the host's -> the host's for it
adopted: object  # _host_objects: (handle, class of the host) -> its object, for one that Python has made
methods_passed = False  # whether Python has bound methods of the host's plain objects
methods = None  # set by _methods: names of methods -> what the host's class has of these names
_typed = []  # numbers of the classes that have one
_busy = set()  # threads that are looking at a class


def _first(handle, kind):
    """The first object of a class makes the host's class for it."""
    this = get_ident()
    if this in _busy:
        return _object.wrap(handle)  # one of those that take part in the making
    try:
        _busy.add(this)
        become = _maker_for(handle, kind)
    finally:
        _busy.discard(this)
    # An instance of a class of the host becomes one there in a moment: nobody asks for its memory before.
    return _object.wrap_light(handle) if become is None else become[1](handle)


@_lifetime.lasting
def _maker_for(handle, kind):
    """What makes proxies of the objects of a class, the first of which is here: of new ones, and of
    those that may be known."""
    of_its_class = call_for_object(find("type")._emb_handle, (Borrowed(handle),))
    host = mirrors.get(number(_identity, of_its_class))
    proxy = _object.wrap(of_its_class)
    if host is None:
        sort = python("sort_of")(proxy)
        if sort == "descendant":
            descendant(proxy)
            return (_arrivals.special[kind][1],) * 2
        host = exception_class(proxy) if sort == "exception" else _make(proxy, handle)
        if sort == "ordinary":
            host = mirrors.setdefault(number(_identity, of_its_class), host)  # another thread's, perhaps
            register(host, host._emb_registered)
    if is_exception_class(host):
        become = exception, exception
    elif _c_values.is_of_ctypes(host):
        become = (_c_values.restoring(proxy, _object.wrap),) * 2
    elif isinstance(host, PythonClass):
        return None  # its class is one of the host
    elif not isinstance(host, Type):
        return (lambda handle: adopted(handle, host),) * 2
    else:
        become = host._emb_become
    if len(_typed) >= _KEPT:
        for one in _typed:
            _arrivals.forget_class(one)
        _typed.clear()
    _arrivals.know_class(kind, *become)
    _typed.append(kind)
    return become


def _arriving(proxy_of):
    """What makes of a handle of a class the host's class for it, or a proxy as `proxy_of` makes it."""

    def become(handle):
        address = number(_identity, handle)
        host = _standard.classes.get(address) or mirrors.get(address)
        if host is not None:
            _object_free(handle)
            return host
        sort = python("sort_of")(Borrowed(handle))
        if sort == "exception":
            return exception_class(_object.wrap(handle))
        if sort == "descendant":
            return descendant(_object.wrap(handle))
        return _make_ordinary(handle) if sort == "ordinary" else proxy_of(handle)

    return become


@_lifetime.lasting
def _make_ordinary(handle):
    address = number(_identity, handle)
    host = mirrors.setdefault(address, _make(_object.wrap(handle)))
    # Not before, for the class is asked for.
    register(host, getattr(host, "_emb_registered", ()))
    return host


def _class_of(*what):
    """What `class_of` tells, to which the names of all special methods are given once."""
    if not _asked:
        _asked.append(find("functools.partial")(python("class_of"), _protocols, OF_CONTAINERS))
    return _asked[0](*what)


def _make(proxy, instance=None):
    """The host's class for Python's behind a proxy, of which there may be an instance (a handle).

    Its `_emb_become` are two functions of a handle: what an object of the class becomes that is new to
    the host, and one that may be known.
    """
    there = () if instance is None else (Borrowed(instance),)
    (
        name, module, base, has, lacks, overridden, fields, fixed, memory, indexed, scalar, kind,
        contains, registered,
    ) = _class_of(proxy, *there)  # fmt: skip
    if scalar is not None:
        return scalar_class(scalar, proxy)
    parent = bases.get(base, Object)
    body = methods(fixed)
    body.update({name: METHODS[name] for name in has})
    body = {name: value for name, value in body.items() if name not in parent.__dict__}
    body["__hash__"] = _standard.hash_of(module, name)  # abstract classes look for it in the class itself
    body.update(dict.fromkeys(lacks))
    body.update(__slots__=(), __doc__=Object.__dict__["__doc__"], _emb_weighs=memory)
    body["__module__"] = _object.OfObject("__module__", module)  # functions say it themselves
    parents = (parent, Indexed) if indexed else (parent,)
    if parent is Object:
        parents += (Exporter if "__buffer__" in has else Owner,)
    host = Type(name, parents, body, _emb_python=proxy)
    new = _object.maker(host)
    again = _arrivals.one_each(host, new, told.get(base))
    again = _arrivals.or_the_host_s(again, module, name)
    if base == "type":
        again = _arriving(again)
        new = again = _c_values.arriving(again) if module == "_ctypes" else again
    elif base == "bound":
        new, again = _the_host_s_or(new), _the_host_s_or(again)
    elif base in BUILTIN:
        host = make_class(proxy, name, base, overridden, fields)
        new = again = maker(host, base, _object.wrap_light)
    elif base in told:
        new = again
    else:
        new, again = [
            _restoring(become, proxy, module, name, kind) for become in (new, again)
        ]
    type.__setattr__(host, "_emb_become", (new, again))
    if contains:
        # Abstract classes look for these in the class that it shows.
        shown = type(kind, (type,), {name: METHODS[name] for name in contains})
        type.__setattr__(host, "_emb_shown", shown)
    type.__setattr__(host, "_emb_is_plain", kind == "type")
    type.__setattr__(host, "_emb_registered", registered)
    type.__setattr__(host, "_emb_library", of_the_library(module, name))
    return host


def _the_host_s_or(make):
    """What makes proxies of bound methods; of those that the host has passed, the host's again."""

    def become(handle):
        if methods_passed:
            function = getattribute(handle, "__func__")
            if type(function) is MethodType:
                _object_free(handle)
                return function
        return make(handle)

    return become


def _restoring(make, proxy, module, name, kind):
    """`make`, or what makes values of the host of the objects of some classes."""
    become = _standard.restoring(module, name, make)
    return _c_values.restoring(proxy, become) if kind in _c_values.METACLASSES else become


_arrivals.first = _first
_weighing.getattribute = getattribute
_session.after_shutdown(_typed.clear)
_session.after_shutdown(_asked.clear)
