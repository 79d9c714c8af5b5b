"""What the host wants to know about Python's classes: which of its own they are like, and what they can do."""

# A part of the package's own code in Python (see _there), whose names it uses.
SOURCE = '''
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

VALUES = (str, bytes, complex, tuple, datetime.datetime, datetime.timedelta)

NO_DATE = "NaTType"  # of pandas, whose only object is a date, and none

def sort_of(cls):
    "Ordinary is a class with no builtin one behind it that the host has to see there: for issubclass()."
    if issubclass(cls, BaseException):
        return "exception"
    if any(id(one) in made for one in cls.__mro__[1:]) and not issubclass(cls, type):
        return "descendant"
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

def class_of(protocols, of_containers, cls, *instance):
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
'''
