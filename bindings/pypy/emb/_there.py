"""The package's own code in Python: what classes and objects of the host are made of there."""

from ._code import Part
from ._convert import Handle

_SOURCE = '''
import abc
import builtins
import inspect
import numbers
import types
import weakref

def method(call, name, qualname, doc, parameters):
    if name == "__init__":
        names = [one[0] for one in parameters or ()]
        def function(*args, **kwargs):
            call(*args, **kwargs)
            restore(args[0], dict(zip(names, args), **kwargs))
    else:
        def function(*args, **kwargs):
            return call(*args, **kwargs)
    function.__name__, function.__qualname__, function.__doc__ = name, qualname, doc
    if parameters is not None:
        function.__signature__ = signature(parameters)
    return function

def restore(instance, given):
    "What __init__ keeps under the name it was given by is that object, not one like it."
    own = getattr(instance, "__dict__", {})
    for name, value in given.items():
        if type(value) in PLAIN and name in own:
            kept = own[name]
            if kept is not value and type(kept) is type(value) and repr(kept) == repr(value):
                own[name] = value

PLAIN = (int, float, complex, str, bytes, tuple)

def signature(parameters):
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(name, kind, default=default[0] if default else empty)
            for name, kind, default in parameters
        ],
        __validate_parameters__=False,
    )

def lazily(following, close):
    try:
        while True:
            try:
                item = following()
            except StopIteration:
                return
            yield item
    finally:
        if close is not None:
            close()

def make(name, bases, keywords, module, qualname, members):
    def fill(namespace):
        namespace["__module__"] = module or "__main__"
        namespace["__qualname__"] = qualname
        namespace.update(members)
    return types.new_class(name, bases, dict(keywords), fill)

def describe(cls):
    bases = tuple(base for base in cls.__bases__ if base is not object)
    return cls.__name__, cls.__module__, bases, tuple(cls.__dict__)

def relations(cls):
    "The nearest builtin base, and the abstract numbers that a class is one of."
    base = None
    for one in cls.__mro__:
        if one in BUILTIN:
            base = one.__name__
            break
    numeric = tuple(name for name in NUMBERS if issubclass(cls, getattr(numbers, name)))
    return cls is not object and base == cls.__name__ and cls in BUILTIN, base, numeric

BUILTIN = (
    bool, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset,
    range, slice, type, property, memoryview,
)
NUMBERS = ("Integral", "Rational", "Real", "Complex", "Number")

def added(cls, known):
    return tuple(name for name in cls.__dict__ if name not in known)

def bound(value, instance, owner):
    get = getattr(type(value), "__get__", None)
    return value if get is None else get(value, instance, owner)

def inherited(base, instance, name):
    mro = type(instance).__mro__
    own = getattr(instance, "__dict__", None)
    for cls in mro[mro.index(base):]:
        if name in cls.__dict__:
            value = cls.__dict__[name]
            if own and name in own and not hasattr(type(value), "__set__"):
                return own[name]
            return bound(value, instance, type(instance))
    raise AttributeError("%r object has no attribute %r" % (type(instance).__name__, name))

def of_class(base, owner, name):
    mro = owner.__mro__
    for cls in mro[mro.index(base):] if base in mro else base.__mro__:
        if name in cls.__dict__:
            return bound(cls.__dict__[name], None, owner)
    raise AttributeError("type object %r has no attribute %r" % (owner.__name__, name))

def new(base, cls, args, kwargs):
    if base.__new__ is object.__new__:
        return object.__new__(cls)
    return base.__new__(cls, *args, **kwargs)

VALUES = (str, bytes, tuple)

def plain_str(value):
    return str.encode(value, "utf-8", "surrogatepass")

def class_of(value, protocols):
    """An object's class, what it derives from, the special methods that it has, or has
    set to None, what it has instead of a plain value's, and its other methods, if neither it
    nor its instances can be given others."""
    cls = type(value)
    names = {}
    for one in reversed(cls.__mro__):
        names.update(one.__dict__)
    base = None
    has = {name for name in protocols if names.get(name) is not None}
    overridden = ()
    if issubclass(cls, type):
        base = "type"
    elif issubclass(cls, VALUES) and cls not in VALUES:
        base = next(one.__name__ for one in VALUES if issubclass(cls, one))
        own = [set(one.__dict__) for one in cls.__mro__[:cls.__mro__.index(getattr(builtins, base))]]
        overridden = tuple(set().union(*own))
    elif issubclass(cls, bytearray):
        has.update(("__int__", "__float__"))  # which read them
    elif "__await__" in has and {"send", "throw", "close"} <= names.keys():
        base = "coroutine"
    elif cls is type(len):
        base = "method"
    elif cls is types.MethodType:
        base = "bound"
    lacks = [name for name in (*protocols, "__hash__") if names.get(name, 0) is None]
    fixed = ()
    if is_fixed(cls):
        fixed = tuple(
            name for name, value in names.items() if type(value) is METHOD and name[:2] != "__"
        )
    return cls, cls.__name__, cls.__module__, base, tuple(has), tuple(lacks), overridden, fixed

def is_fixed(cls):
    for one in cls.__mro__:
        if one.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) == HEAP_TYPE:
            return False
    look_up = cls.__getattribute__
    plain = look_up is object.__getattribute__ or look_up.__objclass__ in PLAIN_LOOK_UP
    return plain and not cls.__dictoffset__

METHOD = type(list.append)
HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8
# They name the usual function for it, and so seem to have one of their own.
PLAIN_LOOK_UP = (list, dict, set, frozenset, tuple, str, bytes, bytearray)

watched = {}  # id() of an object -> weak reference to it

def when_gone(value, told):
    "Calls told(id(value)) when the object is no more."
    address = id(value)
    def gone(reference):
        del watched[address]
        told(address)
    watched[address] = weakref.ref(value, gone)

def class_id(value):
    return id(type(value))

class HostType(abc.ABCMeta):
    """The class of the classes that stand for plain classes of the host."""
    def __getattr__(cls, name):
        if name.startswith("_emb_") or name in ("__abstractmethods__", "__array_interface__"):
            raise AttributeError(name)
        return host_get(host_class(cls), name)
    def __call__(cls, *args, **kwargs):
        return host_class(cls)(*args, **kwargs)

def host_class(cls):
    for one in cls.__mro__:
        if "_emb_class" in one.__dict__:
            return one.__dict__["_emb_class"]
    raise TypeError("no class of the host")

class HostObject(metaclass=HostType):
    """The base of the classes that stand for plain classes of the host."""
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

def make_host_class(name, bases, module, qualname, doc, members, host, parameters):
    bases = tuple(base for base in bases if base is not HostObject) + (HostObject,)
    if any(HostObject in base.__mro__ for base in bases[:-1]):
        bases = bases[:-1]
    body = dict(members, __module__=module, __qualname__=qualname, __doc__=doc, _emb_class=host)
    if parameters is not None:
        body["__signature__"] = signature(parameters)
    return HostType(name, bases, body)

def signature_of(function):
    found = inspect.signature(function)
    parameters = []
    for one in found.parameters.values():
        default = () if one.default is one.empty else (one.default,)
        note = () if one.annotation is one.empty else (one.annotation,)
        parameters.append((one.name, int(one.kind), default, note))
    return str(found), tuple(parameters)
'''

def _get(host, name):
    if isinstance(host, Handle):
        raise AttributeError(name)
    return getattr(host, name)


def _set(host, name, value):
    setattr(host, name, value)


def _delete(host, name):
    delattr(host, name)


def _given():
    return {
        "host_get": _get,
        "host_set": _set,
        "host_delete": _delete,
        # Passed as they are, these would be Python's functions of the same names.
        "host_repr": lambda host: repr(host),
        "host_str": lambda host: str(host),
        "host_format": lambda host, specification: format(host, specification),
        "host_dir": lambda host: dir(host),
    }


python = Part(_SOURCE, _given)
