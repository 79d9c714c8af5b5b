"""What stands in Python for the host's plain classes and their objects (see _host_objects)."""

import copy
import types

from .._abi._convert import Unconvertible
from .._callables._frames import Variables
from .._callables._weakly import outlived
from .._containers._shared_items import shared
from .._inheritance import _metaclasses
from .._interpreter._code import Part
from .._interpreter._there import python
from .._proxies._handle import Handle
from .._proxies._object import Object, possible
from . import _decorators
from ._abstract import is_abstract

_SOURCE = _decorators.SOURCE + '''
import abc
import collections.abc
import dataclasses
import sys
import types
import weakref
from _thread import get_ident
from weakref import getweakrefcount

dict_of = type.__dict__["__dict__"].__get__

class Called:
    """Calls the host's class without a frame of its own, for who looks at the traceback whether it was the
    call that failed, or what was called."""
    def __get__(self, cls, meta):
        return self if cls is None else host_class(cls)
    def __call__(self, cls, *args, **kwargs):
        return host_class(cls)(*args, **kwargs)

class HostType(abc.ABCMeta):
    """The class of the classes that stand for plain classes of the host."""
    def __new__(meta, name, bases, body, **keywords):
        known = made.get(id(body.get("_emb_class")))
        if known is not None:
            return remade(known, body)
        cls = None
        if "_emb_class" not in body and any("_emb_class" in dict_of(one) for one in bases):
            cls = descendant(name, bases, body, keywords)
        return super().__new__(meta, name, bases, body) if cls is None else cls
    def __init__(cls, *arguments):
        pass
    def __getattribute__(cls, name):
        # A property would keep inspect.getattr_static() from looking into these classes.
        if name == "__annotations__" and "_emb_class" in dict_of(cls):
            return dict_of(cls).get(name) or host_annotations(dict_of(cls)["_emb_class"])  # which type has its own of
        return whole_dict(cls) if name == "__dict__" else type.__getattribute__(cls, name)
    def __getattr__(cls, name):
        if name.startswith("_emb_") or name in ("__abstractmethods__", "__array_interface__"):
            raise AttributeError(name)
        if not represents(cls):
            raise AttributeError(name)
        return host_get(host_class(cls), name)
    def __setattr__(cls, name, value):
        value = storing(name, value)
        if type(dict_of(cls).get(name)) is not Field:
            super().__setattr__(name, value)
        if "_emb_class" in dict_of(cls) and not name.startswith(OF_PYTHON):
            host_set(host_class(cls), name, value)
    def __delattr__(cls, name):
        if type(dict_of(cls).get(name, Field)) is not Field:
            super().__delattr__(name)
        if "_emb_class" in dict_of(cls) and not name.startswith(OF_PYTHON):
            host_delete(host_class(cls), name)
    __call__ = Called()
    def __subclasses__(cls):
        "With those that have what stands for it among their bases: isinstance() asks here, too."
        other = dict_of(cls).get("_emb_mixin")
        more = () if other is None else type.__subclasses__(other)
        return type.__subclasses__(cls) + [one for one in more if mixins.get(id(one)) is not one]
    def __instancecheck__(cls, instance):
        return super().__instancecheck__(instance) or asks(host_isinstance, instance, cls)
    def __subclasscheck__(cls, subclass):
        return super().__subclasscheck__(subclass) or asks(host_issubclass, subclass, cls)

def whole_dict(cls):
    "With the host's values, which decorators of classes look for."
    own = dict_of(cls)
    host = own.get("_emb_class")
    if host is None and represents(cls):
        return types.MappingProxyType(own)  # one that Python has derived
    if id(host) not in made:
        # The base of all does for its classes what `object` does.
        return types.MappingProxyType({name: own[name] for name in ("__module__", "__doc__")})
    rest = {
        n: readable(host, n, one) for n, one in own.items()
        if type(one) is not Field and n not in OF_ABSTRACT
    }
    for name in host_dict_and_weakref(host):
        rest[name] = dict_of(Bare if name == "__dict__" else HostObject)[name]
    found = {**host_methods(host), **host_values(host), **rest}
    if found.get("_is_protocol"):
        # Or these would be among the attributes that an object has to have.
        found = {name: value for name, value in found.items() if name[:5] != "_emb_"}
    return types.MappingProxyType(found)

OF_PYTHON = ("_emb_", "_abc_", "__abstractmethods__")
OF_ABSTRACT = ("_abc_impl", "__abstractmethods__", "__signature__")

def asks(host_knows, one, cls):
    "Whether it is one of an abstract class of the program, with which the host has registered others."
    return "_emb_abstract" in dict_of(cls) and get_ident() not in quiet and host_knows(one, host_class(cls))

def represents(cls):
    "Whether there is a class of the host behind it: all but the base of all."
    return any("_emb_class" in dict_of(one) for one in cls.__mro__)

def host_class(cls):
    for one in cls.__mro__:
        if "_emb_class" in dict_of(one):
            return dict_of(one)["_emb_class"]
    raise TypeError("no class of the host")

made = weakref.WeakValueDictionary()  # id() of what stands for the host's class -> Python's

mixins = weakref.WeakValueDictionary()  # id() of what stands for it among bases -> that

def know_mixin(cls, mixin):
    mixins[id(mixin)] = mixin
    type.__setattr__(cls, "_emb_mixin", mixin)

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

class DataVariables(collections.abc.MutableMapping, dict):
    "Those of an instance of a dataclass: what is made in C reads them as a dict, without a question."
    def __init__(self, variables):
        self.variables = variables
        dict.update(self, variables.copy())
    def __getitem__(self, name):
        return self.variables[name]
    def __setitem__(self, name, value):
        self.variables[name] = value
        dict.__setitem__(self, name, value)
    def __delitem__(self, name):
        del self.variables[name]
        dict.pop(self, name, None)
    def __iter__(self):
        return iter(self.variables)
    def __len__(self):
        return len(self.variables)
    def __repr__(self):
        return repr(dict(self.items()))
    def copy(self):
        return dict(self.items())

class Bare:
    "What an object has in itself, which is nothing but the number of the host's."
    __slots__ = ("__dict__",)

del Bare.__slots__  # none of what its classes have
in_itself = Bare.__dict__["__dict__"].__get__

class OfClass:
    "What a class has, and its instances have not: these are called with other arguments."
    def __init__(self, value):
        self.value = value
    def __get__(self, instance, owner):
        if instance is not None:
            raise AttributeError("__signature__")
        return self.value

class HostObject(Bare, metaclass=HostType):
    """The base of the classes that stand for plain classes of the host."""
    @property
    def __dict__(self):
        variables = host_variables(self)
        return DataVariables(variables) if hasattr(type(self), "__dataclass_fields__") else variables
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
    def __copy__(self):
        return host_copy(self)
    def __deepcopy__(self, memo):
        return host_deepcopy(self, memo)
    def __reduce_ex__(self, protocol):
        return states("reduced")(self)
    def __setstate__(self, state):
        states("set_state")(self, state)
    def __del__(self):
        if getweakrefcount(self) > 1:
            host_outlived(self)

HostObject.__module__ = "emb"

class Shown(property):
    "The class of the library's that an object shows as its own."

def shown_class(value, shared):
    "What a class of the program says itself, as that of a mock does, comes first."
    for cls in type(value).__mro__[:-1]:
        own = dict_of(cls).get("__class__")
        if type(own) is property:
            return own.__get__(value)
    return shared

def make_host_class(
    meta, name, bases, module, qualname, doc, fields, members, host, parameters, shared, registered
):
    bases = tuple(base for base in bases if base is not HostObject) + (HostObject,)
    if any(HostObject in base.__mro__ for base in bases[:-1]):
        bases = bases[:-1]
    body = {name: Field(name) for name in fields}
    body.update(members, __module__=module, __qualname__=qualname, __doc__=doc, _emb_class=host)
    if parameters is not None:
        body["__signature__"] = OfClass(signature(parameters))
    if shared is not None and "__class__" not in members:
        # A file, a generator, a lock of the library that both have is one for isinstance(), too.
        body["__class__"] = Shown(lambda self: shown_class(self, shared))
    if shared is None and host_is_abstract(host):
        body["_emb_abstract"] = True
    cls = made[id(host)] = (meta or HostType)(name, bases, body)
    register(cls, registered)
    public = shared and sys.modules.get(module.lstrip("_"))
    for one in list(vars(public).values()) if public else ():
        if isinstance(one, abc.ABCMeta) and issubclass(shared, one):
            one.register(cls)
    return cls

def dataclass_fields(described):
    "What dataclasses.fields() finds: with the host's own marks it would find none."
    class Likeness:
        __annotations__ = {name: kind for name, kind, sort, given in described}
    defaults = []
    for name, kind, sort, given in described:
        defaults += [(name, each, given.pop(each)) for each in ("default", "default_factory") if each in given]
        setattr(Likeness, name, dataclasses.field(**given))
    found = dataclasses.dataclass(init=False, repr=False, eq=False)(Likeness).__dataclass_fields__
    for name, kind, sort, given in described:
        found[name]._field_type = getattr(dataclasses, sort)
    for name, each, value in defaults:  # of which a later Python does not take all
        setattr(found[name], each, value)
    return found
''' + _metaclasses.SOURCE


