"""`type(x)` of a proxy: a class of the host for each class of Python, with its name.

They add nothing to emb.Object but that they tell one from the other.  Called, such a
class makes Python's objects; its attributes are those of Python's class; who derives
from it derives from Python's (see _classes).
"""

from . import _arrivals, _object, _session
from ._calls import call, getattribute
from ._classes import PythonClass, stand_in
from ._code import Borrowed, find
from ._convert import Handle
from ._there import python
from ._object import Object

_KEPT = 2000  # classes that are told apart; more are made only where classes come and go


class Type(type):
    """The class of these classes."""

    _emb_derives = True

    def __new__(mcls, name, bases, namespace, _emb_python=None, **keywords):
        if _emb_python is None:
            bases = [stand_in(one._emb_python) if isinstance(one, Type) else one for one in bases]
            return PythonClass(name, tuple(bases), namespace, **keywords)
        made = type.__new__(mcls, name, bases, namespace)
        type.__setattr__(made, "_emb_python", _emb_python)
        return made

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)

    def __call__(cls, *args, **kwargs):
        return call(cls._emb_python._emb_handle, args, kwargs)

    def __getattr__(cls, name):
        if name.startswith("_emb_"):
            raise AttributeError(name)
        return getattribute(cls._emb_python._emb_handle, name)

    def __hash__(cls):
        # They equal the proxies of their classes.
        return hash(cls._emb_python)

    def __instancecheck__(cls, instance):
        if not isinstance(type(instance), type(cls)) and not issubclass(type(instance), Handle):
            return False
        return find("isinstance")(instance, cls._emb_python)


_typed = []  # numbers of the classes that have one
_busy = []  # the number of the class that is being looked at


def _first(handle, kind):
    """The first object of a class makes the host's class for it."""
    if _busy:
        return _object.wrap(handle)  # one of those that take part in the making
    _busy.append(kind)
    try:
        return _typed_proxy(handle, kind)
    finally:
        _busy.pop()


def _typed_proxy(handle, kind):
    there, name, module = python("class_of")(Borrowed(handle))
    if not isinstance(there, Handle):
        return _object.wrap(handle)  # its class is one of the host
    if len(_typed) >= _KEPT:
        for one in _typed:
            _arrivals.special.pop(one, None)
        _typed.clear()
    body = {"__slots__": (), "__module__": module, "__doc__": Object.__dict__["__doc__"]}
    host = Type(name, (Object,), body, _emb_python=there)
    become = _object.maker(host)
    if kind not in _arrivals.special:
        _arrivals.special[kind] = become
        _typed.append(kind)
    return become(handle)


_arrivals.first = _first
_session.on_shutdown(_typed.clear)
