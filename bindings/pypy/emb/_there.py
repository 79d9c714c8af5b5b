"""The package's own code in Python: what classes and objects of the host are made of there."""

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

def method(call, name, qualname, doc, parameters, wrapped, module, annotations, attributes):
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
        if name in own and (type(value) in PLAIN or hasattr(type(value), "_emb_base")):
            kept = own[name]
            if kept is not value and type(kept) is type(value) and repr(kept) == repr(value):
                own[name] = value

PLAIN = (int, float, complex, str, bytes, tuple)

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

def relations(cls):
    "Whether a class is builtin; its nearest builtin base, and what it is registered with."
    base = next((one.__name__ for one in cls.__mro__ if one in BUILTIN or one in CONTAINERS), None)
    return cls is not object and base == cls.__name__ and cls in BUILTIN, base, registered_with(cls)

BUILTIN = (
    bool, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset,
    range, slice, type, property, memoryview, datetime.tzinfo,
)

CONTAINERS = (collections.Counter, collections.OrderedDict, collections.defaultdict, collections.deque)

# Abstract classes of which others are for their methods alone are not among these.
ABSTRACT = {
    module.__name__ + "." + name: getattr(module, name)
    for module, names in (
        (numbers, "Integral Rational Real Complex Number"),
        (collections.abc, "MutableSequence Sequence MutableSet Set MutableMapping Mapping"),
        (io, "RawIOBase BufferedIOBase TextIOBase IOBase"),
    )
    for name in names.split()
}

def registered_with(cls):
    "The names of the library's abstract classes that a class is one of, and does not derive from."
    found, this = [], get_ident()
    quiet.add(this)
    try:
        for name, abstract in ABSTRACT.items():
            if cls not in abstract.__mro__ and abstract not in cls.__mro__ and issubclass(cls, abstract):
                if not any(issubclass(ABSTRACT[one], abstract) for one in found):
                    found.append(name)
    finally:
        quiet.discard(this)
    return tuple(found)

quiet = set()  # threads in which no class of the host asks it about others, which are just being met

def register(cls, names):
    for name in names:
        ABSTRACT[name].register(cls)

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

VALUES = (str, bytes, complex, tuple, datetime.datetime, datetime.timedelta)

def plain_str(value):
    return str.encode(value, "utf-8", "surrogatepass")

NO_DATE = "NaTType"  # of pandas, whose only object is a date, and none

def sort_of(cls):
    "Ordinary is a class with no builtin one behind it that the host has to see there: for issubclass()."
    if issubclass(cls, BaseException):
        return "exception"
    if cls is object or any(map(is_builtin, cls.__mro__[:-1])) and (
        base_of_values(cls) is None and scalar_number(cls) is None
    ):
        return "builtin"
    return "ordinary"

def is_builtin(cls):
    return not is_python_s(cls) and cls.__module__ == "builtins"

def base_of_values(cls):
    if cls in VALUES or cls.__name__ == NO_DATE:
        return None
    return next((one for one in VALUES if issubclass(cls, one)), None)