states: object  # set by _states: finds its functions by their names
# Set by _descendants.
base_of_descendants: object  # host's class -> what they are to derive from, and whether it is to be told
descendant: object  # (new class of Python's, **keywords): it is told
mixin: object  # set by _host_objects: host's class -> what stands for it among the bases of others
deepcopy: object  # set by _copying: (host's object, Python's memo) -> its copy

# The base in Python has these, and they ask the host's object.
OF_THE_BASE = frozenset(
    "__new__ __init_subclass__ __getattr__ __getattribute__ __setattr__ __delattr__ __reduce__"
    " __reduce_ex__ __dir__ __getstate__ __setstate__ __sizeof__ __copy__ __deepcopy__"
    " __instancecheck__ __subclasscheck__ __prepare__ __mro_entries__".split()
)

# What Python's class has by itself, or has no use for.
_OF_PYTHON = frozenset(
    "__module__ __qualname__ __doc__ __dict__ __weakref__ __slots__ __hash__ __orig_bases__ __parameters__"
    " __abstractmethods__ __dataclass_fields__ __dataclass_params__ __match_args__ __firstlineno__"
    " __static_attributes__".split()
)


def read_attribute(host, name):
    if isinstance(host, Handle):
        raise AttributeError(name)
    return shared(getattr(_itself(host), name))


