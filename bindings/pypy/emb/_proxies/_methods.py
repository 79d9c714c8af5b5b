"""Attributes that are methods, and are called: no object is made for `a.reshape` in `a.reshape(2)`.

Classes such as numpy.ndarray, list and dict cannot be given other attributes, nor can their
instances.  So their methods are known once and for all: the host's class has a descriptor for
each, which asks nobody, and a call is one crossing.

Classes of Python code can be given any attribute at any time, and so can their instances.  Where
one of their methods has been read, the host's class gets a descriptor too; but that has Python
look up the attribute each time it is read, which tells whether it still is the function that is
known, and makes nothing.  Then the function is called, with the object before the arguments.

What either gives is a proxy of the bound method, whose object is only made where somebody wants
more of it than to be called.
"""

from .._abi._calls import attribute_to_call, call, call_for_object, call_named
from .._abi._crossings import get_object, getattribute
from .._abi._library import functions
from .._abi._names import name
from .._garbage import _lifetime
from .._interpreter._code import find
from . import _object, _types
from ._handle import Owner
from ._modules import Module
from ._object import Object
from ._static import space_of
from ._type import Type

_emb_getattr = functions.emb_object_getattr
_new = object.__new__
_get_handle = Owner._emb_handle.__get__
_set_handle = Owner._emb_handle.__set__


class _Unmade(Object, Owner):
    """The base of both; the handle is 0 as long as there is no object."""

    __slots__ = ("_emb_self", "_emb_what")  # what the method is bound to, and what tells which it is

    @property
    def _emb_handle(self):
        """The handle of the bound method itself, made when something needs it."""
        handle = _get_handle(self)
        if not handle:
            handle = self._emb_make()
            _lifetime.own(self, handle)
        return handle


_get_self, _set_self = _Unmade._emb_self.__get__, _Unmade._emb_self.__set__
_get_what, _set_what = _Unmade._emb_what.__get__, _Unmade._emb_what.__set__


def _unmade(kind, instance, what):
    method = _new(kind)
    _set_handle(method, 0)
    _set_self(method, instance)
    _set_what(method, what)
    return method


# --- of classes that cannot change


class Method(_Unmade):
    """The base of proxies of builtin functions, of which bound methods are some."""

    __slots__ = ()

    def _emb_make(self):
        address, length, _owner = _get_what(self)  # what `name` made of the name
        return get_object(_emb_getattr, _get_self(self)._emb_handle, address, length)

    def __call__(self, *args, **kwargs):
        handle = _get_handle(self)
        if handle:
            return call(handle, args, kwargs)
        return call_named(_get_self(self)._emb_handle, _get_what(self), args, kwargs)


_kind = None  # the host's class for Python's class of bound methods


class _Descriptor:
    """A method in a class of the host."""

    def __init__(self, name_):
        self.name = name_
        self.entry = name(name_)

    def __get__(self, instance, owner):
        if instance is None:
            return getattribute(owner._emb_python._emb_handle, self.name)
        return _unmade(_kind or _find_kind(), instance, self.entry)


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
            descriptor = _descriptors.setdefault(each, _Descriptor(each))
        found[each] = descriptor
    return found


# --- of Python code


class Bound(_Unmade):
    """The base of proxies of Python's own bound methods."""

    __slots__ = ()
    _emb_is_bound = True

    def _emb_make(self):
        kind = find("types.MethodType")._emb_handle
        return call_for_object(kind, (_get_what(self), _get_self(self)))

    def __call__(self, *args, **kwargs):
        handle = _get_handle(self)
        if handle:
            return call(handle, args, kwargs)
        return call(_get_what(self)._emb_handle, (_get_self(self),) + args, kwargs)


class _Learned:
    """An attribute that was a method when it was last looked at."""

    def __init__(self, name_, kind):
        self.name = name_
        self.entry = name(name_)
        self.kind = kind  # the class of the proxies
        self.function = None  # the proxy of the function

    def __get__(self, instance, owner):
        if instance is None:
            return getattribute(owner._emb_python._emb_handle, self.name)
        function = self.function
        known = 0 if function is None else function._emb_handle
        try:
            is_method, value = attribute_to_call(instance._emb_handle, self.entry, known)
        except AttributeError as error:
            _object.failed = (instance, self.name, error)
            raise
        if not is_method:
            return _object.attribute(self.name, value)
        if value:
            function = self.function = _lasting_proxy(value)
        return _unmade(self.kind, instance, function)


# No scope that happens to be open releases it.
_lasting_proxy = _lifetime.lasting(_object.wrap)


def _learn(proxy, name_, method):
    host = type(proxy)
    # Whether the host's class has special methods tells what Python's objects can do.
    # A module has none: what is bound there, to an object of its own, is one of its variables.
    is_instance = type(host) is Type and not issubclass(host, Module)
    if is_instance and name_[:2] != "__" and name_ not in space_of(host):
        type.__setattr__(host, name_, _Learned(name_, type(method)))


_object.learn = _learn
_types.methods = _methods
_types.bases.update(method=Method, bound=Bound)
