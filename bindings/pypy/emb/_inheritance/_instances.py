"""Instances of the host's classes that derive from Python's: their attributes, on both sides.

Attributes live in Python's object.  What such a class does about attributes itself (`__getattr__`,
`__setattr__`, `__delattr__`) is asked first by whichever side wants something of an attribute;
`super()` goes on to what Python's own classes do.
"""

import functools
import types

from .._abi._convert import Unconvertible
from .._abi._crossings import delattribute, getattribute, setattribute
from .._garbage import _weighing
from .._interpreter._code import Borrowed, Part
from .._interpreter._there import python as in_python
from .._proxies import _object
from .._proxies._handle import Exporter
from .._proxies._object import Object
from .._proxies._protocols import METHODS
from .._proxies._static import space_of, static
from . import _classes
from ._class_attributes import Inherited, hosts_own
from ._classes import PythonClass

_FROM_OBJECT = (
    "__init__", "__repr__", "__str__", "__eq__", "__ne__", "__hash__", "__format__", "__reduce__",
    "__getstate__",
)
# What functools.total_ordering adds is not there unless a class has it.
_UNORDERED = ("__lt__", "__le__", "__gt__", "__ge__")

_SOURCE = '''
def look_up(instance, name):
    return own(instance, "__getattribute__")(instance, name)
def get(instance, name):
    try:
        ask = own(instance, "__getattr__")
    except AttributeError:
        raise AttributeError(
            "%r object has no attribute %r" % (type(instance).__name__, name)
        ) from None
    return ask(instance, name)
def set(instance, name, value):
    own(instance, "__setattr__")(instance, name, value)
def delete(instance, name):
    own(instance, "__delattr__")(instance, name)
def set_plainly(instance, name, value):
    object.__setattr__(instance, name, value)
'''

_python = Part(_SOURCE, lambda: {"own": in_python("own")})


class _Held(Object, Exporter, metaclass=PythonClass, _emb_stand_in=True):
    """What the host alone holds of an instance has a dict of its own."""

    __buffer__ = METHODS["__buffer__"]


own_dict = space_of(_Held)["__dict__"].__get__


class Instance(_Held, metaclass=PythonClass, _emb_stand_in=True):
    """The base of all stand-ins."""

    __slots__ = ()
    __class__ = property(type, lambda self, kind: become(self, kind))
    # Whether classes of the host have a say in what these attributes are; see `watch_hooks`.
    _emb_gets = _emb_sets = _emb_deletes = False
    _emb_weighs = "buffer"

    @property
    def __dict__(self):
        return getattribute(self._emb_handle, "__dict__")

    @__dict__.setter
    def __dict__(self, attributes):
        setattribute(self._emb_handle, "__dict__", attributes)

    def __getattr__(self, name):
        if type(self)._emb_gets and not name.startswith("_emb_"):
            return _object.attribute(name, _python("get")(self, name))  # for `super()`
        return hosts_own(self, name, Object.__getattr__(self, name))

    def __setattr__(self, name, value):
        found = static(type(self), name)
        if hasattr(type(found), "__set__"):
            object.__setattr__(self, name, value)
            return
        if type(self)._emb_sets:
            _python("set")(self, name, value)
        else:
            setattribute(self._emb_handle, name, value)
        _classes.keep_of_instance(value, self, name)
        if isinstance(found, types.FunctionType):
            own_dict(self)[name] = value  # or the host would find the class's function
        else:
            own_dict(self).pop(name, None)  # of `object.__setattr__`

    def __delattr__(self, name):
        found = static(type(self), name)
        if hasattr(type(found), "__delete__"):
            object.__delattr__(self, name)
            return
        if type(self)._emb_deletes:
            _python("delete")(self, name)
        else:
            delattribute(self._emb_handle, name)
        own_dict(self).pop(name, None)


def become(instance, kind):
    """The program assigns another class to it."""
    setattribute(instance._emb_handle, "__class__", kind)  # which says what is wrong
    space_of(object)["__class__"].__set__(instance, kind)


for _name in _FROM_OBJECT:
    type.__setattr__(Instance, _name, Inherited(_name))
for _name in _UNORDERED:
    type.__setattr__(Instance, _name, object.__dict__[_name])


def watch_hooks(host):
    """Notes which of the hooks for attributes a new class of the host has, or inherits."""
    ask = static(host, "__getattr__")
    if ask is not Instance.__getattr__:
        type.__setattr__(host, "_emb_gets", True)
        if not hasattr(ask, "_emb_asks"):
            type.__setattr__(host, "__getattr__", _asking(ask))
    for flag, name in (("_emb_sets", "__setattr__"), ("_emb_deletes", "__delattr__")):
        if static(host, name) is not getattr(Instance, name):
            type.__setattr__(host, flag, True)


def _asking(ask):
    """`__getattr__` of the host's class as the host is to see it: for what Python does not find."""

    def __getattr__(self, name):
        if name.startswith("_emb_"):
            raise AttributeError(name)
        try:
            value = _python("look_up")(self, name)
        except AttributeError:
            return ask(self, name)
        return hosts_own(self, name, _object.attribute(name, value))

    __getattr__._emb_asks = ask
    return __getattr__


def _telling(member):
    """A function that calls `object.__setattr__`, as constructors do of what does not change later: that
    gives attributes to the host's object, which Python does not see."""
    if type(member) is not types.FunctionType:
        return member
    names = {*member.__code__.co_names, *member.__code__.co_freevars}
    if "__setattr__" not in names or names.isdisjoint(_OBJECT):
        return member

    @functools.wraps(member)
    def told(*args, **kwargs):
        try:
            return member(*args, **kwargs)
        finally:
            if args and issubclass(type(args[0]), Instance):
                _tell(args[0])

    return told


_OBJECT = frozenset(("object", "__dataclass_builtins_object__"))


def _tell(instance):
    own = own_dict(instance)
    for name, value in list(own.items()):
        if name == "_emb_kept" or isinstance(static(type(instance), name), types.FunctionType):
            continue
        try:
            _python("set_plainly")(instance, name, value)
        except (Unconvertible, ValueError):
            continue  # the host's alone
        _classes.keep_of_instance(value, instance, name)
        own.pop(name, None)


_classes.Instance = Instance
_classes.telling = _telling
_classes.watch_hooks = watch_hooks
_classes.own_dict = own_dict
_weighing.exports = lambda handle: in_python("exports")(Borrowed(handle))