def class_of(cls, protocols, of_containers, *instance):
    """A class's name and module, what it derives from, the special methods that it has, or has
    set to None, what it has instead of a plain value's, the names of its items, its other methods, if neither it
    nor its instances can be given others, whether there are many of its objects, whether these are
    made anew each time, whether there can be memory to look at, whether they have items and are no
    sequences, which of numpy's scalars it is, the name of the class's own class, which protocols of
    containers that has, and the library's abstract classes that it is registered with."""
    names = {}
    for one in reversed(cls.__mro__):
        names.update(dict_of(one) if issubclass(type(one), type) else one.__dict__)
    base = None
    has = {name for name in protocols if names.get(name) is not None}
    overridden = ()
    if issubclass(cls, type):
        base = "type"
    elif base_of_values(cls) is not None:
        plain = base_of_values(cls)
        base = plain.__name__
        place = cls.__mro__.index(plain)
        own = [set(one.__dict__) for one in cls.__mro__[:place]]
        # What any object has comes from a base after the plain one where that has nothing of its own.
        late = set().union(*(one.__dict__ for one in cls.__mro__[place:-1])).intersection(object.__dict__)
        late.difference_update(*(one.__dict__ for one in plain.__mro__[:-1]))
        overridden = late.union(*own) - set(fields_of(cls))
        if plain in (str, bytes, tuple):
            # In the host these are compared as the host's are, but for what Python code says.
            overridden -= {one for one in COMPARES if type(names.get(one)) is not types.FunctionType}
        overridden = tuple(overridden)
    elif issubclass(cls, bytearray):
        has.update(("__int__", "__float__"))  # which read them
    elif "__await__" in has and {"send", "throw", "close"} <= names.keys():
        base = "coroutine"
    elif cls is type(len):
        base = "method"
    elif cls is types.MethodType:
        base = "bound"
    elif cls is types.FunctionType:
        base = "function"
    elif issubclass(cls, types.ModuleType):
        base = "module"
    known = "__array_interface__" in names or any(map(exports, instance))
    may_be = known or not instance and may_export(cls)
    if known:
        has.add("__bytes__")
    if may_be:
        has.add("__buffer__")
    lacks = [name for name in (*protocols, "__hash__") if names.get(name, 0) is None]
    fixed = ()
    if is_fixed(cls):
        fixed = tuple(
            name for name, value in names.items() if type(value) is METHOD and name[:2] != "__"
        )
    memory = known or not INTERFACES.isdisjoint(names) or "__dlpack__" in names and "nbytes" or may_be
    return (
        cls.__name__, module_of(cls), base, tuple(has), tuple(lacks), overridden, fields_of(cls), fixed,
        memory,
        "__getitem__" in has and "__iter__" not in has and not is_sequence(names, *instance),
        scalar_number(cls),
        type(cls).__name__, tuple(name for name in of_containers if hasattr(type(cls), name)),
        registered_with(cls),
    )

COMPARES = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__")

FIELD = type(collections.namedtuple("Named", "field").field)

def fields_of(cls):
    "The names of the items of a tuple, where its attributes of these names are nothing but its items."
    names = getattr(cls, "_fields", None) if issubclass(cls, tuple) else None
    if type(names) is not tuple or not all(type(name) is str for name in names):
        return ()
    found = [inspect.getattr_static(cls, name, None) for name in names]
    as_named = all(type(one) is FIELD and one.__reduce__()[1][0] == at for at, one in enumerate(found))
    return names if as_named else ()

SLOT = type(object.__init__)

def is_sequence(names, *instance):
    "Whether `iter` takes what has items: not all that C code gives items."
    if not instance:
        return type(names["__getitem__"]) is not SLOT or "__len__" in names
    try:
        iter(*instance)
    except TypeError:
        return False
    return True

def may_export(cls):
    "Whether some class of C is behind it: only those export memory, before 3.12."
    return any(not is_python_s(one) for one in cls.__mro__ if one is not object)

def is_python_s(cls):
    return cls.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) == HEAP_TYPE

def scalar_number(cls):
    numpy = sys.modules.get("numpy")
    if numpy is None or not issubclass(cls, getattr(numpy, "generic", ())):
        return None
    try:
        dtype = numpy.dtype(cls)
    except Exception:
        return None  # it may have an attribute `dtype` of its own, which is anything
    return dtype.num if dtype.type is cls and dtype.num <= 12 else None

# By these objects tell of memory that they do not export.
INTERFACES = {"__array_interface__", "__array_struct__"}

def parts_of_datetime(value):
    return (
        value.year, value.month, value.day, value.hour, value.minute, value.second,
        value.microsecond, value.tzinfo,
    ), value.fold

def parts_of_timedelta(value):
    return (value.days, value.seconds, value.microseconds), 0

def exports(value):
    try:
        memoryview(value).release()
    except Exception:
        return False
    return True

def is_fixed(cls):
    for one in cls.__mro__:
        if is_python_s(one):
            return False
    look_up = cls.__getattribute__
    plain = look_up is object.__getattribute__ or look_up.__objclass__ in PLAIN_LOOK_UP
    return plain and not cls.__dictoffset__

METHOD = type(list.append)
HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8
# They name the usual function for it, and so seem to have one of their own.
PLAIN_LOOK_UP = (list, dict, set, frozenset, tuple, str, bytes, bytearray)

def moves(told):
    "How much was in a container, and of each thing that is, where it was (or -1), and itself."
    before, now = told[:2]
    places = {}
    for place, one in enumerate(before):
        places.setdefault(id(one), place)
    return len(before), tuple((places.get(id(one), -1), one) for one in now)

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

python = Part(_SOURCE, lambda: {"__name__": "emb"})  # warnings know by it what runs here (see _filters)
