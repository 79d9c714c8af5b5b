"""What stands in Python for the host's plain classes and their objects (see _host_objects)."""

from ._code import Part
from ._convert import Unconvertible
from ._frames import Variables
from ._handle import Handle
from ._object import Object
from ._there import python

_SOURCE = '''
import abc
import dataclasses
import sys
import types
import weakref

dict_of = type.__dict__["__dict__"].__get__

class HostType(abc.ABCMeta):
    """The class of the classes that stand for plain classes of the host."""
    def __new__(meta, name, bases, body):
        known = made.get(id(body.get("_emb_class")))
        return super().__new__(meta, name, bases, body) if known is None else remade(known, body)
    def __init__(cls, *arguments):
        pass
    @property
    def __dict__(cls):
        "With the host's values, which decorators of classes look for."
        own = dict_of(cls)
        host = own.get("_emb_class")
        if id(host) not in made:
            return own
        rest = {name: value for name, value in own.items() if type(value) is not Field}
        return types.MappingProxyType({**host_values(host), **rest})
    def __getattr__(cls, name):
        if name.startswith("_emb_") or name in ("__abstractmethods__", "__array_interface__"):
            raise AttributeError(name)
        if not represents(cls):
            raise AttributeError(name)
        return host_get(host_class(cls), name)
    def __setattr__(cls, name, value):
        if type(dict_of(cls).get(name)) is not Field:
            super().__setattr__(name, value)
        if represents(cls) and not name.startswith(OF_PYTHON):
            host_set(host_class(cls), name, value)
    def __delattr__(cls, name):
        if name in dict_of(cls):
            super().__delattr__(name)
        if represents(cls) and not name.startswith(OF_PYTHON):
            host_delete(host_class(cls), name)
    def __call__(cls, *args, **kwargs):
        return host_class(cls)(*args, **kwargs)

OF_PYTHON = ("_emb_", "_abc_", "__abstractmethods__")

def represents(cls):
    "Whether there is a class of the host behind it: all but the base of all."
    return any("_emb_class" in dict_of(one) for one in cls.__mro__)

def host_class(cls):
    for one in cls.__mro__:
        if "_emb_class" in dict_of(one):
            return dict_of(one)["_emb_class"]
    raise TypeError("no class of the host")

made = weakref.WeakValueDictionary()  # id() of what stands for the host's class -> Python's

def remade(cls, body):
    "A decorator (attrs, with slots) has made the class anew: what it has changed is changed."
    own, values = dict_of(cls), host_values(host_class(cls))
    for name, value in body.items():
        if name not in values and name not in OF_CLASSES and own.get(name, own) is not value:
            setattr(cls, name, value)
    for name in values:
        if name not in body and name[:2] != "__":
            host_delete(host_class(cls), name)
    return cls

OF_CLASSES = (
    "__dict__", "__weakref__", "__slots__", "__module__", "__qualname__", "__doc__", "__classcell__",
    "__getstate__", "__setstate__",
)

class Field:
    """An attribute that the host's class declares: the host's object has it, also where Python goes
    round `__setattr__`, as constructors of objects do that cannot be changed."""
    def __init__(self, name):
        self.name = name
    def __get__(self, instance, owner):
        return host_get(host_class(owner) if instance is None else instance, self.name)
    def __set__(self, instance, value):
        host_store(instance, self.name, value)
    def __delete__(self, instance):
        host_delete(instance, self.name)

class HostObject(metaclass=HostType):
    """The base of the classes that stand for plain classes of the host."""
    @property
    def __dict__(self):
        return host_variables(self)
    @__dict__.setter
    def __dict__(self, variables):
        own = host_variables(self)
        own.clear()
        own.update(variables)
    def __getattr__(self, name):
        return host_get(self, name)
    def __setattr__(self, name, value):
        host_set(self, name, value)
    def __delattr__(self, name):
        host_delete(self, name)
    def __repr__(self):
        return host_repr(self)
    def __str__(self):
        return host_str(self)
    def __format__(self, specification):
        return host_format(self, specification)
    def __dir__(self):
        return list(host_dir(self))

HostObject.__module__ = "emb"

def make_host_class(name, bases, module, qualname, doc, fields, members, host, parameters, shared):
    bases = tuple(base for base in bases if base is not HostObject) + (HostObject,)
    if any(HostObject in base.__mro__ for base in bases[:-1]):
        bases = bases[:-1]
    body = {name: Field(name) for name in fields}
    body.update(members, __module__=module, __qualname__=qualname, __doc__=doc, _emb_class=host)
    if parameters is not None:
        body["__signature__"] = signature(parameters)
    if shared is not None:
        # A file, a generator, a lock of the library that both have is one for isinstance(), too.
        body["__class__"] = property(lambda self: shared)
    cls = made[id(host)] = HostType(name, bases, body)
    public = shared and sys.modules.get(module.lstrip("_"))
    for one in list(vars(public).values()) if public else ():
        if isinstance(one, abc.ABCMeta) and issubclass(shared, one):
            one.register(cls)
    return cls

def dataclass_fields(names):
    "What dataclasses.fields() finds: with the host's own marks it would find none."
    class Likeness:
        __annotations__ = dict.fromkeys(names, object)
    return dataclasses.dataclass(Likeness).__dataclass_fields__
'''


def read_attribute(host, name):
    if isinstance(host, Handle):
        raise AttributeError(name)
    return getattr(_itself(host), name)


def _store(host, name, value):
    object.__setattr__(host, name, value)


def _set(host, name, value):
    setattr(_itself(host), name, value)


def _delete(host, name):
    delattr(_itself(host), name)


def _values(host):
    """What of a class of the host is neither a method nor one of Python's names for classes."""
    found = Object({})
    for name, value in vars(host._emb_kind).items():
        is_ours = name[:2] == "__" and name != "__annotations__" or name[:5] == "_abc_"
        if is_ours or hasattr(type(value), "__get__") and not isinstance(value, Handle):
            continue
        try:
            found[name] = value
        except (Unconvertible, ValueError):
            pass
    return found


def _itself(host):
    """The class, where Python has something that stands for it (see _host_objects)."""
    return host._emb_kind if hasattr(type(host), "_emb_kind") else host


def _given():
    return {
        "signature": python("signature"),
        "host_get": read_attribute,
        "host_set": _set,
        "host_store": _store,
        "host_variables": lambda host: Variables(vars(host)),
        "host_delete": _delete,
        "host_values": _values,
        # Passed as they are, these would be Python's functions of the same names.
        "host_repr": lambda host: repr(host),
        "host_str": lambda host: str(host),
        "host_format": lambda host, specification: format(host, specification),
        "host_dir": lambda host: dir(host),
    }


host_classes = Part(_SOURCE, _given)