def _store(host, name, value):
    object.__setattr__(host, name, value)


def _is_subclass(kind, host):
    try:
        return issubclass(kind, host._emb_kind)
    except TypeError:
        return False  # a builtin class of Python, which is none to a CPython


def _set(host, name, value):
    setattr(_itself(host), name, value)


def _delete(host, name):
    delattr(_itself(host), name)


def _values(host):
    """What of a class of the host is neither a method nor one of Python's names for classes."""
    found = Object({})
    for name, value in vars(host._emb_kind).items():
        if name in _OF_PYTHON or name[:5] == "_abc_":
            continue
        if not issubclass(type(value), Handle) and hasattr(type(value), "__get__"):
            continue
        try:
            found[name] = possible(value) if name == "__annotations__" else value
        except (Unconvertible, ValueError):
            pass
    return found


def _methods(host):
    """The methods that Python's class takes from the base of all, which asks the host's object."""
    own = vars(host._emb_kind)
    return {name: own[name] for name in OF_THE_BASE if type(own.get(name)) is types.FunctionType}


def _itself(host):
    """The class, where Python has something that stands for it (see _host_objects)."""
    return host._emb_kind if hasattr(type(host), "_emb_kind") else host


def _given():
    return {
        "signature": python("signature"),
        "host_get": read_attribute,
        "host_set": _set,
        "host_store": _store,
        "host_variables": lambda host: Variables(host.__dict__),
        "host_delete": _delete,
        "host_is_abstract": lambda host: is_abstract(host._emb_kind),
        "host_mixin": lambda kind: mixin(kind),
        "host_base": lambda kind: base_of_descendants(kind),
        "host_descendant": lambda cls, **keywords: descendant(cls, **keywords),
        "host_isinstance": lambda one, host: isinstance(one, host._emb_kind),
        "host_issubclass": _is_subclass,
        "ask_for": python("ask_for"),
        "abstract_in": python("abstract_in"),
        "register": python("register"),
        "quiet": python("quiet"),
        "host_anew": _decorators.made_anew,
        "host_dict_and_weakref": lambda host: tuple(
            name for name in ("__dict__", "__weakref__") if name in vars(host._emb_kind)
        ),
        "host_outlived": outlived,
        "host_values": _values,
        "host_methods": _methods,
        "host_annotations": lambda host: possible(vars(host._emb_kind).get("__annotations__", {})),
        # Passed as they are, these would be Python's functions of the same names.
        "host_repr": lambda host: repr(host),
        "host_str": lambda host: str(host),
        "host_format": lambda host, specification: format(host, specification),
        "host_dir": lambda host: dir(host),
        "host_copy": lambda host: copy.copy(host),
        "states": lambda name: states(name),
        "host_deepcopy": lambda host, memo: deepcopy(host, memo),
    }


host_classes = Part(_SOURCE, _given, "replace_new")
