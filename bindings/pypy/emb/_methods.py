"""Methods of objects whose class cannot change: `a.reshape` is one crossing when it is called.

Classes such as numpy.ndarray, list and dict cannot be given other attributes, nor can
their instances.  So their methods are known once and for all: the host's class has a
descriptor for each.  What that gives is a proxy of the bound method whose object is only
made where somebody wants more of it than to be called.
"""

from . import _lifetime, _types
from ._calls import call, call_named, get_object, getattribute
from ._code import find
from ._convert import Handle
from ._library import functions
from ._memory import name
from ._object import Object

_emb_getattr = functions.emb_object_getattr
_new = object.__new__
_get_handle = Handle._emb_handle.__get__
_set_handle = Handle._emb_handle.__set__


class Method(Object):
    """The base of proxies of builtin functions, of which bound methods are some."""

    __slots__ = ("_emb_self", "_emb_entry")  # of bound methods; what `name` made of the name

    @property
    def _emb_handle(self):
        """The handle of the bound method itself, made when something needs it."""
        handle = _get_handle(self)
        if not handle:
            address, length, _owner = _get_entry(self)
            bound_to = _get_self(self)._emb_handle
            handle = get_object(_emb_getattr, bound_to, address, length)
            _lifetime.own(self, handle)
        return handle

    if not _lifetime.TRACING:

        def __del__(self, _get=_get_handle, _free=_lifetime.release):
            _free(_get(self))

    def __call__(self, *args, **kwargs):
        handle = _get_handle(self)
        if handle:
            return call(handle, args, kwargs)
        return call_named(_get_self(self)._emb_handle, _get_entry(self), args, kwargs)


_get_self, _set_self = Method._emb_self.__get__, Method._emb_self.__set__
_get_entry, _set_entry = Method._emb_entry.__get__, Method._emb_entry.__set__

_kind = None  # the host's class for Python's class of bound methods


class _Descriptor:
    """A method in a class of the host."""

    def __init__(self, name_):
        self.name = name_
        self.entry = name(name_)

    def __get__(self, instance, owner):
        if instance is None:
            return getattribute(owner._emb_python._emb_handle, self.name)
        method = _new(_kind or _find_kind())
        _set_handle(method, 0)
        _set_self(method, instance)
        _set_entry(method, self.entry)
        return method


def _find_kind():
    global _kind
    _kind = type(find("len"))
    return _kind


_descriptors = {}  # name -> its descriptor, which is the same in all classes


def _methods(names):
    found = {}
    for each in names:
        descriptor = _descriptors.get(each)
        if descriptor is None:
            descriptor = _descriptors[each] = _Descriptor(each)
        found[each] = descriptor
    return found


_types.methods = _methods
_types.bases["method"] = Method
