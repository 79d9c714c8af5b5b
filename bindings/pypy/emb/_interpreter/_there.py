"""The package's own code in Python: what classes and objects of the host are made of there."""

from . import _about_classes
from ._code import Part

_SOURCE = '''
import builtins
import collections.abc
import datetime
import inspect
import io
import numbers
import sys
import types
import typing
import weakref
from _thread import get_ident

def method(call, name, qualname, doc, parameters, wrapped, module, annotations, attributes, file):
    if name == "__init__":
        names = [one[0] for one in parameters or ()]
        def function(*args, **kwargs):
            call(*args, **kwargs)
            restore(args[0], dict(zip(names, args), **kwargs))
    else:
        def function(*args, **kwargs):
            return call(*args, **kwargs)
    function.__name__, function.__qualname__, function.__doc__ = name, qualname, doc
    function.__module__ = module
    if annotations is not None:
        function.__annotations__ = annotations
    if parameters is not None:
        function.__signature__ = annotated(parameters, annotations or {})
    if attributes is not None:
        function.__dict__.update(attributes)
    if file is not None:
        # By which rich knows the `__repr__` that a dataclass has been given.
        function.__code__ = function.__code__.replace(co_filename=file)
    function.__wrapped__ = wrapped  # where inspect.getsource() looks
    return function

def annotated(parameters, notes):
    "The signature of what has these annotations."
    noted = lambda name: (notes[name],) if name in notes else ()
    return signature([(*one[:3], noted(one[0])) for one in parameters], noted("return"))

def restore(instance, given):
    "What __init__ keeps under the name it was given by is that object, not one like it."
    own = getattr(instance, "__dict__", {})
    for name, value in given.items():
        kept = own.get(name, value)
        if kept is not value and type(kept) is type(value) and crosses_by_value(value) and repr(kept) == repr(value):
            own[name] = value

def crosses_by_value(value):
    kind = type(value)
    return (
        issubclass(kind, VALUES + (int, float, slice)) or hasattr(kind, "_emb_base") or kind.__module__ in OF_VALUES
        or isinstance(value, getattr(sys.modules.get("numpy"), "generic", ()))
    )

OF_VALUES = {"datetime", "decimal", "fractions", "pathlib", "uuid", "ipaddress"}

def signature(parameters, returns=()):
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(
                name, kind,
                default=default[0] if default else empty,
                annotation=note[0] if note else empty,
            )
            for name, kind, default, note in parameters
        ],
        return_annotation=returns[0] if returns else inspect.Signature.empty,
        __validate_parameters__=False,
    )

def own_annotations(cls):
    "Those of a class; what is text, the host could not make out."
    read = getattr(inspect, "get_annotations", lambda cls: cls.__dict__.get("__annotations__", {}))
    notes = read(cls)
    if any(type(one) is str for one in notes.values()):
        try:
            found = typing.get_type_hints(cls, include_extras=True)
        except Exception:
            return notes  # of names that are nowhere
        notes = {name: found[name] for name in notes}
    return notes

def ask_for(cls, names):
    "Of a class that derives from this one objects can be made if it has these methods."
    cls.__abstractmethods__ = frozenset(names).union(abstract_in(cls) or ())

def abstract_in(cls):
    return getattr(cls, "__abstractmethods__", None)

def call_method(value, name):
    return getattr(value, name)()

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

def of_generator(step, name, qualname):
    made = steps(step)
    made.__name__, made.__qualname__ = name, qualname
    return made

def steps(step):
    how, given = "send", None
    try:
        while True:
            try:
                item = step(how, given)
            except StopIteration as end:
                return end.value
            try:
                how, given = "send", (yield item)
            except GeneratorExit:
                raise
            except BaseException as error:
                how, given = "throw", error
    finally:
        step("close", None)

# What the host has made: classes that derive from Python's, by their id(), which live as long as
# Python, or others would be taken for them; and the classes of its functions.
made, callables = {}, set()

def own(instance, name):
    "What the first of Python's own classes, which the host has not made, has for a special name."
    for cls in type(instance).__mro__:
        if name in cls.__dict__ and id(cls) not in made:
            return cls.__dict__[name]
    raise AttributeError("%r object has no attribute %r" % (type(instance).__name__, name))

def beyond(cls, name, *args):
    "The same of a class, called."
    return own(cls, name)(cls, *args)

def describe(cls):
    bases = tuple(base for base in cls.__bases__ if base is not object)
    lacks = tuple(name for name, value in cls.__dict__.items() if value is None and name[:2] == "__")
    return cls.__name__, module_of(cls), bases, tuple(cls.__dict__), lacks

def scalar_class(character):
    import numpy
    return numpy.dtype(character).type

def named(cls):
    return module_of(cls), cls.__qualname__

def module_of(cls):
    return getattr(cls, "__module__", "builtins")  # arrays of ctypes have none

def bound(value, instance, owner):
    get = getattr(type(value), "__get__", None)
    return value if get is None else get(value, instance, owner)

def inherited(base, instance, name):
    mro = type(instance).__mro__
    own = getattr(instance, "__dict__", None)
    for cls in mro[mro.index(base):]:
        if name in cls.__dict__:
            value = cls.__dict__[name]
            if own and name in own and not is_data(type(value)):
                return own[name]
            return bound(value, instance, type(instance))
    raise AttributeError("%r object has no attribute %r" % (type(instance).__name__, name))

def own_value(instance, name):
    own = getattr(instance, "__dict__", ())
    return (own[name],) if name in own else ()

def is_data(kind):
    "Whether it comes before what an instance has."
    return hasattr(kind, "__get__") and (hasattr(kind, "__set__") or hasattr(kind, "__delete__"))

def of_class(base, owner, name):
    meta = type(owner)
    for cls in meta.__mro__[:meta.__mro__.index(type)]:
        if name in cls.__dict__ and is_data(type(cls.__dict__[name])):
            return getattr(owner, name)  # which is not what its instances have
    mro = owner.__mro__
    for cls in mro[mro.index(base):] if base in mro else base.__mro__:
        if name in cls.__dict__:
            return bound(cls.__dict__[name], None, owner)
    raise AttributeError("type object %r has no attribute %r" % (owner.__name__, name))

def new(base, cls, args, kwargs):
    if base.__new__ is object.__new__:
        return object.__new__(cls)
    return base.__new__(cls, *args, **kwargs)

dict_of = type.__dict__["__dict__"].__get__  # of a class of the host, without the host's values

def plain_str(value):
    return str.encode(value, "utf-8", "surrogatepass")

def parts_of_datetime(value):
    return (
        value.year, value.month, value.day, value.hour, value.minute, value.second,
        value.microsecond, value.tzinfo, value.fold,
    )

def parts_of_timedelta(value):
    return value.days, value.seconds, value.microseconds

def exports(value):
    try:
        memoryview(value).release()
    except Exception:
        return False
    return True

def moves(told):
    "How much was in a container; where each thing that is in it was (or -1), and these things."
    before, now = told[:2]
    places = {}
    for place, one in enumerate(before):
        places.setdefault(id(one), place)
    return len(before), (tuple([places.get(id(one), -1) for one in now]), tuple(now))

class Weak(weakref.ref):
    "One of the package's own, which no other code has, too."
    __slots__ = ()

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

def signature_of(function):
    found = inspect.signature(function)
    parameters = []
    for one in found.parameters.values():
        default = () if one.default is one.empty else (one.default,)
        note = () if one.annotation is one.empty else (one.annotation,)
        parameters.append((one.name, int(one.kind), default, note))
    returns = found.return_annotation
    return str(found), tuple(parameters), () if returns is found.empty else (returns,)
'''

# By its name warnings know what runs here (see _filters).
python = Part(_SOURCE + _about_classes.SOURCE, lambda: {"__name__": "emb"})
